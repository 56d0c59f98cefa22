#include "cql/exec/batch_rows.h"

#include <numeric>
#include <utility>

namespace cassette::cql::exec {
namespace {

using analysis::Term;
using types::ValueView;

bool IsPlain(const Term& term) {
  return term.kind == Term::Kind::kColumn || term.kind == Term::Kind::kWriteTime ||
         term.kind == Term::Kind::kTimeToLive;
}

bool SamePlace(const Term& a, const Term& b) { return a.kind == b.kind && a.index == b.index; }

// Whether a later selection, or a computed one, still needs the vector.
bool IsNeededLater(const analysis::SelectPlan& plan, size_t index) {
  if (!plan.is_plain) return true;
  for (size_t later = index + 1; later < plan.selection.size(); ++later) {
    if (SamePlace(plan.selection[index], plan.selection[later])) return true;
  }
  return false;
}

}  // namespace

const columnar::Vector& PlainVector(const rows::RowBatch& batch, const Term& term) {
  if (term.kind == Term::Kind::kWriteTime) return batch.write_times[term.index];
  if (term.kind == Term::Kind::kTimeToLive) return batch.ttls[term.index];
  return batch.columns[term.index];
}

columnar::Vector& PlainVector(rows::RowBatch& batch, const Term& term) {
  return const_cast<columnar::Vector&>(PlainVector(static_cast<const rows::RowBatch&>(batch), term));
}

void BatchRow::MoveTo(const rows::RowBatch& batch, uint32_t row) {
  batch_ = &batch;
  row_ = row;
  used_ = 0;
}

base::Result<ValueView> BatchRow::ValueOf(const Term& term) {
  const columnar::Vector& vector = PlainVector(*batch_, term);
  if (vector.is_null(row_)) return ValueView::Null();
  if (vector.state(row_) == columnar::CellState::kEmpty) return ValueView::Of({});
  if (vector.physical() == columnar::PhysicalType::kBytes) return ValueView::Of(vector.bytes(row_));
  if (used_ == serialized_.size()) serialized_.emplace_back();
  std::string* out = &serialized_[used_++];
  out->clear();
  vector.AppendSerialized(term.type, row_, out);
  return ValueView::Of(*out);
}

void AppendValue(const types::DataType& type, const ValueView& value, columnar::Vector* vector) {
  if (value.state == ValueView::State::kSet) {
    vector->AppendValue(type, value.bytes);
  } else {
    vector->AppendState(columnar::CellState::kAbsent);
  }
}

base::Status Project(const analysis::SelectPlan& plan, rows::RowBatch& batch, const std::vector<uint32_t>* selection,
                     Evaluator& evaluator, OutputBatch* output) {
  output->row_count = selection == nullptr ? batch.row_count : static_cast<uint32_t>(selection->size());
  output->columns.resize(plan.selection.size());
  std::vector<size_t> computed;
  for (size_t i = 0; i < plan.selection.size(); ++i) {
    columnar::Vector& target = output->columns[i];
    if (!IsPlain(plan.selection[i])) {
      computed.push_back(i);
      target.Reset(plan.selection[i].type.physical());
      target.Reserve(output->row_count);
      continue;
    }
    columnar::Vector& source = PlainVector(batch, plan.selection[i]);
    if (selection != nullptr) {
      target = source.Select(*selection);
    } else if (IsNeededLater(plan, i)) {
      target = source;
    } else {
      std::swap(target, source);
      source.Reset(target.physical());
    }
  }
  if (computed.empty()) return base::Status::Ok();
  BatchRow row(plan);
  for (uint32_t n = 0; n < output->row_count; ++n) {
    row.MoveTo(batch, selection == nullptr ? n : (*selection)[n]);
    evaluator.Clear();
    for (const size_t i : computed) {
      CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(plan.selection[i], &row));
      AppendValue(plan.selection[i].type, value, &output->columns[i]);
    }
  }
  return base::Status::Ok();
}

}  // namespace cassette::cql::exec

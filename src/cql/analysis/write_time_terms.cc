// WRITETIME, MAXWRITETIME and TTL: of columns, and of their elements, slices and fields.
#include <fmt/format.h>

#include <utility>

#include "base/assert.h"
#include "cql/analysis/term_binder.h"
#include "cql/functions/write_times.h"

namespace cassette::cql::analysis {

using parser::Expression;
using types::DataType;
using types::TypeKind;

base::Result<BoundTerm> TermBinder::BindMetadata(const Expression& expression, const parser::CellMetadata& metadata) {
  const Expression* operand = metadata.operand.get();
  while (const Expression* inner = OperandOfPart(*operand)) operand = inner;
  const auto* reference = operand->As<parser::ColumnReference>();
  CASSETTE_ASSERT(reference != nullptr);  // By the grammar.
  CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, FindColumn(reference->column));
  const bool is_ttl = metadata.kind == parser::CellMetadata::Kind::kTtl;
  const char* name = is_ttl                                                    ? "ttl"
                     : metadata.kind == parser::CellMetadata::Kind::kWriteTime ? "writetime"
                                                                               : "maxwritetime";
  if (column->kind == schema::ColumnKind::kPartitionKey || column->kind == schema::ColumnKind::kClustering) {
    return Fail(expression.position,
                fmt::format("Cannot use selection function {} on PRIMARY KEY part {}", name, column->name));
  }
  if (sink_ == nullptr) return Fail(expression.position, fmt::format("No {} can stand here", name));
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm bound, BindTimes(*metadata.operand, *column, is_ttl));
  bound.name = fmt::format("{}({})", name, bound.name);
  if (bound.term.type.kind() == TypeKind::kList && metadata.kind == parser::CellMetadata::Kind::kMaxWriteTime) {
    Term largest;
    largest.kind = Term::Kind::kCall;
    largest.type = bound.term.type.element(0);
    largest.function = functions::MaxOfWriteTimes();
    largest.arguments.push_back(std::move(bound.term));
    bound.term = std::move(largest);
  }
  return bound;
}

// A list where a column of cells is meant, or a slice of one.
base::Result<DataType> TermBinder::TypeOfTimes(const parser::CellMetadata& metadata) const {
  using Kind = parser::CellMetadata::Kind;
  DataType number(metadata.kind == Kind::kTtl ? TypeKind::kInt : TypeKind::kBigint);
  const Expression* operand = metadata.operand.get();
  bool is_one = metadata.kind == Kind::kMaxWriteTime;
  while (const Expression* inner = OperandOfPart(*operand)) {
    is_one = is_one || !operand->Is<parser::SliceSelection>();
    operand = inner;
  }
  CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, FindColumn(operand->As<parser::ColumnReference>()->column));
  return is_one || !column->type.is_multi_cell() ? number : DataType::List(std::move(number), false);
}

base::Result<BoundTerm> TermBinder::BindTimes(const Expression& operand, const schema::Column& column, bool is_ttl) {
  const Expression* const inner = OperandOfPart(operand);
  if (inner == nullptr) {
    const DataType number(is_ttl ? TypeKind::kInt : TypeKind::kBigint);
    // One of each element or field, where these have cells of their own.
    const DataType type = column.type.is_multi_cell() ? DataType::List(number, false) : number;
    const uint32_t index = sink_->RequestColumn(column, !is_ttl, is_ttl);
    return BoundTerm{Term::Of(is_ttl ? Term::Kind::kTimeToLive : Term::Kind::kWriteTime, type, index), column.name};
  }
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm times, BindTimes(*inner, column, is_ttl));
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm part, BindAny(operand, nullptr));
  BoundTerm bound;
  bound.name = std::move(part.name);
  const bool has_cells = times.term.type.kind() == TypeKind::kList;
  // One cell's time is that of whatever part its value has.
  bound.term.kind = has_cells ? Term::Kind::kTimesOfPart : Term::Kind::kIfPresent;
  bound.term.type = has_cells && part.term.kind != Term::Kind::kSlice ? times.term.type.element(0) : times.term.type;
  bound.term.arguments = {std::move(times.term), std::move(part.term)};
  return bound;
}

}  // namespace cassette::cql::analysis

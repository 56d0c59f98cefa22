// Collections, tuples, user types and vectors put together, and the parts of them that selections ask for.
#include <fmt/format.h>

#include "cql/analysis/compose.h"
#include "cql/exec/evaluate.h"
#include "types/composite.h"

namespace cassette::cql::exec {

using analysis::Term;
using types::DataType;
using types::ValueView;

base::Result<ValueView> Evaluator::Compose(const Term& term, RowValues* row) {
  std::vector<ValueView> values;
  for (const Term& argument : term.arguments) {
    CASSETTE_ASSIGN_OR_RETURN(values.emplace_back(), Evaluate(argument, row));
  }
  std::string* result = NewString();
  CASSETTE_RETURN_IF_ERROR(analysis::Compose(term, &values, result));
  return ValueView::Of(*result);
}

base::Result<ValueView> Evaluator::Part(const Term& term, RowValues* row) {
  std::vector<ValueView> items;
  CASSETTE_ASSIGN_OR_RETURN(const PartRange range, Locate(term, row, &items));
  if (range.is_null) return ValueView::Null();
  const size_t stride = term.arguments[0].type.fields().size();
  if (term.kind == Term::Kind::kField) return items[range.begin];
  if (term.kind == Term::Kind::kElement) return range.empty() ? ValueView::Null() : items[range.end * stride - 1];
  // Nothing of a column of cells is no value, nothing of a frozen value is an empty one.
  if (range.empty() && term.type.is_multi_cell()) return ValueView::Null();
  std::string* result = NewString();
  types::AppendComposite(term.type, std::span(items).subspan(range.begin * stride, range.size() * stride), result);
  return ValueView::Of(*result);
}

base::Result<ValueView> Evaluator::TimesOfPart(const Term& term, RowValues* row) {
  const Term& part = term.arguments[1];
  std::vector<ValueView> items;
  CASSETTE_ASSIGN_OR_RETURN(const PartRange range, Locate(part, row, &items));
  if (range.is_null || range.empty()) return ValueView::Null();
  CASSETTE_ASSIGN_OR_RETURN(const ValueView times, Evaluate(term.arguments[0], row));
  if (times.is_null()) return times;
  CASSETTE_RETURN_IF_ERROR(types::SplitComposite(term.arguments[0].type, times.bytes, &items));
  CASSETTE_ASSERT(range.end <= items.size());
  if (part.kind != Term::Kind::kSlice) return items[range.begin];
  std::string* result = NewString();
  types::AppendComposite(term.type, std::span(items).subspan(range.begin, range.size()), result);
  return ValueView::Of(*result);
}

base::Result<Evaluator::PartRange> Evaluator::Locate(const Term& term, RowValues* row, std::vector<ValueView>* items) {
  if (term.kind == Term::Kind::kSlice) return LocateSlice(term, row, items);
  ValueView key;
  if (term.kind == Term::Kind::kElement) {
    CASSETTE_ASSIGN_OR_RETURN(key, Key(term, term.arguments[1], row));
  }
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(term.arguments[0], row));
  if (value.is_null()) return PartRange{.is_null = true};
  const DataType& type = term.arguments[0].type;
  CASSETTE_RETURN_IF_ERROR(types::SplitComposite(type, value.bytes, items));
  if (term.kind == Term::Kind::kField) return PartRange{term.index, term.index + 1};
  const size_t stride = type.fields().size();
  for (size_t i = 0; i * stride < items->size(); ++i) {
    if (types::Compare(type.element(0), (*items)[i * stride].bytes, key.bytes) == 0) return PartRange{i, i + 1};
  }
  return PartRange();
}

base::Result<ValueView> Evaluator::Key(const Term& term, const Term& key, RowValues* row) {
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(key, row));
  if (value.state == ValueView::State::kSet) return value;
  return base::InvalidArgument(fmt::format("Invalid {} value for {} selection on {}",
                                           value.is_null() ? "null" : "unset",
                                           term.kind == Term::Kind::kElement ? "element" : "slice", term.name));
}

base::Result<Evaluator::PartRange> Evaluator::LocateSlice(const Term& term, RowValues* row,
                                                          std::vector<ValueView>* items) {
  ValueView bounds[2];
  bool has_bound[2] = {};
  for (size_t i = 0; i < 2; ++i) {
    const Term& bound = term.arguments[i + 1];
    has_bound[i] = !(bound.is_constant() && bound.allows_null);
    if (!has_bound[i]) continue;
    CASSETTE_ASSIGN_OR_RETURN(bounds[i], Key(term, bound, row));
  }
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(term.arguments[0], row));
  if (value.is_null()) return PartRange{.is_null = true};
  CASSETTE_RETURN_IF_ERROR(types::SplitComposite(term.type, value.bytes, items));
  const size_t stride = term.type.fields().size();
  const DataType& key_type = term.type.element(0);
  const auto compare = [&](size_t i, size_t bound) {
    return types::Compare(key_type, (*items)[i * stride].bytes, bounds[bound].bytes);
  };
  PartRange range{0, items->size() / stride};
  while (has_bound[0] && !range.empty() && compare(range.begin, 0) < 0) ++range.begin;
  while (has_bound[1] && !range.empty() && compare(range.end - 1, 1) > 0) --range.end;
  return range;
}

}  // namespace cassette::cql::exec

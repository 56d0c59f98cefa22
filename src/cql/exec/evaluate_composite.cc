// Collections, tuples, user types and vectors put together, and the parts of them that selections ask for.
#include <fmt/format.h>

#include "cql/exec/evaluate.h"
#include "types/composite.h"

namespace cassette::cql::exec {
namespace {

using analysis::Term;
using types::DataType;
using types::TypeKind;
using types::ValueView;

// A value that may stand at place `index` of `term`: kInvalidArgument for unset and for nulls where none may be.
base::Status CheckItem(const Term& term, size_t index, const ValueView& value) {
  if (value.is_unset()) {
    return base::InvalidArgument("Invalid unset value for an element of a tuple or collection");
  }
  if (!value.is_null()) return base::Status::Ok();
  const bool is_key = term.type.kind() == TypeKind::kMap && index % 2 == 0;
  if (term.allows_null && !is_key) return base::Status::Ok();
  return base::InvalidArgument("null is not supported inside collections");
}

}  // namespace

base::Result<ValueView> Evaluator::Compose(const Term& term, RowValues* row) {
  std::vector<ValueView> values;
  for (const Term& argument : term.arguments) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(argument, row));
    CASSETTE_RETURN_IF_ERROR(CheckItem(term, values.size(), value));
    values.push_back(value);
  }
  if (term.type.kind() == TypeKind::kVector) {
    const size_t element_bytes = types::VectorElementBytes(term.type.element(0));
    for (const ValueView& value : values) {
      if (element_bytes == 0 || value.bytes.size() == element_bytes) continue;
      return base::InvalidArgument(fmt::format("Invalid empty value for an element of {}", term.type.ToString()));
    }
  }
  types::SortItems(term.type, &values);
  std::string* result = NewString();
  types::AppendComposite(term.type, values, result);
  return ValueView::Of(*result);
}

base::Result<ValueView> Evaluator::Field(const Term& term, RowValues* row) {
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(term.arguments[0], row));
  if (value.is_null()) return value;
  std::vector<ValueView> fields;
  CASSETTE_RETURN_IF_ERROR(types::SplitComposite(term.arguments[0].type, value.bytes, &fields));
  return fields[term.index];
}

base::Result<ValueView> Evaluator::Key(const Term& term, const Term& key, RowValues* row) {
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(key, row));
  if (value.state == ValueView::State::kSet) return value;
  return base::InvalidArgument(fmt::format("Invalid {} value for {} selection on {}",
                                           value.is_null() ? "null" : "unset",
                                           term.kind == Term::Kind::kElement ? "element" : "slice", term.name));
}

base::Result<ValueView> Evaluator::Element(const Term& term, RowValues* row) {
  CASSETTE_ASSIGN_OR_RETURN(const ValueView key, Key(term, term.arguments[1], row));
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(term.arguments[0], row));
  if (value.is_null()) return value;
  const DataType& type = term.arguments[0].type;
  std::vector<ValueView> items;
  CASSETTE_RETURN_IF_ERROR(types::SplitComposite(type, value.bytes, &items));
  const size_t stride = type.fields().size();
  for (size_t i = 0; i < items.size(); i += stride) {
    if (types::Compare(type.element(0), items[i].bytes, key.bytes) == 0) return items[i + stride - 1];
  }
  return ValueView::Null();
}

base::Result<ValueView> Evaluator::Slice(const Term& term, RowValues* row) {
  ValueView bounds[2];
  bool has_bound[2] = {};
  for (size_t i = 0; i < 2; ++i) {
    const Term& bound = term.arguments[i + 1];
    has_bound[i] = !(bound.is_constant() && bound.allows_null);
    if (!has_bound[i]) continue;
    CASSETTE_ASSIGN_OR_RETURN(bounds[i], Key(term, bound, row));
  }
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(term.arguments[0], row));
  if (value.is_null()) return value;
  std::vector<ValueView> items;
  CASSETTE_RETURN_IF_ERROR(types::SplitComposite(term.type, value.bytes, &items));
  std::vector<ValueView> kept;
  const size_t stride = term.type.fields().size();
  const DataType& key_type = term.type.element(0);
  for (size_t i = 0; i < items.size(); i += stride) {
    if (has_bound[0] && types::Compare(key_type, items[i].bytes, bounds[0].bytes) < 0) continue;
    if (has_bound[1] && types::Compare(key_type, items[i].bytes, bounds[1].bytes) > 0) continue;
    for (size_t part = 0; part < stride; ++part) kept.push_back(items[i + part]);
  }
  std::string* result = NewString();
  types::AppendComposite(term.type, kept, result);
  return ValueView::Of(*result);
}

}  // namespace cassette::cql::exec

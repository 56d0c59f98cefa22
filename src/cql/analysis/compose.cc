#include "cql/analysis/compose.h"

#include <fmt/format.h>

#include "types/composite.h"

namespace cassette::cql::analysis {
namespace {

using types::TypeKind;
using types::ValueView;

// A value that may stand at place `index` of `term`.
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

base::Status Compose(const Term& term, std::vector<ValueView>* values, std::string* out) {
  for (size_t i = 0; i < values->size(); ++i) CASSETTE_RETURN_IF_ERROR(CheckItem(term, i, (*values)[i]));
  if (term.type.kind() == TypeKind::kVector) {
    const size_t element_bytes = types::VectorElementBytes(term.type.element(0));
    for (const ValueView& value : *values) {
      if (element_bytes == 0 || value.bytes.size() == element_bytes) continue;
      return base::InvalidArgument(fmt::format("Invalid empty value for an element of {}", term.type.ToString()));
    }
  }
  types::SortItems(term.type, values);
  types::AppendComposite(term.type, *values, out);
  return base::Status::Ok();
}

}  // namespace cassette::cql::analysis

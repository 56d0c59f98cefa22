#include "cql/functions/function.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "cql/functions/native_function.h"

namespace cassette::cql::functions {

namespace {

template <typename Items, typename Print>
std::string Join(const Items& items, const Print& print) {
  std::string result;
  for (const auto& item : items) {
    if (!result.empty()) result += ", ";
    result += print(item);
  }
  return result;
}

}  // namespace

std::string Function::ColumnName(std::span<const std::string> arguments) const {
  return fmt::format("system.{}({})", name_, Join(arguments, [](const std::string& argument) { return argument; }));
}

std::string Function::ToString() const {
  return fmt::format("system.{} : ({}) -> {}", name_,
                     Join(argument_types_, [](const DataType& type) { return type.ToString(); }),
                     return_type_.ToString());
}

void AggregateState::AddRows(uint64_t) {
  // Only count(*) has no arguments, and it overrides this.
  CASSETTE_ASSERT(!"AddRows of a function with arguments");
}

std::string NativeScalarFunction::ColumnName(std::span<const std::string> arguments) const {
  if (traits_.column_format == nullptr) return Function::ColumnName(arguments);
  CASSETTE_ASSERT(!arguments.empty());
  return fmt::format(fmt::runtime(traits_.column_format), arguments.front(), arguments.back());
}

base::Result<bool> NativeScalarFunction::Evaluate(std::span<const ValueView> arguments, const EvalContext& context,
                                                  std::string* out) const {
  CASSETTE_ASSERT(arguments.size() == argument_types().size());
  out->clear();
  for (const ValueView& argument : arguments) {
    if (traits_.null_rule == NullRule::kNone) break;
    if (argument.state != ValueView::State::kSet) return true;
    if (argument.bytes.empty() && traits_.null_rule == NullRule::kNullOrEmpty) return true;
  }
  return body_(arguments, context, out);
}

}  // namespace cassette::cql::functions

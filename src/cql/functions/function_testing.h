// Helpers of this folder's tests: values as "type:text".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cql/functions/registry.h"
#include "types/value.h"

namespace cassette::cql::functions {

struct TestValue {
  types::DataType type;
  bool is_null = false;
  std::string bytes;
};

// "int:5"; "int:null" is null.
inline TestValue ParseValue(std::string_view typed) {
  const size_t colon = typed.find(':');
  const base::Result<types::DataType> type = types::ScalarTypeByName(typed.substr(0, colon));
  CASSETTE_ASSERT(type.ok());
  const std::string_view text = typed.substr(colon + 1);
  if (text == "null") return {*type, true, ""};
  base::Result<std::string> bytes = types::FromText(*type, text);
  CASSETTE_ASSERT(bytes.ok());
  return {*type, false, *std::move(bytes)};
}

inline types::ValueView ViewOf(const TestValue& value) {
  return value.is_null ? types::ValueView::Null() : types::ValueView::Of(value.bytes);
}

inline std::string PrintValue(const types::DataType& type, const base::Result<bool>& is_null,
                              const std::string& bytes) {
  if (!is_null.ok()) return "error: " + std::string(is_null.status().message());
  if (!*is_null && !types::Validate(type, bytes).ok()) return "not a legal " + type.ToString();
  return type.ToString() + ":" + (*is_null ? "null" : types::ToText(type, bytes));
}

inline std::string Evaluate(const ScalarFunction& function, const std::vector<TestValue>& arguments,
                            const EvalContext& context = {}) {
  std::vector<types::ValueView> views;
  for (const TestValue& argument : arguments) views.push_back(ViewOf(argument));
  std::string out = "what was there before";
  const base::Result<bool> is_null = function.Evaluate(views, context, &out);
  return PrintValue(function.return_type(), is_null, out);
}

// The result of a call by name on typed values.
inline std::string Call(const FunctionRegistry& registry, std::string_view name, std::vector<std::string_view> typed,
                        const EvalContext& context = {}) {
  std::vector<TestValue> values;
  std::vector<Argument> arguments;
  for (std::string_view text : typed) {
    values.push_back(ParseValue(text));
    arguments.push_back(Argument::Typed(values.back().type, "x"));
  }
  const auto function = registry.Resolve(name, arguments, nullptr);
  if (!function.ok()) return "error: " + std::string(function.status().message());
  return Evaluate(*(*function)->as_scalar(), values, context);
}

}  // namespace cassette::cql::functions

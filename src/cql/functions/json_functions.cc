#include "cql/functions/json_functions.h"

#include <fmt/format.h>

#include <utility>

#include "cql/functions/native_function.h"

namespace cassette::cql::functions {
namespace {

void AppendValue(const DataType& type, const ValueView& value, std::string* out) {
  if (value.state == ValueView::State::kSet) {
    types::AppendJson(type, value.bytes, out);
  } else {
    out->append("null");
  }
}

std::shared_ptr<const ScalarFunction> Make(std::string name, std::vector<DataType> arguments, DataType result,
                                           ScalarBody body) {
  NativeScalarFunction::Traits traits;
  traits.null_rule = NullRule::kNone;
  return std::make_shared<NativeScalarFunction>(std::move(name), std::move(arguments), std::move(result),
                                                std::move(body), traits);
}

}  // namespace

bool IsToJson(std::string_view name) { return name == "to_json" || name == "tojson"; }
bool IsFromJson(std::string_view name) { return name == "from_json" || name == "fromjson"; }

std::shared_ptr<const ScalarFunction> MakeToJson(const std::string& name, const DataType& type) {
  return Make(name, {type}, DataType(TypeKind::kText),
              [type](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
                AppendValue(type, arguments[0], out);
                return false;
              });
}

std::shared_ptr<const ScalarFunction> MakeFromJson(const std::string& name, const DataType& type) {
  return Make(name, {DataType(TypeKind::kText)}, type,
              [type](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
                if (arguments[0].is_null()) return true;
                const base::Result<types::JsonValue> json = types::ParseJson(arguments[0].bytes);
                if (!json.ok()) {
                  return base::FunctionFailure(
                      fmt::format("execution of 'system.from_json[text]' failed: {}", json.status().message()));
                }
                base::Result<bool> is_null = types::ValueFromJson(type, *json, out);
                if (!is_null.ok()) return base::FunctionFailure(std::string(is_null.status().message()));
                return is_null;
              });
}

std::shared_ptr<const ScalarFunction> MakeJsonRow(const std::vector<types::JsonReceiver>& columns) {
  std::vector<DataType> argument_types;
  std::vector<std::string> names;
  for (const types::JsonReceiver& column : columns) {
    argument_types.push_back(column.type);
    types::AppendJsonName(column.name, &names.emplace_back());
  }
  return Make("json", argument_types, DataType(TypeKind::kText),
              [argument_types, names](std::span<const ValueView> arguments, const EvalContext&,
                                      std::string* out) -> base::Result<bool> {
                out->push_back('{');
                for (size_t i = 0; i < arguments.size(); ++i) {
                  out->append(i == 0 ? "" : ", ").append(names[i]).append(": ");
                  AppendValue(argument_types[i], arguments[i], out);
                }
                out->push_back('}');
                return false;
              });
}

}  // namespace cassette::cql::functions

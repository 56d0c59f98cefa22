// to_json, from_json, and the row of SELECT JSON: made for the types that they stand between.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cql/functions/function.h"
#include "types/json.h"

namespace cassette::cql::functions {

// "to_json" and "tojson"; "from_json" and "fromjson".
bool IsToJson(std::string_view name);
bool IsFromJson(std::string_view name);

// (type) -> text. Null gives the text null.
std::shared_ptr<const ScalarFunction> MakeToJson(const std::string& name, const types::DataType& type);
// (text) -> type. kFunctionFailure for what is not JSON of the type.
std::shared_ptr<const ScalarFunction> MakeFromJson(const std::string& name, const types::DataType& type);
// (columns...) -> text: one object, its names those of the columns.
std::shared_ptr<const ScalarFunction> MakeJsonRow(const std::vector<types::JsonReceiver>& columns);

}  // namespace cassette::cql::functions

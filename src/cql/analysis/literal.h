// The values of constants as written.
#pragma once

#include <optional>
#include <string>

#include "base/status.h"
#include "cql/functions/registry.h"
#include "cql/parser/ast_expression.h"
#include "types/data_type.h"

namespace cassette::cql::analysis {

// What overloads are chosen by.
functions::Argument LiteralArgument(const parser::Literal& literal);

// kSyntaxError when it is a number that is infinite as a double: no type takes it, not even decimal.
base::Status CheckRange(const parser::Literal& literal);

// The serialized value of type `type` that the constant says; nullopt when no constant of its kind can be one
// (Constants.Literal.testAssignment). kInvalidArgument when its text says none, and what CheckRange says.
// REQUIRES: it is not NULL.
base::Result<std::optional<std::string>> LiteralValue(const parser::Literal& literal, const types::DataType& type);

// As messages call its kind: "STRING", "INTEGER".
const char* LiteralKindName(parser::Literal::Kind kind);

}  // namespace cassette::cql::analysis

#include "cql/analysis/literal.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "types/value.h"

namespace cassette::cql::analysis {
namespace {

using functions::Argument;

Argument::Form FormOf(parser::Literal::Kind kind) {
  switch (kind) {
    case parser::Literal::Kind::kNull:
      return Argument::Form::kNull;
    case parser::Literal::Kind::kString:
      return Argument::Form::kString;
    case parser::Literal::Kind::kInteger:
      return Argument::Form::kInteger;
    case parser::Literal::Kind::kFloat:
      return Argument::Form::kFloat;
    case parser::Literal::Kind::kBoolean:
      return Argument::Form::kBoolean;
    case parser::Literal::Kind::kDuration:
      return Argument::Form::kDuration;
    case parser::Literal::Kind::kUuid:
      return Argument::Form::kUuid;
    case parser::Literal::Kind::kBlob:
      return Argument::Form::kHex;
  }
  return Argument::Form::kNull;
}

}  // namespace

functions::Argument LiteralArgument(const parser::Literal& literal) {
  return Argument::Literal(FormOf(literal.kind), literal.text);
}

base::Status CheckRange(const parser::Literal& literal) {
  if (literal.kind != parser::Literal::Kind::kFloat || literal.text.empty()) return base::Status::Ok();
  // Without an exponent so many digits are needed, at least.
  constexpr size_t kDigitsMin = std::numeric_limits<double>::max_exponent10;
  if (literal.text.size() <= kDigitsMin && literal.text.find_first_of("eE") == std::string::npos) {
    return base::Status::Ok();
  }
  const char last = literal.text.back();
  const bool is_finite = last < '0' || last > '9' || !std::isinf(std::strtod(literal.text.c_str(), nullptr));
  return is_finite ? base::Status::Ok() : base::SyntaxError(fmt::format("{} is larger than any double", literal.text));
}

base::Result<std::optional<std::string>> LiteralValue(const parser::Literal& literal, const types::DataType& type) {
  CASSETTE_RETURN_IF_ERROR(CheckRange(literal));
  if (!functions::IsLiteralAssignable(FormOf(literal.kind), literal.text, type)) return std::optional<std::string>();
  CASSETTE_ASSIGN_OR_RETURN(std::string bytes, types::FromText(type, literal.text));
  return std::optional(std::move(bytes));
}

const char* LiteralKindName(parser::Literal::Kind kind) {
  switch (kind) {
    case parser::Literal::Kind::kNull:
      return "NULL";
    case parser::Literal::Kind::kString:
      return "STRING";
    case parser::Literal::Kind::kInteger:
      return "INTEGER";
    case parser::Literal::Kind::kFloat:
      return "FLOAT";
    case parser::Literal::Kind::kBoolean:
      return "BOOLEAN";
    case parser::Literal::Kind::kDuration:
      return "DURATION";
    case parser::Literal::Kind::kUuid:
      return "UUID";
    case parser::Literal::Kind::kBlob:
      return "HEX";
  }
  return "";
}

}  // namespace cassette::cql::analysis

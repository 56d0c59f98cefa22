// The operators + - * / % and unary minus (org.apache.cassandra.cql3.functions.OperationFcts).
#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "base/assert.h"
#include "cql/functions/native_function.h"
#include "cql/functions/number.h"
#include "cql/functions/temporal.h"
#include "types/duration.h"
#include "types/value.h"

namespace cassette::cql::functions {

using types::BigInteger;
using types::Decimal;
using types::RoundingMode;

namespace {

constexpr char kSymbols[] = {'+', '-', '*', '/', '%'};

// Digits that Cassandra keeps of decimal results, and the scales that it gives quotients.
constexpr int64_t kMaxPrecision = 10'000;
constexpr int64_t kLeastScale = 32;
constexpr int64_t kMostScale = 1000;

// The width that decides the type of a result; varint and decimal are wider than all.
size_t Width(TypeKind kind) {
  const size_t width = types::FixedSizeBytes(kind);
  return width != 0 ? width : std::numeric_limits<size_t>::max();
}

bool IsFloatingPoint(TypeKind kind) {
  return kind == TypeKind::kFloat || kind == TypeKind::kDouble || kind == TypeKind::kDecimal;
}

TypeKind ResultKind(TypeKind left, TypeKind right) {
  const size_t width = std::max(Width(left), Width(right));
  if (IsFloatingPoint(left) || IsFloatingPoint(right)) {
    return width == 4 ? TypeKind::kFloat : width == 8 ? TypeKind::kDouble : TypeKind::kDecimal;
  }
  switch (width) {
    case 1:
      return TypeKind::kTinyint;
    case 2:
      return TypeKind::kSmallint;
    case 4:
      return TypeKind::kInt;
    case 8:
      return TypeKind::kBigint;
    default:
      return TypeKind::kVarint;
  }
}

// Wraps around as Java's long does; AppendInteger then cuts it to the result's width.
base::Result<int64_t> ComputeIntegers(char symbol, int64_t left, int64_t right) {
  const uint64_t a = static_cast<uint64_t>(left);
  const uint64_t b = static_cast<uint64_t>(right);
  if (symbol == '+') return static_cast<int64_t>(a + b);
  if (symbol == '-') return static_cast<int64_t>(a - b);
  if (symbol == '*') return static_cast<int64_t>(a * b);
  if (right == 0) return base::InvalidArgument("/ by zero");
  // The one quotient that does not fit wraps to itself.
  if (right == -1) return symbol == '/' ? static_cast<int64_t>(0 - a) : int64_t{0};
  return symbol == '/' ? left / right : left % right;
}

template <typename Floating>
Floating ComputeFloating(char symbol, Floating left, Floating right) {
  switch (symbol) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return left / right;
    default:
      return std::fmod(left, right);
  }
}

base::Result<BigInteger> ComputeBigIntegers(char symbol, const BigInteger& left, const BigInteger& right) {
  if (symbol == '+') return left + right;
  if (symbol == '-') return left - right;
  if (symbol == '*') {
    // A product longer than any bound of ours on values would only burn time.
    if (left.bit_length() + right.bit_length() > 4 * static_cast<size_t>(Decimal::kMaxDigits)) {
      return base::InvalidArgument("BigInteger would overflow supported range");
    }
    return left * right;
  }
  if (right.is_zero()) return base::InvalidArgument("BigInteger divide by zero");
  BigInteger remainder;
  BigInteger quotient = BigInteger::Divide(left, right, &remainder);
  return symbol == '/' ? std::move(quotient) : std::move(remainder);
}

base::Result<Decimal> DivideDecimals(const Decimal& left, const Decimal& right) {
  const int64_t first_digit = (left.precision() - left.scale) - (right.precision() - right.scale);
  int64_t scale = std::max<int64_t>(kLeastScale - first_digit, left.scale);
  scale = std::max<int64_t>(scale, right.scale);
  scale = std::min(std::max(scale, kLeastScale), kMostScale);
  CASSETTE_ASSIGN_OR_RETURN(const Decimal quotient, Divide(left, right, scale, RoundingMode::kHalfUp));
  return quotient.StripTrailingZeros();
}

base::Result<Decimal> ComputeDecimals(char symbol, const Decimal& left, const Decimal& right) {
  base::Result<Decimal> result = base::InvalidArgument("/ by zero");
  switch (symbol) {
    case '+':
      result = Add(left, right);
      break;
    case '-':
      result = Add(left, Decimal(-right.unscaled, right.scale));
      break;
    case '*':
      result = Multiply(left, right);
      break;
    case '/':
      return right.unscaled.is_zero() ? std::move(result) : DivideDecimals(left, right);
    default:
      return right.unscaled.is_zero() ? base::InvalidArgument("Division by zero") : Remainder(left, right);
  }
  if (!result.ok()) return result;
  return result->Rounded(kMaxPrecision, RoundingMode::kHalfUp);
}

base::Status ComputeNumbers(char symbol, TypeKind result_kind, const Number& left, const Number& right,
                            std::string* out) {
  switch (result_kind) {
    case TypeKind::kFloat:
      AppendFloat(ComputeFloating(symbol, left.ToFloat(), right.ToFloat()), out);
      return base::Status::Ok();
    case TypeKind::kDouble:
      types::AppendDouble(ComputeFloating(symbol, left.ToDouble(), right.ToDouble()), out);
      return base::Status::Ok();
    case TypeKind::kVarint: {
      CASSETTE_ASSIGN_OR_RETURN(const BigInteger result,
                                ComputeBigIntegers(symbol, left.ToBigInteger(), right.ToBigInteger()));
      result.AppendBytes(out);
      return base::Status::Ok();
    }
    case TypeKind::kDecimal: {
      CASSETTE_ASSIGN_OR_RETURN(const Decimal a, left.ToDecimal());
      CASSETTE_ASSIGN_OR_RETURN(const Decimal b, right.ToDecimal());
      CASSETTE_ASSIGN_OR_RETURN(const Decimal result, ComputeDecimals(symbol, a, b));
      result.AppendBytes(out);
      return base::Status::Ok();
    }
    default: {
      CASSETTE_ASSIGN_OR_RETURN(const int64_t result, ComputeIntegers(symbol, left.ToInt64(), right.ToInt64()));
      AppendInteger(result_kind, result, out);
      return base::Status::Ok();
    }
  }
}

// What went wrong, as OperationExecutionException words it.
base::Status OperationFailure(char symbol, TypeKind left, TypeKind right, const base::Status& cause) {
  return base::FunctionFailure(fmt::format("the operation '{} {} {}' failed: {}", types::TypeKindName(left), symbol,
                                           types::TypeKindName(right), cause.message()));
}

NativeScalarFunction::Traits OperatorTraits(char symbol, NullRule null_rule) {
  const char* format = symbol == '+'   ? "{0} + {1}"
                       : symbol == '-' ? "{0} - {1}"
                       : symbol == '*' ? "{0} * {1}"
                       : symbol == '/' ? "{0} / {1}"
                                       : "{0} % {1}";
  return {null_rule, true, format};
}

FunctionPtr NumericOperator(char symbol, TypeKind left, TypeKind right) {
  const TypeKind result_kind = ResultKind(left, right);
  return MakeScalar(
      std::string(OperatorFunctionName(symbol)), {left, right}, result_kind,
      [=](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
        const base::Status status = ComputeNumbers(symbol, result_kind, Number::Read(left, arguments[0].bytes),
                                                   Number::Read(right, arguments[1].bytes), out);
        if (!status.ok()) return OperationFailure(symbol, left, right, status);
        return false;
      },
      OperatorTraits(symbol, NullRule::kNullOrEmpty));
}

base::Status CheckPrecision(TypeKind kind, const types::Duration& duration) {
  const bool is_date = kind == TypeKind::kDate;
  if (is_date ? duration.nanos == 0 : duration.nanos % 1'000'000 == 0) return base::Status::Ok();
  std::string text;
  AppendDurationText(duration, &text);
  return base::InvalidArgument(
      fmt::format("The duration must have a {} precision. Was: {}", is_date ? "day" : "millisecond", text));
}

FunctionPtr TemporalOperator(char symbol, TypeKind kind) {
  return MakeScalar(
      std::string(OperatorFunctionName(symbol)), {kind, TypeKind::kDuration}, kind,
      [=](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
        CASSETTE_ASSIGN_OR_RETURN(const types::Duration duration, types::DecodeDuration(arguments[1].bytes));
        const base::Status status = CheckPrecision(kind, duration);
        if (!status.ok()) return OperationFailure(symbol, kind, TypeKind::kDuration, status);
        const int64_t millis = TemporalMillis(kind, arguments[0].bytes);
        AppendTemporal(kind, AddDuration(millis, duration, symbol == '+' ? 1 : -1), out);
        return false;
      },
      OperatorTraits(symbol, NullRule::kNullOrEmpty));
}

FunctionPtr Concatenation(TypeKind left, TypeKind right) {
  const bool is_ascii = left == TypeKind::kAscii && right == TypeKind::kAscii;
  return MakeScalar(
      std::string(OperatorFunctionName('+')), {left, right}, is_ascii ? TypeKind::kAscii : TypeKind::kText,
      [](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
        out->append(arguments[0].bytes).append(arguments[1].bytes);
        return false;
      },
      OperatorTraits('+', NullRule::kNull));
}

void Negate(TypeKind kind, const Number& number, std::string* out) {
  switch (kind) {
    case TypeKind::kFloat:
      return AppendFloat(-number.ToFloat(), out);
    case TypeKind::kDouble:
      return types::AppendDouble(-number.ToDouble(), out);
    case TypeKind::kVarint:
      return (-number.ToBigInteger()).AppendBytes(out);
    case TypeKind::kDecimal: {
      const base::Result<Decimal> decimal = number.ToDecimal();
      CASSETTE_ASSERT(decimal.ok());
      return Decimal(-decimal->unscaled, decimal->scale).AppendBytes(out);
    }
    default:
      return AppendInteger(kind, static_cast<int64_t>(0 - static_cast<uint64_t>(number.ToInt64())), out);
  }
}

FunctionPtr Negation(TypeKind kind) {
  return MakeScalar(
      std::string(kNegationName), {kind}, kind,
      [=](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
        Negate(kind, Number::Read(kind, arguments[0].bytes), out);
        return false;
      },
      {NullRule::kNullOrEmpty, true, "-{0}"});
}

}  // namespace

std::string_view OperatorFunctionName(char symbol) {
  switch (symbol) {
    case '+':
      return "_add";
    case '-':
      return "_substract";
    case '*':
      return "_multiply";
    case '/':
      return "_divide";
    default:
      return "_modulo";
  }
}

void AddArithmetic(FunctionList* functions) {
  for (TypeKind left : NumericKinds()) {
    for (TypeKind right : NumericKinds()) {
      for (char symbol : kSymbols) functions->push_back(NumericOperator(symbol, left, right));
    }
    functions->push_back(Negation(left));
  }
  for (char symbol : {'+', '-'}) {
    functions->push_back(TemporalOperator(symbol, TypeKind::kTimestamp));
    functions->push_back(TemporalOperator(symbol, TypeKind::kDate));
  }
  for (TypeKind left : {TypeKind::kText, TypeKind::kAscii}) {
    for (TypeKind right : {TypeKind::kText, TypeKind::kAscii}) functions->push_back(Concatenation(left, right));
  }
}

}  // namespace cassette::cql::functions

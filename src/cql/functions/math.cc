// abs, exp, log, log10 and round (org.apache.cassandra.cql3.functions.MathFcts); each gives the type it is given.
#include <cmath>

#include "cql/functions/decimal_math.h"
#include "cql/functions/native_function.h"
#include "cql/functions/number.h"
#include "types/value.h"

namespace cassette::cql::functions {

using types::BigInteger;
using types::Decimal;
using types::RoundingMode;

namespace {

enum class Operation : uint8_t { kAbs, kExp, kLog, kLog10, kRound };

struct Named {
  std::string_view name;
  Operation operation;
};
constexpr Named kOperations[] = {{"abs", Operation::kAbs},
                                 {"exp", Operation::kExp},
                                 {"log", Operation::kLog},
                                 {"log10", Operation::kLog10},
                                 {"round", Operation::kRound}};

// Math.round before its conversion to an integer: halves go up.
double RoundHalfUp(double value) {
  const double floor = std::floor(value);
  return value - floor >= 0.5 ? floor + 1 : floor;
}

// Of exp, log and log10.
double Transcendental(Operation operation, double value) {
  return operation == Operation::kExp   ? std::exp(value)
         : operation == Operation::kLog ? std::log(value)
                                        : std::log10(value);
}

base::Result<Decimal> Transcendental(Operation operation, const Decimal& value) {
  return operation == Operation::kExp ? Exp(value) : operation == Operation::kLog ? Log(value) : Log10(value);
}

void ComputeInteger(Operation operation, TypeKind kind, const Number& number, std::string* out) {
  const int64_t value = number.ToInt64();
  switch (operation) {
    case Operation::kRound:
      return AppendInteger(kind, value, out);
    case Operation::kAbs:
      // The least number of a type is its own absolute value, as in Java.
      return AppendInteger(kind, value < 0 ? static_cast<int64_t>(0 - static_cast<uint64_t>(value)) : value, out);
    default: {
      const double result = Transcendental(operation, static_cast<double>(value));
      const bool wide = kind == TypeKind::kBigint || kind == TypeKind::kCounter;
      return AppendInteger(kind, wide ? SaturatingInt64(result) : SaturatingInt32(result), out);
    }
  }
}

double ComputeDouble(Operation operation, double value) {
  if (operation == Operation::kAbs) return std::fabs(value);
  if (operation == Operation::kRound) return static_cast<double>(SaturatingInt64(RoundHalfUp(value)));
  return Transcendental(operation, value);
}

float ComputeFloat(Operation operation, float value) {
  if (operation == Operation::kAbs) return std::fabs(value);
  if (operation == Operation::kRound) return static_cast<float>(SaturatingInt32(RoundHalfUp(value)));
  return static_cast<float>(Transcendental(operation, static_cast<double>(value)));
}

base::Result<Decimal> ComputeDecimal(Operation operation, const Decimal& value) {
  if (operation == Operation::kAbs) return Decimal(value.unscaled.Abs(), value.scale);
  if (operation == Operation::kRound) return value.WithScale(0, RoundingMode::kHalfUp);
  return Transcendental(operation, value);
}

base::Result<BigInteger> ComputeVarint(Operation operation, const BigInteger& value) {
  if (operation == Operation::kAbs) return value.Abs();
  if (operation == Operation::kRound) return value;
  CASSETTE_ASSIGN_OR_RETURN(const Decimal result, Transcendental(operation, Decimal(value)));
  return result.ToBigInteger();
}

base::Status Compute(Operation operation, TypeKind kind, const Number& number, std::string* out) {
  switch (kind) {
    case TypeKind::kFloat:
      AppendFloat(ComputeFloat(operation, number.ToFloat()), out);
      break;
    case TypeKind::kDouble:
      types::AppendDouble(ComputeDouble(operation, number.ToDouble()), out);
      break;
    case TypeKind::kVarint: {
      CASSETTE_ASSIGN_OR_RETURN(const BigInteger result, ComputeVarint(operation, number.ToBigInteger()));
      result.AppendBytes(out);
      break;
    }
    case TypeKind::kDecimal: {
      CASSETTE_ASSIGN_OR_RETURN(const Decimal value, number.ToDecimal());
      CASSETTE_ASSIGN_OR_RETURN(const Decimal result, ComputeDecimal(operation, value));
      result.AppendBytes(out);
      break;
    }
    default:
      ComputeInteger(operation, kind, number, out);
  }
  return base::Status::Ok();
}

}  // namespace

void AddMath(FunctionList* functions) {
  for (const Named& named : kOperations) {
    for (TypeKind kind : NumericKinds()) {
      const Operation operation = named.operation;
      functions->push_back(MakeScalar(
          std::string(named.name), {kind}, kind,
          [=](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
            CASSETTE_RETURN_IF_ERROR(Compute(operation, kind, Number::Read(kind, arguments[0].bytes), out));
            return false;
          }));
    }
  }
}

}  // namespace cassette::cql::functions

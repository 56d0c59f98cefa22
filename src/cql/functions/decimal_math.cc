#include "cql/functions/decimal_math.h"

#include <cmath>

namespace cassette::cql::functions {

using types::BigInteger;
using types::Decimal;
using types::RoundingMode;

namespace {

constexpr int64_t kLeastDigits = 32;
constexpr int64_t kGuardDigits = 20;

base::Result<int64_t> DigitsFor(const Decimal& x) {
  if (x.precision() > kMaxMathDigits) {
    return base::InvalidArgument("A decimal of more than " + std::to_string(kMaxMathDigits) + " digits");
  }
  return std::max(kLeastDigits, x.precision());
}

Decimal FromInt(int64_t value) { return Decimal(BigInteger(value)); }

// A product or quotient of `digits` digits.
base::Result<Decimal> Product(const Decimal& a, const Decimal& b, int64_t digits) {
  CASSETTE_ASSIGN_OR_RETURN(const Decimal result, Multiply(a, b));
  return result.Rounded(digits, RoundingMode::kHalfEven);
}

base::Result<Decimal> Quotient(const Decimal& a, const Decimal& b, int64_t digits) {
  const int64_t first_digit = (a.precision() - a.scale) - (b.precision() - b.scale);
  CASSETTE_ASSIGN_OR_RETURN(const Decimal result, Divide(a, b, digits - first_digit + 1, RoundingMode::kHalfEven));
  return result.Rounded(digits, RoundingMode::kHalfEven);
}

Decimal Negated(const Decimal& a) { return Decimal(-a.unscaled, a.scale); }

// e^x: Taylor's series of x / 2^k, which is small, squared k times.
base::Result<Decimal> ExpTo(const Decimal& x, int64_t digits) {
  int halvings = 0;
  for (double size = std::fabs(x.ToDouble()); size > 0.1; size /= 2) ++halvings;
  const int64_t working = digits + halvings + kGuardDigits;
  CASSETTE_ASSIGN_OR_RETURN(const Decimal small, Quotient(x, Decimal(BigInteger(int64_t{1} << halvings)), working));
  Decimal sum = FromInt(1);
  Decimal term = FromInt(1);
  // Each term gains a digit at least, for |small| <= 0.1.
  for (int64_t n = 1; n <= working + 1 && !term.unscaled.is_zero(); ++n) {
    CASSETTE_ASSIGN_OR_RETURN(term, Product(term, small, working));
    CASSETTE_ASSIGN_OR_RETURN(term, Quotient(term, FromInt(n), working));
    CASSETTE_ASSIGN_OR_RETURN(sum, Add(sum, term));
    sum = sum.Rounded(working, RoundingMode::kHalfEven);
  }
  for (int i = 0; i < halvings; ++i) {
    CASSETTE_ASSIGN_OR_RETURN(sum, Product(sum, sum, working));
  }
  return sum.Rounded(digits, RoundingMode::kHalfEven);
}

// ln(x) for x near 1: Halley's iteration, which triples the right digits, from the logarithm of the nearest double.
base::Result<Decimal> LogNearOne(const Decimal& x, int64_t digits) {
  const int64_t working = digits + kGuardDigits;
  Decimal y = Decimal::FromDouble(std::log(x.ToDouble()));
  for (int64_t right = 14; right < 3 * working; right *= 3) {
    CASSETTE_ASSIGN_OR_RETURN(const Decimal power, ExpTo(y, working));
    CASSETTE_ASSIGN_OR_RETURN(const Decimal difference, Add(x, Negated(power)));
    CASSETTE_ASSIGN_OR_RETURN(const Decimal sum, Add(x, power));
    CASSETTE_ASSIGN_OR_RETURN(const Decimal ratio, Quotient(difference, sum, working));
    CASSETTE_ASSIGN_OR_RETURN(const Decimal step, Multiply(ratio, FromInt(2)));
    CASSETTE_ASSIGN_OR_RETURN(y, Add(y, step));
    y = y.Rounded(working, RoundingMode::kHalfEven);
  }
  return y;
}

// ln(x) = ln(m) + e * ln(10), with m in [0.3, 3).
base::Result<Decimal> LogTo(const Decimal& x, int64_t digits) {
  // Near 1 the result's first digits are zeroes, as many as x has digits at most.
  const int64_t working = 2 * digits + kGuardDigits;
  const int64_t precision = x.precision();
  int64_t exponent = precision - x.scale - 1;
  Decimal mantissa(x.unscaled, static_cast<int32_t>(precision - 1));
  if (mantissa.ToDouble() >= 3) {
    ++exponent;
    ++mantissa.scale;
  }
  CASSETTE_ASSIGN_OR_RETURN(Decimal result, LogNearOne(mantissa, working));
  if (exponent != 0) {
    // ln(10) = ln(1.25) + 3 * ln(2).
    CASSETTE_ASSIGN_OR_RETURN(const Decimal log_first, LogNearOne(Decimal(BigInteger(125), 2), working));
    CASSETTE_ASSIGN_OR_RETURN(const Decimal log_two, LogNearOne(FromInt(2), working));
    CASSETTE_ASSIGN_OR_RETURN(const Decimal log_eight, Multiply(log_two, FromInt(3)));
    CASSETTE_ASSIGN_OR_RETURN(const Decimal log_ten, Add(log_first, log_eight));
    CASSETTE_ASSIGN_OR_RETURN(const Decimal shift, Multiply(log_ten, FromInt(exponent)));
    CASSETTE_ASSIGN_OR_RETURN(result, Add(result, shift));
  }
  return result.Rounded(working, RoundingMode::kHalfEven);
}

base::Status CheckPositive(const Decimal& x, std::string_view what) {
  if (!x.unscaled.is_zero() && !x.unscaled.is_negative()) return base::Status::Ok();
  return base::InvalidArgument(std::string(what) + " of number zero or less");
}

bool IsOne(const Decimal& x) { return CompareDecimals(x, FromInt(1)) == 0; }

}  // namespace

base::Result<Decimal> Exp(const Decimal& x) {
  CASSETTE_ASSIGN_OR_RETURN(const int64_t digits, DigitsFor(x));
  if (x.unscaled.is_zero()) return FromInt(1);
  if (std::fabs(x.ToDouble()) > static_cast<double>(kMaxExponent)) {
    return base::InvalidArgument("exp of more than " + std::to_string(kMaxExponent));
  }
  return ExpTo(x, digits);
}

base::Result<Decimal> Log(const Decimal& x) {
  CASSETTE_RETURN_IF_ERROR(CheckPositive(x, "Natural log"));
  CASSETTE_ASSIGN_OR_RETURN(const int64_t digits, DigitsFor(x));
  if (IsOne(x)) return Decimal();
  CASSETTE_ASSIGN_OR_RETURN(const Decimal result, LogTo(x, digits));
  return result.Rounded(digits, RoundingMode::kHalfEven);
}

base::Result<Decimal> Log10(const Decimal& x) {
  CASSETTE_RETURN_IF_ERROR(CheckPositive(x, "Log10"));
  CASSETTE_ASSIGN_OR_RETURN(const int64_t digits, DigitsFor(x));
  if (IsOne(x)) return Decimal();
  CASSETTE_ASSIGN_OR_RETURN(const Decimal log_x, LogTo(x, digits));
  CASSETTE_ASSIGN_OR_RETURN(const Decimal log_ten, LogTo(FromInt(10), digits));
  return Quotient(log_x, log_ten, digits);
}

}  // namespace cassette::cql::functions

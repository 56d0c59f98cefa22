// exp, log and log10 of decimals, to a number of digits.
#pragma once

#include "base/status.h"
#include "types/decimal.h"

namespace cassette::cql::functions {

// Digits and arguments beyond which these functions refuse: each costs the square of the digits.
inline constexpr int64_t kMaxMathDigits = 1000;
inline constexpr int64_t kMaxExponent = 20'000;

// As many digits as `x` has, 32 at least. kInvalidArgument at the bounds above, and for logarithms of what is not
// positive.
base::Result<types::Decimal> Exp(const types::Decimal& x);
base::Result<types::Decimal> Log(const types::Decimal& x);
base::Result<types::Decimal> Log10(const types::Decimal& x);

}  // namespace cassette::cql::functions

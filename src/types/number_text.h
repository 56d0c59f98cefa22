// Integers and floating-point numbers as Java reads and prints them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cassette::types {

// Decimal digits with an optional sign, within [INT64_MIN, INT64_MAX]; false for anything else.
bool ParseInteger(std::string_view text, int64_t* value);

// As Double.parseDouble: digits with an optional point, exponent and d or f at the end, "NaN", "Infinity" (signs
// allowed), blanks around; too large is infinite. False for anything else. (Hexadecimal floats are not read.)
bool ParseDouble(std::string_view text, double* value);
bool ParseFloat(std::string_view text, float* value);

// As Double.toString and Float.toString: "1.0", "1.0E10", "NaN", "-Infinity"; the fewest digits that give the value
// back.
void AppendDoubleText(double value, std::string* out);
void AppendFloatText(float value, std::string* out);

}  // namespace cassette::types

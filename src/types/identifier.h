// Identifiers and strings as CQL spells them.
#pragma once

#include <string>
#include <string_view>

namespace cassette::types {

// `name` as it must be written in CQL: as it is when it is lower case and no reserved word, else in double quotes.
std::string MaybeQuote(std::string_view name);

// Whether `lower_case_word` may not be a name without quotes.
bool IsReservedWord(std::string_view lower_case_word);

// In single quotes, those inside doubled.
std::string QuoteString(std::string_view text);

}  // namespace cassette::types

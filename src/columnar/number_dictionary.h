// Dictionaries of numbers: few distinct values, and for each row which of them it is. Doubles are told apart by their
// bit patterns, which stand here as integers.
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "codec/varint.h"
#include "columnar/corruption.h"
#include "columnar/run_length.h"
#include "columnar/vector.h"

namespace cassette::columnar {

struct NumberDictionary {
  uint32_t size = 0;
  int64_t values[kMaxVectorRows];  // Distinct, ascending.
  int64_t codes[kMaxVectorRows];   // Of each row: places in `values`.
};

// Finds the distinct values when a dictionary of them may well take less than `encoded_bytes`, which is what the values
// take now; false when it will not.
bool FindDictionary(const int64_t* values, uint32_t count, size_t encoded_bytes, NumberDictionary* dictionary);

// Puts the dictionary, whose values are encoded already, in place of what stands in `out` from `start` on, if that
// makes it smaller.
bool KeepDictionary(const NumberDictionary& dictionary, uint32_t count, std::string_view encoded_values, size_t start,
                    std::string* out);

// Reads what KeepDictionary wrote behind the encoding's number, up to the values. `codes` has room for `count`, each
// below `size`.
base::Status ReadCodes(uint32_t count, codec::ByteReader* reader, uint32_t* size, std::string_view* encoded_values,
                       int64_t* codes);

// The same, and the values, which `decode` (nested.h) decodes: `count` of them. A dictionary stands in nothing else.
template <typename Number>
base::Status ReadNumberDictionary(uint32_t count, Nesting nesting, codec::ByteReader* reader,
                                  base::Status (*decode)(std::string_view, uint32_t, Nesting, Number*),
                                  Number* values) {
  if (nesting != Nesting::kOuter) return Malformed("a dictionary where none may be");
  int64_t codes[kMaxVectorRows];
  Number distinct[kMaxVectorRows];
  uint32_t size = 0;
  std::string_view encoded_values;
  CASSETTE_RETURN_IF_ERROR(ReadCodes(count, reader, &size, &encoded_values, codes));
  CASSETTE_RETURN_IF_ERROR(decode(encoded_values, size, Nesting::kInDictionary, distinct));
  for (uint32_t i = 0; i < count; ++i) values[i] = distinct[codes[i]];
  return base::Status::Ok();
}

}  // namespace cassette::columnar

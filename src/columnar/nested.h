// What encodings built of other encodings call.
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "columnar/encoding.h"
#include "columnar/run_length.h"

namespace cassette::columnar {

// As EncodeInts and EncodeDoubles, by an encoding that may stand there.
Encoding EncodeIntsNested(const int64_t* values, uint32_t count, Nesting nesting, std::string* out);
Encoding EncodeDoublesNested(const double* values, uint32_t count, Nesting nesting, std::string* out);

// As DecodeInts and DecodeDoubles. An encoding that may not stand there is malformed.
base::Status DecodeIntsNested(std::string_view encoded, uint32_t count, Nesting nesting, int64_t* values);
base::Status DecodeDoublesNested(std::string_view encoded, uint32_t count, Nesting nesting, double* values);

}  // namespace cassette::columnar

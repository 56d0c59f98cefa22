// Decoders that encodings built of other encodings call.
//
// Thread safety: free functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "columnar/run_length.h"

namespace cassette::columnar {

// As DecodeInts and DecodeDoubles. Inside of runs a further run-length encoding is malformed.
base::Status DecodeIntsNested(std::string_view encoded, uint32_t count, Nesting nesting, int64_t* values);
base::Status DecodeDoublesNested(std::string_view encoded, uint32_t count, Nesting nesting, double* values);

}  // namespace cassette::columnar

// What a decoder says about bytes that no encoder of ours writes. The place is the caller's to add.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::columnar {

// Out of line, so that the decoders' loops stay small.
[[gnu::noinline, gnu::cold]] inline base::Status Malformed(std::string_view what) {
  return base::Corruption("encoded vector: " + std::string(what));
}

}  // namespace cassette::columnar

// libFuzzer target: decoders on arbitrary bytes, encoders on what was decoded. The first byte chooses the physical
// type, the next two the number of rows.
#include <bit>
#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "columnar/encoding.h"

namespace cassette::columnar {
namespace {

void ExpectSame(const Vector& a, const Vector& b) {
  CASSETTE_ASSERT(a.size() == b.size());
  for (uint32_t row = 0; row < a.size(); ++row) {
    CASSETTE_ASSERT(a.state(row) == b.state(row));
    switch (a.physical()) {
      case PhysicalType::kInt64:
        CASSETTE_ASSERT(a.int64(row) == b.int64(row));
        break;
      case PhysicalType::kDouble:
        CASSETTE_ASSERT(std::bit_cast<uint64_t>(a.number(row)) == std::bit_cast<uint64_t>(b.number(row)));
        break;
      case PhysicalType::kBytes:
        CASSETTE_ASSERT(a.bytes(row) == b.bytes(row));
        break;
    }
  }
}

void DecodeAndBack(std::string_view input) {
  constexpr size_t kMaxFuzzedHeapBytes = 1 << 20;  // Larger ones only take time.
  if (input.size() < 3) return;
  const auto physical = static_cast<PhysicalType>(1 + static_cast<uint8_t>(input[0]) % 3);
  const uint32_t rows = static_cast<uint8_t>(input[1]) | static_cast<uint32_t>(static_cast<uint8_t>(input[2]) & 7) << 8;
  Vector vector(physical);
  if (!DecodeVector(input.substr(3), rows, &vector).ok()) return;
  if (vector.heap().size() > kMaxFuzzedHeapBytes) return;
  std::string encoded;
  EncodeVector(vector, &encoded);
  Vector again(physical);
  CASSETTE_ASSERT(DecodeVector(encoded, rows, &again).ok());
  ExpectSame(vector, again);
}

}  // namespace
}  // namespace cassette::columnar

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  cassette::columnar::DecodeAndBack({reinterpret_cast<const char*>(data), size});
  return 0;
}

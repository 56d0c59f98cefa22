// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of everything that Cassette stores.
#pragma once

#include <cstdint>
#include <string_view>

namespace cassette::codec {

// The checksum of `bytes`. Uses the machine's instruction where it has one.
uint32_t Crc32c(std::string_view bytes);

// The checksum of A followed by `bytes`, given `crc` = Crc32c(A).
uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes);

// The portable way, for machines without the instruction; the same numbers (tests compare both).
uint32_t ExtendCrc32cPortable(uint32_t crc, std::string_view bytes);

}  // namespace cassette::codec

// Where a record stands in the commit log.
#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace cassette::storage::commitlog {

// The place of a record's first byte. Later records have greater positions; the default is before every record.
struct CommitPosition {
  uint32_t segment_id = 0;
  uint32_t offset = 0;

  auto operator<=>(const CommitPosition&) const = default;

  // One number in the same order, to be stored elsewhere.
  uint64_t ToNumber() const { return uint64_t{segment_id} << 32 | offset; }
  static CommitPosition FromNumber(uint64_t number) {
    return {static_cast<uint32_t>(number >> 32), static_cast<uint32_t>(number)};
  }
  // "7:4096".
  std::string ToString() const { return std::to_string(segment_id) + ":" + std::to_string(offset); }
};

}  // namespace cassette::storage::commitlog

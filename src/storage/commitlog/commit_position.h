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

// What of a log must be there when it is opened again; kept by the caller between two runs.
struct LogExtent {
  uint32_t first_segment = 0;  // This file must exist. 0: none need.
  CommitPosition end;          // And all up to here be intact. Segment 0: nothing.
  bool operator==(const LogExtent&) const = default;
};

}  // namespace cassette::storage::commitlog

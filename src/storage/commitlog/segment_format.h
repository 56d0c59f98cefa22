// The bytes of a commit log segment: header, records, seal. docs/format/commitlog.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::storage::commitlog {

inline constexpr uint32_t kSegmentVersion = 1;
inline constexpr uint32_t kSegmentHeaderBytes = 48;
inline constexpr uint32_t kRecordHeaderBytes = 16;

struct SegmentHeader {
  uint32_t segment_id = 0;
  uint32_t previous_segment_id = 0;  // 0: none.
  uint64_t boot_id = 0;              // io::FileSystem::BootId of the writer.
  int64_t created_micros = 0;
};

struct EncodedSegmentHeader {
  std::string bytes;  // kSegmentHeaderBytes.
  uint32_t checksum = 0;
};

EncodedSegmentHeader EncodeSegmentHeader(const SegmentHeader& header);

struct DecodedSegmentHeader {
  SegmentHeader header;
  uint32_t checksum = 0;  // Seeds the checksums of the segment's records.
};

// The header of the file `path`, whose contents are `bytes`. kFailedPrecondition when it is not a commit log's or of
// another version, kCorruption when it is damaged.
base::Result<DecodedSegmentHeader> DecodeSegmentHeader(const std::string& path, std::string_view bytes);

// What seeds the checksums of a segment's records, unchecked: the rest of the header may be damaged. REQUIRES:
// kSegmentHeaderBytes are there.
uint32_t StoredHeaderChecksum(std::string_view bytes);

struct RecordHeader {
  uint32_t length_bytes = 0;  // 0: this is the seal, after which the segment has nothing.
  // Everything in this segment before this offset was durable when the record was written. At least
  // kSegmentHeaderBytes, so that no header is all zeros.
  uint32_t synced_end = 0;
  uint32_t payload_checksum = 0;
};

// Writes kRecordHeaderBytes to `target`.
void EncodeRecordHeader(const RecordHeader& header, uint32_t segment_checksum, char* target);

// The record at `offset` of the segment, if an intact one is there. Its payload follows its header.
std::optional<RecordHeader> DecodeRecord(std::string_view segment, uint32_t offset, uint32_t segment_checksum);

// The first offset from `offset` on where a record may be, for a search byte by byte: none lies in zeroes. At most the
// segment's size, unless `offset` is more.
uint32_t NextRecordCandidate(std::string_view segment, uint32_t offset);

// "commitlog-0000000007.log", and back.
std::string SegmentFileName(uint32_t segment_id);
std::optional<uint32_t> ParseSegmentFileName(std::string_view name);
// "spare-0000000007.log": a segment without contents, to be written again.
std::string SpareFileName(uint32_t number);
bool IsSpareFileName(std::string_view name);

}  // namespace cassette::storage::commitlog

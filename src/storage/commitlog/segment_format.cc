#include "storage/commitlog/segment_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "codec/crc32c.h"
#include "codec/fixed.h"

namespace cassette::storage::commitlog {

using codec::LoadLittle;
using codec::StoreLittle;

namespace {

constexpr std::string_view kMagic = "CASSLOG\x1a";
static_assert(kMagic.size() == 8);

// Offsets within the segment header. DO NOT CHANGE without a new version.
constexpr size_t kVersionOffset = 8;
constexpr size_t kSegmentIdOffset = 12;
constexpr size_t kPreviousOffset = 16;
constexpr size_t kBootIdOffset = 24;
constexpr size_t kCreatedOffset = 32;
constexpr size_t kHeaderChecksumOffset = 44;
static_assert(kHeaderChecksumOffset + 4 == kSegmentHeaderBytes);

// Offsets within a record header. DO NOT CHANGE without a new version.
constexpr size_t kLengthOffset = 0;
constexpr size_t kSyncedOffset = 4;
constexpr size_t kPayloadChecksumOffset = 8;
constexpr size_t kRecordChecksumOffset = 12;
static_assert(kRecordChecksumOffset + 4 == kRecordHeaderBytes);

constexpr std::string_view kSegmentPrefix = "commitlog-";
constexpr std::string_view kSparePrefix = "spare-";
constexpr std::string_view kSuffix = ".log";
constexpr size_t kDigits = 10;

std::optional<uint32_t> ParseName(std::string_view name, std::string_view prefix) {
  if (name.size() != prefix.size() + kDigits + kSuffix.size()) return std::nullopt;
  if (!name.starts_with(prefix) || !name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(prefix.size(), kDigits);
  uint32_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace

EncodedSegmentHeader EncodeSegmentHeader(const SegmentHeader& header) {
  std::string bytes(kSegmentHeaderBytes, '\0');
  kMagic.copy(bytes.data(), kMagic.size());
  StoreLittle(kSegmentVersion, bytes.data() + kVersionOffset);
  StoreLittle(header.segment_id, bytes.data() + kSegmentIdOffset);
  StoreLittle(header.previous_segment_id, bytes.data() + kPreviousOffset);
  StoreLittle(header.boot_id, bytes.data() + kBootIdOffset);
  StoreLittle(header.created_micros, bytes.data() + kCreatedOffset);
  const uint32_t checksum = codec::Crc32c(std::string_view(bytes).substr(0, kHeaderChecksumOffset));
  StoreLittle(checksum, bytes.data() + kHeaderChecksumOffset);
  return {std::move(bytes), checksum};
}

base::Result<DecodedSegmentHeader> DecodeSegmentHeader(const std::string& path, std::string_view bytes) {
  if (bytes.size() < kSegmentHeaderBytes) {
    return base::Corruption(fmt::format("{}, offset {}: the file ends within the segment header", path, bytes.size()));
  }
  if (!bytes.starts_with(kMagic)) {
    return base::FailedPrecondition(fmt::format("{}: is not a commit log segment of Cassette", path));
  }
  const uint32_t version = LoadLittle<uint32_t>(bytes.data() + kVersionOffset);
  if (version != kSegmentVersion) {
    return base::FailedPrecondition(fmt::format("{}: commit log segment of version {}, this program reads version {}",
                                                path, version, kSegmentVersion));
  }
  const uint32_t checksum = LoadLittle<uint32_t>(bytes.data() + kHeaderChecksumOffset);
  if (checksum != codec::Crc32c(bytes.substr(0, kHeaderChecksumOffset))) {
    return base::Corruption(fmt::format("{}, offset 0: the segment header's checksum is wrong", path));
  }
  DecodedSegmentHeader decoded;
  decoded.checksum = checksum;
  decoded.header.segment_id = LoadLittle<uint32_t>(bytes.data() + kSegmentIdOffset);
  decoded.header.previous_segment_id = LoadLittle<uint32_t>(bytes.data() + kPreviousOffset);
  decoded.header.boot_id = LoadLittle<uint64_t>(bytes.data() + kBootIdOffset);
  decoded.header.created_micros = LoadLittle<int64_t>(bytes.data() + kCreatedOffset);
  return decoded;
}

uint32_t StoredHeaderChecksum(std::string_view bytes) {
  CASSETTE_ASSERT(bytes.size() >= kSegmentHeaderBytes);
  return LoadLittle<uint32_t>(bytes.data() + kHeaderChecksumOffset);
}

void EncodeRecordHeader(const RecordHeader& header, uint32_t segment_checksum, char* target) {
  CASSETTE_ASSERT(header.synced_end >= kSegmentHeaderBytes);
  StoreLittle(header.length_bytes, target + kLengthOffset);
  StoreLittle(header.synced_end, target + kSyncedOffset);
  StoreLittle(header.payload_checksum, target + kPayloadChecksumOffset);
  const uint32_t checksum = codec::ExtendCrc32c(segment_checksum, {target, kRecordChecksumOffset});
  StoreLittle(checksum, target + kRecordChecksumOffset);
}

std::optional<RecordHeader> DecodeRecord(std::string_view segment, uint32_t offset, uint32_t segment_checksum) {
  if (offset > segment.size() || segment.size() - offset < kRecordHeaderBytes) return std::nullopt;
  const char* bytes = segment.data() + offset;
  RecordHeader header;
  // The cheap checks first: a search for records asks at every byte.
  header.synced_end = LoadLittle<uint32_t>(bytes + kSyncedOffset);
  if (header.synced_end < kSegmentHeaderBytes || header.synced_end > offset) return std::nullopt;
  header.length_bytes = LoadLittle<uint32_t>(bytes + kLengthOffset);
  if (header.length_bytes > segment.size() - offset - kRecordHeaderBytes) return std::nullopt;
  const uint32_t checksum = LoadLittle<uint32_t>(bytes + kRecordChecksumOffset);
  if (checksum != codec::ExtendCrc32c(segment_checksum, {bytes, kRecordChecksumOffset})) return std::nullopt;
  header.payload_checksum = LoadLittle<uint32_t>(bytes + kPayloadChecksumOffset);
  const std::string_view payload = segment.substr(offset + kRecordHeaderBytes, header.length_bytes);
  if (header.payload_checksum != codec::Crc32c(payload)) return std::nullopt;
  return header;
}

uint32_t NextRecordCandidate(std::string_view segment, uint32_t offset) {
  // `synced_end` is never zero, so that one of its bytes is not.
  constexpr uint32_t kSyncedBytes = sizeof(uint32_t);
  const size_t not_zero = std::min(segment.size(), segment.find_first_not_of('\0', offset + kSyncedOffset));
  if (not_zero < offset + kSyncedOffset + kSyncedBytes) return offset;
  return static_cast<uint32_t>(not_zero - (kSyncedOffset + kSyncedBytes - 1));
}

std::string SegmentFileName(uint32_t segment_id) {
  return fmt::format("{}{:010}{}", kSegmentPrefix, segment_id, kSuffix);
}
std::optional<uint32_t> ParseSegmentFileName(std::string_view name) { return ParseName(name, kSegmentPrefix); }
std::string SpareFileName(uint32_t number) { return fmt::format("{}{:010}{}", kSparePrefix, number, kSuffix); }
bool IsSpareFileName(std::string_view name) { return ParseName(name, kSparePrefix).has_value(); }

}  // namespace cassette::storage::commitlog

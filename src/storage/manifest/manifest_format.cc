#include "storage/manifest/manifest_format.h"

#include <fmt/format.h>

#include <charconv>

#include "codec/crc32c.h"
#include "codec/fixed.h"

namespace cassette::storage::manifest {

using codec::LoadLittle;
using codec::StoreLittle;

namespace {

constexpr std::string_view kMagic = "CASSMAN\x1a";
static_assert(kMagic.size() == 8);

// Offsets within the header. DO NOT CHANGE without a new version.
constexpr size_t kVersionOffset = 8;
constexpr size_t kLogNumberOffset = 16;
constexpr size_t kChecksumOffset = 28;
static_assert(kChecksumOffset + 4 == kManifestHeaderBytes);

// Offsets within a record's header. DO NOT CHANGE without a new version.
constexpr size_t kLengthOffset = 0;
constexpr size_t kEditChecksumOffset = 4;
constexpr size_t kRecordChecksumOffset = 8;
static_assert(kRecordChecksumOffset + 4 == kEditHeaderBytes);

constexpr std::string_view kPrefix = "manifest-";
constexpr std::string_view kSuffix = ".log";
constexpr size_t kDigits = 10;

}  // namespace

std::string EncodeManifestHeader(uint64_t log_number, uint32_t* checksum) {
  std::string bytes(kManifestHeaderBytes, '\0');
  kMagic.copy(bytes.data(), kMagic.size());
  StoreLittle(kManifestVersion, bytes.data() + kVersionOffset);
  StoreLittle(log_number, bytes.data() + kLogNumberOffset);
  *checksum = codec::Crc32c(std::string_view(bytes).substr(0, kChecksumOffset));
  StoreLittle(*checksum, bytes.data() + kChecksumOffset);
  return bytes;
}

base::Status DecodeManifestHeader(const std::string& path, std::string_view bytes, uint64_t log_number,
                                  uint32_t* checksum) {
  if (bytes.size() < kManifestHeaderBytes) {
    return base::Corruption(
        fmt::format("{}, offset {}: the file ends within the manifest's header", path, bytes.size()));
  }
  if (!bytes.starts_with(kMagic)) {
    return base::FailedPrecondition(fmt::format("{}: is not a manifest of Cassette", path));
  }
  const uint32_t version = LoadLittle<uint32_t>(bytes.data() + kVersionOffset);
  if (version != kManifestVersion) {
    return base::FailedPrecondition(
        fmt::format("{}: manifest of version {}, this program reads version {}", path, version, kManifestVersion));
  }
  *checksum = LoadLittle<uint32_t>(bytes.data() + kChecksumOffset);
  if (*checksum != codec::Crc32c(bytes.substr(0, kChecksumOffset))) {
    return base::Corruption(fmt::format("{}, offset 0: the manifest header's checksum is wrong", path));
  }
  const uint64_t number = LoadLittle<uint64_t>(bytes.data() + kLogNumberOffset);
  if (number == log_number) return base::Status::Ok();
  return base::Corruption(
      fmt::format("{}, offset 0: holds manifest log {}, its name says {}", path, number, log_number));
}

std::string EncodeEditRecord(std::string_view edit, uint32_t log_checksum) {
  std::string bytes(kEditHeaderBytes, '\0');
  StoreLittle(static_cast<uint32_t>(edit.size()), bytes.data() + kLengthOffset);
  StoreLittle(codec::Crc32c(edit), bytes.data() + kEditChecksumOffset);
  const uint32_t checksum = codec::ExtendCrc32c(log_checksum, std::string_view(bytes).substr(0, kRecordChecksumOffset));
  StoreLittle(checksum, bytes.data() + kRecordChecksumOffset);
  bytes += edit;
  return bytes;
}

std::optional<EditRecord> DecodeEditRecord(std::string_view log, uint64_t offset, uint32_t log_checksum) {
  if (offset > log.size() || log.size() - offset < kEditHeaderBytes) return std::nullopt;
  const char* header = log.data() + offset;
  const uint32_t length = LoadLittle<uint32_t>(header + kLengthOffset);
  if (length > log.size() - offset - kEditHeaderBytes) return std::nullopt;
  const uint32_t checksum = codec::ExtendCrc32c(log_checksum, {header, kRecordChecksumOffset});
  if (checksum != LoadLittle<uint32_t>(header + kRecordChecksumOffset)) return std::nullopt;
  const std::string_view edit = log.substr(offset + kEditHeaderBytes, length);
  if (codec::Crc32c(edit) != LoadLittle<uint32_t>(header + kEditChecksumOffset)) return std::nullopt;
  return EditRecord{edit, offset + kEditHeaderBytes + length};
}

std::string ManifestLogName(uint64_t log_number) { return fmt::format("{}{:010}{}", kPrefix, log_number, kSuffix); }

std::optional<uint64_t> ParseManifestLogName(std::string_view name) {
  if (name.size() < kPrefix.size() + kDigits + kSuffix.size()) return std::nullopt;
  if (!name.starts_with(kPrefix) || !name.ends_with(kSuffix)) return std::nullopt;
  const std::string_view digits = name.substr(kPrefix.size(), name.size() - kPrefix.size() - kSuffix.size());
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return number;
}

}  // namespace cassette::storage::manifest

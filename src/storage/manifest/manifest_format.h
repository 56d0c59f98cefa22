// The bytes of a manifest log: header, then records of one edit each. docs/format/manifest.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::storage::manifest {

inline constexpr uint32_t kManifestVersion = 1;
inline constexpr uint32_t kManifestHeaderBytes = 32;
inline constexpr uint32_t kEditHeaderBytes = 12;
inline constexpr char kCurrentName[] = "CURRENT";

// The header of log number `log_number`. `*checksum` seeds the checksums of its records.
std::string EncodeManifestHeader(uint64_t log_number, uint32_t* checksum);
// Checks the header of the file `path`. kFailedPrecondition when it is not a manifest or of another version,
// kCorruption when it is damaged or of another number.
base::Status DecodeManifestHeader(const std::string& path, std::string_view bytes, uint64_t log_number,
                                  uint32_t* checksum);

// Header and payload of one record. An empty `edit` makes a confirmation: everything before it was durable when it was
// written.
std::string EncodeEditRecord(std::string_view edit, uint32_t log_checksum);

struct EditRecord {
  std::string_view edit;  // Empty: a confirmation.
  uint64_t end = 0;       // Where the next record begins.
};
// The record at `offset` of the log, if an intact one is there.
std::optional<EditRecord> DecodeEditRecord(std::string_view log, uint64_t offset, uint32_t log_checksum);

// "manifest-0000000007.log", and back.
std::string ManifestLogName(uint64_t log_number);
std::optional<uint64_t> ParseManifestLogName(std::string_view name);

}  // namespace cassette::storage::manifest

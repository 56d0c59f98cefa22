// One change of the manifest: any number of steps that take effect together or not at all.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "storage/manifest/sstable_info.h"

namespace cassette::storage::manifest {

// Steps apply in this order: payloads, removals of SSTables, additions, log positions, the next file number. So a
// compaction removes and adds in one edit, and an SSTable changes its level by being removed and added.
struct ManifestEdit {
  std::vector<std::pair<std::string, std::string>> put_payloads;  // Key to bytes (a table's schema, say); replaces.
  std::vector<std::string> remove_payloads;                       // Keys; absent ones are refused.
  std::vector<uint64_t> remove_sstables;                          // File numbers; absent ones are refused.
  std::vector<SstableInfo> add_sstables;                          // File numbers that live are refused.
  // Everything of the table before this commit log position (CommitPosition::ToNumber) is in SSTables; never falls.
  std::vector<std::pair<TableId, uint64_t>> log_positions;
  std::vector<TableId> forget_log_positions;  // Of dropped tables. Absent ones are fine.
  std::optional<uint64_t> next_file_number;   // Never falls.

  bool empty() const;
};

// The edit as bytes, docs/format/manifest.md section "Edit".
std::string EncodeEdit(const ManifestEdit& edit);
// kCorruption when the bytes are no edit (without file and offset, which the caller knows).
base::Result<ManifestEdit> DecodeEdit(std::string_view bytes);

}  // namespace cassette::storage::manifest

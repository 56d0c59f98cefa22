// What edits do to a ManifestState.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "storage/manifest/manifest.h"

namespace cassette::storage::manifest {

using base::Status;

namespace {

Status CheckPayloads(const ManifestState& state, const ManifestEdit& edit) {
  std::set<std::string_view> put;
  for (const auto& [key, bytes] : edit.put_payloads) put.insert(key);
  std::set<std::string_view> removed;
  for (const std::string& key : edit.remove_payloads) {
    if (put.contains(key)) {
      return base::InvalidArgument(fmt::format("manifest: one edit puts and removes payload \"{}\"", key));
    }
    if (!state.payloads.contains(key) || !removed.insert(key).second) {
      return base::InvalidArgument(fmt::format("manifest: there is no payload \"{}\" to remove", key));
    }
  }
  return Status::Ok();
}

Status CheckSstables(const ManifestState& state, const ManifestEdit& edit) {
  std::set<uint64_t> removed;
  for (const uint64_t file_number : edit.remove_sstables) {
    if (!state.sstables.contains(file_number) || !removed.insert(file_number).second) {
      return base::InvalidArgument(fmt::format("manifest: there is no SSTable {} to remove", file_number));
    }
  }
  std::set<uint64_t> added;
  for (const SstableInfo& info : edit.add_sstables) {
    const bool lives = state.sstables.contains(info.file_number) && !removed.contains(info.file_number);
    if (lives || !added.insert(info.file_number).second) {
      return base::InvalidArgument(fmt::format("manifest: SSTable {} is there already", info.file_number));
    }
  }
  return Status::Ok();
}

}  // namespace

Status ManifestState::Check(const ManifestEdit& edit) const {
  CASSETTE_RETURN_IF_ERROR(CheckPayloads(*this, edit));
  return CheckSstables(*this, edit);
}

Status ManifestState::Apply(const ManifestEdit& edit) {
  CASSETTE_RETURN_IF_ERROR(Check(edit));
  for (const auto& [key, bytes] : edit.put_payloads) payloads[key] = bytes;
  for (const std::string& key : edit.remove_payloads) payloads.erase(key);
  for (const uint64_t file_number : edit.remove_sstables) sstables.erase(file_number);
  for (const SstableInfo& info : edit.add_sstables) {
    sstables[info.file_number] = info;
    next_file_number = std::max(next_file_number, info.file_number + 1);
  }
  for (const auto& [table_id, position] : edit.log_positions) {
    uint64_t& known = log_positions[table_id];
    known = std::max(known, position);
  }
  for (const TableId& table_id : edit.forget_log_positions) log_positions.erase(table_id);
  next_file_number = std::max(next_file_number, edit.next_file_number.value_or(0));
  return Status::Ok();
}

ManifestEdit ManifestState::Snapshot() const {
  ManifestEdit edit;
  edit.put_payloads.assign(payloads.begin(), payloads.end());
  for (const auto& [file_number, info] : sstables) edit.add_sstables.push_back(info);
  edit.log_positions.assign(log_positions.begin(), log_positions.end());
  edit.next_file_number = next_file_number;
  return edit;
}

}  // namespace cassette::storage::manifest

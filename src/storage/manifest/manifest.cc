#include "storage/manifest/manifest.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "storage/manifest/manifest_format.h"

namespace cassette::storage::manifest {

using base::MutexLock;
using base::Result;
using base::Status;

Manifest::Manifest(io::FileSystem& file_system, std::string directory, base::Logger& logger,
                   const ManifestOptions& options)
    : file_system_(file_system), directory_(std::move(directory)), logger_(logger), options_(options) {}

Manifest::~Manifest() = default;

Result<std::unique_ptr<Manifest>> Manifest::Open(io::FileSystem& file_system, const std::string& directory,
                                                 base::Logger& logger, const ManifestOptions& options) {
  CASSETTE_RETURN_IF_ERROR(file_system.CreateDirs(directory));
  std::unique_ptr<Manifest> manifest(new Manifest(file_system, directory, logger, options));
  MutexLock lock(manifest->mutex_);
  CASSETTE_ASSIGN_OR_RETURN(const bool begun, file_system.Exists(manifest->PathOf(kCurrentName)));
  if (begun) {
    CASSETTE_RETURN_IF_ERROR(manifest->Load());
  } else {
    CASSETTE_RETURN_IF_ERROR(CheckNeverBegun(file_system, directory));
    CASSETTE_RETURN_IF_ERROR(manifest->WriteSnapshot());
  }
  manifest->RemoveOtherLogs();
  return manifest;
}

Status Manifest::Apply(const ManifestEdit& edit) {
  MutexLock lock(mutex_);
  CASSETTE_RETURN_IF_ERROR(failure_);
  CASSETTE_RETURN_IF_ERROR(state_.Check(edit));
  if (edit.empty()) return Status::Ok();
  CASSETTE_RETURN_IF_ERROR(Mend());
  // Numbers handed out so far are not handed out again, whatever becomes of this process.
  ManifestEdit complete = edit;
  complete.next_file_number = std::max(edit.next_file_number.value_or(0), state_.next_file_number);
  CASSETTE_RETURN_IF_ERROR(AppendEdit(complete));
  const Status applied = state_.Apply(complete);
  CASSETTE_ASSERT(applied.ok());
  if (log_->size() > std::max(options_.log_bytes_max, 2 * snapshot_bytes_)) {
    const Status status = WriteSnapshot();
    // The edit itself is durable; if the manifest can take no more, the next one is told.
    if (!status.ok()) logger_.Warning("manifest: not rewritten: {}", status.ToString());
  }
  return Status::Ok();
}

Status Manifest::AppendEdit(const ManifestEdit& edit) {
  const std::string bytes = EncodeEdit(edit);
  if (bytes.size() > ManifestOptions::kEditBytesMax) {
    return base::ResourceExhausted(fmt::format("manifest: an edit of {} bytes, at most {} go into one", bytes.size(),
                                               ManifestOptions::kEditBytesMax));
  }
  const Status written = log_->Append(EncodeEditRecord(bytes, log_checksum_));
  is_torn_ = !written.ok();
  if (is_torn_) return written.WithContext("manifest: the edit was not made: ");
  const Status synced = log_->Sync();
  if (!synced.ok()) return Refuse(synced);
  Confirm();
  return Status::Ok();
}

// Nothing is written behind half an edit: a new log takes over, in which it is not.
Status Manifest::Mend() {
  if (!is_torn_) return Status::Ok();
  CASSETTE_RETURN_IF_ERROR(WriteSnapshot());
  logger_.Info("manifest: goes on after a failed write");
  return Status::Ok();
}

// Says that what is in the log was durable, so that damage to its last edit is told from an edit torn while it was
// written. Not synced: should it get lost, so much is not known.
void Manifest::Confirm() { is_torn_ = !log_->Append(EncodeEditRecord({}, log_checksum_)).ok(); }

// What is in the log is unknown now: whoever opens it again reads what is there.
Status Manifest::Refuse(const Status& cause) {
  failure_ = base::Unavailable(
      fmt::format("manifest: a write failed and nothing is written until it is opened again: {}", cause.message()));
  return failure_;
}

Status Manifest::status() const {
  MutexLock lock(mutex_);
  return failure_;
}

uint64_t Manifest::NewFileNumber() {
  MutexLock lock(mutex_);
  return state_.next_file_number++;
}

ManifestState Manifest::state() const {
  MutexLock lock(mutex_);
  return state_;
}

std::vector<SstableInfo> Manifest::sstables() const {
  MutexLock lock(mutex_);
  std::vector<SstableInfo> all;
  all.reserve(state_.sstables.size());
  for (const auto& [file_number, info] : state_.sstables) all.push_back(info);
  return all;
}

Result<std::string> Manifest::payload(const std::string& key) const {
  MutexLock lock(mutex_);
  const auto found = state_.payloads.find(key);
  if (found == state_.payloads.end()) return base::NotFound(fmt::format("manifest: there is no payload \"{}\"", key));
  return found->second;
}

uint64_t Manifest::log_position(const TableId& table_id) const {
  MutexLock lock(mutex_);
  const auto found = state_.log_positions.find(table_id);
  return found == state_.log_positions.end() ? 0 : found->second;
}

uint64_t Manifest::log_position_max() const {
  MutexLock lock(mutex_);
  uint64_t greatest = 0;
  for (const auto& [table_id, position] : state_.log_positions) greatest = std::max(greatest, position);
  return greatest;
}

uint64_t Manifest::log_bytes() const {
  MutexLock lock(mutex_);
  return log_->size();
}

std::string Manifest::log_name() const {
  MutexLock lock(mutex_);
  return ManifestLogName(log_number_);
}

}  // namespace cassette::storage::manifest

// The half of Manifest that opens, reads and rewrites its files.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "storage/manifest/manifest.h"
#include "storage/manifest/manifest_format.h"

namespace cassette::storage::manifest {

using base::Result;
using base::Status;

namespace {

constexpr uint64_t kCurrentBytesMax = 1024;
// What one log may have: a snapshot of kEditBytesMax and as much again in edits.
constexpr uint64_t kLogFileBytesMax = 4 * ManifestOptions::kEditBytesMax;

// The log's number that CURRENT names.
Result<uint64_t> ReadCurrent(io::FileSystem& file_system, const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(file_system, path, kCurrentBytesMax));
  const std::string_view line(text);
  if (!line.empty() && line.back() == '\n') {
    const std::optional<uint64_t> number = ParseManifestLogName(line.substr(0, line.size() - 1));
    if (number.has_value()) return *number;
  }
  return base::Corruption(fmt::format("{}, offset 0: does not name a manifest log", path));
}

// Where an intact record is at or after `offset`, if any.
std::optional<uint64_t> FindRecord(std::string_view log, uint64_t offset, uint32_t checksum) {
  for (; offset < log.size(); ++offset) {
    if (DecodeEditRecord(log, offset, checksum).has_value()) return offset;
  }
  return std::nullopt;
}

}  // namespace

// Without CURRENT there is nothing, or a first log that a crash left before CURRENT was written.
Status Manifest::CheckNeverBegun() {
  uint32_t checksum = 0;
  const size_t first_bytes = EncodeManifestHeader(1, &checksum).size() +
                             EncodeEditRecord(EncodeEdit(ManifestState().Snapshot()), checksum).size();
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system_.ListDir(directory_));
  for (const std::string& name : names) {
    const std::optional<uint64_t> number = ParseManifestLogName(name);
    if (!number.has_value()) continue;
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t size_bytes, file_system_.FileSize(PathOf(name)));
    if (*number == 1 && size_bytes <= first_bytes) continue;
    return base::Corruption(fmt::format("{}, offset 0: is missing, though {} is there", PathOf(kCurrentName), name));
  }
  return Status::Ok();
}

Status Manifest::Load() {
  CASSETTE_ASSIGN_OR_RETURN(log_number_, ReadCurrent(file_system_, PathOf(kCurrentName)));
  const std::string path = PathOf(ManifestLogName(log_number_));
  Result<std::string> log = io::ReadFile(file_system_, path, kLogFileBytesMax);
  if (log.status().code() == base::Code::kNotFound) {
    return base::Corruption(fmt::format("{}, offset 0: is missing, though {} names it", path, PathOf(kCurrentName)));
  }
  CASSETTE_RETURN_IF_ERROR(log);
  CASSETTE_RETURN_IF_ERROR(DecodeManifestHeader(path, *log, log_number_, &log_checksum_));
  return LoadLog(path, *log);
}

// Applies every edit. Each was synced before the next was written: an intact record behind a damaged one says that the
// damage came later; none, that the last edit was torn while it was written.
Status Manifest::LoadLog(const std::string& path, std::string_view log) {
  uint64_t offset = kManifestHeaderBytes;
  while (const std::optional<EditRecord> record = DecodeEditRecord(log, offset, log_checksum_)) {
    Result<ManifestEdit> edit = DecodeEdit(record->edit);
    const Status status = edit.ok() ? state_.Apply(*edit) : edit.status();
    if (!status.ok()) return base::Corruption(fmt::format("{}, offset {}: {}", path, offset, status.message()));
    if (snapshot_bytes_ == 0) snapshot_bytes_ = record->end;
    offset = record->end;
  }
  if (const std::optional<uint64_t> next = FindRecord(log, offset + 1, log_checksum_)) {
    return base::Corruption(
        fmt::format("{}, offset {}: an edit is damaged; the next intact one is at offset {}", path, offset, *next));
  }
  if (snapshot_bytes_ == 0) {
    return base::Corruption(fmt::format("{}, offset {}: the snapshot that a log begins with is damaged", path, offset));
  }
  return OpenLogAt(path, log.size(), offset);
}

// Goes on behind the last intact edit, which becomes durable (its writer may have been killed before its sync).
Status Manifest::OpenLogAt(const std::string& path, uint64_t file_bytes, uint64_t good_bytes) {
  if (good_bytes < file_bytes) {
    logger_.Warning("manifest: {}: an edit torn at offset {} is cut off", path, good_bytes);
    CASSETTE_RETURN_IF_ERROR(file_system_.Truncate(path, good_bytes));
  }
  CASSETTE_ASSIGN_OR_RETURN(log_, file_system_.OpenAppendable(path));
  CASSETTE_RETURN_IF_ERROR(log_->Sync());
  Confirm();
  return failure_;
}

// A log that holds the state as its first edit, durable with its name.
Result<std::unique_ptr<io::WritableFile>> Manifest::CreateLog(uint64_t log_number, uint32_t* checksum) {
  std::string bytes = EncodeManifestHeader(log_number, checksum);
  const std::string edit = EncodeEdit(state_.Snapshot());
  if (edit.size() > ManifestOptions::kEditBytesMax) {
    return base::ResourceExhausted(fmt::format("manifest: a snapshot of {} bytes, at most {} go into one", edit.size(),
                                               ManifestOptions::kEditBytesMax));
  }
  bytes += EncodeEditRecord(edit, *checksum);
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<io::WritableFile> log,
                            file_system_.CreateWritable(PathOf(ManifestLogName(log_number))));
  CASSETTE_RETURN_IF_ERROR(log->Append(bytes));
  CASSETTE_RETURN_IF_ERROR(log->Sync());
  CASSETTE_RETURN_IF_ERROR(file_system_.SyncDir(directory_));
  return log;
}

Status Manifest::WriteSnapshot() {
  uint32_t checksum = 0;
  const uint64_t number = log_number_ + 1;
  // As long as CURRENT names the old log, a failure costs nothing but a file to remove.
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<io::WritableFile> log, CreateLog(number, &checksum));
  const Status status = io::WriteFileAtomically(file_system_, PathOf(kCurrentName), ManifestLogName(number) + "\n");
  if (!status.ok()) return Refuse(status);
  log_ = std::move(log);
  log_number_ = number;
  log_checksum_ = checksum;
  snapshot_bytes_ = log_->size();
  Confirm();
  RemoveOtherLogs();
  return failure_;
}

// A failure leaves a file that the next Open removes.
void Manifest::RemoveOtherLogs() {
  const Result<std::vector<std::string>> names = file_system_.ListDir(directory_);
  if (!names.ok()) return;
  for (const std::string& name : *names) {
    const std::optional<uint64_t> number = ParseManifestLogName(name);
    if (!number.has_value() || *number == log_number_) continue;
    const Status status = file_system_.Remove(PathOf(name));
    if (!status.ok()) logger_.Warning("manifest: {} stays: {}", name, status.ToString());
  }
}

}  // namespace cassette::storage::manifest

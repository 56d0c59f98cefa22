// The half of Manifest that opens, reads and rewrites its files.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include "storage/manifest/manifest.h"
#include "storage/manifest/manifest_format.h"

namespace cassette::storage::manifest {

using base::MutexLock;
using base::Result;
using base::Status;

namespace {

constexpr uint64_t kCurrentBytesMax = 1024;
// What one log may have: a snapshot of kEditBytesMax and as much again in edits.
constexpr uint64_t kLogFileBytesMax = 4 * ManifestOptions::kEditBytesMax;

struct Current {
  uint64_t log_number = 0;
  uint64_t durable_bytes = 0;  // 0: not known.
};

std::string CurrentText(const Current& current) {
  std::string text = ManifestLogName(current.log_number) + "\n";
  if (current.durable_bytes > 0) text += fmt::format("{} bytes\n", current.durable_bytes);
  return text;
}

// What CURRENT says.
Result<Current> ReadCurrent(io::FileSystem& file_system, const std::string& path) {
  const Result<std::string> text = io::ReadFile(file_system, path, kCurrentBytesMax);
  const bool is_too_large = text.status().code() == base::Code::kResourceExhausted;
  if (!text.ok() && !is_too_large) return text.status();
  const std::string_view whole = is_too_large ? std::string_view() : std::string_view(*text);
  const std::string_view line = whole.substr(0, whole.find('\n'));
  const std::optional<uint64_t> number = ParseManifestLogName(line);
  if (number.has_value()) {
    Current current{*number, 0};
    const std::string_view rest = whole.substr(std::min(line.size() + 1, whole.size()));
    std::from_chars(rest.data(), rest.data() + rest.size(), current.durable_bytes);
    if (CurrentText(current) == whole) return current;
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

// The log that CURRENT names.
Result<std::string> ReadNamedLog(io::FileSystem& file_system, const std::string& directory, uint64_t number) {
  const std::string path = io::JoinPath(directory, ManifestLogName(number));
  Result<std::string> log = io::ReadFile(file_system, path, kLogFileBytesMax);
  if (log.status().code() != base::Code::kNotFound) return log;
  return base::Corruption(
      fmt::format("{}, offset 0: is missing, though {} names it", path, io::JoinPath(directory, kCurrentName)));
}

struct LogEnds {
  uint32_t checksum = 0;        // Of the header.
  uint64_t snapshot_bytes = 0;  // Where the first edit ends.
  uint64_t good_bytes = 0;      // Where the last intact edit ends.
};

// Applies every edit. Each was synced before the next was written: an intact record behind a damaged one says that the
// damage came later; none, that the last edit was torn while it was written.
Status ReadLog(const std::string& path, std::string_view log, const Current& current, ManifestState* state,
               LogEnds* ends) {
  CASSETTE_RETURN_IF_ERROR(DecodeManifestHeader(path, log, current.log_number, &ends->checksum));
  uint64_t offset = kManifestHeaderBytes;
  while (const std::optional<EditRecord> record = DecodeEditRecord(log, offset, ends->checksum)) {
    Result<ManifestEdit> edit = DecodeEdit(record->edit);
    const Status status = edit.ok() ? state->Apply(*edit) : edit.status();
    if (!status.ok()) return base::Corruption(fmt::format("{}, offset {}: {}", path, offset, status.message()));
    if (ends->snapshot_bytes == 0) ends->snapshot_bytes = record->end;
    offset = record->end;
  }
  ends->good_bytes = offset;
  if (const std::optional<uint64_t> next = FindRecord(log, offset + 1, ends->checksum)) {
    return base::Corruption(
        fmt::format("{}, offset {}: an edit is damaged; the next intact one is at offset {}", path, offset, *next));
  }
  if (ends->snapshot_bytes == 0) {
    return base::Corruption(fmt::format("{}, offset {}: the snapshot that a log begins with is damaged", path, offset));
  }
  if (offset >= current.durable_bytes) return Status::Ok();
  return base::Corruption(fmt::format("{}, offset {}: an edit is damaged or cut off; {} bytes were durable", path,
                                      offset, current.durable_bytes));
}

}  // namespace

// Without CURRENT there is nothing, or a first log that a crash left before CURRENT was written.
Status Manifest::CheckNeverBegun(io::FileSystem& file_system, const std::string& directory) {
  uint32_t checksum = 0;
  const size_t first_bytes = EncodeManifestHeader(1, &checksum).size() +
                             EncodeEditRecord(EncodeEdit(ManifestState().Snapshot()), checksum).size();
  const Result<std::vector<std::string>> names = file_system.ListDir(directory);
  if (!names.ok()) return names.status().code() == base::Code::kNotFound ? Status::Ok() : names.status();
  for (const std::string& name : *names) {
    const std::optional<uint64_t> number = ParseManifestLogName(name);
    if (!number.has_value()) continue;
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t size_bytes, file_system.FileSize(io::JoinPath(directory, name)));
    if (*number == 1 && size_bytes <= first_bytes) continue;
    return base::Corruption(
        fmt::format("{}, offset 0: is missing, though {} is there", io::JoinPath(directory, kCurrentName), name));
  }
  return Status::Ok();
}

Status Manifest::Load() {
  CASSETTE_ASSIGN_OR_RETURN(const Current current, ReadCurrent(file_system_, PathOf(kCurrentName)));
  log_number_ = current.log_number;
  const std::string path = PathOf(ManifestLogName(log_number_));
  CASSETTE_ASSIGN_OR_RETURN(const std::string log, ReadNamedLog(file_system_, directory_, log_number_));
  LogEnds ends;
  CASSETTE_RETURN_IF_ERROR(ReadLog(path, log, current, &state_, &ends));
  log_checksum_ = ends.checksum;
  snapshot_bytes_ = ends.snapshot_bytes;
  return OpenLogAt(path, log.size(), ends.good_bytes);
}

Result<bool> Manifest::IsBegun(io::FileSystem& file_system, const std::string& directory) {
  return file_system.Exists(io::JoinPath(directory, kCurrentName));
}

Result<ManifestContents> Manifest::Read(io::FileSystem& file_system, const std::string& directory) {
  ManifestContents contents;
  const auto read = [&]() -> Status {
    CASSETTE_ASSIGN_OR_RETURN(const Current current, ReadCurrent(file_system, io::JoinPath(directory, kCurrentName)));
    CASSETTE_ASSIGN_OR_RETURN(const std::string log, ReadNamedLog(file_system, directory, current.log_number));
    LogEnds ends;
    return ReadLog(io::JoinPath(directory, ManifestLogName(current.log_number)), log, current, &contents.state, &ends);
  };
  contents.damage = read();
  if (contents.damage.code() == base::Code::kNotFound) {
    contents.damage = CheckNeverBegun(file_system, directory);
  }
  if (contents.damage.code() == base::Code::kIoError) return contents.damage;
  return contents;
}

Status Manifest::Replace(io::FileSystem& file_system, const std::string& directory, const ManifestState& state,
                         base::Logger& logger) {
  CASSETTE_RETURN_IF_ERROR(file_system.CreateDirs(directory));
  Manifest manifest(file_system, directory, logger, {});
  MutexLock lock(manifest.mutex_);
  manifest.state_ = state;
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system.ListDir(directory));
  for (const std::string& name : names) {
    const std::optional<uint64_t> number = ParseManifestLogName(name);
    if (!number.has_value()) continue;
    manifest.log_number_ = std::max(manifest.log_number_, *number);
    const std::string path = io::JoinPath(directory, name);
    const Status kept = file_system.Link(path, path + ".damaged");
    if (!kept.ok() && kept.code() != base::Code::kAlreadyExists) return kept;
  }
  return manifest.WriteSnapshot();
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
  return Status::Ok();
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
  // Never a number that CURRENT may already name.
  const uint64_t number = std::max(log_number_, log_number_tried_) + 1;
  log_number_tried_ = number;
  // As long as CURRENT names the old log, a failure costs nothing but a file to remove.
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<io::WritableFile> log, CreateLog(number, &checksum));
  const Status status = io::WriteFileAtomically(file_system_, PathOf(kCurrentName), CurrentText({number, 0}));
  if (!status.ok()) {
    is_torn_ = true;  // It may name either log: the next edit goes to neither.
    return status;
  }
  log_ = std::move(log);
  log_number_ = number;
  log_checksum_ = checksum;
  snapshot_bytes_ = log_->size();
  Confirm();
  RemoveOtherLogs();
  return Status::Ok();
}

Status Manifest::Close() {
  MutexLock lock(mutex_);
  CASSETTE_RETURN_IF_ERROR(failure_);
  CASSETTE_RETURN_IF_ERROR(Mend());
  CASSETTE_RETURN_IF_ERROR(log_->Sync());
  return io::WriteFileAtomically(file_system_, PathOf(kCurrentName), CurrentText({log_number_, log_->size()}));
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

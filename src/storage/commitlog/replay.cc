#include "storage/commitlog/replay.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "storage/commitlog/segment_format.h"

namespace cassette::storage::commitlog {

using base::Result;
using base::Status;

namespace {

// A segment read into memory.
struct LoadedSegment {
  std::string path;
  std::string bytes;
  SegmentHeader header;
  uint32_t checksum = 0;

  uint32_t size() const { return static_cast<uint32_t>(bytes.size()); }
  std::optional<RecordHeader> RecordAt(uint32_t offset) const { return DecodeRecord(bytes, offset, checksum); }
};

// Where the log stopped being intact.
struct End {
  std::string path;
  uint32_t segment_id = 0;
  uint32_t offset = 0;
  uint32_t checksum = 0;
  bool power_kept = false;  // Nothing was lost since: every byte written is there.
};

class Replayer {
 public:
  Replayer(io::FileSystem& file_system, const std::string& directory, const LogExtent& required, base::Logger& logger,
           const ReplayCallback& callback)
      : file_system_(file_system), directory_(directory), required_(required), logger_(logger), callback_(callback) {}

  // As Run, but changes nothing.
  Status Check() {
    CASSETTE_RETURN_IF_ERROR(List());
    for (const uint32_t id : ids_) CASSETTE_RETURN_IF_ERROR(ReadSegment(id));
    return Status::Ok();
  }

  Result<ReplayResult> Run() {
    CASSETTE_RETURN_IF_ERROR(List());
    CASSETTE_RETURN_IF_ERROR(SyncSegments());
    for (const uint32_t id : ids_) CASSETTE_RETURN_IF_ERROR(ReadSegment(id));
    if (end_.has_value()) CASSETTE_RETURN_IF_ERROR(MendEnd());
    Classify();
    return std::move(result_);
  }

 private:
  Status List();
  Status CheckThere(uint32_t id) const;
  Status CheckEnd(const End& end) const;
  Result<LoadedSegment> Load(uint32_t id);
  Status CheckPrevious(const LoadedSegment& segment) const;
  Status ReadSegment(uint32_t id);
  Status ReadRecords(const LoadedSegment& segment);
  Status SearchBehindEnd(const LoadedSegment& segment, uint32_t offset);
  Status CheckNotDurable(const LoadedSegment& segment, uint32_t offset, const RecordHeader& record) const;
  Status MendEnd();
  void Classify();
  Status SyncSegments();

  io::FileSystem& file_system_;
  const std::string& directory_;
  const LogExtent required_;
  base::Logger& logger_;
  const ReplayCallback& callback_;
  std::vector<uint32_t> ids_;
  std::vector<std::pair<SegmentFile, uint64_t>> read_;  // With how many records each gave.
  std::optional<End> end_;
  ReplayResult result_;
};

Status Replayer::List() {
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system_.ListDir(directory_));
  for (const std::string& name : names) {
    if (const std::optional<uint32_t> id = ParseSegmentFileName(name)) ids_.push_back(*id);
    if (IsSpareFileName(name)) result_.spares.push_back(io::JoinPath(directory_, name));
  }
  std::sort(ids_.begin(), ids_.end());
  if (!ids_.empty()) result_.segment_id_max = ids_.back();
  CASSETTE_RETURN_IF_ERROR(CheckThere(required_.first_segment));
  return CheckThere(required_.end.segment_id);
}

Status Replayer::CheckThere(uint32_t id) const {
  if (id == 0 || std::binary_search(ids_.begin(), ids_.end(), id)) return Status::Ok();
  return base::Corruption(fmt::format("{}, offset 0: is missing; records that are not flushed stood in it",
                                      io::JoinPath(directory_, SegmentFileName(id))));
}

Status Replayer::CheckEnd(const End& end) const {
  const CommitPosition position{end.segment_id, end.offset};
  if (required_.end.segment_id == 0 || position >= required_.end) return Status::Ok();
  return base::Corruption(
      fmt::format("{}, offset {}: a commit log record is damaged or cut off; the log was durable "
                  "up to offset {} of {}",
                  end.path, end.offset, required_.end.offset, SegmentFileName(required_.end.segment_id)));
}

Result<LoadedSegment> Replayer::Load(uint32_t id) {
  LoadedSegment segment;
  segment.path = io::JoinPath(directory_, SegmentFileName(id));
  CASSETTE_ASSIGN_OR_RETURN(segment.bytes,
                            io::ReadFile(file_system_, segment.path, CommitLogOptions::kSegmentBytesMax));
  CASSETTE_ASSIGN_OR_RETURN(const DecodedSegmentHeader decoded, DecodeSegmentHeader(segment.path, segment.bytes));
  if (decoded.header.segment_id != id) {
    return base::Corruption(
        fmt::format("{}, offset 0: holds segment {}, its name says {}", segment.path, decoded.header.segment_id, id));
  }
  segment.header = decoded.header;
  segment.checksum = decoded.checksum;
  return segment;
}

// The first file's predecessors were released; a later file's must be there.
Status Replayer::CheckPrevious(const LoadedSegment& segment) const {
  const uint32_t previous = segment.header.previous_segment_id;
  if (previous < ids_.front() || std::binary_search(ids_.begin(), ids_.end(), previous)) return Status::Ok();
  return base::Corruption(
      fmt::format("{}, offset 0: the segment before it, {}, is missing", segment.path, SegmentFileName(previous)));
}

Status Replayer::ReadSegment(uint32_t id) {
  CASSETTE_ASSIGN_OR_RETURN(const LoadedSegment segment, Load(id));
  CASSETTE_RETURN_IF_ERROR(CheckPrevious(segment));
  const uint64_t before = result_.summary.records;
  CASSETTE_RETURN_IF_ERROR(end_.has_value() ? SearchBehindEnd(segment, kSegmentHeaderBytes) : ReadRecords(segment));
  read_.push_back({{id, segment.size()}, result_.summary.records - before});
  return Status::Ok();
}

Status Replayer::ReadRecords(const LoadedSegment& segment) {
  uint32_t offset = kSegmentHeaderBytes;
  while (const std::optional<RecordHeader> record = segment.RecordAt(offset)) {
    if (record->length_bytes == 0) return Status::Ok();  // The seal.
    const uint32_t payload = offset + kRecordHeaderBytes;
    CASSETTE_RETURN_IF_ERROR(callback_({segment.header.segment_id, offset},
                                       std::string_view(segment.bytes).substr(payload, record->length_bytes)));
    ++result_.summary.records;
    result_.summary.record_bytes += record->length_bytes;
    offset = payload + record->length_bytes;
  }
  const uint64_t boot_id = file_system_.BootId();
  end_ = End{segment.path, segment.header.segment_id, offset, segment.checksum,
             boot_id != 0 && boot_id == segment.header.boot_id};
  CASSETTE_RETURN_IF_ERROR(CheckEnd(*end_));
  return SearchBehindEnd(segment, offset + 1);
}

// Looks for intact records at every offset from `offset` on.
Status Replayer::SearchBehindEnd(const LoadedSegment& segment, uint32_t offset) {
  while (offset < segment.size()) {
    const std::optional<RecordHeader> record = segment.RecordAt(offset);
    if (!record.has_value()) {
      offset = NextRecordCandidate(segment.bytes, offset + 1);
      continue;
    }
    CASSETTE_RETURN_IF_ERROR(CheckNotDurable(segment, offset, *record));
    ++result_.summary.dropped_records;
    offset += kRecordHeaderBytes + record->length_bytes;
  }
  return Status::Ok();
}

// `record` is intact and behind the end. Syncs go from old to new: a segment of which more than the header was durable
// has only durable segments before it.
Status Replayer::CheckNotDurable(const LoadedSegment& segment, uint32_t offset, const RecordHeader& record) const {
  const bool same_segment = segment.header.segment_id == end_->segment_id;
  const uint32_t durable_from = same_segment ? end_->offset : kSegmentHeaderBytes;
  if (!end_->power_kept && record.synced_end <= durable_from) return Status::Ok();
  return base::Corruption(fmt::format(
      "{}, offset {}: a commit log record is damaged; intact records follow it (the next at offset {} of {})",
      end_->path, end_->offset, offset, segment.path));
}

// Newest first, so that a crash in between leaves the same picture with less in it.
Status Replayer::MendEnd() {
  if (result_.summary.dropped_records > 0) {
    logger_.Warning(
        "commit log: {} was torn at offset {} by a loss of power: {} records behind it were never synced and are "
        "dropped",
        end_->path, end_->offset, result_.summary.dropped_records);
  }
  while (!read_.empty() && read_.back().first.id > end_->segment_id) {
    CASSETTE_RETURN_IF_ERROR(file_system_.Remove(io::JoinPath(directory_, SegmentFileName(read_.back().first.id))));
    CASSETTE_RETURN_IF_ERROR(file_system_.SyncDir(directory_));
    read_.pop_back();
  }
  CASSETTE_RETURN_IF_ERROR(file_system_.Truncate(end_->path, end_->offset));
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<io::WritableFile> file, file_system_.OpenAppendable(end_->path));
  char seal[kRecordHeaderBytes];
  EncodeRecordHeader({0, end_->offset, 0}, end_->checksum, seal);
  CASSETTE_RETURN_IF_ERROR(file->Append({seal, sizeof(seal)}));
  CASSETTE_RETURN_IF_ERROR(file->Sync());
  CASSETTE_RETURN_IF_ERROR(file->Close());
  read_.back().first.size_bytes = end_->offset + kRecordHeaderBytes;
  return Status::Ok();
}

void Replayer::Classify() {
  while (!read_.empty() && read_.back().second == 0) {
    result_.empty_segments.push_back(read_.back().first.id);
    read_.pop_back();
  }
  for (const auto& [file, records] : read_) result_.segments.push_back(file);
  result_.summary.segments = result_.segments.size();
}

// The earlier run may have been killed before it synced: neither new segments nor what is made of these records may
// become durable before them.
Status Replayer::SyncSegments() {
  for (const uint32_t id : ids_) {
    const std::string path = io::JoinPath(directory_, SegmentFileName(id));
    CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<io::WritableFile> file, file_system_.OpenAppendable(path));
    CASSETTE_RETURN_IF_ERROR(file->Sync());
    CASSETTE_RETURN_IF_ERROR(file->Close());
  }
  return Status::Ok();
}

}  // namespace

Result<ReplayResult> Replay(io::FileSystem& file_system, const std::string& directory, const LogExtent& required,
                            base::Logger& logger, const ReplayCallback& callback) {
  return Replayer(file_system, directory, required, logger, callback).Run();
}

Status CheckLog(io::FileSystem& file_system, const std::string& directory, const LogExtent& required,
                base::Logger& logger) {
  const ReplayCallback ignore = [](CommitPosition, std::string_view) { return Status::Ok(); };
  return Replayer(file_system, directory, required, logger, ignore).Check();
}

Result<std::vector<std::string>> SalvageRecords(io::FileSystem& file_system, const std::string& directory,
                                                const ReplayCallback& callback) {
  std::vector<std::string> paths;
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system.ListDir(directory));
  for (const std::string& name : names) {
    const std::optional<uint32_t> id = ParseSegmentFileName(name);
    if (!id.has_value()) continue;
    paths.push_back(io::JoinPath(directory, name));
    CASSETTE_ASSIGN_OR_RETURN(const std::string bytes,
                              io::ReadFile(file_system, paths.back(), CommitLogOptions::kSegmentBytesMax));
    if (bytes.size() < kSegmentHeaderBytes) continue;
    const uint32_t checksum = StoredHeaderChecksum(bytes);
    for (uint32_t offset = kSegmentHeaderBytes; offset < bytes.size();) {
      const std::optional<RecordHeader> record = DecodeRecord(bytes, offset, checksum);
      if (!record.has_value()) {
        offset = NextRecordCandidate(bytes, offset + 1);
        continue;
      }
      const std::string_view payload =
          std::string_view(bytes).substr(offset + kRecordHeaderBytes, record->length_bytes);
      if (!payload.empty()) CASSETTE_RETURN_IF_ERROR(callback({*id, offset}, payload));
      offset += kRecordHeaderBytes + record->length_bytes;
    }
  }
  return paths;
}

}  // namespace cassette::storage::commitlog
#include "storage/commitlog/commitlog.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "codec/crc32c.h"
#include "storage/commitlog/replay.h"
#include "storage/commitlog/segment.h"
#include "storage/commitlog/segment_supply.h"

namespace cassette::storage::commitlog {

using base::MutexLock;
using base::Result;
using base::Status;

namespace {

Status CheckOptions(const CommitLogOptions& options) {
  if (options.segment_bytes < CommitLogOptions::kSegmentBytesMin ||
      options.segment_bytes > CommitLogOptions::kSegmentBytesMax || options.segment_bytes % io::kBlockBytes != 0) {
    return base::InvalidArgument(fmt::format(
        "commit log: segment_bytes is {}; it must be from {} to {} and a multiple of {}", options.segment_bytes,
        CommitLogOptions::kSegmentBytesMin, CommitLogOptions::kSegmentBytesMax, io::kBlockBytes));
  }
  if (options.unsynced_segments_max < 1) {
    return base::InvalidArgument("commit log: unsynced_segments_max must be at least 1");
  }
  if (options.sync_period_ms < 1) return base::InvalidArgument("commit log: sync_period_ms must be at least 1");
  return Status::Ok();
}

SegmentSupplyOptions SupplyOptions(const CommitLogOptions& options, const ReplayResult& replayed) {
  SegmentSupplyOptions supply;
  supply.directory = options.directory;
  supply.segment_bytes = options.segment_bytes;
  supply.spare_segments_max = options.spare_segments_max;
  supply.next_segment_id = std::max(replayed.segment_id_max, options.floor.segment_id) + 1;
  supply.previous_segment_id = replayed.segments.empty() ? 0 : replayed.segments.back().id;
  return supply;
}

// Segments that hold nothing have kept their number so long; now a newer one does.
Status RemoveEmptySegments(io::FileSystem& file_system, const std::string& directory, const ReplayResult& replayed) {
  for (const uint32_t id : replayed.empty_segments) {
    CASSETTE_RETURN_IF_ERROR(file_system.Remove(io::JoinPath(directory, SegmentFileName(id))));
    CASSETTE_RETURN_IF_ERROR(file_system.SyncDir(directory));
  }
  return Status::Ok();
}

// Spares of the right size are used again, beyond the bound or of another size they go.
Status AdoptSpares(io::FileSystem& file_system, const CommitLogOptions& options, const ReplayResult& replayed,
                   SegmentSupply* supply) {
  uint32_t adopted = 0;
  for (const std::string& path : replayed.spares) {
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t size_bytes, file_system.FileSize(path));
    if (size_bytes == options.segment_bytes && adopted < options.spare_segments_max) {
      supply->AddSpare(path);
      ++adopted;
    } else {
      CASSETTE_RETURN_IF_ERROR(file_system.Remove(path));
    }
  }
  return Status::Ok();
}

}  // namespace

CommitLog::CommitLog(const CommitLogOptions& options, io::FileSystem& file_system, const base::Clock& clock,
                     base::Logger& logger)
    : options_(options), file_system_(file_system), clock_(clock), logger_(logger) {}

CommitLog::~CommitLog() { CASSETTE_ASSERT(!syncer_.joinable()); }

Result<std::unique_ptr<CommitLog>> CommitLog::Open(const CommitLogOptions& options, io::FileSystem& file_system,
                                                   const base::Clock& clock, base::Logger& logger,
                                                   const ReplayCallback& replay) {
  CASSETTE_RETURN_IF_ERROR(CheckOptions(options));
  CASSETTE_RETURN_IF_ERROR(file_system.CreateDirs(options.directory));
  CASSETTE_ASSIGN_OR_RETURN(const ReplayResult replayed,
                            Replay(file_system, options.directory, options.required, logger, replay));
  std::unique_ptr<CommitLog> log(new CommitLog(options, file_system, clock, logger));
  log->replayed_ = replayed.summary;
  log->supply_ = std::make_unique<SegmentSupply>(SupplyOptions(options, replayed), file_system, clock, logger);
  for (const SegmentFile& segment : replayed.segments) log->supply_->AddLive(segment);
  CASSETTE_RETURN_IF_ERROR(AdoptSpares(file_system, options, replayed, log->supply_.get()));
  log->supply_->Start();
  Result<std::shared_ptr<Segment>> first = log->supply_->Take();
  Status status = first.ok() ? RemoveEmptySegments(file_system, options.directory, replayed) : first.status();
  if (!status.ok()) {
    log->supply_->Stop();
    return status;
  }
  {
    MutexLock lock(log->append_mutex_);
    log->active_ = std::move(*first);
  }
  log->syncer_ = std::thread([pointer = log.get()] { pointer->RunSyncer(); });
  return log;
}

Status CommitLog::CheckRecordSize(uint64_t length_bytes) const {
  if (length_bytes == 0) return base::InvalidArgument("commit log: a record must not be empty");
  if (length_bytes <= record_bytes_max()) return Status::Ok();
  return base::InvalidArgument(
      fmt::format("Mutation of {} bytes is too large for the maximum size of {} (half a commit log segment)",
                  length_bytes, record_bytes_max()));
}

Result<CommitPosition> CommitLog::Append(std::span<const std::string_view> pieces) {
  uint64_t length_bytes = 0;
  uint32_t checksum = 0;
  for (const std::string_view piece : pieces) {
    length_bytes += piece.size();
    checksum = codec::ExtendCrc32c(checksum, piece);
  }
  CASSETTE_RETURN_IF_ERROR(CheckRecordSize(length_bytes));

  MutexLock lock(append_mutex_);
  CASSETTE_RETURN_IF_ERROR(MakeRoom(static_cast<uint32_t>(length_bytes)));
  const uint32_t half = active_->size_bytes() / 2;
  const bool was_below_half = active_->end() < half;
  const CommitPosition position = active_->Append(pieces, static_cast<uint32_t>(length_bytes), checksum);
  ++record_count_;
  byte_count_ += kRecordHeaderBytes + length_bytes;
  if (was_below_half && active_->end() >= half) supply_->PrepareSoon();
  return position;
}

Status CommitLog::Refusal() {
  if (!failure_.ok()) return failure_;
  if (stopped_) return base::Unavailable("the commit log was stopped");
  return Status::Ok();
}

Status CommitLog::MakeRoom(uint32_t length_bytes) {
  while (true) {
    CASSETTE_RETURN_IF_ERROR(Refusal());
    if (active_->HasRoom(length_bytes)) return Status::Ok();
    if (rolling_ || unsynced_full_.size() >= options_.unsynced_segments_max) {
      room_.Wait(append_mutex_);
    } else {
      CASSETTE_RETURN_IF_ERROR(Roll());
    }
  }
}

// Begins the next segment. Small records go on filling the old one meanwhile.
Status CommitLog::Roll() {
  rolling_ = true;
  append_mutex_.unlock();
  Result<std::shared_ptr<Segment>> next = supply_->Take();
  append_mutex_.lock();
  rolling_ = false;
  room_.NotifyAll();
  if (!next.ok()) return next.status();
  active_->Seal();
  unsynced_full_.push_back(std::exchange(active_, std::move(*next)));
  MutexLock lock(sync_mutex_);
  sync_now_ = true;
  work_.NotifyOne();
  return Status::Ok();
}

CommitPosition CommitLog::NextPosition() {
  MutexLock lock(append_mutex_);
  return {active_->id(), active_->end()};
}

void CommitLog::ReleaseSegmentsBefore(CommitPosition position) {
  MutexLock lock(append_mutex_);
  needed_from_ = std::max(needed_from_, position.segment_id);
  ReleaseUnneeded();
}

void CommitLog::ReleaseUnneeded() {
  const uint32_t unsynced = unsynced_full_.empty() ? active_->id() : unsynced_full_.front()->id();
  supply_->ReleaseBefore(std::min(needed_from_, unsynced));
}

CommitLogStatistics CommitLog::statistics() {
  CommitLogStatistics statistics;
  {
    MutexLock lock(append_mutex_);
    statistics.records = record_count_;
    statistics.bytes = byte_count_;
  }
  {
    MutexLock lock(sync_mutex_);
    statistics.syncs = sync_count_;
    statistics.sync_nanos = sync_nanos_;
  }
  statistics.segments = supply_->live_count();
  return statistics;
}

uint64_t CommitLog::size_bytes() { return supply_->live_bytes(); }

}  // namespace cassette::storage::commitlog

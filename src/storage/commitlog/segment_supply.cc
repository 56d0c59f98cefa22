#include "storage/commitlog/segment_supply.h"

#include <utility>

#include "base/assert.h"

namespace cassette::storage::commitlog {

using base::MutexLock;
using base::Result;
using base::Status;

SegmentSupply::SegmentSupply(SegmentSupplyOptions options, io::FileSystem& file_system, const base::Clock& clock,
                             base::Logger& logger)
    : options_(std::move(options)),
      file_system_(file_system),
      clock_(clock),
      logger_(logger),
      boot_id_(file_system.BootId()),
      next_segment_id_(options_.next_segment_id),
      previous_segment_id_(options_.previous_segment_id) {
  CASSETTE_ASSERT(next_segment_id_ > previous_segment_id_);
}

SegmentSupply::~SegmentSupply() { CASSETTE_ASSERT(!thread_.joinable()); }

void SegmentSupply::AddLive(SegmentFile file) {
  MutexLock lock(mutex_);
  live_.push_back(file);
}

void SegmentSupply::AddSpare(std::string path) { spares_.push_back(std::move(path)); }

void SegmentSupply::Start() {
  thread_ = std::thread([this] { Run(); });
}

void SegmentSupply::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
  }
  work_.NotifyAll();
  ready_changed_.NotifyAll();
  if (thread_.joinable()) thread_.join();
}

void SegmentSupply::PrepareSoon() {
  MutexLock lock(mutex_);
  wanted_ = true;
  work_.NotifyOne();
}

Result<std::shared_ptr<Segment>> SegmentSupply::Take() {
  MutexLock lock(mutex_);
  failure_ = Status::Ok();
  while (ready_ == nullptr) {
    if (stopping_) return base::Unavailable("the commit log was stopped");
    if (!failure_.ok()) return failure_;
    wanted_ = true;
    work_.NotifyOne();
    ready_changed_.Wait(mutex_);
  }
  live_.push_back({ready_->id(), ready_->size_bytes()});
  return std::exchange(ready_, nullptr);
}

void SegmentSupply::ReleaseBefore(uint32_t segment_id) {
  MutexLock lock(mutex_);
  if (live_.empty() || live_.front().id >= segment_id) return;
  while (!live_.empty() && live_.front().id < segment_id) {
    released_.push_back(live_.front());
    live_.pop_front();
  }
  release_asked_ = true;
  work_.NotifyOne();
}

LogExtent SegmentSupply::LiveExtent(uint32_t without) {
  MutexLock lock(mutex_);
  LogExtent extent;
  for (const SegmentFile& file : live_) {
    if (file.id == without) continue;
    if (extent.first_segment == 0) extent.first_segment = file.id;
    extent.end.segment_id = file.id;
  }
  return extent;
}

uint64_t SegmentSupply::live_count() {
  MutexLock lock(mutex_);
  return live_.size();
}

uint64_t SegmentSupply::live_bytes() {
  MutexLock lock(mutex_);
  uint64_t total = 0;
  for (const SegmentFile& file : live_) total += file.size_bytes;
  return total;
}

void SegmentSupply::Run() {
  while (true) {
    {
      MutexLock lock(mutex_);
      const auto has_work = [&]() CASSETTE_REQUIRES(mutex_) {
        return stopping_ || release_asked_ || (wanted_ && ready_ == nullptr);
      };
      while (!has_work()) work_.Wait(mutex_);
      if (stopping_) return;
    }
    PrepareWanted();
    PutAwayReleased();
  }
}

void SegmentSupply::PrepareWanted() {
  {
    MutexLock lock(mutex_);
    if (!wanted_ || ready_ != nullptr) return;
  }
  Result<std::shared_ptr<Segment>> segment = Prepare();
  if (!segment.ok()) logger_.Warning("commit log: no new segment: {}", segment.status().ToString());
  MutexLock lock(mutex_);
  wanted_ = false;
  failure_ = segment.status();
  if (segment.ok()) ready_ = std::move(*segment);
  ready_changed_.NotifyAll();
}

std::string SegmentSupply::TakeSparePath() {
  if (spares_.empty()) return io::JoinPath(options_.directory, SpareFileName(next_segment_id_));
  std::string path = std::move(spares_.back());
  spares_.pop_back();
  return path;
}

Result<std::shared_ptr<Segment>> SegmentSupply::Prepare() {
  const std::string spare_path = TakeSparePath();
  Result<std::shared_ptr<Segment>> segment = PrepareAt(spare_path);
  if (!segment.ok()) {
    // What is left is a spare without meaning; it goes now or with the next Open.
    (void)file_system_.Remove(spare_path);
    return segment;
  }
  previous_segment_id_ = next_segment_id_;
  CASSETTE_ASSERT(next_segment_id_ < UINT32_MAX);
  ++next_segment_id_;
  return segment;
}

Result<std::shared_ptr<Segment>> SegmentSupply::PrepareAt(const std::string& spare_path) {
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<io::MappedFile> map,
                            file_system_.MapWritable(spare_path, options_.segment_bytes));
  std::string path = io::JoinPath(options_.directory, SegmentFileName(next_segment_id_));
  const SegmentHeader header{next_segment_id_, previous_segment_id_, boot_id_, clock_.NowMicros()};
  auto segment = std::make_shared<Segment>(std::move(map), path, header);
  CASSETTE_RETURN_IF_ERROR(segment->Sync(0, kSegmentHeaderBytes));
  CASSETTE_RETURN_IF_ERROR(file_system_.Rename(spare_path, path));
  CASSETTE_RETURN_IF_ERROR(file_system_.SyncDir(options_.directory));
  return segment;
}

void SegmentSupply::PutAwayReleased() {
  while (true) {
    SegmentFile file;
    {
      MutexLock lock(mutex_);
      if (released_.empty()) release_asked_ = false;
      if (released_.empty()) return;
      file = released_.front();
    }
    // One after the other, each durable before the next goes: what is left never has a hole.
    const Status status = PutAway(file);
    MutexLock lock(mutex_);
    if (!status.ok()) {
      logger_.Warning("commit log: segment {} stays: {}", file.id, status.ToString());
      release_asked_ = false;  // Again when the next one is released.
      return;
    }
    released_.pop_front();
    if (stopping_) return;
  }
}

Status SegmentSupply::PutAway(const SegmentFile& file) {
  const std::string path = io::JoinPath(options_.directory, SegmentFileName(file.id));
  const bool keep = file.size_bytes == options_.segment_bytes && spares_.size() < options_.spare_segments_max;
  std::string spare_path = io::JoinPath(options_.directory, SpareFileName(file.id));
  const Status status = keep ? file_system_.Rename(path, spare_path) : file_system_.Remove(path);
  // Not there: an earlier attempt got so far.
  if (!status.ok() && status.code() != base::Code::kNotFound) return status;
  CASSETTE_RETURN_IF_ERROR(file_system_.SyncDir(options_.directory));
  if (keep && status.ok()) spares_.push_back(std::move(spare_path));
  return Status::Ok();
}

}  // namespace cassette::storage::commitlog

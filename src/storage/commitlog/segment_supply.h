// Makes segments ready before they are needed and puts away those that are not needed any more, in a thread of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/mutex.h"
#include "base/status.h"
#include "io/file_system.h"
#include "storage/commitlog/segment.h"

namespace cassette::storage::commitlog {

struct SegmentFile {
  uint32_t id = 0;
  uint64_t size_bytes = 0;
};

struct SegmentSupplyOptions {
  std::string directory;
  uint32_t segment_bytes = 0;
  uint32_t spare_segments_max = 0;
  uint32_t next_segment_id = 1;
  uint32_t previous_segment_id = 0;  // The last one that an earlier run left, 0: none.
};

// A new segment's file is first "spare-N.log"; it gets its name when its header is durable, so that a file named
// "commitlog-N.log" always has one.
//
// Thread safety: all methods may be called from many threads, Start() and Stop() from one.
// Lifetime: Stop() must have run before the destructor if Start() has.
class SegmentSupply {
 public:
  SegmentSupply(SegmentSupplyOptions options, io::FileSystem& file_system, const base::Clock& clock,
                base::Logger& logger);
  ~SegmentSupply();

  // Before Start(): files that an earlier run left.
  void AddLive(SegmentFile file);
  void AddSpare(std::string path);
  void Start();
  void Stop();

  // Asks for a segment to be ready; returns at once.
  void PrepareSoon();
  // The next segment, durable header and name included; waits for it. A failure (disk full) is of this call only.
  base::Result<std::shared_ptr<Segment>> Take();
  // Segments below `segment_id` that were taken or added go, oldest first.
  void ReleaseBefore(uint32_t segment_id);

  // Of the segments taken or added and not released.
  // From the oldest segment to the newest but `without`; the end's offset is 0.
  LogExtent LiveExtent(uint32_t without);
  uint64_t live_count();
  uint64_t live_bytes();

 private:
  void Run();
  base::Result<std::shared_ptr<Segment>> Prepare();
  base::Result<std::shared_ptr<Segment>> PrepareAt(const std::string& spare_path);
  base::Status PutAway(const SegmentFile& file);
  std::string TakeSparePath();
  void PutAwayReleased();
  void PrepareWanted();

  const SegmentSupplyOptions options_;
  io::FileSystem& file_system_;
  const base::Clock& clock_;
  base::Logger& logger_;
  const uint64_t boot_id_;

  // Of the thread alone (before Start: of the caller).
  uint32_t next_segment_id_;
  uint32_t previous_segment_id_;
  std::vector<std::string> spares_;

  base::Mutex mutex_;
  base::CondVar work_;
  base::CondVar ready_changed_;
  bool wanted_ CASSETTE_GUARDED_BY(mutex_) = false;
  bool stopping_ CASSETTE_GUARDED_BY(mutex_) = false;
  bool release_asked_ CASSETTE_GUARDED_BY(mutex_) = false;
  base::Status failure_ CASSETTE_GUARDED_BY(mutex_);
  std::shared_ptr<Segment> ready_ CASSETTE_GUARDED_BY(mutex_);
  std::deque<SegmentFile> live_ CASSETTE_GUARDED_BY(mutex_);      // By id.
  std::deque<SegmentFile> released_ CASSETTE_GUARDED_BY(mutex_);  // By id; to be put away.
  std::thread thread_;
};

}  // namespace cassette::storage::commitlog

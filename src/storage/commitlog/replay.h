// Reads what an earlier run left in the commit log's directory and makes it unambiguous for the next.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/status.h"
#include "io/file_system.h"
#include "storage/commitlog/commitlog.h"
#include "storage/commitlog/segment_supply.h"

namespace cassette::storage::commitlog {

struct ReplayResult {
  ReplaySummary summary;
  std::vector<SegmentFile> segments;     // With records, oldest first, each sealed.
  std::vector<uint32_t> empty_segments;  // Without, after the last of those with; newest first.
  std::vector<std::string> spares;       // Paths.
  uint32_t segment_id_max = 0;           // Of all files found; 0: none.
};

// Gives every surviving record to `callback`. Where the log was torn, drops what follows (durably), then seals the end.
//
// The rule. Records are read until one is not intact. What then follows decides: nothing intact, and it is the end of
// the log; an intact record that tells (RecordHeader::synced_end) that the bad place was durable once, and it is
// corruption; an intact record that does not tell so, and the power took the bad place before a sync did, or corruption
// again if the machine has not lost its power since (the segment's boot id). Whatever follows, it is corruption before
// the end of `required`, and when a segment of its bounds is missing.
// What is handed to `callback` is durable: its segments are synced first.
base::Result<ReplayResult> Replay(io::FileSystem& file_system, const std::string& directory, const LogExtent& required,
                                  base::Logger& logger, const ReplayCallback& callback);

// Reads the log and changes nothing: the failure that Replay would give. REQUIRES: nobody writes to it.
base::Status CheckLog(io::FileSystem& file_system, const std::string& directory, const LogExtent& required,
                      base::Logger& logger);

// Gives every intact record to `callback`, wherever it stands and whatever is damaged around it; returns the paths of
// the segments. Changes nothing. For repairs. REQUIRES: nobody writes to it.
base::Result<std::vector<std::string>> SalvageRecords(io::FileSystem& file_system, const std::string& directory,
                                                      const ReplayCallback& callback);

}  // namespace cassette::storage::commitlog

// A commit log segment that is being written, or was and is not synced yet.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "io/file_system.h"
#include "storage/commitlog/commit_position.h"
#include "storage/commitlog/segment_format.h"

namespace cassette::storage::commitlog {

// Thread safety: CommitLog's append mutex covers all methods but Sync, which one thread at a time may call.
class Segment {
 public:
  // Writes the header into `map` (not synced).
  Segment(std::unique_ptr<io::MappedFile> map, std::string path, const SegmentHeader& header);

  uint32_t id() const { return id_; }
  const std::string& path() const { return path_; }
  // Where the next record goes.
  uint32_t end() const { return end_; }
  uint32_t synced_end() const { return synced_end_; }
  uint32_t size_bytes() const { return static_cast<uint32_t>(map_->bytes().size()); }
  bool has_records() const { return end_ > kSegmentHeaderBytes; }

  // Whether a record of so many bytes, and then the seal, have room.
  bool HasRoom(uint64_t length_bytes) const {
    return end_ + kRecordHeaderBytes + length_bytes + kRecordHeaderBytes <= size_bytes();
  }
  // REQUIRES: HasRoom(length_bytes), where length_bytes is what the pieces have together.
  CommitPosition Append(std::span<const std::string_view> pieces, uint32_t length_bytes, uint32_t payload_checksum);
  // Writes the seal: nothing follows.
  void Seal();
  // Makes what stands between synced_end() and `end` durable.
  base::Status Sync(uint32_t begin, uint32_t end);
  void set_synced_end(uint32_t end) { synced_end_ = end; }

 private:
  const std::unique_ptr<io::MappedFile> map_;
  const std::string path_;
  const uint32_t id_;
  uint32_t checksum_ = 0;
  uint32_t end_ = kSegmentHeaderBytes;
  uint32_t synced_end_ = kSegmentHeaderBytes;
};

}  // namespace cassette::storage::commitlog

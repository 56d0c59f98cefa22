#include "storage/commitlog/segment.h"

#include <atomic>
#include <cstring>
#include <utility>

#include "base/assert.h"

namespace cassette::storage::commitlog {

Segment::Segment(std::unique_ptr<io::MappedFile> map, std::string path, const SegmentHeader& header)
    : map_(std::move(map)), path_(std::move(path)), id_(header.segment_id) {
  const EncodedSegmentHeader encoded = EncodeSegmentHeader(header);
  checksum_ = encoded.checksum;
  std::memcpy(map_->bytes().data(), encoded.bytes.data(), encoded.bytes.size());
}

CommitPosition Segment::Append(std::span<const std::string_view> pieces, uint32_t length_bytes,
                               uint32_t payload_checksum) {
  CASSETTE_ASSERT(HasRoom(length_bytes));
  char* const start = map_->bytes().data() + end_;
  char* next = start + kRecordHeaderBytes;
  for (const std::string_view piece : pieces) {
    if (!piece.empty()) std::memcpy(next, piece.data(), piece.size());
    next += piece.size();
  }
  CASSETTE_ASSERT(next == start + kRecordHeaderBytes + length_bytes);
  // The header last: a process killed before leaves nothing that looks like a record.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  EncodeRecordHeader({length_bytes, synced_end_, payload_checksum}, checksum_, start);
  const CommitPosition position{id_, end_};
  end_ += kRecordHeaderBytes + length_bytes;
  return position;
}

base::Status Segment::Sync(uint32_t begin, uint32_t end) {
  const base::Status status = map_->Sync(begin, end - begin);
  return status.ok() ? status : status.WithContext(path_ + ", mapped as ");
}

void Segment::Seal() {
  CASSETTE_ASSERT(end_ + kRecordHeaderBytes <= size_bytes());
  EncodeRecordHeader({0, synced_end_, 0}, checksum_, map_->bytes().data() + end_);
  end_ += kRecordHeaderBytes;
}

}  // namespace cassette::storage::commitlog

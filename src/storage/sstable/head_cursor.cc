#include "storage/sstable/head_cursor.h"

#include <algorithm>

#include "base/assert.h"

namespace cassette::storage::sstable {

base::Status HeadCursor::Seek(rows::Token token, std::string_view key) {
  block_.reset();
  const std::vector<BlockReference>& references = file_.metadata().head_index_blocks;
  if (references.empty()) return base::Status::Ok();
  const rows::ClusteringBound end = rows::ClusteringBound::End();
  const Target target{token, key, &end};
  index_block_ = LastNotAfter(references, target);
  CASSETTE_ASSIGN_OR_RETURN(index_, file_.ReadHeadIndexBlock(index_block_));
  block_index_ = index_->blocks.empty() ? 0 : LastNotAfter(index_->blocks, target);
  CASSETTE_RETURN_IF_ERROR(Load());
  if (block_ == nullptr) return base::Status::Ok();
  const auto place = std::partition_point(block_->entries.begin(), block_->entries.end(), [&](const HeadEntry& entry) {
    return ComparePositions(entry.token, entry.key, token, key) < 0;
  });
  entry_index_ = static_cast<size_t>(place - block_->entries.begin());
  return SkipEmpty();
}

base::Status HeadCursor::Next() {
  CASSETTE_ASSERT(valid());
  ++entry_index_;
  return SkipEmpty();
}

// To the next block while the present one has no further entry.
base::Status HeadCursor::SkipEmpty() {
  while (block_ != nullptr && entry_index_ >= block_->entries.size()) {
    ++block_index_;
    CASSETTE_RETURN_IF_ERROR(Load());
  }
  return base::Status::Ok();
}

// The block at (index_block_, block_index_), or of the next index block when that has no more.
base::Status HeadCursor::Load() {
  block_.reset();
  entry_index_ = 0;
  while (block_index_ >= index_->blocks.size()) {
    if (index_block_ + 1 >= file_.metadata().head_index_blocks.size()) return base::Status::Ok();
    CASSETTE_ASSIGN_OR_RETURN(index_, file_.ReadHeadIndexBlock(++index_block_));
    block_index_ = 0;
  }
  CASSETTE_ASSIGN_OR_RETURN(block_, file_.ReadHeadBlock(index_->blocks[block_index_]));
  return base::Status::Ok();
}

}  // namespace cassette::storage::sstable

#include "storage/sstable/section_writers.h"

#include <utility>

#include "base/assert.h"
#include "codec/crc32c.h"
#include "storage/sstable/head_block.h"
#include "storage/sstable/key_filter.h"

namespace cassette::storage::sstable {

base::Status VectorStore::Put(std::string_view bytes, Stream* stream) {
  CASSETTE_ASSERT(bytes.size() <= kExtentBytesMax);
  if (bytes.size() <= kInlineBytesMax) {
    stream->form = StreamForm::kInline;
    stream->inline_bytes.assign(bytes);
    return base::Status::Ok();
  }
  stream->form = StreamForm::kStored;
  stream->size_bytes = static_cast<uint32_t>(bytes.size());
  stream->crc = codec::Crc32c(bytes);
  const uint64_t hash = (static_cast<uint64_t>(stream->crc) << 32) | stream->size_bytes;
  const auto found = remembered_.find(hash);
  if (found != remembered_.end() && found->second.bytes == bytes) {
    stream->offset = found->second.offset;
    stream->shared = true;
    shared_bytes_ += bytes.size();
    return base::Status::Ok();
  }
  stream->offset = appender_.size();
  stored_bytes_ += bytes.size();
  if (found == remembered_.end()) Remember(hash, stream->offset, bytes);
  return appender_.Append(bytes);
}

void VectorStore::Remember(uint64_t hash, uint64_t offset, std::string_view bytes) {
  if (bytes.size() > remembered_bytes_max_) return;
  while (remembered_bytes_ + bytes.size() > remembered_bytes_max_) {
    const auto oldest = remembered_.find(order_.front());
    CASSETTE_ASSERT(oldest != remembered_.end());
    remembered_bytes_ -= oldest->second.bytes.size();
    remembered_.erase(oldest);
    order_.pop_front();
  }
  remembered_.emplace(hash, Remembered{offset, std::string(bytes)});
  order_.push_back(hash);
  remembered_bytes_ += bytes.size();
}

base::Status AppendBlock(io::Appender& appender, std::string_view bytes, BlockReference* reference) {
  if (bytes.size() > kExtentBytesMax) {
    return base::ResourceExhausted(appender.path() + ": a block of " + std::to_string(bytes.size()) +
                                   " bytes; the most is " + std::to_string(kExtentBytesMax));
  }
  reference->offset = appender.size();
  reference->size_bytes = static_cast<uint32_t>(bytes.size());
  reference->crc = codec::Crc32c(bytes);
  return appender.Append(bytes);
}

base::Status IndexWriter::Add(const GroupEntry& entry) {
  const bool first = open_.entry_count == 0;
  if (first) {
    open_.key = entry.first_key;
    open_.clustering = entry.first_clustering;
  }
  AppendGroupEntry(entry, first ? nullptr : &previous_, &block_);
  previous_ = entry;
  ++open_.entry_count;
  const bool full = open_.entry_count == kGroupsPerIndexBlockMax || block_.size() >= kIndexBlockBytesTarget;
  return full ? CloseBlock() : base::Status::Ok();
}

base::Status IndexWriter::CloseBlock() {
  if (open_.entry_count == 0) return base::Status::Ok();
  CASSETTE_RETURN_IF_ERROR(AppendBlock(appender_, block_, &open_));
  written_bytes_ += block_.size();
  blocks_.push_back(std::exchange(open_, BlockReference()));
  block_.clear();
  return base::Status::Ok();
}

base::Status IndexWriter::Finish(std::vector<BlockReference>* blocks) {
  CASSETTE_RETURN_IF_ERROR(CloseBlock());
  *blocks = std::move(blocks_);
  return base::Status::Ok();
}

base::Status HeadWriter::Add(std::string_view key, const rows::PartitionHead& head) {
  if (open_.entry_count == 0) open_.key = key;
  AppendHead(key, head, &block_);
  ++open_.entry_count;
  const bool full = open_.entry_count == kHeadsPerBlockMax || block_.size() >= kHeadBlockBytesTarget;
  return full ? CloseBlock() : base::Status::Ok();
}

base::Status HeadWriter::CloseBlock() {
  if (open_.entry_count == 0) return base::Status::Ok();
  CASSETTE_RETURN_IF_ERROR(AppendBlock(appender_, block_, &open_));
  written_bytes_ += block_.size();
  blocks_.push_back(std::exchange(open_, BlockReference()));
  block_.clear();
  return blocks_.size() == kReferencesPerBlockMax ? CloseIndexBlock() : base::Status::Ok();
}

base::Status HeadWriter::CloseIndexBlock() {
  if (blocks_.empty()) return base::Status::Ok();
  std::string bytes;
  AppendBlockReferences(blocks_, &bytes);
  BlockReference reference;
  reference.key = blocks_.front().key;
  reference.entry_count = static_cast<uint32_t>(blocks_.size());
  CASSETTE_RETURN_IF_ERROR(AppendBlock(appender_, bytes, &reference));
  written_bytes_ += bytes.size();
  index_blocks_.push_back(std::move(reference));
  blocks_.clear();
  return base::Status::Ok();
}

base::Status HeadWriter::Finish(std::vector<BlockReference>* index_blocks) {
  CASSETTE_RETURN_IF_ERROR(CloseBlock());
  CASSETTE_RETURN_IF_ERROR(CloseIndexBlock());
  *index_blocks = std::move(index_blocks_);
  return base::Status::Ok();
}

base::Status FilterWriter::Add(rows::Token token) {
  if (bits_per_key_ <= 0) return base::Status::Ok();
  // Partitions of one token stay in one block, so that a search by token finds the block.
  if (tokens_.size() >= kKeysPerFilterBlock && tokens_.back() != token) CASSETTE_RETURN_IF_ERROR(CloseBlock());
  tokens_.push_back(token);
  return base::Status::Ok();
}

base::Status FilterWriter::CloseBlock() {
  if (tokens_.empty()) return base::Status::Ok();
  const std::string filter = BuildFilter(tokens_, bits_per_key_);
  BlockReference place;
  CASSETTE_RETURN_IF_ERROR(AppendBlock(appender_, filter, &place));
  written_bytes_ += filter.size();
  blocks_.push_back(
      {tokens_.front(), static_cast<uint32_t>(tokens_.size()), place.offset, place.size_bytes, place.crc});
  tokens_.clear();
  return base::Status::Ok();
}

base::Status FilterWriter::Finish(std::vector<FilterReference>* blocks) {
  CASSETTE_RETURN_IF_ERROR(CloseBlock());
  *blocks = std::move(blocks_);
  return base::Status::Ok();
}

}  // namespace cassette::storage::sstable

#include "storage/sstable/table_file.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "codec/crc32c.h"
#include "storage/sstable/key_filter.h"

namespace cassette::storage::sstable {
namespace {

// Negative when `target` lies before the row at (token, key, clustering), positive when after it.
int CompareToRow(const Target& target, rows::Token token, std::string_view key, std::string_view clustering) {
  const int order = ComparePositions(target.token, target.key, token, key);
  if (order != 0) return order;
  return target.bound == nullptr ? -1 : target.bound->CompareToRow(clustering);
}

size_t MemoryBytes(const GroupEntry& entry) {
  return sizeof(entry) + entry.first_key.capacity() + entry.last_key.capacity() + entry.first_clustering.capacity() +
         entry.last_clustering.capacity() + entry.head_runs.size() * sizeof(uint32_t) +
         entry.zone_maps.size() * sizeof(ZoneMap) + entry.streams.size() * sizeof(Stream);
}
size_t MemoryBytes(const IndexBlock& block) {
  size_t bytes = sizeof(block);
  for (const GroupEntry& entry : block.entries) bytes += MemoryBytes(entry);
  return bytes;
}
size_t MemoryBytes(const HeadBlock& block) {
  size_t bytes = sizeof(block);
  for (const HeadEntry& entry : block.entries) {
    bytes += sizeof(entry) + entry.key.capacity() + HeadMemoryBytes(*entry.head);
  }
  return bytes;
}
size_t MemoryBytes(const HeadIndexBlock& block) {
  size_t bytes = sizeof(block);
  for (const BlockReference& reference : block.blocks) bytes += sizeof(reference) + reference.key.capacity();
  return bytes;
}
size_t MemoryBytes(const std::string& bytes) { return bytes.capacity(); }

}  // namespace

size_t LastNotAfter(const std::vector<BlockReference>& references, const Target& target) {
  const auto after = std::partition_point(references.begin(), references.end(), [&](const BlockReference& reference) {
    return CompareToRow(target, reference.token, reference.key, reference.clustering) > 0;
  });
  return after == references.begin() ? 0 : static_cast<size_t>(after - references.begin()) - 1;
}

base::Result<std::shared_ptr<const TableFile>> TableFile::Open(std::unique_ptr<io::RandomAccessFile> file,
                                                               BlockCache* cache) {
  std::shared_ptr<TableFile> table(new TableFile());
  table->file_ = std::move(file);
  table->cache_ = cache;
  table->cache_id_ = cache != nullptr ? cache->NewFileId() : 0;
  CASSETTE_RETURN_IF_ERROR(table->ReadFooterAndMetadata());
  return std::shared_ptr<const TableFile>(std::move(table));
}

TableFile::~TableFile() {
  if (cache_ != nullptr) cache_->EraseFile(cache_id_);
}

base::Status TableFile::ReadFooterAndMetadata() {
  std::string bytes(std::min<uint64_t>(file_->size(), kHeaderBytes), '\0');
  CASSETTE_RETURN_IF_ERROR(file_->ReadExactly(0, bytes));
  CASSETTE_RETURN_IF_ERROR(CheckHeader(bytes, path()));
  if (file_->size() < kHeaderBytes + kFooterBytes) return Corrupt(file_->size(), "the file ends before its footer");
  bytes.resize(kFooterBytes);
  CASSETTE_RETURN_IF_ERROR(file_->ReadExactly(file_->size() - kFooterBytes, bytes));
  CASSETTE_ASSIGN_OR_RETURN(footer_, ParseFooter(bytes, file_->size(), path()));
  CASSETTE_RETURN_IF_ERROR(
      ReadChecked(footer_.metadata_offset, footer_.metadata_size_bytes, footer_.metadata_crc, &bytes));
  if (!ParseMetadata(bytes, &metadata_)) return Corrupt(footer_.metadata_offset, "the metadata is malformed");
  metadata_.statistics.file_bytes = file_->size();
  return CheckMetadata();
}

base::Status TableFile::CheckMetadata() {
  uint64_t groups = 0;
  for (const BlockReference& reference : metadata_.index_blocks) {
    first_groups_.push_back(groups);
    groups += reference.entry_count;
  }
  first_groups_.push_back(groups);
  const bool filters_fit =
      std::all_of(metadata_.filter_blocks.begin(), metadata_.filter_blocks.end(), [](const FilterReference& reference) {
        return reference.size_bytes > 0 && reference.size_bytes % kFilterBlockBytes == 0;
      });
  if (groups != group_count() || !filters_fit)
    return Corrupt(footer_.metadata_offset, "the metadata contradicts itself");
  return base::Status::Ok();
}

base::Status TableFile::ReadChecked(uint64_t offset, uint32_t size_bytes, uint32_t crc, std::string* bytes) const {
  if (offset > file_->size() || size_bytes > file_->size() - offset) {
    return Corrupt(offset, "an extent of " + std::to_string(size_bytes) + " bytes reaches past the file's end");
  }
  bytes->resize(size_bytes);
  CASSETTE_RETURN_IF_ERROR(file_->ReadExactly(offset, *bytes));
  if (codec::Crc32c(*bytes) != crc) {
    return Corrupt(offset, "the checksum of " + std::to_string(size_bytes) + " bytes is wrong");
  }
  return base::Status::Ok();
}

template <typename Object, typename Parse>
base::Result<std::shared_ptr<const Object>> TableFile::ReadParsed(CachedKind kind, uint64_t offset, uint32_t size_bytes,
                                                                  uint32_t crc, Parse parse) const {
  const CacheKey key{cache_id_, offset, kind, 0};
  if (cache_ != nullptr) {
    if (auto found = cache_->Find(key)) return std::static_pointer_cast<const Object>(std::move(found));
  }
  std::string bytes;
  CASSETTE_RETURN_IF_ERROR(ReadChecked(offset, size_bytes, crc, &bytes));
  auto object = std::make_shared<Object>();
  if (!parse(std::move(bytes), object.get())) return Corrupt(offset, "a block of the index is malformed");
  if (cache_ != nullptr) cache_->Insert(key, object, MemoryBytes(*object));
  return std::shared_ptr<const Object>(std::move(object));
}

base::Result<std::shared_ptr<const IndexBlock>> TableFile::ReadIndexBlock(size_t index) const {
  CASSETTE_ASSERT(index < metadata_.index_blocks.size());
  const BlockReference& reference = metadata_.index_blocks[index];
  return ReadParsed<IndexBlock>(CachedKind::kIndexBlock, reference.offset, reference.size_bytes, reference.crc,
                                [&](std::string bytes, IndexBlock* block) {
                                  block->first_group = first_groups_[index];
                                  return ParseGroupEntries(bytes, reference.entry_count, &block->entries);
                                });
}

base::Result<std::shared_ptr<const HeadIndexBlock>> TableFile::ReadHeadIndexBlock(size_t index) const {
  CASSETTE_ASSERT(index < metadata_.head_index_blocks.size());
  const BlockReference& reference = metadata_.head_index_blocks[index];
  return ReadParsed<HeadIndexBlock>(CachedKind::kHeadIndexBlock, reference.offset, reference.size_bytes, reference.crc,
                                    [&](std::string bytes, HeadIndexBlock* block) {
                                      codec::ByteReader reader(bytes);
                                      return ParseBlockReferences(&reader, &block->blocks) && reader.empty() &&
                                             block->blocks.size() == reference.entry_count;
                                    });
}

base::Result<std::shared_ptr<const HeadBlock>> TableFile::ReadHeadBlock(const BlockReference& reference) const {
  return ReadParsed<HeadBlock>(
      CachedKind::kHeadBlock, reference.offset, reference.size_bytes, reference.crc,
      [&](std::string bytes, HeadBlock* block) { return ParseHeads(bytes, reference.entry_count, &block->entries); });
}

base::Result<std::shared_ptr<const std::string>> TableFile::ReadFilterBlock(const FilterReference& reference) const {
  return ReadParsed<std::string>(CachedKind::kFilterBlock, reference.offset, reference.size_bytes, reference.crc,
                                 [](std::string bytes, std::string* filter) {
                                   *filter = std::move(bytes);
                                   return true;
                                 });
}

size_t TableFile::IndexBlockOf(uint64_t group) const {
  CASSETTE_ASSERT(group < group_count());
  const auto after = std::upper_bound(first_groups_.begin(), first_groups_.end(), group);
  return static_cast<size_t>(after - first_groups_.begin()) - 1;
}

base::Result<uint64_t> TableFile::FindGroup(const Target& target, std::shared_ptr<const IndexBlock>* block) const {
  if (metadata_.index_blocks.empty()) return uint64_t{0};
  const size_t index = LastNotAfter(metadata_.index_blocks, target);
  if (block == nullptr || *block == nullptr || (*block)->first_group != first_groups_[index]) {
    CASSETTE_ASSIGN_OR_RETURN(std::shared_ptr<const IndexBlock> read, ReadIndexBlock(index));
    if (block == nullptr) return FindGroup(target, &read);
    *block = std::move(read);
  }
  const std::vector<GroupEntry>& entries = (*block)->entries;
  const auto place = std::partition_point(entries.begin(), entries.end(), [&](const GroupEntry& entry) {
    return CompareToRow(target, entry.last_token, entry.last_key, entry.last_clustering) > 0;
  });
  return (*block)->first_group + static_cast<uint64_t>(place - entries.begin());
}

base::Result<std::shared_ptr<const rows::PartitionHead>> TableFile::FindHead(rows::Token token,
                                                                             std::string_view key) const {
  const std::shared_ptr<const rows::PartitionHead> none;
  if (metadata_.head_index_blocks.empty()) return none;
  // After the partition's start: LastNotAfter wants the block that begins with the very key, too.
  const rows::ClusteringBound end = rows::ClusteringBound::End();
  const Target target{token, key, &end};
  CASSETTE_ASSIGN_OR_RETURN(const auto index, ReadHeadIndexBlock(LastNotAfter(metadata_.head_index_blocks, target)));
  if (index->blocks.empty()) return none;
  CASSETTE_ASSIGN_OR_RETURN(const auto block, ReadHeadBlock(index->blocks[LastNotAfter(index->blocks, target)]));
  const auto place = std::partition_point(block->entries.begin(), block->entries.end(), [&](const HeadEntry& entry) {
    return ComparePositions(entry.token, entry.key, token, key) < 0;
  });
  if (place == block->entries.end() || place->token != token || place->key != key) return none;
  return place->head;
}

base::Result<bool> TableFile::MayContain(rows::Token token) const {
  const SstableStatistics& statistics = metadata_.statistics;
  if (statistics.partition_count == 0 || token < statistics.min_token || token > statistics.max_token) return false;
  if (metadata_.filter_blocks.empty()) return true;
  const auto after = std::upper_bound(
      metadata_.filter_blocks.begin(), metadata_.filter_blocks.end(), token,
      [](rows::Token wanted, const FilterReference& reference) { return wanted < reference.first_token; });
  if (after == metadata_.filter_blocks.begin()) return false;
  CASSETTE_ASSIGN_OR_RETURN(const auto filter, ReadFilterBlock(*std::prev(after)));
  return FilterMayContain(*filter, token);
}

}  // namespace cassette::storage::sstable

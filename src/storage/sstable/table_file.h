// TableFile: an open SSTable as checked extents of bytes and the parsed blocks of its index, heads and filter, all
// through the cache. What readers, scans and verification stand on; for sstable/ alone.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "io/file_system.h"
#include "rows/row_block.h"
#include "storage/sstable/block_cache.h"
#include "storage/sstable/format.h"
#include "storage/sstable/head_block.h"

namespace cassette::storage::sstable {

struct IndexBlock {
  uint64_t first_group = 0;  // Ordinal of the first entry.
  std::vector<GroupEntry> entries;
};
struct HeadBlock {
  std::vector<HeadEntry> entries;
};
struct HeadIndexBlock {
  std::vector<BlockReference> blocks;
};

// A place in the order of the file: before or after rows of a partition.
struct Target {
  rows::Token token = rows::kMinToken;
  std::string_view key;
  const rows::ClusteringBound* bound = nullptr;  // Null: before the partition.
};

// Thread safety: all methods may be called from many threads.
// Lifetime: shared by the reader and what reads through it; the file system must outlive it.
class TableFile {
 public:
  // `cache` may be null.
  static base::Result<std::shared_ptr<const TableFile>> Open(std::unique_ptr<io::RandomAccessFile> file,
                                                             BlockCache* cache);
  ~TableFile();

  const std::string& path() const { return file_->path(); }
  const Metadata& metadata() const { return metadata_; }
  const Footer& footer() const { return footer_; }
  uint64_t group_count() const { return metadata_.statistics.group_count; }
  BlockCache* cache() const { return cache_; }
  uint64_t cache_id() const { return cache_id_; }
  const io::RandomAccessFile& file() const { return *file_; }

  // The bytes of an extent. kCorruption when they are not there or their checksum is wrong.
  base::Status ReadChecked(uint64_t offset, uint32_t size_bytes, uint32_t crc, std::string* bytes) const;
  base::Status Corrupt(uint64_t offset, std::string_view what) const { return CorruptAt(path(), offset, what); }

  // Index block `index` of metadata().index_blocks.
  base::Result<std::shared_ptr<const IndexBlock>> ReadIndexBlock(size_t index) const;
  // Which index block holds group `group`. REQUIRES: group < group_count().
  size_t IndexBlockOf(uint64_t group) const;
  // The first group with rows at or after `target`; group_count() when there is none. `block`, when not null, is where
  // the group's entry is (and may hold a block to begin with, which saves asking the cache for it).
  base::Result<uint64_t> FindGroup(const Target& target, std::shared_ptr<const IndexBlock>* block) const;

  // Null when the partition has no head.
  base::Result<std::shared_ptr<const rows::PartitionHead>> FindHead(rows::Token token, std::string_view key) const;
  base::Result<std::shared_ptr<const HeadIndexBlock>> ReadHeadIndexBlock(size_t index) const;
  base::Result<std::shared_ptr<const HeadBlock>> ReadHeadBlock(const BlockReference& reference) const;

  // False: surely not in the table.
  base::Result<bool> MayContain(rows::Token token) const;

 private:
  TableFile() = default;

  base::Status ReadFooterAndMetadata();
  base::Status CheckMetadata();
  base::Result<std::shared_ptr<const std::string>> ReadFilterBlock(const FilterReference& reference) const;
  // From the cache, or parsed by `parse(bytes) -> shared_ptr<Object>` (null: malformed) and put there.
  template <typename Object, typename Parse>
  base::Result<std::shared_ptr<const Object>> ReadParsed(CachedKind kind, uint64_t offset, uint32_t size_bytes,
                                                         uint32_t crc, Parse parse) const;

  std::unique_ptr<io::RandomAccessFile> file_;
  BlockCache* cache_ = nullptr;
  uint64_t cache_id_ = 0;
  Footer footer_;
  Metadata metadata_;
  std::vector<uint64_t> first_groups_;  // Of each index block, and the number of all.
};

// The last of ascending `references` whose position is not after (token, key, bound); 0 when all are.
size_t LastNotAfter(const std::vector<BlockReference>& references, const Target& target);

}  // namespace cassette::storage::sstable

// SstableReader::Verify: every byte read, every checksum compared, every vector decoded, and nothing left over.
#include <algorithm>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "storage/sstable/group_encoder.h"
#include "storage/sstable/group_reader.h"
#include "storage/sstable/head_cursor.h"
#include "storage/sstable/key_filter.h"
#include "storage/sstable/sstable_reader.h"
#include "storage/sstable/table_file.h"

namespace cassette::storage::sstable {
namespace {

struct Extent {
  uint64_t offset = 0;
  uint64_t size_bytes = 0;
  auto operator<=>(const Extent&) const = default;
};

class Verifier {
 public:
  explicit Verifier(const TableFile& file)
      : file_(file), options_{.bypass_cache = true, .component_ranges = {}}, reader_(file, options_, counters_) {}

  base::Status Run() {
    const Footer& footer = file_.footer();
    Own(0, kHeaderBytes);
    Own(footer.metadata_offset, footer.metadata_size_bytes);
    Own(footer.file_size_bytes - kFooterBytes, kFooterBytes);
    CASSETTE_RETURN_IF_ERROR(VerifyFilter());
    CASSETTE_RETURN_IF_ERROR(VerifyHeads());
    for (size_t i = 0; i < file_.metadata().index_blocks.size(); ++i) {
      CASSETTE_RETURN_IF_ERROR(VerifyIndexBlock(i));
    }
    CASSETTE_RETURN_IF_ERROR(VerifyCounts());
    return VerifyExtents();
  }

 private:
  void Own(uint64_t offset, uint64_t size_bytes) { extents_.push_back({offset, size_bytes}); }

  // Reads an extent past every cache.
  base::Status VerifyBytes(uint64_t offset, uint32_t size_bytes, uint32_t crc) {
    Own(offset, size_bytes);
    return file_.ReadChecked(offset, size_bytes, crc, &bytes_);
  }

  base::Status VerifyFilter() {
    for (const FilterReference& reference : file_.metadata().filter_blocks) {
      CASSETTE_RETURN_IF_ERROR(VerifyBytes(reference.offset, reference.size_bytes, reference.crc));
    }
    return base::Status::Ok();
  }

  base::Status VerifyHeads() {
    const std::vector<BlockReference>& index = file_.metadata().head_index_blocks;
    for (size_t i = 0; i < index.size(); ++i) {
      CASSETTE_RETURN_IF_ERROR(VerifyBytes(index[i].offset, index[i].size_bytes, index[i].crc));
      CASSETTE_ASSIGN_OR_RETURN(const auto block, file_.ReadHeadIndexBlock(i));
      for (const BlockReference& reference : block->blocks) {
        CASSETTE_RETURN_IF_ERROR(VerifyBytes(reference.offset, reference.size_bytes, reference.crc));
        CASSETTE_RETURN_IF_ERROR(VerifyHeadBlock(reference));
      }
    }
    return base::Status::Ok();
  }

  base::Status VerifyHeadBlock(const BlockReference& reference) {
    CASSETTE_ASSIGN_OR_RETURN(const auto block, file_.ReadHeadBlock(reference));
    for (const HeadEntry& entry : block->entries) {
      if (head_count_ > 0 && ComparePositions(head_token_, head_key_, entry.token, entry.key) >= 0) {
        return file_.Corrupt(reference.offset, "partition heads are not in order");
      }
      ++head_count_;
      head_token_ = entry.token;
      head_key_ = entry.key;
      CASSETTE_RETURN_IF_ERROR(VerifyInFilter(entry.token, reference.offset));
    }
    return base::Status::Ok();
  }

  base::Status VerifyInFilter(rows::Token token, uint64_t offset) {
    CASSETTE_ASSIGN_OR_RETURN(const bool found, file_.MayContain(token));
    return found ? base::Status::Ok() : file_.Corrupt(offset, "the key filter lacks a partition");
  }

  base::Status VerifyIndexBlock(size_t index) {
    const BlockReference& reference = file_.metadata().index_blocks[index];
    CASSETTE_RETURN_IF_ERROR(VerifyBytes(reference.offset, reference.size_bytes, reference.crc));
    CASSETTE_ASSIGN_OR_RETURN(const auto block, file_.ReadIndexBlock(index));
    for (size_t i = 0; i < block->entries.size(); ++i) {
      reader_.Open(block->first_group + i, block);
      CASSETTE_RETURN_IF_ERROR(VerifyGroup(reference.offset));
    }
    return base::Status::Ok();
  }

  base::Status VerifyGroup(uint64_t index_offset) {
    const GroupEntry& entry = reader_.entry();
    for (const Stream& stream : entry.streams) CASSETTE_RETURN_IF_ERROR(VerifyStream(stream));
    CASSETTE_ASSIGN_OR_RETURN(const auto keys, reader_.Keys());
    for (size_t run = 0; run < keys->size(); ++run) {
      const bool goes_on = run == 0 && entry.continues;
      const int order =
          group_count_ == 0 && run == 0 ? -1 : ComparePositions(token_, key_, keys->tokens[run], keys->key(run));
      if (goes_on ? order != 0 : order >= 0) return file_.Corrupt(index_offset, "partitions are not in order");
      token_ = keys->tokens[run];
      key_ = keys->key(run);
      if (!goes_on) CASSETTE_RETURN_IF_ERROR(VerifyInFilter(token_, index_offset));
    }
    ++group_count_;
    row_count_ += entry.row_count;
    return VerifyRows(entry, index_offset);
  }

  base::Status VerifyStream(const Stream& stream) {
    if (stream.form != StreamForm::kStored) return base::Status::Ok();
    if (!stream.shared) return VerifyBytes(stream.offset, stream.size_bytes, stream.crc);
    shared_.push_back({stream.offset, stream.size_bytes});
    return base::Status::Ok();
  }

  // Decodes all columns; the rows at the ends must be those that the index names.
  base::Status VerifyRows(const GroupEntry& entry, uint64_t index_offset) {
    std::vector<schema::ColumnId> columns;
    for (const Stream& stream : entry.streams) {
      if (stream.kind == StreamKind::kCellValues) columns.push_back(schema::ColumnId(stream.column));
    }
    const RowRange all{0, entry.row_count};
    CASSETTE_RETURN_IF_ERROR(reader_.Fill({&all, 1}, false, columns, &block_));
    std::string first;
    std::string last;
    AppendRowClustering(file_.metadata().table, block_.clustering, 0, &first);
    AppendRowClustering(file_.metadata().table, block_.clustering, entry.row_count - 1, &last);
    const bool same = first == entry.first_clustering && last == entry.last_clustering;
    return same ? base::Status::Ok() : file_.Corrupt(index_offset, "rows and index contradict each other");
  }

  base::Status VerifyCounts() {
    const SstableStatistics& statistics = file_.metadata().statistics;
    const bool same = statistics.row_count == row_count_ && statistics.group_count == group_count_ &&
                      statistics.head_count == head_count_;
    return same ? base::Status::Ok()
                : file_.Corrupt(file_.footer().metadata_offset, "the statistics' counts are not the file's");
  }

  // Every byte belongs to exactly one extent, and what is shared is one of them.
  base::Status VerifyExtents() {
    std::sort(extents_.begin(), extents_.end());
    uint64_t end = 0;
    for (const Extent& extent : extents_) {
      if (extent.offset != end) return file_.Corrupt(end, "bytes that nothing, or more than one thing, refers to");
      end += extent.size_bytes;
    }
    if (end != file_.file().size()) return file_.Corrupt(end, "bytes that nothing refers to");
    for (const Extent& extent : shared_) {
      if (!std::binary_search(extents_.begin(), extents_.end(), extent)) {
        return file_.Corrupt(extent.offset, "a shared vector that no row group stores");
      }
    }
    return base::Status::Ok();
  }

  const TableFile& file_;
  const ReadOptions options_;
  ReadCounters counters_;
  GroupReader reader_;
  rows::RowBlock block_;
  std::string bytes_;
  std::vector<Extent> extents_;
  std::vector<Extent> shared_;
  uint64_t row_count_ = 0;
  uint64_t group_count_ = 0;
  rows::Token token_ = rows::kMinToken;
  std::string key_;
  uint64_t head_count_ = 0;
  rows::Token head_token_ = rows::kMinToken;
  std::string head_key_;
};

}  // namespace

base::Status SstableReader::Verify() const { return Verifier(*file_).Run(); }

}  // namespace cassette::storage::sstable

#include "storage/sstable/salvage.h"

#include <utility>

#include "rows/merge.h"
#include "storage/sstable/group_reader.h"
#include "storage/sstable/sstable_reader.h"

namespace cassette::storage::sstable {
namespace {

bool IsDamage(const base::Status& status) { return status.code() == base::Code::kCorruption; }

class SalvageRowSource final : public rows::RowSource {
 public:
  SalvageRowSource(std::shared_ptr<const TableFile> file, SalvageReport* report)
      : file_(std::move(file)),
        report_(*report),
        options_{.bypass_cache = true, .component_ranges = {}},
        reader_(*file_, options_, counters_),
        columns_(rows::RegularColumnIds(file_->metadata().table)) {}

  base::Result<bool> Next(rows::RowBlock* block) override {
    while (group_ < file_->group_count()) {
      const base::Status opened = reader_.Open(group_);
      if (!opened.ok()) {
        if (!IsDamage(opened)) return opened;
        SkipIndexBlock(opened);
        continue;
      }
      const base::Status read = ReadGroup(block);
      ++group_;
      if (read.ok()) return true;
      if (!IsDamage(read)) return read;
      Drop(read, reader_.entry().row_count);
    }
    return false;
  }

 private:
  void SkipIndexBlock(const base::Status& damage) {
    const size_t index = file_->IndexBlockOf(group_);
    const uint32_t groups = file_->metadata().index_blocks[index].entry_count;
    report_.dropped.push_back(std::string(damage.message()) + ": " + std::to_string(groups) + " row groups are lost");
    report_.groups_dropped += groups;
    group_ += groups;
  }

  void Drop(const base::Status& damage, uint32_t row_count) {
    const GroupEntry& entry = reader_.entry();
    report_.dropped.push_back(std::string(damage.message()) + ": " + std::to_string(row_count) +
                              " rows are lost, of partitions with tokens " + std::to_string(entry.first_token) +
                              " to " + std::to_string(entry.last_token));
    ++report_.groups_dropped;
    report_.rows_dropped += row_count;
  }

  base::Status ReadGroup(rows::RowBlock* block) {
    block->Clear();
    CASSETTE_ASSIGN_OR_RETURN(const auto keys, reader_.Keys());
    const RowRange all{0, reader_.entry().row_count};
    CASSETTE_RETURN_IF_ERROR(reader_.Fill({&all, 1}, false, columns_, block));
    block->row_count = all.end;
    block->partitions.clear();
    for (size_t run = 0; run < keys->size(); ++run) {
      const bool continues = run == 0 && has_last_ && keys->tokens[0] == last_token_ && keys->key(0) == last_key_;
      block->partitions.push_back(
          {keys->starts[run], keys->tokens[run], std::string(keys->key(run)), nullptr, continues});
    }
    has_last_ = true;
    last_token_ = block->partitions.back().token;
    last_key_ = block->partitions.back().key;
    report_.rows_kept += block->row_count;
    return base::Status::Ok();
  }

  const std::shared_ptr<const TableFile> file_;
  SalvageReport& report_;
  const ReadOptions options_;
  ReadCounters counters_;
  GroupReader reader_;
  const std::vector<schema::ColumnId> columns_;
  uint64_t group_ = 0;
  bool has_last_ = false;
  rows::Token last_token_ = rows::kMinToken;
  std::string last_key_;
};

class SalvageHeadSource final : public rows::RowSource {
 public:
  SalvageHeadSource(std::shared_ptr<const TableFile> file, SalvageReport* report)
      : file_(std::move(file)), report_(*report) {}

  base::Result<bool> Next(rows::RowBlock* block) override {
    while (index_block_ < file_->metadata().head_index_blocks.size()) {
      CASSETTE_ASSIGN_OR_RETURN(const bool loaded, LoadIndex());
      if (!loaded) continue;
      if (block_index_ == index_->blocks.size()) {
        index_ = nullptr;
        ++index_block_;
        continue;
      }
      const BlockReference& reference = index_->blocks[block_index_++];
      const auto heads = file_->ReadHeadBlock(reference);
      if (heads.ok()) {
        Fill(**heads, block);
        return true;
      }
      if (!IsDamage(heads.status())) return heads.status();
      Drop(heads.status(), reference.entry_count);
    }
    return false;
  }

 private:
  // False: the index block is damaged, and skipped.
  base::Result<bool> LoadIndex() {
    if (index_ != nullptr) return true;
    auto index = file_->ReadHeadIndexBlock(index_block_);
    if (index.ok()) {
      index_ = std::move(index).value();
      block_index_ = 0;
      return true;
    }
    if (!IsDamage(index.status())) return index.status();
    Drop(index.status(), file_->metadata().head_index_blocks[index_block_].entry_count);
    ++index_block_;
    return false;
  }

  void Drop(const base::Status& damage, uint32_t entries) {
    report_.dropped.push_back(std::string(damage.message()) + ": deletions and static rows of " +
                              std::to_string(entries) + " or more partitions are lost");
  }

  static void Fill(const HeadBlock& heads, rows::RowBlock* block) {
    block->Clear();
    for (const HeadEntry& entry : heads.entries) {
      block->partitions.push_back({0, entry.token, entry.key, entry.head, false});
    }
  }

  const std::shared_ptr<const TableFile> file_;
  SalvageReport& report_;
  size_t index_block_ = 0;
  size_t block_index_ = 0;
  std::shared_ptr<const HeadIndexBlock> index_;
};

}  // namespace

std::unique_ptr<rows::RowSource> SalvageRows(std::shared_ptr<const TableFile> file, SalvageReport* report) {
  return std::make_unique<SalvageRowSource>(std::move(file), report);
}

std::unique_ptr<rows::RowSource> SalvageHeads(std::shared_ptr<const TableFile> file, SalvageReport* report) {
  return std::make_unique<SalvageHeadSource>(std::move(file), report);
}

}  // namespace cassette::storage::sstable

// HeadCursor: the partition heads of a file one after another; for sstable/ alone.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/status.h"
#include "storage/sstable/table_file.h"

namespace cassette::storage::sstable {

// Thread safety: not thread safe. Lifetime: `file` must outlive it.
class HeadCursor {
 public:
  explicit HeadCursor(const TableFile& file) : file_(file) {}

  // To the first head whose partition is at or after (token, key).
  base::Status Seek(rows::Token token, std::string_view key);
  bool valid() const { return block_ != nullptr; }
  // REQUIRES: valid().
  const HeadEntry& entry() const { return block_->entries[entry_index_]; }
  base::Status Next();

 private:
  base::Status Load();
  base::Status SkipEmpty();

  const TableFile& file_;
  std::shared_ptr<const HeadIndexBlock> index_;
  std::shared_ptr<const HeadBlock> block_;  // Null: at the end.
  size_t index_block_ = 0;
  size_t block_index_ = 0;
  size_t entry_index_ = 0;
};

}  // namespace cassette::storage::sstable

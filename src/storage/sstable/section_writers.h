// The parts of an SSTable being written that grow beside the rows: vectors stored once, index blocks, partition heads,
// the key filter. Each appends its blocks to the one file as they fill up and keeps only references to them.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "io/appender.h"
#include "rows/row_block.h"
#include "storage/sstable/format.h"

namespace cassette::storage::sstable {

// Stores encoded vectors, equal ones once: remembers the last ones up to a bound of bytes, and compares bytes.
// Thread safety: not thread safe. Lifetime: `appender` must outlive it.
class VectorStore {
 public:
  VectorStore(io::Appender& appender, size_t remembered_bytes_max)
      : appender_(appender), remembered_bytes_max_(remembered_bytes_max) {}

  // Sets where the bytes are: in the stream itself when few, else in the file.
  base::Status Put(std::string_view bytes, Stream* stream);

  uint64_t stored_bytes() const { return stored_bytes_; }
  uint64_t shared_bytes() const { return shared_bytes_; }

 private:
  struct Remembered {
    uint64_t offset = 0;
    std::string bytes;
  };

  void Remember(uint64_t hash, uint64_t offset, std::string_view bytes);

  io::Appender& appender_;
  const size_t remembered_bytes_max_;
  size_t remembered_bytes_ = 0;
  absl::flat_hash_map<uint64_t, Remembered> remembered_;  // By checksum and length.
  std::deque<uint64_t> order_;                            // Oldest first.
  uint64_t stored_bytes_ = 0;
  uint64_t shared_bytes_ = 0;
};

// Appends `bytes` as a block and says where it is.
base::Status AppendBlock(io::Appender& appender, std::string_view bytes, BlockReference* reference);

class IndexWriter {
 public:
  explicit IndexWriter(io::Appender& appender) : appender_(appender) {}

  base::Status Add(const GroupEntry& entry);
  base::Status Finish(std::vector<BlockReference>* blocks);
  uint64_t written_bytes() const { return written_bytes_; }

 private:
  base::Status CloseBlock();

  io::Appender& appender_;
  GroupEntry previous_;
  BlockReference open_;
  std::string block_;
  std::vector<BlockReference> blocks_;
  uint64_t written_bytes_ = 0;
};

class HeadWriter {
 public:
  explicit HeadWriter(io::Appender& appender) : appender_(appender) {}

  // kResourceExhausted when a head has more than kExtentBytesMax bytes.
  base::Status Add(std::string_view key, const rows::PartitionHead& head);
  base::Status Finish(std::vector<BlockReference>* index_blocks);
  uint64_t written_bytes() const { return written_bytes_; }

 private:
  base::Status CloseBlock();
  base::Status CloseIndexBlock();

  io::Appender& appender_;
  BlockReference open_;
  std::string block_;
  std::vector<BlockReference> blocks_;  // Of the index block being filled.
  std::vector<BlockReference> index_blocks_;
  uint64_t written_bytes_ = 0;
};

class FilterWriter {
 public:
  // `bits_per_key` 0: no filter.
  FilterWriter(io::Appender& appender, double bits_per_key) : appender_(appender), bits_per_key_(bits_per_key) {}

  // Tokens in order.
  base::Status Add(rows::Token token);
  base::Status Finish(std::vector<FilterReference>* blocks);
  uint64_t written_bytes() const { return written_bytes_; }

 private:
  base::Status CloseBlock();

  io::Appender& appender_;
  const double bits_per_key_;
  std::vector<rows::Token> tokens_;
  std::vector<FilterReference> blocks_;
  uint64_t written_bytes_ = 0;
};

}  // namespace cassette::storage::sstable

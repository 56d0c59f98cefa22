// LooseRows: rows of a load that come in no order, sorted. A row is written out with its key and its values side by
// side, so that reading the rows in another order than they came touches one place a row, however many its columns.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/arena.h"
#include "rows/row_block.h"
#include "schema/schema.h"

namespace cassette::storage::engine {

// Where values of rows stand.
struct RowColumns {
  std::vector<const columnar::Vector*> clustering;
  std::vector<const columnar::Vector*> regular;  // By column id; null: no row has a value.
};

// Thread safety: not thread safe.
class LooseRows {
 public:
  explicit LooseRows(schema::TablePtr table);

  // The rows that follow, up to the next call, are of this partition.
  void BeginPartition(rows::Token token, std::string_view key);
  // Row `row` of `columns`. What is no value becomes kAbsent.
  void Add(const RowColumns& columns, uint32_t row, const rows::Liveness& liveness);
  bool empty() const { return entries_.empty(); }
  size_t bytes() const { return bytes_; }

  // The rows in SSTable order, duplicates reconciled. Add nothing afterwards. Lifetime: the rows outlive the source.
  std::unique_ptr<rows::RowSource> Sorted();

 private:
  // What stands before a row's clustering key and values.
  struct Header {
    const char* key;
    uint32_t clustering_size;
    uint32_t values_size;
    uint32_t liveness;  // In livenesses_.
    uint16_t key_size;
    bool has_all_cells : 1;
    // Known once the rows are sorted: whether the row before has the same partition, and the same key.
    bool continues_partition : 1;
    bool repeats_row : 1;
  };
  // What is sorted.
  struct Entry {
    uint64_t token;  // In unsigned order.
    Header* row;

    std::string_view key() const { return {row->key, row->key_size}; }
    std::string_view clustering() const { return {reinterpret_cast<const char*>(row + 1), row->clustering_size}; }
    std::string_view values() const { return {clustering().end(), row->values_size}; }
  };

  class Source;

  void EncodeClustering(const RowColumns& columns, uint32_t row);
  // Whether all columns have a value.
  bool EncodeValues(const RowColumns& columns, uint32_t row);
  static void RadixSort(std::vector<Entry>* entries);
  static bool Before(const Entry& a, const Entry& b);
  static bool SamePartition(const Entry& a, const Entry& b) { return a.token == b.token && a.key() == b.key(); }
  static bool SameRow(const Entry& a, const Entry& b) {
    return SamePartition(a, b) && a.clustering() == b.clustering();
  }
  // Sorts, and of rows with one key leaves only the latest where no cell of an earlier one can survive it.
  void Sort();
  // The same of entries [begin, end), moved to `kept`; returns one past them.
  size_t SortStretch(size_t begin, size_t end, size_t kept);
  // Of entries [begin, end), rows of one key, those that may count.
  std::pair<size_t, size_t> SurvivorsOf(size_t begin, size_t end) const;

  const schema::TablePtr table_;
  std::vector<types::PhysicalType> regular_;  // By column id.
  size_t bytes_ = 0;
  base::Arena arena_;
  std::vector<Entry> entries_;
  std::vector<rows::Liveness> livenesses_;  // Neighbours differ.
  rows::Token token_ = rows::kMinToken;     // Of the partition begun.
  std::string_view key_;                    // In the arena.
  // Scratch: of the row that is added.
  std::string clustering_;
  std::string value_;
  std::string values_;  // The first values_size_ bytes.
  size_t values_size_ = 0;
};

}  // namespace cassette::storage::engine

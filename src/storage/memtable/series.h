// Series: rows of one clustering prefix that came in order, as columns. The memtable's fast path: appending costs a
// comparison with the row before and a value a column.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "columnar/vector.h"
#include "rows/row_block.h"
#include "storage/memtable/layout.h"
#include "storage/memtable/row_image.h"

namespace cassette::storage::memtable {

// All rows share the clustering components but the last, are as INSERT makes them (RowImage::IsPlain), and came in
// strict clustering order, ascending or descending. Rows are numbered in ascending clustering order below ("place"),
// whichever way they came. Thread safety: not thread safe; the shard's lock covers it.
class Series {
 public:
  static constexpr uint32_t kMaxRows = 1u << 30;
  static constexpr size_t kMaxHeapBytes = 1ull << 30;  // Of one column; offsets are 32 bits.

  // Rows will lie beyond `edge`, a clustering key that starts with `prefix`: after it when `ascending`, else before.
  Series(const Layout& layout, std::string_view prefix, std::string_view edge, bool ascending);

  std::string_view prefix() const { return prefix_; }
  uint32_t size() const { return size_; }
  // Whether a row of this clustering, which starts with prefix(), can be appended.
  bool Accepts(std::string_view clustering) const { return LiesBeyond(clustering) && size_ < kMaxRows && !is_full_; }
  // Whether it lies where the next row may come, so that no row here has it. REQUIRES: it starts with prefix().
  bool LiesBeyond(std::string_view clustering) const {
    const int order = clustering.substr(prefix_.size()).compare(std::string_view(edge_).substr(prefix_.size()));
    return ascending_ ? order > 0 : order < 0;
  }
  // REQUIRES: Accepts(clustering); `row` is plain and normalized.
  base::Status Append(const Layout& layout, std::string_view clustering, const RowImage& row);

  // Appends the clustering key of the row at `place`.
  void AppendKey(const Layout& layout, uint32_t place, std::string* out) const;
  // The first place in [from, size()) whose row lies after `bound`; size() when none does.
  uint32_t FirstAfter(const Layout& layout, const rows::ClusteringBound& bound, uint32_t from) const;
  // The first place in [from, size()) whose key is not below `clustering`.
  uint32_t FirstNotBelow(const Layout& layout, std::string_view clustering, uint32_t from) const;
  // The place of the row of this clustering, if there is one.
  std::optional<uint32_t> Find(const Layout& layout, std::string_view clustering) const;
  // The row at `place`; values live in `storage`.
  void ReadRow(const Layout& layout, uint32_t place, RowImage* row, std::vector<std::string>* storage) const;

  // For those who copy ranges: the columns are in order of arrival.
  struct Cells {
    schema::ColumnId id;
    columnar::Vector values;  // size() rows.
  };
  // Arrival numbers of the places [begin, end): [first, last), read backward when they came descending.
  struct Arrivals {
    uint32_t first;
    uint32_t last;
    bool backward;
  };
  Arrivals arrivals(uint32_t begin, uint32_t end) const {
    return ascending_ ? Arrivals{begin, end, false} : Arrivals{size_ - end, size_ - begin, true};
  }
  const columnar::Vector& keys() const { return keys_; }  // The last clustering component.
  const std::vector<Cells>& cells() const { return cells_; }
  const rows::MetaColumn<int64_t>& timestamps() const { return timestamps_; }
  const rows::MetaColumn<int32_t>& ttls() const { return ttls_; }
  const rows::MetaColumn<int64_t>& expiries() const { return expiries_; }

  // Everything it holds, room not yet used included.
  size_t memory_bytes() const;
  // What the owner has accounted for.
  size_t accounted_bytes = 0;

 private:
  uint32_t ArrivalOf(uint32_t place) const { return ascending_ ? place : size_ - 1 - place; }
  columnar::Vector& ColumnOf(const Layout& layout, schema::ColumnId id);
  // Whether the last components of `clustering` and of all rows are numbers: then which it is.
  bool IsNumber(const Layout& layout, std::string_view clustering, int64_t* number) const;
  // Of keys in order, of which those that are below come first.
  template <typename Below>
  uint32_t FirstNotBelowKey(const Layout& layout, uint32_t from, const Below& is_below) const;
  // FirstNotBelow among keys whose last components are all numbers.
  uint32_t FirstNotBelowNumber(int64_t number, bool descending, uint32_t from) const;

  std::string prefix_;
  std::string edge_;  // The clustering of the last row; at first where they begin.
  bool ascending_;
  bool is_full_ = false;
  uint32_t size_ = 0;
  columnar::Vector keys_;
  // Of the keys, if they are numbers, in order of arrival: kept where a search begins.
  int64_t first_number_ = 0;
  int64_t last_number_ = 0;
  rows::MetaColumn<int64_t> timestamps_{rows::kNoTimestamp, {}};
  rows::MetaColumn<int32_t> ttls_{rows::kNoTtl, {}};
  rows::MetaColumn<int64_t> expiries_{rows::kNeverExpires, {}};
  std::vector<Cells> cells_;  // By id.
};

}  // namespace cassette::storage::memtable

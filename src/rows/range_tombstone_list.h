// RangeTombstoneList: the range tombstones of one partition as a sorted coverage without overlaps, so that one look
// says which deletion covers a row.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "rows/row_block.h"

namespace cassette::rows {

// Thread safety: const methods may be called from many threads.
class RangeTombstoneList {
 public:
  RangeTombstoneList() = default;

  // Replaces the contents by the coverage of `tombstones` (any order, overlaps allowed): where several cover a place,
  // the one that supersedes the others stands. Empty ranges vanish, as do those that `partition_deletion` covers in
  // time.
  void Assign(std::span<const RangeTombstone> tombstones, const DeletionTime& partition_deletion);
  void Clear() { ranges_.clear(); }

  bool empty() const { return ranges_.empty(); }
  // Ascending, not overlapping; neighbours that touch have different deletions.
  const std::vector<RangeTombstone>& ranges() const { return ranges_; }
  // What covers the row with these clustering bytes; null when nothing does. Lifetime: until the next change.
  const DeletionTime* Covering(std::string_view clustering) const;

 private:
  std::vector<RangeTombstone> ranges_;
};

}  // namespace cassette::rows

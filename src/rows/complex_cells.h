// Complex cells: all that one row has of a non-frozen collection or user type, as one value ("image") that describes
// itself (docs/format/complex_cells.md):
//   image := version and flags  [deletion]  [reference time]  cell*        cells ascending by path
// A cell has a path (the element of a set, the key of a map, the time UUID of a list's place, the two-byte index of a
// user type's field), write time, TTL and expiry of its own. In a mutation, a memtable, a RowBlock and an SSTable the
// image is the value of one live cell of the column, whose times ViewOf gives; the merge and the live reader look
// inside.
//
// Reconciliation is Cassandra's (org.apache.cassandra.db.rows.ComplexColumnData, Row.Merger): the stronger deletion,
// then path by path the cell that Wins; what a deletion covers goes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "rows/cell.h"
#include "types/data_type.h"

namespace cassette::rows {

// Bytes of a path at most: Cassandra writes its length in 16 bits.
inline constexpr size_t kMaxPathBytes = 65535;

// The type whose order paths have: a set's elements, a map's keys, else time UUIDs or (user type) field indexes.
// REQUIRES: type.is_multi_cell().
types::DataType PathTypeOf(const types::DataType& type);

struct ComplexCell {
  std::string_view path;
  CellView cell;
};

// Writes an image. Reuse one: memory is kept. Thread safety: not thread safe.
class ComplexBuilder {
 public:
  void Clear();
  // Before the cells. A live one says nothing.
  void SetDeletion(const DeletionTime& deletion);
  // REQUIRES: paths ascend in the order of the column's PathTypeOf; each is at most kMaxPathBytes long.
  void Add(std::string_view path, const CellView& cell);

  bool empty() const { return deletion_.is_live() && is_first_; }
  const DeletionTime& deletion() const { return deletion_; }
  // REQUIRES: !empty(). Lifetime: until the next call of another method.
  std::string_view image() const { return image_; }
  // The cell that carries the image. REQUIRES: !empty().
  CellView view() const;

 private:
  std::string image_;
  DeletionTime deletion_;
  bool is_first_ = true;
  Liveness reference_;
  int64_t latest_micros_ = kNoTimestamp;
  bool all_expire_ = true;
  Liveness last_to_expire_;
};

// Reads an image front to back. Lifetime: views point into the image.
class ComplexReader {
 public:
  // False when the image is malformed, here and below; nothing outside of it is ever read.
  bool Open(std::string_view image);
  const DeletionTime& deletion() const { return deletion_; }
  bool at_end() const { return rest_.empty(); }
  // REQUIRES: !at_end().
  bool Next(ComplexCell* out);

 private:
  std::string_view rest_;
  DeletionTime deletion_;
  Liveness reference_;
};

// Whether `image` can be read to its end. All functions below REQUIRE it.
bool IsValidComplex(std::string_view image);

// The cell that carries `image`: live; the latest write time in it; the last expiry when all of its cells expire.
// Lifetime: as the image.
CellView ViewOf(std::string_view image);

// Calls `visit` for the times of the deletion (as of a tombstone without path) and of each cell.
void VisitComplex(std::string_view image, const std::function<void(const CellView&)>& visit);

// Everything of two images of a column of `type`, without what either deletion or one at `deleted_at_micros` covers.
// The result may be empty.
void MergeComplex(const types::DataType& type, std::string_view a, std::string_view b, int64_t deleted_at_micros,
                  ComplexBuilder* out);

// What a deletion at `deleted_at_micros` leaves; and of that, what `keep_deletion` and `keep_cell` (which may turn an
// expired cell into a tombstone) want. The result may be empty.
void CutComplex(std::string_view image, int64_t deleted_at_micros, ComplexBuilder* out);
void FilterComplex(std::string_view image, int64_t deleted_at_micros,
                   const std::function<bool(const DeletionTime&)>& keep_deletion,
                   const std::function<bool(CellView*)>& keep_cell, ComplexBuilder* out);

// Whether a cell lives at `now_seconds`, written after `deleted_at_micros`.
bool HasLiveComplex(std::string_view image, int64_t now_seconds, int64_t deleted_at_micros);

// What a reader sees of an image.
struct LiveComplex {
  std::string value;        // Serialized as the frozen type's.
  std::string write_times;  // list<bigint>: of each element; of a user type each field, null where it has no value.
  std::string ttls;         // list<int>: seconds left, null where there is no TTL. Elements as write_times.
  uint32_t count = 0;       // Live cells.
};
// False when nothing lives: the column is null. Replaces what `out` had.
bool ReadLiveComplex(const types::DataType& type, std::string_view image, int64_t now_seconds,
                     int64_t deleted_at_micros, LiveComplex* out);

}  // namespace cassette::rows

// The loose rows of a LoadBuffer: sorting them, and their sorted source.
#include <algorithm>
#include <limits>
#include <span>
#include <utility>

#include "base/assert.h"
#include "rows/merge.h"
#include "rows/merge_rows.h"
#include "storage/engine/load_sources.h"

namespace cassette::storage::engine {
namespace {

using columnar::Vector;

// Sorting by the token's leading bits, three radix passes, leaves hardly any two of a buffer's partitions together.
constexpr uint32_t kRadixBits = 11;
constexpr uint32_t kRadixPasses = 3;
constexpr uint32_t kRadixSize = 1u << kRadixBits;
constexpr uint32_t kUnsortedBits = 64 - kRadixBits * kRadixPasses;
// Fewer rows than this are not worth the passes.
constexpr size_t kRadixRowsMin = 4096;
// Sorted rows stand anywhere in the buffer: what is that many rows further on is asked for in advance.
constexpr size_t kPrefetchRows = 8;

struct Place {
  uint64_t token;  // In unsigned order.
  uint32_t index;
};

// Stable; by the leading bits alone.
void RadixSort(std::vector<Place>* places) {
  std::vector<Place> other(places->size());
  for (uint32_t pass = 0; pass < kRadixPasses; ++pass) {
    const uint32_t shift = kUnsortedBits + pass * kRadixBits;
    const auto digit = [&](const Place& place) { return (place.token >> shift) & (kRadixSize - 1); };
    uint32_t starts[kRadixSize] = {};
    for (const Place& place : *places) ++starts[digit(place)];
    uint32_t sum = 0;
    for (uint32_t& start : starts) sum += std::exchange(start, sum);
    for (const Place& place : *places) other[starts[digit(place)]++] = place;
    std::swap(*places, other);
  }
}

// Where row `row` says what its value is, or, of bytes, where they are.
const void* PlaceOf(const Vector& vector, uint32_t row) {
  if (vector.is_constant()) return &vector;
  switch (vector.physical()) {
    case columnar::PhysicalType::kInt64:
      return &vector.ints()[row];
    case columnar::PhysicalType::kDouble:
      return &vector.doubles()[row];
    case columnar::PhysicalType::kBytes:
      return &vector.offsets()[row];
  }
  return &vector;
}

// The values of `rows` of the vectors that `column_of(chunk)` gives, side by side.
template <typename Row, typename ColumnOf>
void GatherValues(std::span<const Row> rows, ColumnOf column_of, Vector* out) {
  out->Reserve(static_cast<uint32_t>(rows.size()));
  const bool is_bytes = out->physical() == columnar::PhysicalType::kBytes;
  for (size_t i = 0; i < rows.size(); ++i) {
    if (i + 2 * kPrefetchRows < rows.size()) {
      const Row& later = rows[i + 2 * kPrefetchRows];
      __builtin_prefetch(PlaceOf(column_of(later.chunk->block), later.row));
    }
    if (is_bytes && i + kPrefetchRows < rows.size()) {
      const Row& later = rows[i + kPrefetchRows];
      const Vector& vector = column_of(later.chunk->block);
      if (!vector.is_constant()) __builtin_prefetch(vector.heap().data() + vector.offsets()[later.row]);
    }
    out->AppendFrom(column_of(rows[i].chunk->block), rows[i].row);
  }
}

bool IsAllAbsent(const Vector& vector) {
  return !vector.states().empty() && std::all_of(vector.states().begin(), vector.states().end(),
                                                 [](auto state) { return state == columnar::CellState::kAbsent; });
}

}  // namespace

void LoadBuffer::SortLoose(std::vector<LooseRow>* rows) {
  const auto before = [](const LooseRow& a, const LooseRow& b) {
    if (a.token != b.token) return a.token < b.token;
    const int order = a.key.compare(b.key);
    return order != 0 ? order < 0 : a.clustering < b.clustering;
  };
  if (rows->size() < kRadixRowsMin) return std::sort(rows->begin(), rows->end(), before);
  CASSETTE_ASSERT(rows->size() <= std::numeric_limits<uint32_t>::max());
  constexpr uint64_t kSignBit = uint64_t{1} << 63;
  std::vector<Place> places(rows->size());
  for (uint32_t i = 0; i < places.size(); ++i) places[i] = {static_cast<uint64_t>((*rows)[i].token) ^ kSignBit, i};
  RadixSort(&places);
  std::vector<LooseRow> sorted;
  sorted.reserve(rows->size());
  for (size_t i = 0; i < places.size(); ++i) {
    if (i + kPrefetchRows < places.size()) __builtin_prefetch(&(*rows)[places[i + kPrefetchRows].index]);
    sorted.push_back((*rows)[places[i].index]);
  }
  *rows = std::move(sorted);
  const auto prefix = [&](size_t i) { return static_cast<uint64_t>((*rows)[i].token) >> kUnsortedBits; };
  for (size_t begin = 0; begin < rows->size();) {
    size_t end = begin + 1;
    while (end < rows->size() && prefix(end) == prefix(begin)) ++end;
    const auto first = rows->begin() + static_cast<ptrdiff_t>(begin);
    if (end - begin > 1) std::sort(first, first + static_cast<ptrdiff_t>(end - begin), before);
    begin = end;
  }
}

LoadBuffer::LooseSource::LooseSource(schema::TablePtr table, const std::vector<LooseRow>& rows)
    : table_(std::move(table)), columns_(rows::RegularColumnIds(*table_)), rows_(rows), output_(table_, columns_) {
  merged_.cells.resize(columns_.size());
}

base::Result<bool> LoadBuffer::LooseSource::Next(rows::RowBlock* block) {
  if (next_ == rows_.size()) {
    block->Clear();
    return false;
  }
  if (const size_t end = DistinctEnd(); end > next_) {
    Gather(end, block);
  } else {
    NextReconciled(block);
  }
  return true;
}

size_t LoadBuffer::LooseSource::DistinctEnd() const {
  const size_t end = std::min(rows_.size(), next_ + columnar::kMaxVectorRows);
  for (size_t i = next_; i < end && i + 1 < rows_.size(); ++i) {
    if (SameRow(rows_[i], rows_[i + 1])) return next_;
  }
  return end;
}

rows::PartitionRun LoadBuffer::LooseSource::RunOf(size_t index, uint32_t first_row) const {
  rows::PartitionRun run;
  run.first_row = first_row;
  run.token = rows_[index].token;
  run.key = rows_[index].key;
  run.continues = index > 0 && SamePartition(rows_[index - 1], rows_[index]);
  return run;
}

void LoadBuffer::LooseSource::Gather(size_t end, rows::RowBlock* block) {
  block->Clear();
  block->row_count = static_cast<uint32_t>(end - next_);
  const std::span<const LooseRow> rows(&rows_[next_], block->row_count);
  for (uint32_t i = 0; i < rows.size(); ++i) {
    if (i > 0 && SamePartition(rows[i - 1], rows[i])) continue;
    block->partitions.push_back(RunOf(next_ + i, i));
  }
  for (size_t i = 0; i < table_->clustering_count(); ++i) {
    Vector& vector = block->clustering.emplace_back(table_->clustering(i).type.physical());
    GatherValues(rows, [i](const rows::RowBlock& from) -> const Vector& { return from.clustering[i]; }, &vector);
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    rows::CellColumn column;
    column.id = columns_[i];
    column.same_as_liveness = true;
    column.values.Reset(rows[0].chunk->block.cells[i].values.physical());
    GatherValues(
        rows, [i](const rows::RowBlock& from) -> const Vector& { return from.cells[i].values; }, &column.values);
    if (!IsAllAbsent(column.values)) block->cells.push_back(std::move(column));
  }
  GatherMeta(end, &rows::RowBlock::timestamps, block);
  GatherMeta(end, &rows::RowBlock::ttls, block);
  GatherMeta(end, &rows::RowBlock::expiries, block);
  block->all_live = block->ttls.is_constant() && block->ttls.constant == rows::kNoTtl;
  next_ = end;
}

template <typename Number>
void LoadBuffer::LooseSource::GatherMeta(size_t end, rows::MetaColumn<Number> rows::RowBlock::* member,
                                         rows::RowBlock* block) const {
  const auto at = [&](size_t i) { return (rows_[i].chunk->block.*member).at(rows_[i].row); };
  rows::MetaColumn<Number>& column = block->*member;
  column.SetConstant(at(next_));
  size_t i = next_;
  while (i < end && at(i) == column.constant) ++i;
  if (i == end) return;
  column.values.reserve(end - next_);
  for (i = next_; i < end; ++i) column.values.push_back(at(i));
}

void LoadBuffer::LooseSource::NextReconciled(rows::RowBlock* block) {
  output_.Start(block);
  has_partition_ = false;
  while (next_ < rows_.size() && block->row_count < columnar::kMaxVectorRows) {
    const LooseRow& row = rows_[next_];
    if (!has_partition_ || next_ == 0 || !SamePartition(rows_[next_ - 1], row)) {
      output_.AddRun(RunOf(next_, block->row_count));
      has_partition_ = true;
    }
    size_t end = next_ + 1;
    while (end < rows_.size() && SameRow(rows_[end], row)) ++end;
    Emit(next_, end);
    next_ = end;
  }
  output_.Finish();
}

// One row of rows [begin, end), which have one key.
void LoadBuffer::LooseSource::Emit(size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) Add(rows_[i], i == begin);
  output_.AppendRow(merged_);
}

void LoadBuffer::LooseSource::Add(const LooseRow& row, bool is_first) {
  const rows::RowBlock& block = row.chunk->block;
  const rows::Liveness liveness = rows::LivenessOf(block, row.row);
  if (is_first) {
    merged_.clustering_block = &block;
    merged_.clustering_row = row.row;
    merged_.liveness = liveness;
  } else if (rows::Supersedes(liveness, merged_.liveness)) {
    merged_.liveness = liveness;
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    const rows::CellColumn& column = block.cells[i];
    rows::MergedCell cell{&column, row.row, rows::CellMetaOf(block, column, row.row)};
    if (cell.meta.state == columnar::CellState::kAbsent) cell.column = nullptr;
    rows::MergedCell& best = merged_.cells[i];
    if (is_first || best.column == nullptr) {
      best = cell;
    } else if (cell.column != nullptr && rows::Wins(table_->FindColumn(columns_[i])->type, cell, best)) {
      best = cell;
    }
  }
}

}  // namespace cassette::storage::engine

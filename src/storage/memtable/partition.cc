#include "storage/memtable/partition.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.h"

namespace cassette::storage::memtable {
namespace {

constexpr size_t kLargePartitionBytes = sizeof(LargePartition) + kMallocOverheadBytes;

// A row in pieces, whose bytes are `head` and then `cells`.
RowRecord* NewRecord(std::string_view clustering, std::string_view head, std::string_view cells, RowArena* arena) {
  const size_t row_bytes = head.size() + cells.size();
  auto* record = new (arena->Allocate(sizeof(RowRecord) + clustering.size() + row_bytes)) RowRecord{
      static_cast<uint32_t>(clustering.size()), static_cast<uint32_t>(row_bytes), static_cast<uint32_t>(row_bytes), 1};
  char* out = record->data();
  for (const std::string_view piece : {clustering, head, cells}) {
    if (!piece.empty()) std::memcpy(out, piece.data(), piece.size());
    out += piece.size();
  }
  return record;
}

RowRecord* NewRecord(std::string_view clustering, const RowImage& row, PartitionContext* context) {
  if (row.plain_cells) {
    char head[rows::kMaxRowOverhead];
    const size_t head_bytes = static_cast<size_t>(PutRowHead(row, head) - head);
    return NewRecord(clustering, {head, head_bytes}, *row.plain_cells, &context->arena);
  }
  EncodeRow(row, &context->encoded);
  return NewRecord(clustering, context->encoded, {}, &context->arena);
}

// `record` with `row` merged in: the same record where it fits, else a new one.
RowRecord* MergeInto(const Layout& layout, RowRecord* record, const RowImage& row, PartitionContext* context) {
  DecodeRow(record->row(), &context->existing);
  MergeRows(layout, context->existing, row, &context->merged);
  EncodeRow(context->merged, &context->encoded);
  if (context->encoded.size() > record->row_capacity) {
    RowRecord* larger = NewRecord(record->clustering(), context->encoded, {}, &context->arena);
    larger->run = record->run;
    return larger;
  }
  std::memcpy(record->data() + record->clustering_bytes, context->encoded.data(), context->encoded.size());
  record->row_bytes = static_cast<uint32_t>(context->encoded.size());
  return record;
}

LargePartition* Enlarge(Partition* partition, PartitionContext* context) {
  if (partition->large != nullptr) return partition->large;
  context->container_bytes += kLargePartitionBytes;
  context->large.push_back(std::make_unique<LargePartition>(&context->container_bytes));
  partition->large = context->large.back().get();
  if (partition->only_row != nullptr) partition->large->rows.insert(RowSlot{partition->only_row});
  partition->only_row = nullptr;
  return partition->large;
}

Series* FindSeries(std::string_view clustering, const LargePartition& large) {
  if (large.last_series != nullptr && clustering.starts_with(large.last_series->prefix())) return large.last_series;
  if (large.series.empty()) return nullptr;
  auto after = large.series.upper_bound(clustering);
  if (after == large.series.begin()) return nullptr;
  Series* series = std::prev(after)->get();
  return clustering.starts_with(series->prefix()) ? series : nullptr;
}

bool StartsWith(RowSet::const_iterator row, std::string_view prefix) {
  return row->record->clustering().starts_with(prefix);
}

// Counts the row at `row`, which is new, into the run it goes on, if it is the outermost of those with `prefix`; begins
// a series when the run is long enough.
void MaybeBeginSeries(const Layout& layout, RowSet::const_iterator row, std::string_view prefix, LargePartition* large,
                      PartitionContext* context) {
  const auto next = std::next(row);
  const bool has_next = next != large->rows.end() && StartsWith(next, prefix);
  const bool has_previous = row != large->rows.begin() && StartsWith(std::prev(row), prefix);
  if (has_next == has_previous) return;
  RowRecord* record = row->record;
  record->run = (has_previous ? std::prev(row) : next)->record->run + 1;
  if (record->run < kRowsBeforeSeries) return;
  auto series = std::make_unique<Series>(layout, prefix, record->clustering(), has_previous);
  series->accounted_bytes = series->memory_bytes();
  context->series_bytes += series->accounted_bytes;
  large->last_series = series.get();
  large->series.insert(std::move(series));
}

base::Status ApplyToLarge(const Layout& layout, std::string_view clustering, const RowImage& row, LargePartition* large,
                          PartitionContext* context) {
  Series* series = nullptr;
  const bool may_be_series = layout.clustering_count() > 0 && row.IsPlain();
  if (may_be_series) {
    series = FindSeries(clustering, *large);
    if (series != nullptr && series->Accepts(clustering)) {
      CASSETTE_RETURN_IF_ERROR(series->Append(layout, clustering, row));
      large->last_series = series;
      ++context->rows;
      if (context->unaccounted != series) {
        AccountSeries(context);
        context->unaccounted = series;
      }
      return {};
    }
  }
  size_t prefix_bytes = 0;
  CASSETTE_RETURN_IF_ERROR(layout.CheckClustering(clustering, &prefix_bytes));
  // Most rows are new: the tree is searched once.
  RowRecord* record = NewRecord(clustering, row, context);
  const auto [place, is_new] = large->rows.insert(RowSlot{record});
  if (!is_new) {
    context->arena.GiveBack(reinterpret_cast<char*>(record), record->size_bytes());
    place->record = MergeInto(layout, place->record, row, context);
    return {};
  }
  ++context->rows;
  if (may_be_series && series == nullptr) {
    MaybeBeginSeries(layout, place, record->clustering().substr(0, prefix_bytes), large, context);
  }
  return {};
}

PartitionCover* CoverOf(Partition* partition, PartitionContext* context) {
  LargePartition* large = Enlarge(partition, context);
  if (large->cover == nullptr) {
    large->cover = std::make_unique<PartitionCover>();
    context->container_bytes += sizeof(PartitionCover) + 3 * kMallocOverheadBytes;
  }
  large->cover->head.reset();
  return large->cover.get();
}

// Whether some rows that start with `prefix` may lie before `bound` and others after it.
bool LiesWithin(const rows::ClusteringBound& bound, std::string_view prefix) {
  return bound.prefix.size() > prefix.size() && bound.prefix.starts_with(prefix);
}

rows::PartitionHead::StaticCell ToStaticCell(const rows::RowCell& cell) {
  const rows::CellView& view = cell.cell;
  return {cell.column,
          view.state,
          view.timestamp_micros,
          view.ttl_seconds,
          view.expires_at_seconds,
          std::string(view.value)};
}

}  // namespace

bool SeriesOrder::operator()(const SeriesPtr& a, const rows::ClusteringBound& b) const {
  return !LiesWithin(b, a->prefix()) && b.CompareToRow(a->prefix()) > 0;
}

bool SeriesOrder::operator()(const rows::ClusteringBound& a, const SeriesPtr& b) const {
  return !LiesWithin(a, b->prefix()) && a.CompareToRow(b->prefix()) < 0;
}

void AccountSeries(PartitionContext* context) {
  Series* series = std::exchange(context->unaccounted, nullptr);
  if (series == nullptr) return;
  const size_t bytes = series->memory_bytes();
  context->series_bytes += bytes - series->accounted_bytes;
  series->accounted_bytes = bytes;
}

Partition* NewPartition(std::string_view key, PartitionContext* context) {
  char* memory = context->arena.Allocate(sizeof(Partition) + key.size());
  std::memcpy(memory + sizeof(Partition), key.data(), key.size());
  return new (memory) Partition{nullptr, nullptr, static_cast<uint32_t>(key.size())};
}

base::Status ApplyRow(const Layout& layout, std::string_view clustering, const RowImage& row, Partition* partition,
                      PartitionContext* context) {
  if (partition->large != nullptr) return ApplyToLarge(layout, clustering, row, partition->large, context);
  RowRecord* only_row = partition->only_row;
  if (only_row != nullptr && only_row->clustering() != clustering) {
    return ApplyToLarge(layout, clustering, row, Enlarge(partition, context), context);
  }
  if (only_row != nullptr) {
    partition->only_row = MergeInto(layout, only_row, row, context);
    return {};
  }
  size_t prefix_bytes = 0;
  CASSETTE_RETURN_IF_ERROR(layout.CheckClustering(clustering, &prefix_bytes));
  partition->only_row = NewRecord(clustering, row, context);
  ++context->rows;
  return {};
}

void ApplyPartitionDeletion(const rows::DeletionTime& deletion, Partition* partition, PartitionContext* context) {
  PartitionCover* cover = CoverOf(partition, context);
  if (deletion.Supersedes(cover->deletion)) cover->deletion = deletion;
}

void ApplyRangeTombstone(const rows::RangeTombstone& tombstone, Partition* partition, PartitionContext* context) {
  if (tombstone.start.Compare(tombstone.end) >= 0) return;
  PartitionCover* cover = CoverOf(partition, context);
  auto& tombstones = cover->range_tombstones;
  // The same slice deleted again and again needs one place.
  if (!tombstones.empty() && tombstones.back().start == tombstone.start && tombstones.back().end == tombstone.end) {
    if (tombstone.deletion.Supersedes(tombstones.back().deletion)) tombstones.back().deletion = tombstone.deletion;
    return;
  }
  const size_t room = tombstones.capacity();
  tombstones.push_back(tombstone);
  context->container_bytes += (tombstones.capacity() - room) * sizeof(tombstone) +
                              tombstones.back().start.prefix.capacity() + tombstones.back().end.prefix.capacity();
}

void ApplyStaticRow(const Layout& layout, const RowImage& row, Partition* partition, PartitionContext* context) {
  PartitionCover* cover = CoverOf(partition, context);
  auto& cells = cover->static_cells;
  const size_t room = cells.capacity();
  for (const rows::RowCell& cell : row.cells) {
    auto found = std::lower_bound(cells.begin(), cells.end(), cell.column,
                                  [](const auto& have, schema::ColumnId wanted) { return have.column < wanted; });
    if (found == cells.end() || found->column != cell.column) {
      found = cells.insert(found, ToStaticCell(cell));
    } else if (layout.is_complex(cell.column)) {
      std::forward_list<std::string> images;
      context->container_bytes -= found->value.capacity();
      *found = ToStaticCell(MergeCells(layout, {found->column, found->view()}, cell, &images));
    } else if (!rows::Wins(found->view(), cell.cell)) {
      context->container_bytes -= found->value.capacity();
      *found = ToStaticCell(cell);
    } else {
      continue;
    }
    context->container_bytes += found->value.capacity();
  }
  context->container_bytes += (cells.capacity() - room) * sizeof(cells[0]);
}

std::shared_ptr<const rows::PartitionHead> HeadOf(const Partition& partition) {
  if (partition.large == nullptr || partition.large->cover == nullptr) return nullptr;
  PartitionCover& cover = *partition.large->cover;
  if (cover.head == nullptr) {
    auto head = std::make_shared<rows::PartitionHead>();
    head->deletion = cover.deletion;
    head->range_tombstones = cover.range_tombstones;
    head->static_cells = cover.static_cells;
    if (!head->empty()) cover.head = std::move(head);
  }
  return cover.head;
}

}  // namespace cassette::storage::memtable

#include "storage/memtable/partition.h"

#include <algorithm>
#include <new>
#include <utility>

#include "base/assert.h"

namespace cassette::storage::memtable {
namespace {

constexpr size_t kLargePartitionBytes = sizeof(LargePartition) + kMallocOverheadBytes;

RowRecord* NewRecord(std::string_view clustering, std::string_view row, RowArena* arena) {
  auto* record = new (arena->Allocate(sizeof(RowRecord) + clustering.size() + row.size())) RowRecord{
      static_cast<uint32_t>(clustering.size()), static_cast<uint32_t>(row.size()), static_cast<uint32_t>(row.size())};
  if (!clustering.empty()) std::memcpy(record->data(), clustering.data(), clustering.size());
  std::memcpy(record->data() + clustering.size(), row.data(), row.size());
  return record;
}

// `record` with `row` merged in: the same record where it fits, else a new one.
RowRecord* MergeInto(const Layout& layout, RowRecord* record, const RowImage& row, PartitionContext* context) {
  DecodeRow(record->row(), &context->existing);
  MergeRows(layout, context->existing, row, &context->merged);
  EncodeRow(context->merged, &context->encoded);
  if (context->encoded.size() > record->row_capacity) {
    return NewRecord(record->clustering(), context->encoded, &context->arena);
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

// Whether the row at `row` is the outermost of kRowsBeforeSeries rows with `prefix`, on the side that `ascending` says.
bool EndsARun(const RowSet& rows, RowSet::const_iterator row, std::string_view prefix, bool ascending) {
  const auto next = std::next(row);
  if (ascending && next != rows.end() && StartsWith(next, prefix)) return false;
  if (!ascending && row != rows.begin() && StartsWith(std::prev(row), prefix)) return false;
  for (uint32_t i = 1; i < kRowsBeforeSeries; ++i) {
    if (ascending) {
      if (row == rows.begin()) return false;
      --row;
    } else if (++row == rows.end()) {
      return false;
    }
  }
  return StartsWith(row, prefix);
}

void MaybeBeginSeries(const Layout& layout, RowSet::const_iterator row, LargePartition* large,
                      PartitionContext* context) {
  if (large->rows.size() < kRowsBeforeSeries) return;
  const std::string_view clustering = row->record->clustering();
  const std::string_view prefix = clustering.substr(0, layout.PrefixSize(clustering));
  const bool ascending = EndsARun(large->rows, row, prefix, true);
  if (!ascending && !EndsARun(large->rows, row, prefix, false)) return;
  auto series = std::make_unique<Series>(layout, prefix, clustering, ascending);
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
  CASSETTE_RETURN_IF_ERROR(layout.CheckClustering(clustering));
  const auto found = large->rows.lower_bound(clustering);
  if (found != large->rows.end() && found->record->clustering() == clustering) {
    found->record = MergeInto(layout, found->record, row, context);
    return {};
  }
  EncodeRow(row, &context->encoded);
  const auto inserted = large->rows.insert(found, RowSlot{NewRecord(clustering, context->encoded, &context->arena)});
  ++context->rows;
  if (may_be_series && series == nullptr) MaybeBeginSeries(layout, inserted, large, context);
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
  CASSETTE_RETURN_IF_ERROR(layout.CheckClustering(clustering));
  EncodeRow(row, &context->encoded);
  partition->only_row = NewRecord(clustering, context->encoded, &context->arena);
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

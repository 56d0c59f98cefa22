#include "storage/memtable/row_lookup.h"

#include <iterator>
#include <optional>

#include "storage/memtable/shard.h"

namespace cassette::storage::memtable {
namespace {

// The series that has the row, at `place`; null when none has.
const Series* FindInSeries(const Layout& layout, const LargePartition& partition, std::string_view clustering,
                           uint32_t* place) {
  const auto after = partition.series.upper_bound(clustering);
  if (after == partition.series.begin()) return nullptr;
  const Series& series = **std::prev(after);
  const std::optional<uint32_t> found = series.Find(layout, clustering);
  if (!found) return nullptr;
  *place = *found;
  return &series;
}

void LookUpLarge(const Layout& layout, const LargePartition& partition, std::string_view clustering,
                 ReadScratch* scratch, std::string* row) {
  const auto slot = partition.rows.find(RowKey(clustering));
  if (slot != partition.rows.end()) row->assign(slot->record->row());
  uint32_t place = 0;
  const Series* series = FindInSeries(layout, partition, clustering, &place);
  if (series == nullptr) return;
  series->ReadRow(layout, place, &scratch->series_row, &scratch->values);
  if (row->empty()) return EncodeRow(scratch->series_row, row);
  DecodeRow(slot->record->row(), &scratch->row);
  MergeRows(layout, scratch->row, scratch->series_row, &scratch->merged);
  EncodeRow(scratch->merged, row);
}

}  // namespace

void LookUp(const Layout& layout, const Partition& partition, std::string_view clustering, ReadScratch* scratch,
            rows::RowHistory* found) {
  found->row.clear();
  found->covering = {};
  if (partition.large == nullptr) {
    const RowRecord* record = partition.only_row;
    if (record != nullptr && record->clustering() == clustering) found->row.assign(record->row());
    return;
  }
  LookUpLarge(layout, *partition.large, clustering, scratch, &found->row);
  const PartitionCover* cover = partition.large->cover.get();
  if (cover == nullptr) return;
  found->covering = cover->deletion;
  for (const rows::RangeTombstone& range : cover->range_tombstones) {
    const bool covers = range.start.CompareToRow(clustering) < 0 && range.end.CompareToRow(clustering) > 0;
    if (covers && range.deletion.Supersedes(found->covering)) found->covering = range.deletion;
  }
}

void Memtable::ReadRow(rows::Token token, std::string_view key, std::string_view clustering,
                       rows::RowHistory* found) const {
  const Shard& shard = *shards_[shard_index(token)];
  base::MutexLock lock(shard.mutex);
  const IndexEntry* entry = shard.index().Find({token, key});
  if (entry == nullptr) {
    found->row.clear();
    found->covering = {};
    return;
  }
  LookUp(*shard.layout(), *entry->partition, clustering, &shard.lookup, found);
}

}  // namespace cassette::storage::memtable

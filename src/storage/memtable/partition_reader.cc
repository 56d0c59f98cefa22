#include "storage/memtable/partition_reader.h"

#include <algorithm>

#include "base/assert.h"

namespace cassette::storage::memtable {
namespace {

using Side = rows::ClusteringBound::Side;

// What one call of CopyRows works with.
class Copier {
 public:
  Copier(const LargePartition& partition, rows::ClusteringSlice* slice, BlockWriter* writer, ReadScratch* scratch)
      : partition_(partition), slice_(*slice), writer_(*writer), scratch_(*scratch) {}

  base::Status Forward();
  base::Status Backward();

 private:
  const Layout& layout() const { return writer_.layout(); }

  base::Status AppendRecord(const RowRecord& record) {
    DecodeRow(record.row(), &scratch_.row);
    return writer_.AppendRow(record.clustering(), scratch_.row);
  }
  // A row that stands in both.
  base::Status AppendMerged(const RowRecord& record, const Series& series, uint32_t place) {
    DecodeRow(record.row(), &scratch_.row);
    series.ReadRow(layout(), place, &scratch_.series_row, &scratch_.values);
    MergeRows(layout(), scratch_.row, scratch_.series_row, &scratch_.merged);
    return writer_.AppendRow(record.clustering(), scratch_.merged);
  }
  bool IsAt(const Series& series, uint32_t place, std::string_view clustering) {
    scratch_.key.clear();
    series.AppendKey(layout(), place, &scratch_.key);
    return scratch_.key == clustering;
  }
  // Where the next call goes on.
  void StopForward(std::string_view last) { slice_.start = {std::string(last), Side::kAfter}; }
  void StopBackward(std::string_view last) { slice_.end = {std::string(last), Side::kBefore}; }
  std::string_view KeyAt(const Series& series, uint32_t place) {
    scratch_.key.clear();
    series.AppendKey(layout(), place, &scratch_.key);
    return scratch_.key;
  }

  const LargePartition& partition_;
  rows::ClusteringSlice& slice_;
  BlockWriter& writer_;
  ReadScratch& scratch_;
};

base::Status Copier::Forward() {
  auto row = partition_.rows.lower_bound(slice_.start);
  auto series = partition_.series.lower_bound(slice_.start);
  const auto rows_end = partition_.rows.lower_bound(slice_.end);
  uint32_t place = series == partition_.series.end() ? 0 : (*series)->FirstAfter(layout(), slice_.start, 0);
  while (true) {
    while (series != partition_.series.end() && place == (*series)->size()) {
      ++series;
      place = 0;
    }
    const RowRecord* record = row == rows_end ? nullptr : row->record;
    uint32_t limit = place;  // Series rows before it come next.
    if (series != partition_.series.end()) {
      limit = record != nullptr ? (*series)->FirstNotBelow(layout(), record->clustering(), place)
                                : (*series)->FirstAfter(layout(), slice_.end, place);
    }
    if (limit > place) {
      const uint32_t count = std::min(limit - place, writer_.RoomFor(**series));
      CASSETTE_RETURN_IF_ERROR(writer_.AppendSeries(**series, place, place + count, false));
      place += count;
      if (writer_.room() == 0) {
        StopForward(KeyAt(**series, place - 1));
        return {};
      }
      continue;
    }
    if (record == nullptr) break;
    const bool in_both = series != partition_.series.end() && IsAt(**series, place, record->clustering());
    CASSETTE_RETURN_IF_ERROR(in_both ? AppendMerged(*record, **series, place) : AppendRecord(*record));
    if (in_both) ++place;
    ++row;
    if (writer_.room() == 0) {
      StopForward(record->clustering());
      return {};
    }
  }
  slice_.start = slice_.end;
  return {};
}

// As Forward, with `row` and `place` one past what comes next.
base::Status Copier::Backward() {
  auto row = partition_.rows.lower_bound(slice_.end);
  const auto rows_begin = partition_.rows.lower_bound(slice_.start);
  auto series = partition_.series.lower_bound(slice_.end);
  const Series* current = series == partition_.series.end() ? nullptr : series->get();
  uint32_t place = current == nullptr ? 0 : current->FirstAfter(layout(), slice_.end, 0);
  while (true) {
    while (place == 0 && series != partition_.series.begin()) {
      current = (--series)->get();
      place = current->size();
    }
    const RowRecord* record = row == rows_begin ? nullptr : std::prev(row)->record;
    uint32_t limit = place;  // Series rows from it on come next.
    bool in_both = false;
    if (place > 0 && record == nullptr) limit = current->FirstAfter(layout(), slice_.start, 0);
    if (place > 0 && record != nullptr) {
      limit = current->FirstNotBelow(layout(), record->clustering(), 0);
      if (limit < place && IsAt(*current, limit, record->clustering())) in_both = ++limit == place;
    }
    if (limit < place) {
      const uint32_t count = std::min(place - limit, writer_.RoomFor(*current));
      CASSETTE_RETURN_IF_ERROR(writer_.AppendSeries(*current, place - count, place, true));
      place -= count;
      if (writer_.room() == 0) {
        StopBackward(KeyAt(*current, place));
        return {};
      }
      continue;
    }
    if (record == nullptr) break;
    CASSETTE_RETURN_IF_ERROR(in_both ? AppendMerged(*record, *current, place - 1) : AppendRecord(*record));
    if (in_both) --place;
    --row;
    if (writer_.room() == 0) {
      StopBackward(record->clustering());
      return {};
    }
  }
  slice_.end = slice_.start;
  return {};
}

}  // namespace

base::Status CopyRows(const Partition& partition, bool reversed, rows::ClusteringSlice* slice, BlockWriter* writer,
                      ReadScratch* scratch) {
  if (IsDone(*slice)) return {};
  CASSETTE_ASSERT(writer->room() > 0);
  if (partition.large != nullptr) {
    Copier copier(*partition.large, slice, writer, scratch);
    return reversed ? copier.Backward() : copier.Forward();
  }
  const RowRecord* record = partition.only_row;
  if (record != nullptr && slice->Contains(record->clustering())) {
    DecodeRow(record->row(), &scratch->row);
    CASSETTE_RETURN_IF_ERROR(writer->AppendRow(record->clustering(), scratch->row));
  }
  slice->start = slice->end;
  return {};
}

}  // namespace cassette::storage::memtable

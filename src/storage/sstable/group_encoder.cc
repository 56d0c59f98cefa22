#include "storage/sstable/group_encoder.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "columnar/encoding.h"
#include "rows/merge_rows.h"
#include "types/value.h"

namespace cassette::storage::sstable {
namespace {

using columnar::CellState;
using columnar::PhysicalType;
using columnar::Vector;
using rows::kNeverExpires;
using rows::kNoTimestamp;
using rows::kNoTtl;
using rows::MetaColumn;

constexpr int64_t kNoTimestampNumber = kNoTimestamp;
constexpr int64_t kNeverExpiresNumber = kNeverExpires;

// What the states of a column's rows are.
struct Presence {
  uint32_t present = 0;
  uint32_t tombstones = 0;
};

Presence CountStates(const Vector& values, uint32_t begin, uint32_t end) {
  if (values.all_live()) return {end - begin, 0};
  if (values.is_constant()) {
    const CellState state = values.state(0);
    return {state == CellState::kAbsent ? 0 : end - begin, state == CellState::kTombstone ? end - begin : 0};
  }
  Presence presence;
  for (uint32_t row = begin; row < end; ++row) {
    presence.present += values.states()[row] != CellState::kAbsent;
    presence.tombstones += values.states()[row] == CellState::kTombstone;
  }
  return presence;
}

// Whether two columns say the same in every row for which `skip` is false.
template <typename Number, typename Skip>
bool SameNumbers(const MetaColumn<Number>& a, const MetaColumn<Number>& b, uint32_t begin, uint32_t end, Skip skip) {
  if (a.is_constant() && b.is_constant()) return a.constant == b.constant;
  for (uint32_t row = begin; row < end; ++row) {
    if (!skip(row) && a.at(row) != b.at(row)) return false;
  }
  return true;
}

// The slice as 64-bit numbers; absent places repeat what stands before them, which costs the encoding nothing.
template <typename Number>
std::vector<int64_t> FilledNumbers(const MetaColumn<Number>& column, const Vector& values, uint32_t begin,
                                   uint32_t end) {
  std::vector<int64_t> numbers(end - begin);
  uint32_t first = begin;
  while (first < end && values.state(first) == CellState::kAbsent) ++first;
  CASSETTE_ASSERT(first < end);
  int64_t last = column.at(first);
  for (uint32_t row = begin; row < end; ++row) {
    if (values.state(row) != CellState::kAbsent) last = column.at(row);
    numbers[row - begin] = last;
  }
  return numbers;
}

bool AllEqual(const std::vector<int64_t>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [&](int64_t number) { return number == numbers[0]; });
}

// Whether Vector::AppendValue takes these bytes and gives the same back.
bool IsCanonical(const types::DataType& type, std::string_view bytes) {
  if (type.physical() == PhysicalType::kBytes || bytes.empty()) return true;
  if (bytes.size() != types::FixedSizeBytes(type.kind())) return false;
  return type.kind() != types::TypeKind::kBoolean || static_cast<uint8_t>(bytes[0]) <= 1;
}

bool IsOrderedAsInts(const types::DataType& type) {
  return type.physical() == PhysicalType::kInt64 && type.kind() != types::TypeKind::kFloat;
}

void Merge(const SstableStatistics& group, SstableStatistics* total) {
  total->min_timestamp_micros = std::min(total->min_timestamp_micros, group.min_timestamp_micros);
  total->max_timestamp_micros = std::max(total->max_timestamp_micros, group.max_timestamp_micros);
  total->min_local_deletion_seconds = std::min(total->min_local_deletion_seconds, group.min_local_deletion_seconds);
  total->max_local_deletion_seconds = std::max(total->max_local_deletion_seconds, group.max_local_deletion_seconds);
  total->tombstone_count += group.tombstone_count;
  total->expiring_count += group.expiring_count;
}

}  // namespace

struct GroupEncoder::Rows {
  const rows::RowBlock& block;
  const uint32_t begin;
  const uint32_t end;
  const RunList& runs;
  GroupEntry& entry;
  SstableStatistics statistics = {};  // Of the group alone.
  bool every_row_has_marker = false;

  uint32_t count() const { return end - begin; }
};

void AppendRowClustering(const schema::Table& table, const std::vector<Vector>& clustering, uint32_t row,
                         std::string* out) {
  std::string value;
  for (size_t i = 0; i < clustering.size(); ++i) {
    value.clear();
    clustering[i].AppendSerialized(table.clustering(i).type, row, &value);
    rows::AppendClusteringComponent(table, i, value, out);
  }
}

void GroupEncoder::Encode(const rows::RowBlock& block, uint32_t begin, uint32_t end, const RunList& runs,
                          GroupEntry* entry, SstableStatistics* statistics) {
  CASSETTE_ASSERT(begin < end);
  CASSETTE_ASSERT(end - begin <= columnar::kMaxVectorRows);
  CASSETTE_ASSERT(!runs.empty());
  CASSETTE_ASSERT(block.clustering.size() == table_.clustering_count());
  stream_count_ = 0;
  *entry = GroupEntry();
  Rows rows{block, begin, end, runs, *entry};
  entry->row_count = rows.count();
  entry->run_count = static_cast<uint32_t>(runs.size());
  for (uint32_t i = 0; i < runs.size(); ++i) {
    if (runs.run(i).has_head) entry->head_runs.push_back(i);
  }
  SetPositions(rows);
  PutKeys(rows);
  PutClustering(rows);
  PutMarkers(rows);
  PutCells(rows);
  entry->has_tombstones = rows.statistics.tombstone_count > 0;
  entry->has_expiring = rows.statistics.expiring_count > 0;
  entry->all_live = rows.every_row_has_marker && !entry->has_tombstones && !entry->has_expiring;
  entry->min_timestamp_micros = rows.statistics.min_timestamp_micros;
  entry->max_timestamp_micros = rows.statistics.max_timestamp_micros;
  Merge(rows.statistics, statistics);
}

void GroupEncoder::SetPositions(const Rows& rows) {
  const size_t last_run = rows.runs.size() - 1;
  rows.entry.first_token = rows.runs.run(0).token;
  rows.entry.last_token = rows.runs.run(last_run).token;
  rows.entry.first_key = rows.runs.key(0);
  rows.entry.last_key = rows.runs.key(last_run);
  AppendRowClustering(table_, rows.block.clustering, rows.begin, &rows.entry.first_clustering);
  AppendRowClustering(table_, rows.block.clustering, rows.end - 1, &rows.entry.last_clustering);
}

EncodedStream& GroupEncoder::NewStream(StreamKind kind, uint32_t column) {
  if (stream_count_ == streams_.size()) streams_.emplace_back();
  EncodedStream& encoded = streams_[stream_count_++];
  encoded.stream = Stream();
  encoded.stream.kind = kind;
  encoded.stream.column = column;
  encoded.bytes.clear();
  return encoded;
}

void GroupEncoder::PutVector(StreamKind kind, uint32_t column, const Vector& vector, const Rows& rows) {
  EncodedStream& encoded = NewStream(kind, column);
  if (rows.begin == 0 && rows.end == vector.size()) return columnar::EncodeVector(vector, &encoded.bytes);
  scratch_.Reset(vector.physical());
  if (vector.is_constant()) {
    scratch_.AppendRange(vector, 0, 1);
    scratch_.MakeConstant(rows.count());
  } else {
    scratch_.AppendRange(vector, rows.begin, rows.end);
  }
  columnar::EncodeVector(scratch_, &encoded.bytes);
}

void GroupEncoder::PutConstant(StreamKind kind, uint32_t column, int64_t constant) {
  Stream& stream = NewStream(kind, column).stream;
  stream.form = StreamForm::kConstant;
  stream.constant = constant;
}

void GroupEncoder::PutNumbers(StreamKind kind, uint32_t column, std::vector<int64_t> numbers, const int64_t* none) {
  scratch_.Reset(PhysicalType::kInt64);
  if (none == nullptr || std::find(numbers.begin(), numbers.end(), *none) == numbers.end()) {
    scratch_.SetSize(static_cast<uint32_t>(numbers.size()));
    scratch_.mutable_ints() = std::move(numbers);
  } else {
    for (const int64_t number : numbers) {
      if (number == *none) {
        scratch_.AppendState(CellState::kAbsent);
      } else {
        scratch_.AppendInt64(number);
      }
    }
  }
  columnar::EncodeVector(scratch_, &NewStream(kind, column).bytes);
}

template <typename Number>
void GroupEncoder::PutMeta(StreamKind kind, uint32_t column, const MetaColumn<Number>& meta, Number absent,
                           const int64_t* none, const Rows& rows) {
  if (meta.is_constant()) {
    if (meta.constant != absent) PutConstant(kind, column, meta.constant);
    return;
  }
  std::vector<int64_t> numbers(meta.values.begin() + rows.begin, meta.values.begin() + rows.end);
  if (!AllEqual(numbers)) return PutNumbers(kind, column, std::move(numbers), none);
  if (numbers[0] != absent) PutConstant(kind, column, numbers[0]);
}

// One partition: its key is in the entry. Several: where they start, and their keys as columns of their own.
void GroupEncoder::PutKeys(const Rows& rows) {
  const RunList& runs = rows.runs;
  if (runs.size() == 1) return;
  if (runs.size() < rows.count()) {
    std::vector<int64_t> starts(runs.size());
    for (size_t i = 0; i < runs.size(); ++i) starts[i] = runs.run(i).first_row;
    PutNumbers(StreamKind::kRunStarts, 0, std::move(starts), nullptr);
  }
  if (SplitKeys(runs)) {
    for (uint32_t i = 0; i < key_vectors_.size(); ++i) {
      columnar::EncodeVector(key_vectors_[i], &NewStream(StreamKind::kKeyComponent, i).bytes);
    }
    return;
  }
  scratch_.Reset(PhysicalType::kBytes);
  for (size_t i = 0; i < runs.size(); ++i) scratch_.AppendBytes(runs.key(i));
  columnar::EncodeVector(scratch_, &NewStream(StreamKind::kKey, 0).bytes);
}

bool GroupEncoder::SplitKeys(const RunList& runs) {
  key_vectors_.resize(table_.partition_key_count());
  for (size_t i = 0; i < key_vectors_.size(); ++i) key_vectors_[i].Reset(table_.partition_key(i).type.physical());
  for (size_t i = 0; i < runs.size(); ++i) {
    if (!AppendKeyComponents(runs.key(i))) return false;
  }
  return true;
}

bool GroupEncoder::AppendKeyComponents(std::string_view key) {
  key_components_.clear();
  if (!rows::SplitPartitionKey(key_vectors_.size(), key, &key_components_).ok()) return false;
  for (size_t i = 0; i < key_vectors_.size(); ++i) {
    const types::DataType& type = table_.partition_key(i).type;
    if (!IsCanonical(type, key_components_[i])) return false;
    key_vectors_[i].AppendValue(type, key_components_[i]);
  }
  return true;
}

void GroupEncoder::PutClustering(const Rows& rows) {
  for (uint32_t i = 0; i < rows.block.clustering.size(); ++i) {
    const Vector& vector = rows.block.clustering[i];
    PutVector(StreamKind::kClustering, i, vector, rows);
    if (!IsOrderedAsInts(table_.clustering(i).type) || !vector.all_live()) continue;
    if (vector.is_constant()) {
      rows.entry.zone_maps.push_back({i, vector.int64(0), vector.int64(0)});
      continue;
    }
    const auto [min, max] = std::minmax_element(vector.ints().begin() + rows.begin, vector.ints().begin() + rows.end);
    rows.entry.zone_maps.push_back({i, *min, *max});
  }
}

namespace {

// Adds rows' times to `statistics`; `skip` says which rows have none. Returns how many had.
template <typename Skip, typename IsTombstone>
uint32_t AddTimes(const MetaColumn<int64_t>& timestamps, const MetaColumn<int32_t>& ttls,
                  const MetaColumn<int64_t>& expiries, uint32_t begin, uint32_t end, Skip skip,
                  IsTombstone is_tombstone, SstableStatistics* statistics) {
  uint32_t count = 0;
  for (uint32_t row = begin; row < end; ++row) {
    if (skip(row)) continue;
    ++count;
    statistics->AddTimestamp(timestamps.at(row));
    statistics->AddLocalDeletion(expiries.at(row));
    if (is_tombstone(row)) {
      ++statistics->tombstone_count;
    } else if (ttls.at(row) != kNoTtl) {
      ++statistics->expiring_count;
    }
  }
  return count;
}

const MetaColumn<int32_t> kNoTtls{kNoTtl, {}};

}  // namespace

void GroupEncoder::PutMarkers(Rows& rows) {
  const rows::RowBlock& block = rows.block;
  PutMeta(StreamKind::kTimestamp, 0, block.timestamps, kNoTimestamp, &kNoTimestampNumber, rows);
  PutMeta(StreamKind::kTtl, 0, block.ttls, kNoTtl, nullptr, rows);
  PutMeta(StreamKind::kExpiry, 0, block.expiries, kNeverExpires, &kNeverExpiresNumber, rows);
  PutMeta(StreamKind::kDeletedAt, 0, block.deleted_at, kNoTimestamp, &kNoTimestampNumber, rows);
  PutMeta(StreamKind::kDeletedLocal, 0, block.deleted_local, kNeverExpires, &kNeverExpiresNumber, rows);

  const auto never = [](uint32_t) { return false; };
  const auto always = [](uint32_t) { return true; };
  const uint32_t marked = AddTimes(
      block.timestamps, block.ttls, block.expiries, rows.begin, rows.end,
      [&](uint32_t row) { return block.timestamps.at(row) == kNoTimestamp; }, never, &rows.statistics);
  rows.every_row_has_marker = marked == rows.count();
  if (block.deleted_at.is_constant() && block.deleted_at.constant == kNoTimestamp) return;
  AddTimes(
      block.deleted_at, kNoTtls, block.deleted_local, rows.begin, rows.end,
      [&](uint32_t row) { return block.deleted_at.at(row) == kNoTimestamp; }, always, &rows.statistics);
}

void GroupEncoder::PutCells(Rows& rows) {
  for (const rows::CellColumn& column : rows.block.cells) PutCellColumn(column, rows);
}

void GroupEncoder::PutCellColumn(const rows::CellColumn& column, Rows& rows) {
  const rows::RowBlock& block = rows.block;
  const Presence presence = CountStates(column.values, rows.begin, rows.end);
  if (presence.present == 0) return;
  const auto absent = [&](uint32_t row) { return column.values.state(row) == CellState::kAbsent; };
  bool same = column.same_as_liveness;
  if (!same && presence.tombstones == 0) {
    same = SameNumbers(column.timestamps, block.timestamps, rows.begin, rows.end, absent) &&
           SameNumbers(column.ttls, block.ttls, rows.begin, rows.end, absent) &&
           SameNumbers(column.expiries, block.expiries, rows.begin, rows.end, absent);
  }
  PutVector(StreamKind::kCellValues, column.id.value(), column.values, rows);
  streams_[stream_count_ - 1].stream.same_as_liveness = same;
  if (!same) PutOwnTimes(column, rows);
  if (rows::ComplexTypeOf(table_, column.id) != nullptr) {
    for (uint32_t row = rows.begin; row < rows.end; ++row) {
      if (!absent(row)) AddComplexStatistics(column.values.bytes(row), &rows.statistics);
    }
    return;
  }
  if (!same) {
    const auto tombstone = [&](uint32_t row) { return column.values.state(row) == CellState::kTombstone; };
    AddTimes(column.timestamps, column.ttls, column.expiries, rows.begin, rows.end, absent, tombstone,
             &rows.statistics);
    return;
  }
  rows.statistics.tombstone_count += presence.tombstones;
  if (block.ttls.is_constant()) {
    if (block.ttls.constant != kNoTtl) rows.statistics.expiring_count += presence.present - presence.tombstones;
    return;
  }
  for (uint32_t row = rows.begin; row < rows.end; ++row) {
    if (!column.values.is_null(row) && block.ttls.at(row) != kNoTtl) ++rows.statistics.expiring_count;
  }
}

void GroupEncoder::PutOwnTimes(const rows::CellColumn& column, const Rows& rows) {
  const uint32_t id = column.id.value();
  const auto put = [&](StreamKind kind, const auto& meta, int64_t absent, const int64_t* none) {
    std::vector<int64_t> numbers;
    if (meta.is_constant()) {
      numbers.assign(1, meta.constant);
    } else {
      numbers = FilledNumbers(meta, column.values, rows.begin, rows.end);
    }
    if (!AllEqual(numbers)) return PutNumbers(kind, id, std::move(numbers), none);
    if (numbers[0] != absent) PutConstant(kind, id, numbers[0]);
  };
  put(StreamKind::kCellTimestamp, column.timestamps, kNoTimestamp, &kNoTimestampNumber);
  put(StreamKind::kCellTtl, column.ttls, kNoTtl, nullptr);
  put(StreamKind::kCellExpiry, column.expiries, kNeverExpires, &kNeverExpiresNumber);
}

}  // namespace cassette::storage::sstable

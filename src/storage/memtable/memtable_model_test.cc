// Random mutations against a map that is reconciled by the plainest code, and every shape of read.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "storage/memtable/memtable.h"
#include "storage/memtable/source.h"
#include "storage/memtable/test_tables.h"

namespace cassette::storage::memtable {
namespace {

using namespace testing;  // NOLINT: the test's own vocabulary.
using rows::ClusteringBound;
using rows::ClusteringSlice;
using rows::DeletionTime;
using rows::Liveness;

// Cassandra's rules once more, as a key that is larger for the winner.
auto Rank(const PlainCell& cell) {
  const bool tombstone = cell.state == rows::CellState::kTombstone;
  const int kind = tombstone ? 2 : (cell.times.expires_at_seconds != rows::kNeverExpires ? 1 : 0);
  return std::tuple(cell.times.timestamp_micros, kind, kind == 0 ? 0 : cell.times.expires_at_seconds, cell.value);
}
auto Rank(const Liveness& liveness) {
  const bool expiring = liveness.ttl_seconds != rows::kNoTtl;
  return std::tuple(liveness.timestamp_micros, expiring, liveness.expires_at_seconds);
}
auto Rank(const DeletionTime& deletion) { return std::tuple(deletion.marked_at_micros, deletion.local_seconds); }

template <typename T>
void TakeLarger(const T& from, T* to) {
  if (Rank(from) > Rank(*to)) *to = from;
}

void Reconcile(uint32_t column, const PlainCell& cell, std::map<uint32_t, PlainCell>* cells) {
  const auto [at, is_new] = cells->try_emplace(column, cell);
  if (!is_new) TakeLarger(cell, &at->second);
}

struct ShadowPartition {
  DeletionTime deletion{rows::kNoTimestamp, -1};
  std::vector<rows::RangeTombstone> ranges;
  std::map<uint32_t, PlainCell> statics;
  std::map<std::string, PlainRow> rows;
};
using Shadow = std::map<std::pair<rows::Token, std::string>, ShadowPartition>;

PlainRow Visible(const PlainRow& row, const std::vector<schema::ColumnId>& columns) {
  PlainRow visible;
  visible.liveness = row.deletion.Deletes(row.liveness.timestamp_micros) ? Liveness() : row.liveness;
  visible.deletion = row.deletion;
  for (const auto& [id, cell] : row.cells) {
    const bool wanted = std::find(columns.begin(), columns.end(), schema::ColumnId(id)) != columns.end();
    if (wanted && !row.deletion.Deletes(cell.times.timestamp_micros)) visible.cells[id] = cell;
  }
  return visible;
}

std::string BoundText(const ClusteringBound& bound) {
  return bound.prefix + (bound.side == ClusteringBound::Side::kBefore ? "<" : ">");
}

PlainPartition Expected(const std::pair<rows::Token, std::string>& position, const ShadowPartition& shadow,
                        const rows::ReadRange& range) {
  PlainPartition plain;
  plain.token = position.first;
  plain.key = position.second;
  if (shadow.deletion.marked_at_micros != rows::kNoTimestamp) plain.deletion = shadow.deletion;
  for (const rows::RangeTombstone& tombstone : shadow.ranges) {
    auto& at = plain.ranges
                   .try_emplace({BoundText(tombstone.start), BoundText(tombstone.end)},
                                std::pair(rows::kNoTimestamp, int64_t{-1}))
                   .first->second;
    at = std::max(at, std::pair(tombstone.deletion.marked_at_micros, tombstone.deletion.local_seconds));
  }
  plain.statics = shadow.statics;
  for (const auto& [clustering, row] : shadow.rows) {
    const bool wanted = std::any_of(range.slices.begin(), range.slices.end(),
                                    [&](const ClusteringSlice& slice) { return slice.Contains(clustering); });
    if (wanted) plain.rows.emplace_back(clustering, Visible(row, range.columns));
  }
  if (range.reversed) std::reverse(plain.rows.begin(), plain.rows.end());
  return plain;
}

bool HasHead(const PlainPartition& plain) {
  return !plain.deletion.is_live() || !plain.ranges.empty() || !plain.statics.empty();
}

class Model {
 public:
  Model(schema::TablePtr table, uint64_t seed, uint32_t shards)
      : table_(std::move(table)), memtable_(table_, {shards}), random_(seed) {}

  void Run(int mutations) {
    for (int i = 0; i < mutations; ++i) {
      Mutate();
      if (random_.Below(50) == 0) Check();
      if (::testing::Test::HasFailure()) return;
    }
    Check();
    CheckStatistics();
  }

 private:
  std::string RandomKey() { return "key" + std::to_string(random_.Below(random_.Below(2) == 0 ? 3 : 60)); }
  std::string RandomMetric() { return std::string("cpu\0x", 3 + random_.Below(3)); }

  std::string NextClustering() {
    const std::string metric = RandomMetric();
    const uint64_t kind = random_.Below(10);
    int64_t at = 0;
    if (kind < 5) at = ++forward_;
    if (kind == 5) at = --backward_;
    if (kind > 5) at = backward_ + static_cast<int64_t>(random_.Below(static_cast<uint64_t>(forward_ - backward_ + 1)));
    return Clustering(*table_, metric, at);
  }

  Liveness RandomTimes() {
    Liveness times{static_cast<int64_t>(1000 + random_.Below(6)), rows::kNoTtl, rows::kNeverExpires};
    if (random_.Below(6) != 0) return times;
    // TTL follows expiry: cells that differ in TTL alone tie, and either may stay.
    times.ttl_seconds = static_cast<int32_t>(10 + random_.Below(3));
    times.expires_at_seconds = 5000 + times.ttl_seconds;
    return times;
  }
  DeletionTime RandomDeletion() {
    return {static_cast<int64_t>(998 + random_.Below(6)), static_cast<int64_t>(4000 + random_.Below(3))};
  }

  std::string RandomValue(uint32_t column) {
    if (random_.Below(12) == 0) return "";
    if (column == kNote.value() || column == kOwner.value()) return std::string(random_.Below(20), 'n');
    const int32_t number = static_cast<int32_t>(random_.Below(1000));
    return column == kValue.value() ? Big64(number) : Big32(number);
  }
  PlainCell RandomCell(uint32_t column, const Liveness& row_times) {
    if (random_.Below(12) == 0) {
      return {rows::CellState::kTombstone,
              {RandomTimes().timestamp_micros, rows::kNoTtl, static_cast<int64_t>(4000 + random_.Below(3))},
              ""};
    }
    const bool as_row = !row_times.is_empty() && random_.Below(12) != 0;
    PlainCell cell{rows::CellState::kLive, as_row ? row_times : RandomTimes(), RandomValue(column)};
    if (cell.value.empty()) cell.state = rows::CellState::kEmpty;
    return cell;
  }
  void AddCells(std::vector<uint32_t> columns, const Liveness& times, bool plain,
                std::map<uint32_t, PlainCell>* cells) {
    if (random_.Below(2) == 0) std::reverse(columns.begin(), columns.end());
    for (const uint32_t column : columns) {
      if (random_.Below(8) == 0) continue;
      PlainCell cell = RandomCell(column, times);
      if (plain) cell = {rows::CellState::kLive, times, RandomValue(column)};
      if (cell.value.empty() && cell.state == rows::CellState::kLive) cell.state = rows::CellState::kEmpty;
      builder_.AddCell(schema::ColumnId(column), {cell.state, cell.times.timestamp_micros, cell.times.ttl_seconds,
                                                  cell.times.expires_at_seconds, cell.value});
      Reconcile(column, cell, cells);
    }
  }

  void AddRow(ShadowPartition* shadow) {
    const std::string clustering = NextClustering();
    builder_.BeginRow(clustering);
    const auto [at, is_new] = shadow->rows.try_emplace(clustering);
    PlainRow& row = at->second;
    const bool plain = random_.Below(8) != 0;
    Liveness times;
    if (plain || random_.Below(2) == 0) times = RandomTimes();
    builder_.SetLiveness(times);
    TakeLarger(times, &row.liveness);
    if (!plain && random_.Below(3) == 0) {
      const DeletionTime deletion = RandomDeletion();
      builder_.SetRowDeletion(deletion);
      if (row.deletion.is_live() || Rank(deletion) > Rank(row.deletion)) row.deletion = deletion;
    }
    AddCells({kCount.value(), kValue.value(), kNote.value()}, times, plain, &row.cells);
  }

  void Mutate() {
    const std::string key = RandomKey();
    BeginMutation(*table_, key, &builder_);
    ShadowPartition* shadow = &shadow_[{codec::Murmur3Token(key), key}];
    const bool has_clusterings = table_->clustering_count() > 0;
    for (uint64_t left = 1 + random_.Below(random_.Below(4) == 0 ? 40 : 2); left > 0; --left) {
      const uint64_t kind = random_.Below(60);
      if (kind == 0) {
        const DeletionTime deletion = RandomDeletion();
        builder_.AddPartitionDeletion(deletion);
        TakeLarger(deletion, &shadow->deletion);
      } else if (kind < 3 && has_clusterings) {
        std::vector<ClusteringBound> bounds = RandomBounds(2);
        const DeletionTime deletion = RandomDeletion();
        builder_.AddRangeTombstone(bounds[0], bounds[1], deletion);
        shadow->ranges.push_back({bounds[0], bounds[1], deletion});
      } else if (kind < 6 && has_clusterings) {
        builder_.BeginStaticRow();
        AddCells({kOwner.value(), kTag.value()}, {}, false, &shadow->statics);
      } else {
        AddRow(shadow);
      }
    }
    const base::Status status = memtable_.Apply(builder_.bytes());
    ASSERT_TRUE(status.ok()) << status.ToString();
  }

  ClusteringBound RandomBound() {
    const auto side = random_.Below(2) == 0 ? ClusteringBound::Side::kBefore : ClusteringBound::Side::kAfter;
    if (table_->clustering_count() == 0 || random_.Below(8) == 0) return {"", side};
    if (table_->clustering_count() == 2 && random_.Below(3) == 0) {
      std::string prefix;
      rows::AppendClusteringComponent(*table_, 0, RandomMetric(), &prefix);
      return {prefix, side};
    }
    const int64_t at = backward_ + static_cast<int64_t>(random_.Below(static_cast<uint64_t>(forward_ - backward_ + 1)));
    return {Clustering(*table_, RandomMetric(), at), side};
  }
  // Ascending, all different.
  std::vector<ClusteringBound> RandomBounds(size_t count) {
    std::vector<ClusteringBound> bounds;
    while (bounds.size() < count) {
      bounds.push_back(RandomBound());
      std::sort(bounds.begin(), bounds.end(), [](const auto& a, const auto& b) { return a.Compare(b) < 0; });
      bounds.erase(std::unique(bounds.begin(), bounds.end()), bounds.end());
    }
    return bounds;
  }

  rows::ReadRange RandomRange(std::string* key) {
    rows::ReadRange range;
    for (const schema::ColumnId id : {kCount, kValue, kNote}) {
      if (random_.Below(4) != 0) range.columns.push_back(id);
    }
    range.reversed = random_.Below(2) == 0;
    if (random_.Below(2) == 0) {
      range.slices.clear();
      const bool can_slice = table_->clustering_count() > 0;
      const auto bounds = can_slice ? RandomBounds(2 + 2 * random_.Below(3))
                                    : std::vector{ClusteringBound::Start(), ClusteringBound::End()};
      for (size_t i = 0; i < bounds.size(); i += 2) range.slices.push_back({bounds[i], bounds[i + 1]});
    }
    if (random_.Below(2) == 0) {
      *key = RandomKey();
      range.key = key;
      range.token = codec::Murmur3Token(*key);
    } else if (random_.Below(2) == 0) {
      const rows::Token a = codec::Murmur3Token(RandomKey());
      const rows::Token b = codec::Murmur3Token(RandomKey());
      range.has_start = random_.Below(3) != 0;
      range.start_token = std::min(a, b);
      range.has_end = random_.Below(3) != 0;
      range.end_token = std::max(a, b);
    }
    return range;
  }

  bool InRange(const std::pair<rows::Token, std::string>& position, const rows::ReadRange& range) {
    if (range.key != nullptr) return position.second == *range.key;
    return (!range.has_start || position.first >= range.start_token) &&
           (!range.has_end || position.first <= range.end_token);
  }

  void Check() {
    std::string key;
    const rows::ReadRange range = RandomRange(&key);
    std::vector<PlainPartition> expected;
    for (const auto& [position, shadow] : shadow_) {
      if (!InRange(position, range)) continue;
      PlainPartition plain = Expected(position, shadow, range);
      if (HasHead(plain) || !plain.rows.empty()) expected.push_back(std::move(plain));
    }
    const auto read = ReadAll(*table_, memtable_.Read(range).get());
    ASSERT_EQ(read.size(), expected.size());
    for (size_t i = 0; i < read.size(); ++i) ExpectSame(read[i], expected[i]);
    // The same with the memory of the check before.
    if (source_.Open(memtable_, range)) {
      EXPECT_EQ(ReadAll(*table_, &source_), read);
    } else {
      EXPECT_TRUE(read.empty());
    }
    if (random_.Below(4) == 0) CheckScan();
    for (int i = 0; i < 3; ++i) CheckRow();
  }

  // A row by itself is what a range of that row gives.
  void CheckRow() {
    const auto& [position, shadow] = *std::next(shadow_.begin(), static_cast<ptrdiff_t>(random_.Below(shadow_.size())));
    std::string clustering = RandomBound().prefix;
    if (!shadow.rows.empty() && random_.Below(4) != 0) {
      clustering = std::next(shadow.rows.begin(), static_cast<ptrdiff_t>(random_.Below(shadow.rows.size())))->first;
    }
    rows::RowHistory found;
    found.row = "replaced";
    memtable_.ReadRow(position.first, position.second, clustering, &found);
    DeletionTime covering = shadow.deletion;
    for (const auto& range : shadow.ranges) {
      const rows::ClusteringSlice slice{range.start, range.end};
      if (slice.Contains(clustering) && range.deletion.Supersedes(covering)) covering = range.deletion;
    }
    EXPECT_EQ(found.covering.marked_at_micros, covering.marked_at_micros);
    if (!covering.is_live()) {
      EXPECT_EQ(found.covering.local_seconds, covering.local_seconds);
    }
    rows::ReadRange range;
    range.columns = {kCount, kValue, kNote};
    range.key = &position.second;
    range.token = position.first;
    range.slices = {{{clustering, ClusteringBound::Side::kBefore}, {clustering, ClusteringBound::Side::kAfter}}};
    const auto read = ReadAll(*table_, memtable_.Read(range).get());
    const bool is_there = !read.empty() && !read[0].rows.empty() && read[0].rows[0].first == clustering;
    ASSERT_EQ(!found.row.empty(), is_there);
    if (is_there) {
      EXPECT_TRUE(Decoded(found.row) == read[0].rows[0].second);
    }
  }

  static PlainRow Decoded(std::string_view bytes) {
    rows::RowBytesReader reader;
    EXPECT_TRUE(reader.Begin(bytes));
    PlainRow row{reader.liveness(), reader.deletion(), {}};
    while (reader.cells_left() > 0) {
      rows::RowCell cell;
      EXPECT_TRUE(reader.NextCell(&cell));
      row.cells[cell.column.value()] = {
          cell.cell.state,
          {cell.cell.timestamp_micros, cell.cell.ttl_seconds, cell.cell.expires_at_seconds},
          std::string(cell.cell.value)};
    }
    return row;
  }

  void CheckScan() {
    rows::ReadRange all;
    all.columns = {kCount, kValue, kNote};
    const auto scanned = ReadAll(*table_, memtable_.Scan().get());
    EXPECT_EQ(scanned, ReadAll(*table_, memtable_.Read(all).get()));
  }

  void ExpectSame(const PlainPartition& read, const PlainPartition& expected) {
    EXPECT_EQ(read.key, expected.key);
    EXPECT_EQ(read.token, expected.token);
    EXPECT_EQ(read.deletion, expected.deletion);
    EXPECT_EQ(read.ranges, expected.ranges);
    EXPECT_EQ(read.statics, expected.statics);
    ASSERT_EQ(read.rows.size(), expected.rows.size());
    for (size_t i = 0; i < read.rows.size(); ++i) {
      EXPECT_EQ(read.rows[i].first, expected.rows[i].first) << "row " << i;
      ASSERT_TRUE(read.rows[i].second == expected.rows[i].second) << "row " << i << " of " << read.key;
    }
  }

  void CheckStatistics() {
    uint64_t rows = 0;
    for (const auto& [position, shadow] : shadow_) rows += shadow.rows.size();
    const MemtableStatistics statistics = memtable_.statistics();
    EXPECT_EQ(statistics.partitions, shadow_.size());
    EXPECT_GE(statistics.rows, rows);
    EXPECT_LE(statistics.rows, 2 * rows);
    EXPECT_EQ(statistics.min_timestamp_micros, 998);
    EXPECT_EQ(statistics.max_timestamp_micros, 1005);
  }

  schema::TablePtr table_;
  Memtable memtable_;
  Memtable::Source source_;
  base::Random random_;
  Shadow shadow_;
  rows::MutationBuilder builder_;
  int64_t forward_ = 100000;
  int64_t backward_ = 99999;
};

uint64_t Seed(uint64_t offset) {
  const char* given = std::getenv("CASSETTE_TEST_SEED");
  return (given != nullptr ? std::strtoull(given, nullptr, 10) : 20261121) + offset;
}

void RunModel(schema::TablePtr table, uint64_t seed, uint32_t shards, int mutations) {
  SCOPED_TRACE("CASSETTE_TEST_SEED=" + std::to_string(seed));
  Model(std::move(table), seed, shards).Run(mutations);
}

TEST(MemtableModel, TwoClusteringsTheLastDescending) { RunModel(MakeTable(2), Seed(0), 4, 2000); }
TEST(MemtableModel, OneClusteringAscending) { RunModel(MakeTable(1, false), Seed(1), 1, 2000); }
TEST(MemtableModel, OneClusteringDescending) { RunModel(MakeTable(1, true), Seed(2), 8, 2000); }
TEST(MemtableModel, NoClustering) { RunModel(MakeTable(0), Seed(3), 8, 2000); }

}  // namespace
}  // namespace cassette::storage::memtable

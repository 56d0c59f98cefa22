#include "rows/mutation.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "base/random.h"

namespace cassette::rows {
namespace {

using namespace std::string_literals;
using Update = MutationReader::Update;

schema::TableId Id() {
  schema::TableId id;
  for (size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<uint8_t>(0xa0 + i);
  return id;
}

std::string Hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text.push_back("0123456789abcdef"[static_cast<uint8_t>(c) >> 4]);
    text.push_back("0123456789abcdef"[c & 15]);
  }
  return text;
}

CellView Live(const Liveness& like, std::string_view value) {
  return {CellState::kLive, like.timestamp_micros, like.ttl_seconds, like.expires_at_seconds, value};
}

// One update as plain values, for comparisons.
struct Plain {
  Update update;
  std::string clustering;
  Liveness liveness;
  DeletionTime deletion;
  ClusteringBound start, end;
  struct Cell {
    uint32_t column;
    CellState state;
    Liveness times;
    std::string value;
    bool operator==(const Cell&) const = default;
  };
  std::vector<Cell> cells;
  bool operator==(const Plain&) const = default;
};

base::Result<std::vector<Plain>> ReadAll(std::string_view bytes) {
  CASSETTE_ASSIGN_OR_RETURN(MutationReader reader, MutationReader::Open(bytes));
  std::vector<Plain> all;
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const Update update, reader.Next());
    if (update == Update::kEnd) return all;
    Plain plain;
    plain.update = update;
    if (update == Update::kPartitionDeletion || update == Update::kRangeTombstone) plain.deletion = reader.deletion();
    if (update == Update::kRangeTombstone) {
      plain.start = reader.range_start();
      plain.end = reader.range_end();
    }
    if (update == Update::kRow || update == Update::kStaticRow) {
      if (update == Update::kRow) plain.clustering = reader.clustering();
      plain.liveness = reader.liveness();
      plain.deletion = reader.row_deletion();
      for (uint32_t i = 0; i < reader.cell_count(); ++i) {
        MutationReader::Cell cell;
        CASSETTE_RETURN_IF_ERROR(reader.NextCell(&cell));
        plain.cells.push_back({cell.column.value(),
                               cell.cell.state,
                               {cell.cell.timestamp_micros, cell.cell.ttl_seconds, cell.cell.expires_at_seconds},
                               std::string(cell.cell.value)});
      }
    }
    all.push_back(std::move(plain));
  }
}

void Build(const std::vector<Plain>& updates, MutationBuilder* builder) {
  builder->Begin(Id(), 42, "key");
  for (const Plain& plain : updates) {
    switch (plain.update) {
      case Update::kPartitionDeletion:
        builder->AddPartitionDeletion(plain.deletion);
        break;
      case Update::kRangeTombstone:
        builder->AddRangeTombstone(plain.start, plain.end, plain.deletion);
        break;
      case Update::kStaticRow:
        builder->BeginStaticRow();
        break;
      case Update::kRow:
        builder->BeginRow(plain.clustering);
        break;
      case Update::kEnd:
        return;
    }
    if (plain.update != Update::kRow && plain.update != Update::kStaticRow) continue;
    builder->SetLiveness(plain.liveness);
    if (plain.update == Update::kRow) builder->SetRowDeletion(plain.deletion);
    for (const Plain::Cell& cell : plain.cells) {
      builder->AddCell(schema::ColumnId(cell.column), {cell.state, cell.times.timestamp_micros, cell.times.ttl_seconds,
                                                       cell.times.expires_at_seconds, cell.value});
    }
  }
}

Liveness RandomTimes(base::Random* random) {
  Liveness times{static_cast<int64_t>(1700000000000000 + random->Below(3)), kNoTtl, kNeverExpires};
  if (random->Below(3) == 0)
    times = {times.timestamp_micros, static_cast<int32_t>(1 + random->Below(2) * 600),
             static_cast<int64_t>(1700000000 + random->Below(2))};
  if (random->Below(20) == 0) times.timestamp_micros = static_cast<int64_t>(random->Next() | 1);
  return times;
}

Plain::Cell RandomCell(uint32_t column, const Liveness& row, base::Random* random) {
  Liveness times = random->Below(2) == 0 && !row.is_empty() ? row : RandomTimes(random);
  switch (random->Below(5)) {
    case 0:
      return {column, CellState::kTombstone, {times.timestamp_micros, kNoTtl, 1700000000}, ""};
    case 1:
      return {column, CellState::kEmpty, times, ""};
    default:
      return {column, CellState::kLive, times, std::string(1 + random->Below(200), 'v')};
  }
}

std::vector<Plain> RandomUpdates(base::Random* random) {
  std::vector<Plain> updates;
  for (uint64_t left = random->Below(12); left > 0; --left) {
    Plain plain;
    const uint64_t kind = random->Below(8);
    plain.update = kind == 0   ? Update::kPartitionDeletion
                   : kind == 1 ? Update::kRangeTombstone
                   : kind == 2 ? Update::kStaticRow
                               : Update::kRow;
    if (kind < 2) plain.deletion = {static_cast<int64_t>(random->Next() | 1), static_cast<int64_t>(random->Below(99))};
    if (kind == 1) {
      plain.start = {std::string(random->Below(300), 'a'), ClusteringBound::Side::kBefore};
      plain.end = {std::string(random->Below(3), 'b'), ClusteringBound::Side::kAfter};
    }
    if (kind >= 2) {
      if (kind > 2) plain.clustering = std::string(random->Below(200), 'c');
      if (random->Below(3) != 0) plain.liveness = RandomTimes(random);
      if (kind > 2 && random->Below(5) == 0) plain.deletion = {7, 8};
      for (uint32_t column = 1; column < 6; ++column) {
        if (random->Below(2) == 0) plain.cells.push_back(RandomCell(column * column * column, plain.liveness, random));
      }
    }
    updates.push_back(plain);
  }
  return updates;
}

TEST(Mutation, BytesAreThoseOfThePage) {
  MutationBuilder builder;
  builder.Begin(Id(), 0x0102030405060708, "k1");
  EXPECT_TRUE(builder.empty());
  const Liveness liveness{1700000000000000, kNoTtl, kNeverExpires};
  builder.BeginRow("cc");
  builder.SetLiveness(liveness);
  builder.AddCell(schema::ColumnId(4), Live(liveness, "v"));
  builder.AddCell(schema::ColumnId(5), {CellState::kTombstone, 1700000000000001, kNoTtl, 1700000000, {}});
  builder.BeginRow("cd");
  builder.SetLiveness(liveness);
  builder.AddCell(schema::ColumnId(300), Live(liveness, ""));
  builder.AddRangeTombstone({"c", ClusteringBound::Side::kBefore}, {"", ClusteringBound::Side::kAfter}, {5, 6});
  builder.AddPartitionDeletion({-2, 3});
  EXPECT_FALSE(builder.empty());
  EXPECT_EQ(Hex(builder.bytes()),
            "01"
            "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf"
            "0807060504030201"
            "026b31"  // header
            "0c"
            "026363"
            "00401e18240a0600"
            "0200"  // row, liveness, 2 cells
            "05"
            "04"
            "0176"  // live, same time stamp
            "02"
            "05"
            "02"
            "80c49fd50c"  // tombstone, + 1 µs
            "c4"
            "026364"
            "0100"  // plain row, liveness as before
            "07"
            "ac02"  // empty value
            "02"
            "0500000000000000"
            "0c"
            "010163"
            "0200"  // range tombstone
            "01"
            "feffffffffffffff"
            "06");  // partition deletion
}

TEST(Mutation, InsertOfThreeCellsIsCompact) {
  MutationBuilder builder;
  builder.Begin(Id(), 1, "12345678");
  const size_t header = builder.bytes().size();
  const Liveness liveness{1700000000000000, kNoTtl, kNeverExpires};
  for (int row = 0; row < 2; ++row) {
    builder.BeginRow("cccccccc");
    builder.SetLiveness(liveness);
    for (uint32_t column = 3; column < 6; ++column)
      builder.AddCell(schema::ColumnId(column), Live(liveness, "01234567"));
    EXPECT_EQ(builder.bytes().size(), header + (row == 0 ? 53u : 98u));
  }
}

TEST(Mutation, ReusedBuilderDoesNotAllocateAgain) {
  MutationBuilder builder;
  const Liveness liveness{1, kNoTtl, kNeverExpires};
  const char* memory = nullptr;
  for (int i = 0; i < 3; ++i) {
    builder.Begin(Id(), 1, std::string(500, 'k'));
    builder.BeginRow("c");
    builder.SetLiveness(liveness);
    builder.AddCell(schema::ColumnId(1), Live(liveness, std::string(1000, 'v')));
    EXPECT_TRUE(i == 0 || builder.bytes().data() == memory);
    memory = builder.bytes().data();
  }
}

TEST(Mutation, RandomUpdatesRoundTripAndFlippedBytesNeverBreakTheReader) {
  const uint64_t seed = 20261121;
  SCOPED_TRACE(seed);
  base::Random random(seed);
  MutationBuilder builder;
  for (int round = 0; round < 2000; ++round) {
    const std::vector<Plain> updates = RandomUpdates(&random);
    Build(updates, &builder);
    EXPECT_EQ(builder.empty(), updates.empty());
    const auto read = ReadAll(builder.bytes());
    ASSERT_TRUE(read.ok()) << read.status().ToString();
    ASSERT_EQ(*read, updates) << "round " << round;
    std::string damaged(builder.bytes());
    damaged[random.Below(damaged.size())] ^= static_cast<char>(1 << random.Below(8));
    damaged.resize(random.Below(4) == 0 ? random.Below(damaged.size() + 1) : damaged.size());
    damaged.shrink_to_fit();
    const auto garbage = ReadAll(damaged);
    EXPECT_TRUE(garbage.ok() || garbage.status().code() == base::Code::kCorruption);
  }
}

TEST(Mutation, EveryShorterPrefixIsAWholePrefixOfUpdatesOrCorrupt) {
  base::Random random(3);
  std::vector<Plain> updates;
  while (updates.size() < 5) updates = RandomUpdates(&random);
  MutationBuilder builder;
  Build(updates, &builder);
  const std::string bytes(builder.bytes());
  for (size_t size = 0; size < bytes.size(); ++size) {
    const auto read = ReadAll(std::string(bytes, 0, size));
    if (!read.ok()) continue;
    ASSERT_LT(read->size(), updates.size());
    EXPECT_TRUE(std::equal(read->begin(), read->end(), updates.begin()));
  }
}

TEST(Mutation, SkipsCellsThatWereNotRead) {
  base::Random random(5);
  std::vector<Plain> updates;
  while (updates.size() < 8) updates = RandomUpdates(&random);
  MutationBuilder builder;
  Build(updates, &builder);
  auto reader = MutationReader::Open(builder.bytes());
  ASSERT_TRUE(reader.ok());
  for (const Plain& plain : updates) EXPECT_EQ(*reader->Next(), plain.update);
  EXPECT_EQ(*reader->Next(), Update::kEnd);
  EXPECT_EQ(reader->key(), "key");
  EXPECT_EQ(reader->token(), 42);
  EXPECT_EQ(reader->table(), Id());
}

TEST(Mutation, NamesAnUnknownVersion) {
  MutationBuilder builder;
  builder.Begin(Id(), 1, "k");
  std::string bytes(builder.bytes());
  bytes[0] = 9;
  const auto reader = MutationReader::Open(bytes);
  ASSERT_FALSE(reader.ok());
  EXPECT_EQ(reader.status().code(), base::Code::kCorruption);
  EXPECT_NE(reader.status().message().find("version 9"), std::string::npos);
}

TEST(Mutation, AValueIsACellWithTheTimesOfTheRow) {
  for (const Liveness& liveness : {Liveness{10, kNoTtl, kNeverExpires}, Liveness{10, 60, 1000}}) {
    MutationBuilder values;
    MutationBuilder cells;
    for (MutationBuilder* builder : {&values, &cells}) {
      const bool is_value = builder == &values;
      const auto add = [&](uint32_t column, const std::string& bytes) {
        if (is_value) return builder->AddValue(schema::ColumnId(column), bytes);
        builder->AddCell(schema::ColumnId(column), Live(liveness, bytes));
      };
      builder->Begin(Id(), 1, "k");
      for (const char* clustering : {"a", "b"}) {
        is_value ? builder->BeginRow(clustering, liveness) : builder->BeginRow(clustering);
        if (!is_value) builder->SetLiveness(liveness);
        add(1, "v");
        add(2, "");
        add(200, std::string(300, 'x'));
        builder->AddCell(schema::ColumnId(3), {CellState::kTombstone, 7, kNoTtl, 8, {}});
        add(4, "after a cell of another time");
      }
    }
    EXPECT_EQ(Hex(values.bytes()), Hex(cells.bytes()));
  }
}

TEST(Mutation, TheHeaderIsReadByItself) {
  MutationBuilder builder;
  builder.Begin(Id(), 42, "key");
  const auto header = ReadMutationHeader(builder.bytes());
  ASSERT_TRUE(header.ok());
  EXPECT_EQ(header->table, Id());
  EXPECT_EQ(header->token, 42);
  EXPECT_EQ(header->key, "key");
  for (size_t size = 0; size < builder.bytes().size(); ++size) {
    EXPECT_EQ(ReadMutationHeader(builder.bytes().substr(0, size)).status().code(), base::Code::kCorruption);
  }
}

TEST(Mutation, PlainRowsAreMarked) {
  MutationBuilder builder;
  const Liveness liveness{10, 60, 1000};
  builder.Begin(Id(), 1, "k");
  builder.BeginRow("a");
  builder.SetLiveness(liveness);
  builder.AddCell(schema::ColumnId(1), Live(liveness, "v"));
  builder.BeginRow("b");
  builder.SetLiveness(liveness);
  builder.AddCell(schema::ColumnId(1), Live({11, 60, 1000}, "v"));
  builder.BeginRow("c");
  builder.AddCell(schema::ColumnId(1), Live(liveness, "v"));
  builder.BeginRow("d");
  builder.SetLiveness(liveness);
  builder.SetRowDeletion({9, 9});
  auto reader = MutationReader::Open(builder.bytes());
  ASSERT_TRUE(reader.ok());
  for (const bool plain : {true, false, false, false}) {
    ASSERT_EQ(*reader->Next(), Update::kRow);
    EXPECT_EQ(reader->is_plain_row(), plain);
  }
}

}  // namespace
}  // namespace cassette::rows

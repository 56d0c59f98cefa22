// How many rows a second one core merges: partitions of one source each, sources that take turns row by row, and
// sources that have the same rows. Built with CASSETTE_BENCH.
#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "rows/merge.h"

namespace cassette::rows {
namespace {

constexpr int kSources = 3;
constexpr uint32_t kBlocks = 64;
constexpr uint32_t kRows = columnar::kMaxVectorRows;

// t(k, c, v): a series of doubles.
schema::TablePtr MakeTable() {
  auto table = std::make_shared<schema::Table>();
  table->keyspace = "ks";
  table->name = "t";
  const auto add = [&](const char* name, schema::ColumnKind kind, types::TypeKind type) {
    schema::Column column;
    column.id = schema::ColumnId(table->next_column_id++);
    column.name = name;
    column.type = types::DataType(type);
    column.kind = kind;
    table->columns.push_back(column);
  };
  add("k", schema::ColumnKind::kPartitionKey, types::TypeKind::kInt);
  add("c", schema::ColumnKind::kClustering, types::TypeKind::kTimestamp);
  add("v", schema::ColumnKind::kRegular, types::TypeKind::kDouble);
  table->Finish();
  return table;
}

// How the rows of the sources lie to one another.
enum Overlap : int64_t { kApart, kTurns, kSame };

// Gives copies of one block, moved along.
class SeriesSource final : public RowSource {
 public:
  SeriesSource(const schema::Table& table, Overlap overlap, int source)
      : step_(overlap == kTurns ? kSources : 1), token_(overlap == kApart ? source : 0) {
    block_.row_count = kRows;
    block_.all_live = true;
    block_.timestamps.SetConstant(source + 1);
    block_.clustering.emplace_back(types::PhysicalType::kInt64);
    CellColumn column;
    column.id = table.FindColumn("v")->id;
    column.values.Reset(types::PhysicalType::kDouble);
    column.same_as_liveness = true;
    for (uint32_t row = 0; row < kRows; ++row) {
      block_.clustering[0].AppendInt64(row * step_ + (overlap == kTurns ? source : 0));
      column.values.AppendDouble(row);
    }
    block_.cells.push_back(std::move(column));
    block_.partitions.push_back({0, token_, std::to_string(token_), nullptr, false});
  }

  base::Result<bool> Next(RowBlock* block) override {
    if (given_ == kBlocks) return false;
    if (given_++ > 0) {
      for (int64_t& at : block_.clustering[0].mutable_ints()) at += int64_t{kRows} * step_;
      block_.partitions[0].continues = true;
    }
    *block = block_;
    return true;
  }

 private:
  const int64_t step_;
  const Token token_;
  RowBlock block_;
  uint32_t given_ = 0;
};

void MergeSeries(benchmark::State& state) {
  MergeOptions options;
  options.table = MakeTable();
  options.columns = RegularColumnIds(*options.table);
  int64_t rows = 0;
  for (auto _ : state) {
    std::vector<std::unique_ptr<RowSource>> sources;
    for (int i = 0; i < kSources; ++i) {
      sources.push_back(std::make_unique<SeriesSource>(*options.table, static_cast<Overlap>(state.range(0)), i));
    }
    const std::unique_ptr<RowSource> merged = MergeSources(std::move(sources), options);
    RowBlock block;
    while (true) {
      const base::Result<bool> more = merged->Next(&block);
      CASSETTE_ASSERT(more.ok());
      if (!*more) break;
      benchmark::DoNotOptimize(block);
    }
    rows += int64_t{kSources} * kBlocks * kRows;
  }
  state.SetItemsProcessed(rows);
}
BENCHMARK(MergeSeries)->ArgName("overlap")->Arg(kApart)->Arg(kTurns)->Arg(kSame);

}  // namespace
}  // namespace cassette::rows

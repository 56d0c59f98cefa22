#include "derived/view_build.h"

#include <memory>
#include <utility>
#include <vector>

#include "derived/base_row.h"
#include "rows/merge_rows.h"
#include "rows/partition_locks.h"

namespace cassette::derived {
namespace {

// Rows of a view written with one record of the commit log.
constexpr size_t kMaxRowsAtOnce = 1000;

}  // namespace

ViewBuild::ViewBuild(storage::engine::Engine& engine, schema::TablePtr base, const schema::Table& view,
                     int64_t now_seconds)
    : engine_(engine), base_(std::move(base)), writer_(*base_, view), now_seconds_(now_seconds) {}

base::Status ViewBuild::Add(const rows::RowBlock& block) {
  for (size_t run = 0; run < block.partitions.size(); ++run) {
    if (rows::RunEnd(block, run) > block.partitions[run].first_row) CASSETTE_RETURN_IF_ERROR(AddRun(block, run));
  }
  return base::Status::Ok();
}

base::Status ViewBuild::Flush(MutationList* mutations) {
  if (mutations->size() == 0) return base::Status::Ok();
  std::vector<std::string_view> all;
  for (size_t i = 0; i < mutations->size(); ++i) all.push_back(mutations->at(i));
  CASSETTE_RETURN_IF_ERROR(engine_.Apply(all).status());
  mutations->Clear();
  return base::Status::Ok();
}

base::Status ViewBuild::AddRun(const rows::RowBlock& block, size_t run) {
  using Side = rows::ClusteringBound::Side;
  const rows::PartitionRun& partition = block.partitions[run];
  rows::ClusteringSlice slice{{{}, Side::kBefore}, {{}, Side::kAfter}};
  rows::AppendClusteringKey(*base_, block, partition.first_row, &slice.start.prefix);
  rows::AppendClusteringKey(*base_, block, rows::RunEnd(block, run) - 1, &slice.end.prefix);
  const rows::PartitionId id{base_->id, partition.token};
  const rows::PartitionLocks::Guard guard = engine_.view_locks().Lock({&id, 1});
  storage::engine::ReadCommand read;
  read.table = base_;
  read.keys = {partition.key};
  read.slices = {std::move(slice)};
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::RowSource> source, engine_.ReadHistory(read));
  CASSETTE_RETURN_IF_ERROR(writer_.BeginPartition(partition.key));
  MutationList mutations;
  base::Arena arena;
  BlockRows block_rows(*base_, &arena);
  rows::RowBlock now;
  const auto add = [&](std::string_view clustering, const BaseRow& row) -> base::Status {
    CASSETTE_RETURN_IF_ERROR(writer_.Add(clustering, BaseRow(), row, now_seconds_, &mutations));
    return mutations.size() < kMaxRowsAtOnce ? base::Status::Ok() : Flush(&mutations);
  };
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const bool more, source->Next(&now));
    if (!more) return Flush(&mutations);
    arena.Clear();
    for (size_t i = 0; i < now.partitions.size(); ++i) {
      CASSETTE_RETURN_IF_ERROR(block_rows.ForEach(now, i, add));
    }
  }
}

}  // namespace cassette::derived

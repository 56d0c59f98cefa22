#include "derived/view_updates.h"

#include <memory>

#include "base/assert.h"
#include "derived/view_writer.h"
#include "rows/mutation.h"

namespace cassette::derived {

base::Status ViewUpdates::Collect(std::span<const std::string_view> mutations) {
  for (const std::string_view mutation : mutations) {
    CASSETTE_ASSIGN_OR_RETURN(const rows::MutationHeader header, rows::ReadMutationHeader(mutation));
    schema::TablePtr table = schema_.FindTable(header.table);
    if (table == nullptr || table->views.empty()) continue;
    const auto [place, is_new] = updates_.try_emplace({header.table, std::string(header.key)});
    Partition& partition = place->second;
    partition.table = std::move(table);
    partition.token = header.token;
    if (is_new) partitions_.push_back({header.table, header.token});
    CASSETTE_RETURN_IF_ERROR(partition.update.Add(*partition.table, mutation));
  }
  return base::Status::Ok();
}

base::Status ViewUpdates::Add(MutationList* out) {
  for (auto& [place, partition] : updates_) {
    if (!partition.update.touches_rows()) continue;
    CASSETTE_RETURN_IF_ERROR(AddPartition(place.second, partition, out));
  }
  return base::Status::Ok();
}

base::Result<std::optional<ViewUpdates::Rows>> ViewUpdates::ReadSingleRows(const std::string& key,
                                                                           const Partition& partition) const {
  Rows found;
  rows::RowHistory history;
  for (const auto& [clustering, row] : partition.update.rows) {
    CASSETTE_ASSIGN_OR_RETURN(const bool is_read,
                              engine_.ReadRow(partition.table->id, partition.token, key, clustering, &history));
    if (!is_read) return std::optional<Rows>();
    CASSETTE_ASSIGN_OR_RETURN(BaseRow before, BaseRow::From(*partition.table, history));
    found.emplace_hint(found.end(), clustering, std::move(before));
  }
  return std::optional(std::move(found));
}

base::Result<ViewUpdates::Rows> ViewUpdates::ReadRows(const std::string& key, const Partition& partition) const {
  if (partition.update.has_rows_alone()) {
    CASSETTE_ASSIGN_OR_RETURN(std::optional<Rows> single, ReadSingleRows(key, partition));
    if (single) return std::move(*single);
  }
  storage::engine::ReadCommand read;
  read.table = partition.table;
  read.keys = {key};
  read.slices = partition.update.Slices();
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::RowSource> source, engine_.ReadHistory(read));
  Rows found;
  BlockRows block_rows(*partition.table);
  rows::RowBlock block;
  const auto take = [&found](const std::string& clustering, const BaseRow& row) -> base::Status {
    found[clustering] = row;
    return base::Status::Ok();
  };
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const bool more, source->Next(&block));
    if (!more) break;
    for (size_t run = 0; run < block.partitions.size(); ++run) {
      CASSETTE_RETURN_IF_ERROR(block_rows.ForEach(block, run, take));
    }
  }
  for (const auto& [clustering, row] : partition.update.rows) {
    found.try_emplace(clustering, block_rows.Missing(clustering));
  }
  return found;
}

base::Status ViewUpdates::AddPartition(const std::string& key, Partition& partition, MutationList* out) {
  const PartitionUpdate& update = partition.update;
  CASSETTE_ASSIGN_OR_RETURN(const Rows before, ReadRows(key, partition));
  std::vector<ViewWriter> views;
  views.reserve(partition.table->views.size());  // None may move: they point into themselves.
  for (const schema::TableId& id : partition.table->views) {
    const schema::TablePtr view = schema_.FindTable(id);
    CASSETTE_ASSERT(view != nullptr);
    views.emplace_back(*partition.table, *view, now_seconds_);
    CASSETTE_RETURN_IF_ERROR(views.back().BeginPartition(key));
  }
  rows::RangeTombstoneList ranges;
  ranges.Assign(update.range_tombstones, update.deletion);
  for (const auto& [clustering, row] : before) {
    BaseRow after = row;
    const auto written = update.rows.find(clustering);
    if (written != update.rows.end()) after.Merge(written->second);
    after.MergeDeletion(update.deletion);
    if (const rows::DeletionTime* range = ranges.Covering(clustering)) after.MergeDeletion(*range);
    for (ViewWriter& view : views) CASSETTE_RETURN_IF_ERROR(view.Add(clustering, row, after, out));
  }
  return base::Status::Ok();
}

}  // namespace cassette::derived

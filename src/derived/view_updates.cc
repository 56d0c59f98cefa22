#include "derived/view_updates.h"

#include <algorithm>
#include <memory>
#include <string>
#include <tuple>

#include "base/assert.h"

namespace cassette::derived {

const schema::Schema& ViewUpdates::Begin(storage::engine::Engine& engine, int64_t now_seconds) {
  engine_ = &engine;
  now_seconds_ = now_seconds;
  collected_.clear();
  partitions_.clear();
  if (schema_ == nullptr || !engine.IsCurrent(schema_)) {
    views_.clear();
    table_ = nullptr;
    schema_ = engine.schema();
  }
  return *schema_;
}

void ViewUpdates::Collect(const schema::Table& table, const rows::MutationHeader& mutation) {
  collected_.push_back({&table, mutation});
  partitions_.push_back({mutation.table, mutation.token});
}

base::Status ViewUpdates::Add(MutationList* out) {
  // The mutations of a partition need not be neighbours.
  const auto is_before = [](const Collected& a, const Collected& b) {
    return std::tie(a.mutation.table, a.mutation.token, a.mutation.key) <
           std::tie(b.mutation.table, b.mutation.token, b.mutation.key);
  };
  if (collected_.size() > 1) std::stable_sort(collected_.begin(), collected_.end(), is_before);
  for (auto begin = collected_.begin(); begin != collected_.end();) {
    const auto end = std::find_if_not(begin, collected_.end(),
                                      [begin](const Collected& mutation) { return mutation.IsOfPartition(*begin); });
    CASSETTE_RETURN_IF_ERROR(AddPartition({begin, end}, out));
    begin = end;
  }
  return base::Status::Ok();
}

base::Status ViewUpdates::AddPartition(std::span<const Collected> mutations, MutationList* out) {
  const Collected& partition = mutations.front();
  arena_.Clear();
  update_.Clear();
  for (const Collected& mutation : mutations) {
    CASSETTE_RETURN_IF_ERROR(update_.Add(*mutation.table, mutation.mutation, &arena_));
  }
  update_.Finish(&arena_);
  if (!update_.touches_rows()) return base::Status::Ok();
  CASSETTE_RETURN_IF_ERROR(ReadRows(partition));
  CASSETTE_RETURN_IF_ERROR(BeginViews(*partition.table, partition.mutation.key));
  rows::RangeTombstoneList ranges;
  ranges.Assign(update_.range_tombstones, update_.deletion);
  for (const KeyedRow& before : before_) {
    BaseRow after = before.row;
    if (const KeyedRow* written = FindRow(update_.rows, before.clustering)) after.Merge(written->row, &arena_);
    after.MergeDeletion(update_.deletion, &arena_);
    if (const rows::DeletionTime* range = ranges.Covering(before.clustering)) after.MergeDeletion(*range, &arena_);
    for (ViewWriter& view : views_) {
      CASSETTE_RETURN_IF_ERROR(view.Add(before.clustering, before.row, after, now_seconds_, out));
    }
  }
  return base::Status::Ok();
}

base::Status ViewUpdates::BeginViews(const schema::Table& table, std::string_view key) {
  if (table_ != &table) {
    views_.clear();
    for (const schema::TableId& id : table.views) {
      const schema::TablePtr view = schema_->FindTable(id);
      CASSETTE_ASSERT(view != nullptr);
      views_.emplace_back(table, *view);
    }
    table_ = &table;
  }
  for (ViewWriter& view : views_) CASSETTE_RETURN_IF_ERROR(view.BeginPartition(key));
  return base::Status::Ok();
}

base::Status ViewUpdates::ReadRows(const Collected& partition) {
  if (update_.has_rows_alone()) {
    CASSETTE_ASSIGN_OR_RETURN(const bool are_read, ReadSingleRows(partition));
    if (are_read) return base::Status::Ok();
  }
  return ReadRanges(partition);
}

base::Result<bool> ViewUpdates::ReadSingleRows(const Collected& partition) {
  before_.clear();
  if (histories_.size() < update_.rows.size()) histories_.resize(update_.rows.size());
  auto history = histories_.begin();
  for (const KeyedRow& written : update_.rows) {
    CASSETTE_ASSIGN_OR_RETURN(
        const bool is_read, engine_->ReadRow(partition.mutation.table, partition.mutation.token, partition.mutation.key,
                                             written.clustering, &*history));
    if (!is_read) return false;
    KeyedRow& before = before_.emplace_back(written.clustering);
    CASSETTE_RETURN_IF_ERROR(ReadBaseRow(*partition.table, *history, &arena_, &before.row));
    ++history;
  }
  return true;
}

base::Status ViewUpdates::ReadRanges(const Collected& partition) {
  before_.clear();
  storage::engine::ReadCommand read;
  read.table = schema_->FindTable(partition.mutation.table);
  read.keys = {std::string(partition.mutation.key)};
  read.slices = update_.Slices();
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::RowSource> source, engine_->ReadHistory(read));
  BlockRows block_rows(*partition.table, &arena_);
  rows::RowBlock block;
  const auto take = [this](std::string_view clustering, const BaseRow& row) -> base::Status {
    before_.push_back({arena_.Copy(clustering), row});
    return base::Status::Ok();
  };
  while (true) {
    CASSETTE_ASSIGN_OR_RETURN(const bool more, source->Next(&block));
    if (!more) break;
    for (size_t run = 0; run < block.partitions.size(); ++run) {
      CASSETTE_RETURN_IF_ERROR(block_rows.ForEach(block, run, take));
    }
  }
  const size_t found = before_.size();  // They ascend.
  for (const KeyedRow& written : update_.rows) {
    if (FindRow({before_.data(), found}, written.clustering) != nullptr) continue;
    before_.push_back({written.clustering, block_rows.Missing(written.clustering)});
  }
  return base::Status::Ok();
}

}  // namespace cassette::derived

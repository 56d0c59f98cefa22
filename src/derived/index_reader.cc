#include "derived/index_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "codec/murmur3.h"
#include "derived/index_layout.h"
#include "rows/merge_rows.h"
#include "rows/mutation.h"

namespace cassette::derived {
namespace {

using rows::ClusteringBound;
using rows::ClusteringSlice;
using storage::engine::Engine;
using storage::engine::ReadCommand;

// Entries read at once: few at first, for most questions want few rows.
constexpr uint64_t kFirstChunkEntries = 32;
constexpr uint64_t kMaxChunkEntries = columnar::kMaxVectorRows;
constexpr uint64_t kChunkGrowth = 4;

// The index as the schema has it now.
struct OpenIndex {
  schema::SchemaPtr schema;  // Keeps what the others point into.
  schema::TablePtr base;
  const schema::Index* index = nullptr;
  const schema::Column* column = nullptr;
  schema::TablePtr table;
  bool is_partition_index = false;
  bool has_path = false;
};

base::Result<OpenIndex> Open(Engine& engine, const ReadCommand& command, const std::string& name) {
  OpenIndex open;
  open.schema = engine.schema();
  open.base = open.schema->FindTable(command.table->id);
  open.index = open.base == nullptr ? nullptr : open.base->FindIndex(name);
  if (open.index == nullptr || !open.index->is_built) {
    return base::Unavailable(fmt::format("The secondary index '{}' is not yet available", name));
  }
  open.column = open.base->FindColumn(open.index->column);
  open.table = open.schema->FindTable(open.index->table);
  CASSETTE_ASSERT(open.column != nullptr);
  CASSETTE_ASSERT(open.table != nullptr);
  open.is_partition_index = IsPartitionIndex(*open.base, *open.index);
  open.has_path = HasPath(*open.base, *open.index);
  return open;
}

std::string PartitionPrefix(const schema::Table& index_table, const std::string& key) {
  std::string prefix;
  AppendEntryPartition(index_table, {codec::Murmur3Token(key), key}, &prefix);
  return prefix;
}

std::string TokenPrefix(const schema::Table& index_table, rows::Token token) {
  std::string value;
  types::AppendFromInt64(types::TypeKind::kBigint, token, &value);
  std::string prefix;
  rows::AppendClusteringComponent(index_table, 0, value, &prefix);
  return prefix;
}

// The entries that stand within what the command asks for, as far as their order tells.
base::Result<std::vector<ClusteringSlice>> EntrySlices(const OpenIndex& open, const ReadCommand& command) {
  if (command.keys.size() > 1) {
    return base::InvalidArgument("Select on indexed columns and with IN clause for the PRIMARY KEY are not supported");
  }
  std::vector<ClusteringSlice> slices;
  if (command.keys.size() == 1) {
    const std::string prefix = PartitionPrefix(*open.table, command.keys[0]);
    if (open.is_partition_index) {
      slices.push_back({{prefix, ClusteringBound::Side::kBefore}, {prefix, ClusteringBound::Side::kAfter}});
    }
    for (const ClusteringSlice& slice : command.slices) {
      if (open.is_partition_index) break;
      slices.push_back({{prefix + slice.start.prefix, slice.start.side}, {prefix + slice.end.prefix, slice.end.side}});
    }
  } else {
    ClusteringSlice slice;
    if (command.has_start_token) {
      slice.start = {TokenPrefix(*open.table, command.start_token), ClusteringBound::Side::kBefore};
    }
    if (command.has_end_token) {
      slice.end = {TokenPrefix(*open.table, command.end_token), ClusteringBound::Side::kAfter};
    }
    slices.push_back(std::move(slice));
  }
  if (!command.has_resume) return slices;
  const std::string prefix = PartitionPrefix(*open.table, command.resume_key);
  ClusteringBound after{prefix, ClusteringBound::Side::kAfter};
  if (command.has_resume_clustering) {
    if (open.is_partition_index) {
      after.side = ClusteringBound::Side::kBefore;
    } else {
      after.prefix += command.resume_clustering;
    }
  }
  std::vector<ClusteringSlice> rest;
  for (ClusteringSlice& slice : slices) {
    if (after.Compare(slice.start) > 0) slice.start = after;
    if (slice.start.Compare(slice.end) < 0) rest.push_back(std::move(slice));
  }
  return rest;
}

struct Entry {
  std::string partition;
  std::string clustering;  // Of the base row; empty in a partition index.
  std::string path;        // Of the item, where several of a row may be equal.
  std::string own;         // Clustering bytes in the index's table.

  bool IsOfRowOf(const Entry& other) const { return partition == other.partition && clustering == other.clustering; }
};

// The entries of one value, a chunk at a time.
class EntryReader {
 public:
  EntryReader(Engine& engine, const OpenIndex& open, const IndexQuery& query, std::vector<ClusteringSlice> slices,
              int64_t now_seconds)
      : engine_(engine), base_(*open.base) {
    command_.table = open.table;
    command_.keys = {query.entries};
    command_.slices = std::move(slices);
    command_.now_seconds = now_seconds;
    command_.limit = kFirstChunkEntries;
    for (size_t i = 0; i < open.table->clustering_count(); ++i) {
      command_.columns.push_back({open.table->clustering(i).id});
    }
    base_columns_ = open.is_partition_index ? 0 : base_.clustering_count();
    has_path_ = open.has_path;
    is_at_end_ = command_.slices.empty();
  }

  // Appends up to `limit` entries; false when there are no more after them.
  base::Result<bool> NextChunk(std::vector<Entry>* entries) {
    if (is_at_end_) return false;
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::BatchReader> reader, engine_.Read(command_, nullptr));
    uint64_t count = 0;
    while (true) {
      CASSETTE_ASSIGN_OR_RETURN(const bool more, reader->Next(&batch_));
      if (!more) break;
      for (uint32_t row = 0; row < batch_.row_count; ++row) entries->push_back(EntryOf(row));
      count += batch_.row_count;
    }
    is_at_end_ = count < command_.limit;
    if (is_at_end_) return false;
    command_.has_resume = true;
    command_.resume_key = command_.keys[0];
    command_.has_resume_clustering = true;
    command_.resume_clustering = entries->back().own;
    command_.limit = std::min(command_.limit * kChunkGrowth, kMaxChunkEntries);
    return true;
  }
  void set_limit(uint64_t limit) { command_.limit = limit; }

 private:
  Entry EntryOf(uint32_t row) const {
    Entry entry;
    entry.partition = batch_.columns[1].bytes(row);
    std::string value;
    for (size_t i = 0; i < batch_.columns.size(); ++i) {
      value.clear();
      batch_.columns[i].AppendSerialized(command_.table->clustering(i).type, row, &value);
      const size_t begin = entry.own.size();
      rows::AppendClusteringComponent(*command_.table, i, value, &entry.own);
      if (i >= 2 && i < 2 + base_columns_) entry.clustering.append(entry.own, begin);
    }
    if (has_path_) entry.path = std::move(value);
    return entry;
  }

  Engine& engine_;
  const schema::Table& base_;
  ReadCommand command_;
  rows::RowBatch batch_;
  size_t base_columns_ = 0;
  bool has_path_ = false;
  bool is_at_end_ = false;
};

bool IsWithin(const std::vector<ClusteringSlice>& slices, const std::string& clustering) {
  return std::any_of(slices.begin(), slices.end(),
                     [&](const ClusteringSlice& slice) { return slice.Contains(clustering); });
}

bool AreAllRows(const std::vector<ClusteringSlice>& slices) {
  return slices.size() == 1 && slices[0].start == ClusteringBound::Start() && slices[0].end == ClusteringBound::End();
}

class IndexReader final : public rows::BatchReader {
 public:
  IndexReader(Engine& engine, OpenIndex open, const ReadCommand& command, const IndexQuery& query,
              std::vector<ClusteringSlice> slices, storage::engine::ReadStatistics* statistics,
              IndexStatistics* index_statistics)
      : engine_(engine),
        open_(std::move(open)),
        command_(command),
        query_(query),
        statistics_(statistics),
        index_statistics_(index_statistics),
        entries_(engine, open_, query, std::move(slices), command.now_seconds) {
    command_.limit = 0;
    command_.per_partition_limit = 0;
    command_.has_start_token = false;
    command_.has_end_token = false;
    const bool is_key = open_.column->kind == schema::ColumnKind::kPartitionKey ||
                        open_.column->kind == schema::ColumnKind::kClustering;
    if (!is_key) value_column_ = RequestColumn(open_.column->id);
  }

  base::Result<bool> Next(rows::RowBatch* batch) override {
    while (true) {
      if (current_ != nullptr) {
        CASSETTE_ASSIGN_OR_RETURN(const bool more, current_->Next(batch));
        if (more) {
          CountMatches(*batch);
          return true;
        }
        current_ = nullptr;
        CASSETTE_RETURN_IF_ERROR(CheckGroup());
      }
      CASSETTE_ASSIGN_OR_RETURN(const bool has_group, OpenGroup());
      if (!has_group) {
        batch->Clear();
        return false;
      }
    }
  }

 private:
  uint32_t RequestColumn(schema::ColumnId id) {
    for (uint32_t i = 0; i < command_.columns.size(); ++i) {
      if (command_.columns[i].id == id) return i;
    }
    command_.columns.push_back({id});
    return static_cast<uint32_t>(command_.columns.size() - 1);
  }

  // Reads entries until there is one for the next group. False at the end.
  base::Result<bool> FillPending() {
    while (next_ == pending_.size()) {
      if (!has_more_entries_) return false;
      pending_.clear();
      next_ = 0;
      CASSETTE_ASSIGN_OR_RETURN(has_more_entries_, entries_.NextChunk(&pending_));
      if (index_statistics_ != nullptr) index_statistics_->entries_read += pending_.size();
      Filter();
    }
    return true;
  }

  // Leaves out entries outside of what is asked for, and those of the last row that was read before.
  void Filter() {
    std::erase_if(pending_, [this](const Entry& entry) {
      if (last_ && entry.IsOfRowOf(*last_)) return true;
      return !open_.is_partition_index && !IsWithin(command_.slices, entry.clustering);
    });
    if (open_.has_path && !pending_.empty()) last_ = pending_.back();
  }

  // Steps over the entries of one row.
  const Entry& TakeRow() {
    const Entry& first = pending_[next_++];
    while (next_ < pending_.size() && pending_[next_].IsOfRowOf(first)) ++next_;
    return first;
  }

  base::Result<bool> OpenGroup() {
    CASSETTE_ASSIGN_OR_RETURN(const bool has_entry, FillPending());
    if (!has_entry) return false;
    const bool is_one_row_a_partition = open_.base->clustering_count() == 0;
    ReadCommand read = command_;
    read.keys.clear();
    read.has_resume = false;
    read.has_resume_clustering = false;
    group_begin_ = next_;
    if (open_.is_partition_index) {
      read.keys.push_back(TakeRow().partition);
      if (command_.has_resume && command_.has_resume_clustering && read.keys[0] == command_.resume_key) {
        read.has_resume = true;
        read.has_resume_clustering = true;
      }
    } else if (is_one_row_a_partition) {
      while (next_ < pending_.size()) read.keys.push_back(TakeRow().partition);
    } else {
      read.keys.push_back(pending_[next_].partition);
      read.slices.clear();
      while (next_ < pending_.size() && pending_[next_].partition == read.keys[0]) {
        const std::string& row = TakeRow().clustering;
        read.slices.push_back({{row, ClusteringBound::Side::kBefore}, {row, ClusteringBound::Side::kAfter}});
      }
    }
    judges_group_ = !open_.is_partition_index || (AreAllRows(command_.slices) && !read.has_resume);
    matches_ = 0;
    CASSETTE_ASSIGN_OR_RETURN(current_, engine_.Read(read, statistics_));
    return true;
  }

  void CountMatches(const rows::RowBatch& batch) {
    if (open_.is_partition_index && matches_ > 0) return;  // All rows of a partition have its one value.
    if (value_column_ == kNoColumn) {
      matches_ += batch.row_count;
      return;
    }
    const uint32_t count = open_.is_partition_index ? std::min(batch.row_count, 1u) : batch.row_count;
    for (uint32_t row = 0; row < count; ++row) {
      matches_ += Matches(*open_.column, batch.columns[value_column_], row);
    }
  }
  // How many entries the row should have.
  uint64_t Matches(const schema::Column& column, const columnar::Vector& vector, uint32_t row) {
    if (vector.is_null(row)) return 0;
    value_.clear();
    vector.AppendSerialized(column.type, row, &value_);
    return EntryCount(column, open_.index->target, value_, IndexedBytes(query_.entries));
  }

  // Where less came than entries had promised, those that stand for nothing go.
  base::Status CheckGroup() {
    const size_t entries = next_ - group_begin_;
    if (!judges_group_ || matches_ >= entries) return base::Status::Ok();
    for (size_t i = group_begin_; i < next_; ++i) {
      // The entry first: a row is written before its entry, so that what stands for a newer write is not stale.
      CASSETTE_ASSIGN_OR_RETURN(const std::optional<int64_t> written_at, WriteTimeOf(pending_[i]));
      if (!written_at) continue;
      CASSETTE_ASSIGN_OR_RETURN(const bool is_stale, IsStale(pending_[i]));
      if (is_stale) Remove(pending_[i], *written_at);
    }
    return base::Status::Ok();
  }

  // A read of the indexed column where the entry points to.
  ReadCommand ReadOf(const Entry& entry) const {
    ReadCommand read;
    read.table = open_.base;
    read.keys = {entry.partition};
    read.columns = {{open_.column->id}};
    read.now_seconds = command_.now_seconds;
    if (!open_.is_partition_index) {
      read.slices = {
          {{entry.clustering, ClusteringBound::Side::kBefore}, {entry.clustering, ClusteringBound::Side::kAfter}}};
    }
    return read;
  }

  base::Result<bool> IsStale(const Entry& entry) {
    if (open_.has_path) return IsItemStale(entry);
    ReadCommand read = ReadOf(entry);
    read.static_rows = open_.is_partition_index;
    read.limit = 1;
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::BatchReader> reader, engine_.Read(read, nullptr));
    rows::RowBatch batch;
    CASSETTE_ASSIGN_OR_RETURN(const bool has_row, reader->Next(&batch));
    if (!has_row || batch.row_count == 0) return true;
    return value_column_ != kNoColumn && Matches(*open_.column, batch.columns[0], 0) == 0;
  }

  // Whether the item at the entry's path is gone, or another one: what readers see has no paths.
  base::Result<bool> IsItemStale(const Entry& entry) {
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::RowSource> source, engine_.ReadHistory(ReadOf(entry)));
    rows::RowBlock block;
    CASSETTE_ASSIGN_OR_RETURN(const bool has_row, source->Next(&block));
    if (!has_row || block.partitions.empty()) return true;
    const rows::PartitionHead* head = block.partitions[0].head.get();
    if (open_.is_partition_index) {
      if (head == nullptr) return true;
      const auto cell = std::find_if(head->static_cells.begin(), head->static_cells.end(),
                                     [&](const auto& one) { return one.column == open_.column->id; });
      return cell == head->static_cells.end() || !HasItem(cell->value, entry, head->deletion.marked_at_micros);
    }
    const rows::CellColumn* cells = block.FindCells(open_.column->id);
    if (block.row_count == 0 || cells == nullptr || cells->values.is_null(0)) return true;
    return !HasItem(cells->values.bytes(0), entry, CoveredUntil(block, head, entry.clustering));
  }
  // What was written to the first row of a block up to then is gone.
  static int64_t CoveredUntil(const rows::RowBlock& block, const rows::PartitionHead* head,
                              const std::string& clustering) {
    int64_t until = rows::RowDeletionOf(block, 0).marked_at_micros;
    if (head == nullptr) return until;
    until = std::max(until, head->deletion.marked_at_micros);
    for (const rows::RangeTombstone& range : head->range_tombstones) {
      const bool covers = ClusteringSlice{range.start, range.end}.Contains(clustering);
      if (covers) until = std::max(until, range.deletion.marked_at_micros);
    }
    return until;
  }
  bool HasItem(std::string_view image, const Entry& entry, int64_t deleted_at_micros) const {
    rows::ComplexReader reader;
    if (!reader.Open(image)) return false;
    deleted_at_micros = std::max(deleted_at_micros, reader.deletion().marked_at_micros);
    rows::ComplexCell item;
    while (!reader.at_end() && reader.Next(&item)) {
      if (item.path != entry.path) continue;
      return item.cell.timestamp_micros > deleted_at_micros && item.cell.IsLiveAt(command_.now_seconds) &&
             EntriesKeyOf(open_.column->type, open_.index->target, item) == query_.entries;
    }
    return false;
  }

  // Nothing when the entry is gone.
  base::Result<std::optional<int64_t>> WriteTimeOf(const Entry& entry) {
    ReadCommand read;
    read.table = open_.table;
    read.keys = {query_.entries};
    read.slices = {{{entry.own, ClusteringBound::Side::kBefore}, {entry.own, ClusteringBound::Side::kAfter}}};
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<rows::RowSource> source, engine_.ReadHistory(read));
    rows::RowBlock block;
    CASSETTE_ASSIGN_OR_RETURN(const bool has_entry, source->Next(&block));
    if (!has_entry || block.row_count == 0) return std::optional<int64_t>();
    const rows::Liveness liveness = rows::LivenessOf(block, 0);
    return liveness.is_empty() ? std::nullopt : std::optional<int64_t>(liveness.timestamp_micros);
  }

  // As of the write time that it had before its row was looked at: a newer write of the same value keeps its entry.
  // Failing to is no failure of the read.
  void Remove(const Entry& entry, int64_t written_at_micros) {
    rows::MutationBuilder builder;
    builder.Begin(open_.table->id, codec::Murmur3Token(query_.entries), query_.entries);
    builder.BeginRow(entry.own);
    builder.SetRowDeletion({written_at_micros, command_.now_seconds});
    const std::string_view mutation = builder.bytes();
    if (engine_.Apply({&mutation, 1}).ok() && index_statistics_ != nullptr) ++index_statistics_->entries_removed;
  }

  static constexpr uint32_t kNoColumn = std::numeric_limits<uint32_t>::max();

  Engine& engine_;
  const OpenIndex open_;
  ReadCommand command_;
  const IndexQuery query_;
  storage::engine::ReadStatistics* const statistics_;
  IndexStatistics* const index_statistics_;
  EntryReader entries_;
  uint32_t value_column_ = kNoColumn;  // Index into command_.columns; none when the value is part of the key.
  bool has_more_entries_ = true;
  std::vector<Entry> pending_;
  size_t next_ = 0;
  std::optional<Entry> last_;  // Of the chunk before, where a row may have several.
  // The entries [group_begin_, next_) are being read.
  std::unique_ptr<rows::BatchReader> current_;
  size_t group_begin_ = 0;
  bool judges_group_ = false;
  uint64_t matches_ = 0;
  std::string value_;
};

}  // namespace

base::Result<std::unique_ptr<rows::BatchReader>> ReadByIndex(Engine& engine, const ReadCommand& command,
                                                             const IndexQuery& query,
                                                             storage::engine::ReadStatistics* statistics,
                                                             IndexStatistics* index_statistics) {
  CASSETTE_ASSERT(!command.reversed);
  CASSETTE_ASSIGN_OR_RETURN(OpenIndex open, Open(engine, command, query.index));
  CASSETTE_ASSIGN_OR_RETURN(std::vector<ClusteringSlice> slices, EntrySlices(open, command));
  return std::unique_ptr<rows::BatchReader>(std::make_unique<IndexReader>(
      engine, std::move(open), command, query, std::move(slices), statistics, index_statistics));
}

base::Result<uint64_t> CountEntries(Engine& engine, const ReadCommand& command, const IndexQuery& query,
                                    uint64_t maximum) {
  CASSETTE_ASSIGN_OR_RETURN(const OpenIndex open, Open(engine, command, query.index));
  CASSETTE_ASSIGN_OR_RETURN(std::vector<ClusteringSlice> slices, EntrySlices(open, command));
  EntryReader reader(engine, open, query, std::move(slices), command.now_seconds);
  reader.set_limit(maximum);
  std::vector<Entry> entries;
  CASSETTE_RETURN_IF_ERROR(reader.NextChunk(&entries).status());
  return static_cast<uint64_t>(entries.size());
}

}  // namespace cassette::derived

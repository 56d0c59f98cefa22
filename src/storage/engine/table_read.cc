#include "storage/engine/table_read.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "codec/murmur3.h"

namespace cassette::storage::engine {
namespace {

// Nothing.
class EmptySource final : public rows::RowSource {
 public:
  base::Result<bool> Next(rows::RowBlock* block) override {
    block->Clear();
    return false;
  }
};

std::unique_ptr<rows::RowSource> Merged(std::vector<std::unique_ptr<rows::RowSource>> sources,
                                        const TableReadState& state) {
  if (sources.empty()) return std::make_unique<EmptySource>();
  if (sources.size() == 1) return std::move(sources[0]);
  rows::MergeOptions options;
  options.table = state.command.table;
  options.columns = state.columns;
  options.reversed = state.command.reversed;
  return rows::MergeSources(std::move(sources), options);
}

// The partitions of a list of keys, each opened when the one before has ended.
class KeyListSource final : public rows::RowSource {
 public:
  // Begins with `first_slices`, for the first key alone.
  KeyListSource(TableReadState* state, size_t first_key, std::vector<rows::ClusteringSlice> first_slices)
      : state_(state), next_key_(first_key), slices_(std::move(first_slices)) {}

  base::Result<bool> Next(rows::RowBlock* block) override {
    while (true) {
      if (current_ == nullptr) {
        if (next_key_ == state_->command.keys.size()) return false;
        const std::string& key = state_->command.keys[next_key_++];
        CASSETTE_ASSIGN_OR_RETURN(current_, ReadPartition(state_, key, codec::Murmur3Token(key), slices_));
        slices_ = state_->command.slices;
      }
      CASSETTE_ASSIGN_OR_RETURN(const bool more, current_->Next(block));
      if (more) return true;
      current_ = nullptr;
    }
  }

 private:
  TableReadState* const state_;
  size_t next_key_;
  std::vector<rows::ClusteringSlice> slices_;
  std::unique_ptr<rows::RowSource> current_;
};

base::Result<std::unique_ptr<rows::RowSource>> OpenScan(TableReadState* state) {
  const ReadCommand& command = state->command;
  rows::ReadRange range;
  range.has_start = command.has_start_token || command.has_resume;
  range.start_token = command.has_start_token ? command.start_token : rows::kMinToken;
  if (command.has_resume) range.start_token = std::max(range.start_token, codec::Murmur3Token(command.resume_key));
  range.has_end = command.has_end_token;
  if (command.has_end_token) range.end_token = command.end_token;
  range.slices = command.slices;
  range.reversed = command.reversed;
  range.columns = state->columns;
  std::vector<std::unique_ptr<rows::RowSource>> sources;
  for (const MemtablePtr& slot : state->version->memtables) {
    if (slot->memtable.empty()) continue;
    ++state->memtables_read;
    sources.push_back(slot->memtable.Read(range));
  }
  sstable::ReadOptions options;
  options.bypass_cache = true;
  options.component_ranges = command.component_ranges;
  for (const SstablePtr& table : state->version->sstables) {
    if (!table->Overlaps(range.start_token, range.end_token)) {
      ++state->sstables_skipped_by_filter;
      continue;
    }
    ++state->sstables_read;
    sources.push_back(table->reader().Read(range, options, state->counters));
  }
  return Merged(std::move(sources), *state);
}

// Leaves out the runs of partitions up to and including one. They stand at the front.
class AfterPartitionSource final : public rows::RowSource {
 public:
  AfterPartitionSource(std::unique_ptr<rows::RowSource> source, std::string key)
      : source_(std::move(source)), key_(std::move(key)), last_{codec::Murmur3Token(key_), key_} {}

  base::Result<bool> Next(rows::RowBlock* block) override {
    while (true) {
      CASSETTE_ASSIGN_OR_RETURN(const bool more, source_->Next(block));
      if (!more || is_past_) return more;
      if (Cut(block)) return true;
    }
  }

 private:
  bool IsAfter(const rows::PartitionRun& run) const {
    return rows::PartitionPosition{run.token, run.key}.Compare(last_) > 0;
  }
  // False when nothing is left of the block.
  bool Cut(rows::RowBlock* block) {
    const auto first = std::find_if(block->partitions.begin(), block->partitions.end(),
                                    [&](const rows::PartitionRun& run) { return IsAfter(run); });
    if (first == block->partitions.end()) return false;
    is_past_ = true;
    if (first == block->partitions.begin()) return true;
    const uint32_t begin = first->first_row;
    block->partitions.erase(block->partitions.begin(), first);
    for (rows::PartitionRun& run : block->partitions) run.first_row -= begin;
    if (begin > 0) CutRows(begin, block);
    return true;
  }
  static void CutVector(uint32_t begin, uint32_t end, columnar::Vector* vector) {
    columnar::Vector rest(vector->physical());
    rest.AppendRange(*vector, begin, end);
    *vector = std::move(rest);
  }
  template <typename Number>
  static void CutMeta(uint32_t begin, rows::MetaColumn<Number>* column) {
    if (!column->is_constant()) column->values.erase(column->values.begin(), column->values.begin() + begin);
    if (column->values.empty()) column->values.clear();
  }
  static void CutRows(uint32_t begin, rows::RowBlock* block) {
    const uint32_t end = block->row_count;
    for (columnar::Vector& vector : block->clustering) CutVector(begin, end, &vector);
    for (rows::CellColumn& cells : block->cells) {
      CutVector(begin, end, &cells.values);
      CutMeta(begin, &cells.timestamps);
      CutMeta(begin, &cells.ttls);
      CutMeta(begin, &cells.expiries);
    }
    CutMeta(begin, &block->timestamps);
    CutMeta(begin, &block->ttls);
    CutMeta(begin, &block->expiries);
    CutMeta(begin, &block->deleted_at);
    CutMeta(begin, &block->deleted_local);
    block->row_count = end - begin;
  }

  const std::unique_ptr<rows::RowSource> source_;
  const std::string key_;
  const rows::PartitionPosition last_;
  bool is_past_ = false;
};

// The rest of the partition that an earlier page ended in, then the partitions after it.
class ResumedScanSource final : public rows::RowSource {
 public:
  ResumedScanSource(TableReadState* state, std::unique_ptr<rows::RowSource> rest_of_partition)
      : state_(state), current_(std::move(rest_of_partition)) {}

  base::Result<bool> Next(rows::RowBlock* block) override {
    CASSETTE_ASSIGN_OR_RETURN(bool more, current_->Next(block));
    if (more || is_scanning_) return more;
    CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<rows::RowSource> scan, OpenScan(state_));
    current_ = std::make_unique<AfterPartitionSource>(std::move(scan), state_->command.resume_key);
    is_scanning_ = true;
    return current_->Next(block);
  }

 private:
  TableReadState* const state_;
  std::unique_ptr<rows::RowSource> current_;
  bool is_scanning_ = false;
};

base::Result<std::unique_ptr<rows::RowSource>> ReadKeys(TableReadState* state) {
  const ReadCommand& command = state->command;
  if (command.keys.size() == 1 && !command.has_resume) {
    return ReadPartition(state, command.keys[0], codec::Murmur3Token(command.keys[0]), command.slices);
  }
  size_t first = 0;
  std::vector<rows::ClusteringSlice> slices = command.slices;
  if (command.has_resume) {
    const auto key = std::find(command.keys.begin(), command.keys.end(), command.resume_key);
    if (key == command.keys.end()) return base::InvalidArgument("the page to go on from is of another query");
    first = static_cast<size_t>(key - command.keys.begin());
    if (command.has_resume_clustering) {
      slices = SlicesAfter(slices, command.resume_clustering, command.reversed);
    } else {
      ++first;
    }
  }
  if (first + 1 == command.keys.size()) {
    const std::string& key = command.keys[first];
    return ReadPartition(state, key, codec::Murmur3Token(key), slices);
  }
  return std::unique_ptr<rows::RowSource>(std::make_unique<KeyListSource>(state, first, std::move(slices)));
}

}  // namespace

std::vector<rows::ClusteringSlice> SlicesAfter(const std::vector<rows::ClusteringSlice>& slices,
                                               const std::string& clustering, bool reversed) {
  using Side = rows::ClusteringBound::Side;
  const rows::ClusteringBound place{clustering, reversed ? Side::kBefore : Side::kAfter};
  std::vector<rows::ClusteringSlice> rest;
  for (rows::ClusteringSlice slice : slices) {
    if (reversed && place.Compare(slice.end) < 0) slice.end = place;
    if (!reversed && place.Compare(slice.start) > 0) slice.start = place;
    if (slice.start.Compare(slice.end) < 0) rest.push_back(std::move(slice));
  }
  return rest;
}

base::Result<std::unique_ptr<rows::RowSource>> ReadPartition(TableReadState* state, const std::string& key,
                                                             rows::Token token,
                                                             const std::vector<rows::ClusteringSlice>& slices) {
  rows::ReadRange range;
  range.key = &key;
  range.token = token;
  range.slices = slices;
  range.reversed = state->command.reversed;
  range.columns = state->columns;
  std::vector<std::unique_ptr<rows::RowSource>> sources;
  for (const MemtablePtr& slot : state->version->memtables) {
    if (slot->memtable.empty()) continue;
    ++state->memtables_read;
    sources.push_back(slot->memtable.Read(range));
  }
  sstable::ReadOptions options;
  options.component_ranges = state->command.component_ranges;
  for (const SstablePtr& table : state->version->sstables) {
    bool may_contain = table->CoversToken(token);
    if (may_contain) {
      CASSETTE_ASSIGN_OR_RETURN(may_contain, table->reader().MayContain(token));
    }
    if (!may_contain) {
      ++state->sstables_skipped_by_filter;
      continue;
    }
    ++state->sstables_read;
    sources.push_back(table->reader().Read(range, options, state->counters));
  }
  return Merged(std::move(sources), *state);
}

base::Result<std::unique_ptr<rows::RowSource>> ReadTable(TableReadState* state) {
  const ReadCommand& command = state->command;
  if (!command.keys.empty()) return ReadKeys(state);
  if (!command.has_resume) return OpenScan(state);
  std::unique_ptr<rows::RowSource> rest = std::make_unique<EmptySource>();
  if (command.has_resume_clustering) {
    CASSETTE_ASSIGN_OR_RETURN(rest,
                              ReadPartition(state, command.resume_key, codec::Murmur3Token(command.resume_key),
                                            SlicesAfter(command.slices, command.resume_clustering, command.reversed)));
  }
  return std::unique_ptr<rows::RowSource>(std::make_unique<ResumedScanSource>(state, std::move(rest)));
}

}  // namespace cassette::storage::engine

#include "storage/engine/table_read.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/assert.h"
#include "codec/murmur3.h"
#include "rows/merge.h"

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
                                        const ReadCommand& command) {
  if (sources.empty()) return std::make_unique<EmptySource>();
  if (sources.size() == 1) return std::move(sources[0]);
  rows::MergeOptions options;
  options.table = command.table;
  options.columns = rows::RegularColumnIds(*command.table);
  options.reversed = command.reversed;
  return rows::MergeSources(std::move(sources), options);
}

// The partitions of a list of keys, each opened when the one before has ended.
class KeyListSource final : public rows::RowSource {
 public:
  // Begins with `first_slices`, for the first key alone. Lifetime: `partition` outlives the source.
  KeyListSource(TableReadState* state, size_t first_key, std::vector<rows::ClusteringSlice> first_slices,
                PartitionRows* partition)
      : state_(state), next_key_(first_key), first_slices_(std::move(first_slices)), partition_(*partition) {}

  base::Result<bool> Next(rows::RowBlock* block) override {
    const ReadCommand& command = *state_->command;
    while (true) {
      if (!is_open_) {
        if (next_key_ == command.keys.size()) return false;
        CASSETTE_RETURN_IF_ERROR(
            partition_.Open(state_, command.keys[next_key_++], is_first_ ? first_slices_ : command.slices));
        is_first_ = false;
        is_open_ = true;
      }
      CASSETTE_ASSIGN_OR_RETURN(is_open_, partition_.Next(block));
      if (is_open_) return true;
    }
  }

 private:
  TableReadState* const state_;
  size_t next_key_;
  const std::vector<rows::ClusteringSlice> first_slices_;
  PartitionRows& partition_;
  bool is_first_ = true;
  bool is_open_ = false;
};

base::Result<std::unique_ptr<rows::RowSource>> OpenScan(TableReadState* state) {
  const ReadCommand& command = *state->command;
  rows::ReadRange range;
  range.has_start = command.has_start_token || command.has_resume;
  range.start_token = command.has_start_token ? command.start_token : rows::kMinToken;
  if (command.has_resume) range.start_token = std::max(range.start_token, codec::Murmur3Token(command.resume_key));
  range.has_end = command.has_end_token;
  if (command.has_end_token) range.end_token = command.end_token;
  range.slices = command.slices;
  range.reversed = command.reversed;
  range.columns = rows::RegularColumnIds(*command.table);
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
  return Merged(std::move(sources), command);
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
  // Lifetime: `rest` outlives the source.
  ResumedScanSource(TableReadState* state, PartitionRows* rest) : state_(state), rest_(*rest) {}

  base::Status Open() {
    const ReadCommand& command = *state_->command;
    if (!command.has_resume_clustering) return base::Status::Ok();
    rows_ = &rest_;
    return rest_.Open(state_, command.resume_key,
                      SlicesAfter(command.slices, command.resume_clustering, command.reversed));
  }

  base::Result<bool> Next(rows::RowBlock* block) override {
    if (rows_ != nullptr) {
      CASSETTE_ASSIGN_OR_RETURN(const bool more, rows_->Next(block));
      if (more || scan_ != nullptr) return more;
    }
    CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<rows::RowSource> scan, OpenScan(state_));
    scan_ = std::make_unique<AfterPartitionSource>(std::move(scan), state_->command->resume_key);
    rows_ = scan_.get();
    return scan_->Next(block);
  }

 private:
  TableReadState* const state_;
  PartitionRows& rest_;
  std::unique_ptr<rows::RowSource> scan_;
  rows::RowSource* rows_ = nullptr;
};

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

base::Status PartitionRows::Open(TableReadState* state, const std::string& key,
                                 const std::vector<rows::ClusteringSlice>& slices) {
  const ReadCommand& command = *state->command;
  Close();
  range_.key = &key;
  range_.token = codec::Murmur3Token(key);
  range_.slices = slices;
  range_.reversed = command.reversed;
  SetColumns(command.table);
  OpenMemtables(state);
  CASSETTE_RETURN_IF_ERROR(OpenSstables(state));
  if (memtables_open_ + sstables_open_ > 1) {
    Merge(command);
  } else if (memtables_open_ == 1) {
    rows_ = memtables_[0].get();
  } else if (sstables_open_ == 1) {
    rows_ = sstables_[0].get();
  }
  return base::Status::Ok();
}

void PartitionRows::SetColumns(const schema::TablePtr& table) {
  if (columns_of_ == table) return;
  columns_of_ = table;
  range_.columns = rows::RegularColumnIds(*table);
}

void PartitionRows::OpenMemtables(TableReadState* state) {
  for (const MemtablePtr& slot : state->version->memtables) {
    if (slot->memtable.empty()) continue;
    if (memtables_open_ == memtables_.size()) memtables_.push_back(std::make_unique<memtable::Memtable::Source>());
    if (memtables_[memtables_open_]->Open(slot->memtable, range_)) ++memtables_open_;
  }
  state->memtables_read += memtables_open_;
}

base::Status PartitionRows::OpenSstables(TableReadState* state) {
  options_.component_ranges = state->command->component_ranges;
  for (const SstablePtr& table : state->version->sstables) {
    CASSETTE_ASSIGN_OR_RETURN(const bool may_contain, table->MayContain(range_.token));
    if (!may_contain) {
      ++state->sstables_skipped_by_filter;
      continue;
    }
    ++state->sstables_read;
    if (sstables_open_ == sstables_.size()) sstables_.push_back(std::make_unique<sstable::PartitionSource>());
    table->reader().OpenPartition(range_, options_, state->counters, sstables_[sstables_open_++].get());
  }
  return base::Status::Ok();
}

void PartitionRows::Merge(const ReadCommand& command) {
  several_.clear();
  for (size_t i = 0; i < memtables_open_; ++i) several_.push_back(memtables_[i].get());
  for (size_t i = 0; i < sstables_open_; ++i) several_.push_back(sstables_[i].get());
  merger_.Open(several_, {command.table, range_.columns, command.reversed, nullptr});
  rows_ = &merger_;
}

base::Result<bool> PartitionRows::Next(rows::RowBlock* block) {
  if (rows_ != nullptr) return rows_->Next(block);
  block->Clear();
  return false;
}

void PartitionRows::Close() {
  rows_ = nullptr;
  merger_.Close();
  while (sstables_open_ > 0) sstables_[--sstables_open_]->Close();
  memtables_open_ = 0;
}

base::Status TableSource::Open(TableReadState* state) {
  const ReadCommand& command = *state->command;
  Close();
  if (!command.keys.empty()) return OpenKeys(state);
  if (command.has_resume) {
    auto resumed = std::make_unique<ResumedScanSource>(state, &partition_);
    CASSETTE_RETURN_IF_ERROR(resumed->Open());
    several_ = std::move(resumed);
  } else {
    CASSETTE_ASSIGN_OR_RETURN(several_, OpenScan(state));
  }
  rows_ = several_.get();
  return base::Status::Ok();
}

base::Status TableSource::OpenKeys(TableReadState* state) {
  const ReadCommand& command = *state->command;
  if (command.keys.size() == 1 && !command.has_resume) return OpenPartition(state, command.keys[0], command.slices);
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
  if (first + 1 == command.keys.size()) return OpenPartition(state, command.keys[first], slices);
  several_ = std::make_unique<KeyListSource>(state, first, std::move(slices), &partition_);
  rows_ = several_.get();
  return base::Status::Ok();
}

base::Status TableSource::OpenPartition(TableReadState* state, const std::string& key,
                                        const std::vector<rows::ClusteringSlice>& slices) {
  rows_ = &partition_;
  return partition_.Open(state, key, slices);
}

void TableSource::Close() {
  rows_ = nullptr;
  several_ = nullptr;
  partition_.Close();
}

}  // namespace cassette::storage::engine

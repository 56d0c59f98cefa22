#include "storage/engine/load_sources.h"

#include <algorithm>

#include "base/assert.h"
#include "rows/merge.h"
#include "rows/merge_rows.h"

namespace cassette::storage::engine {
namespace {

using columnar::Vector;

// More overlapping stretches than this are sorted row by row: merging looks at all of them for each row.
constexpr size_t kMergedChunksMax = 8;

template <typename Row>
void SortLoose(std::vector<Row>* rows) {
  std::sort(rows->begin(), rows->end(), [](const Row& a, const Row& b) {
    if (a.token != b.token) return a.token < b.token;
    const int order = a.key.compare(b.key);
    return order != 0 ? order < 0 : a.clustering < b.clustering;
  });
}

void Reverse(Vector* vector) {
  if (vector->is_constant()) return;
  std::reverse(vector->mutable_states().begin(), vector->mutable_states().end());
  if (vector->physical() != types::PhysicalType::kBytes) {
    std::reverse(vector->mutable_ints().begin(), vector->mutable_ints().end());
    std::reverse(vector->mutable_doubles().begin(), vector->mutable_doubles().end());
    return;
  }
  std::reverse(vector->mutable_states().begin(), vector->mutable_states().end());  // Back: Select turns it too.
  std::vector<uint32_t> selection(vector->size());
  for (uint32_t i = 0; i < vector->size(); ++i) selection[i] = vector->size() - 1 - i;
  *vector = vector->Select(selection);
}

template <typename Number>
void Reverse(rows::MetaColumn<Number>* column) {
  std::reverse(column->values.begin(), column->values.end());
}

void MakeAscending(LoadChunk* chunk) {
  if (!chunk->is_descending) return;
  chunk->is_descending = false;
  rows::RowBlock& block = chunk->block;
  for (Vector& vector : block.clustering) Reverse(&vector);
  for (rows::CellColumn& column : block.cells) Reverse(&column.values);
  Reverse(&block.timestamps);
  Reverse(&block.ttls);
  Reverse(&block.expiries);
}

bool IsNotAllAbsent(const rows::CellColumn& column) {
  const auto& states = column.values.states();
  return states.empty() || std::any_of(states.begin(), states.end(),
                                       [](columnar::CellState state) { return state != columnar::CellState::kAbsent; });
}

// Makes the chunk a block of its partition.
void Label(rows::Token token, const std::string& key, bool continues, rows::RowBlock* block) {
  std::erase_if(block->cells, [](const rows::CellColumn& column) { return !IsNotAllAbsent(column); });
  block->all_live = block->ttls.is_constant() && block->ttls.constant == rows::kNoTtl;
  rows::PartitionRun run;
  run.token = token;
  run.key = key;
  run.continues = continues;
  block->partitions.push_back(std::move(run));
}

// One chunk as a source.
class ChunkSource final : public rows::RowSource {
 public:
  ChunkSource(std::unique_ptr<LoadChunk> chunk, rows::Token token, const std::string& key) : chunk_(std::move(chunk)) {
    Label(token, key, false, &chunk_->block);
  }
  base::Result<bool> Next(rows::RowBlock* block) override {
    block->Clear();
    if (chunk_ == nullptr) return false;
    std::swap(*block, chunk_->block);
    chunk_ = nullptr;
    return true;
  }

 private:
  std::unique_ptr<LoadChunk> chunk_;
};

}  // namespace

LoadBuffer::SeriesSource::SeriesSource(schema::TablePtr table, std::vector<Series*> partitions)
    : table_(std::move(table)), partitions_(std::move(partitions)) {}

// Puts the chunks in order; where two overlap the whole partition is merged.
void LoadBuffer::SeriesSource::Open(Series* series) {
  current_ = series;
  chunks_ = std::move(series->chunks);
  next_chunk_ = 0;
  for (const auto& chunk : chunks_) MakeAscending(chunk.get());
  std::stable_sort(chunks_.begin(), chunks_.end(), [&](const auto& a, const auto& b) {
    return rows::CompareClustering(*table_, a->block, 0, b->block, 0) < 0;
  });
  bool overlaps = false;
  for (size_t i = 1; i < chunks_.size(); ++i) {
    const rows::RowBlock& before = chunks_[i - 1]->block;
    overlaps |= rows::CompareClustering(*table_, before, before.row_count - 1, chunks_[i]->block, 0) >= 0;
  }
  if (!overlaps) return;
  if (chunks_.size() > kMergedChunksMax) return SortRows(*series);
  std::vector<std::unique_ptr<rows::RowSource>> sources;
  for (auto& chunk : chunks_) {
    sources.push_back(std::make_unique<ChunkSource>(std::move(chunk), series->token, series->key));
  }
  chunks_.clear();
  rows::MergeOptions options;
  options.table = table_;
  options.columns = rows::RegularColumnIds(*table_);
  merged_ = rows::MergeSources(std::move(sources), options);
}

void LoadBuffer::SeriesSource::SortRows(const Series& series) {
  sorted_.clear();
  arena_.Clear();
  std::string clustering;
  std::string value;
  for (const auto& chunk : chunks_) {
    for (uint32_t row = 0; row < chunk->block.row_count; ++row) {
      clustering.clear();
      for (size_t i = 0; i < chunk->block.clustering.size(); ++i) {
        value.clear();
        chunk->block.clustering[i].AppendSerialized(table_->clustering(i).type, row, &value);
        rows::AppendClusteringComponent(*table_, i, value, &clustering);
      }
      sorted_.push_back({series.token, series.key, arena_.Copy(clustering), chunk.get(), row});
    }
  }
  SortLoose(&sorted_);
  next_chunk_ = chunks_.size();  // They stay until the rows are gone.
  merged_ = std::make_unique<LooseSource>(table_, sorted_);
}

base::Result<bool> LoadBuffer::SeriesSource::Next(rows::RowBlock* block) {
  while (true) {
    if (merged_ != nullptr) {
      CASSETTE_ASSIGN_OR_RETURN(const bool more, merged_->Next(block));
      if (more) return true;
      merged_ = nullptr;
    }
    if (next_chunk_ < chunks_.size()) {
      block->Clear();
      std::swap(*block, chunks_[next_chunk_]->block);
      chunks_[next_chunk_] = nullptr;
      Label(current_->token, current_->key, next_chunk_ > 0, block);
      ++next_chunk_;
      return true;
    }
    if (next_partition_ == partitions_.size()) {
      block->Clear();
      return false;
    }
    Open(partitions_[next_partition_++]);
  }
}

LoadBuffer::LooseSource::LooseSource(schema::TablePtr table, const std::vector<LooseRow>& rows)
    : table_(std::move(table)), columns_(rows::RegularColumnIds(*table_)), rows_(rows), output_(table_, columns_) {
  merged_.cells.resize(columns_.size());
}

base::Result<bool> LoadBuffer::LooseSource::Next(rows::RowBlock* block) {
  if (next_ == rows_.size()) {
    block->Clear();
    return false;
  }
  output_.Start(block);
  has_partition_ = false;
  while (next_ < rows_.size() && block->row_count < columnar::kMaxVectorRows) {
    const LooseRow& row = rows_[next_];
    const bool is_same = next_ > 0 && rows_[next_ - 1].token == row.token && rows_[next_ - 1].key == row.key;
    if (!is_same || !has_partition_) {
      rows::PartitionRun run;
      run.first_row = block->row_count;
      run.token = row.token;
      run.key = row.key;
      run.continues = is_same;
      output_.AddRun(std::move(run));
      has_partition_ = true;
    }
    size_t end = next_ + 1;
    while (end < rows_.size() && rows_[end].token == row.token && rows_[end].key == row.key &&
           rows_[end].clustering == row.clustering) {
      ++end;
    }
    Emit(next_, end);
    next_ = end;
  }
  output_.Finish();
  return true;
}

// One row of rows [begin, end), which have one key.
void LoadBuffer::LooseSource::Emit(size_t begin, size_t end) {
  for (size_t i = begin; i < end; ++i) Add(rows_[i], i == begin);
  output_.AppendRow(merged_);
}

void LoadBuffer::LooseSource::Add(const LooseRow& row, bool is_first) {
  const rows::RowBlock& block = row.chunk->block;
  const rows::Liveness liveness = rows::LivenessOf(block, row.row);
  if (is_first) {
    merged_.clustering_block = &block;
    merged_.clustering_row = row.row;
    merged_.liveness = liveness;
  } else if (rows::Supersedes(liveness, merged_.liveness)) {
    merged_.liveness = liveness;
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    const rows::CellColumn& column = block.cells[i];
    rows::MergedCell cell{&column, row.row, rows::CellMetaOf(block, column, row.row)};
    if (cell.meta.state == columnar::CellState::kAbsent) cell.column = nullptr;
    rows::MergedCell& best = merged_.cells[i];
    if (is_first || best.column == nullptr) {
      best = cell;
    } else if (cell.column != nullptr && rows::Wins(table_->FindColumn(columns_[i])->type, cell, best)) {
      best = cell;
    }
  }
}

base::Result<bool> LoadBuffer::HeadSource::Next(rows::RowBlock* block) {
  block->Clear();
  if (next_ == buffer_.heads_.end()) return false;
  for (size_t i = 0; i < buffer_.table_->clustering_count(); ++i) {
    block->clustering.emplace_back(buffer_.table_->clustering(i).type.physical());
  }
  for (; next_ != buffer_.heads_.end() && block->partitions.size() < columnar::kMaxVectorRows; ++next_) {
    rows::PartitionRun run;
    run.token = next_->first.first;
    run.key = next_->first.second;
    run.head = next_->second;
    block->partitions.push_back(std::move(run));
  }
  return true;
}

std::unique_ptr<rows::RowSource> LoadBuffer::Sorted() {
  std::vector<std::unique_ptr<rows::RowSource>> sources;
  if (!series_.empty()) {
    std::vector<Series*> partitions;
    for (const auto& [key, series] : series_) partitions.push_back(series.get());
    std::sort(partitions.begin(), partitions.end(), [](const Series* a, const Series* b) {
      return rows::PartitionPosition{a->token, a->key}.Compare({b->token, b->key}) < 0;
    });
    sources.push_back(std::make_unique<SeriesSource>(table_, std::move(partitions)));
  }
  if (!loose_.empty()) {
    SortLoose(&loose_);
    sources.push_back(std::make_unique<LooseSource>(table_, loose_));
  }
  if (!heads_.empty()) sources.push_back(std::make_unique<HeadSource>(*this));
  rows::MergeOptions options;
  options.table = table_;
  options.columns = rows::RegularColumnIds(*table_);
  return rows::MergeSources(std::move(sources), options);
}

}  // namespace cassette::storage::engine

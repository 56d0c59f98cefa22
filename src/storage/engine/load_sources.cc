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

// Puts the chunks in order of their first rows.
void LoadBuffer::SeriesSource::Open(Series* series) {
  current_ = series;
  chunks_ = std::move(series->chunks);
  next_chunk_ = 0;
  for (const auto& chunk : chunks_) MakeAscending(chunk.get());
  std::stable_sort(chunks_.begin(), chunks_.end(), [&](const auto& a, const auto& b) {
    return rows::CompareClustering(*table_, a->block, 0, b->block, 0) < 0;
  });
}

// One past the chunks from next_chunk_ on of which each begins before the end of those before it.
size_t LoadBuffer::SeriesSource::OverlapEnd() const {
  size_t last = next_chunk_;  // The one that ends last.
  size_t end = next_chunk_ + 1;
  for (; end < chunks_.size(); ++end) {
    const rows::RowBlock& before = chunks_[last]->block;
    const rows::RowBlock& next = chunks_[end]->block;
    if (rows::CompareClustering(*table_, before, before.row_count - 1, next, 0) < 0) break;
    if (rows::CompareClustering(*table_, before, before.row_count - 1, next, next.row_count - 1) < 0) last = end;
  }
  return end;
}

// Chunks [next_chunk_, end), which overlap.
void LoadBuffer::SeriesSource::Merge(size_t end) {
  if (end - next_chunk_ > kMergedChunksMax) return SortRows(end);
  std::vector<std::unique_ptr<rows::RowSource>> sources;
  for (; next_chunk_ < end; ++next_chunk_) {
    sources.push_back(std::make_unique<ChunkSource>(std::move(chunks_[next_chunk_]), current_->token, current_->key));
  }
  rows::MergeOptions options;
  options.table = table_;
  options.columns = rows::RegularColumnIds(*table_);
  merged_ = rows::MergeSources(std::move(sources), options);
}

void LoadBuffer::SeriesSource::SortRows(size_t end) {
  sorted_ = std::make_unique<LooseRows>(table_);
  sorted_->BeginPartition(current_->token, current_->key);
  RowColumns columns;
  for (; next_chunk_ < end; ++next_chunk_) {
    const rows::RowBlock& block = chunks_[next_chunk_]->block;
    columns = {};
    for (const Vector& vector : block.clustering) columns.clustering.push_back(&vector);
    for (const rows::CellColumn& column : block.cells) columns.regular.push_back(&column.values);
    for (uint32_t row = 0; row < block.row_count; ++row) sorted_->Add(columns, row, rows::LivenessOf(block, row));
    chunks_[next_chunk_] = nullptr;
  }
  merged_ = sorted_->Sorted();
}

base::Result<bool> LoadBuffer::SeriesSource::Next(rows::RowBlock* block) {
  while (true) {
    if (merged_ != nullptr) {
      CASSETTE_ASSIGN_OR_RETURN(const bool more, merged_->Next(block));
      if (more) {
        block->partitions[0].continues = std::exchange(is_begun_, true);
        return true;
      }
      merged_ = nullptr;
    }
    if (next_chunk_ == chunks_.size()) {
      if (next_partition_ == partitions_.size()) {
        block->Clear();
        return false;
      }
      is_begun_ = false;
      Open(partitions_[next_partition_++]);
      continue;
    }
    if (const size_t end = OverlapEnd(); end > next_chunk_ + 1) {
      Merge(end);
      continue;
    }
    block->Clear();
    std::swap(*block, chunks_[next_chunk_]->block);
    chunks_[next_chunk_++] = nullptr;
    Label(current_->token, current_->key, std::exchange(is_begun_, true), block);
    return true;
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
  if (!loose_.empty()) sources.push_back(loose_.Sorted());
  if (!heads_.empty()) sources.push_back(std::make_unique<HeadSource>(*this));
  rows::MergeOptions options;
  options.table = table_;
  options.columns = rows::RegularColumnIds(*table_);
  return rows::MergeSources(std::move(sources), options);
}

}  // namespace cassette::storage::engine

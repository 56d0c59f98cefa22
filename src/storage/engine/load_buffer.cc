#include "storage/engine/load_buffer.h"

#include <algorithm>

#include "base/assert.h"
#include "rows/keys.h"
#include "rows/merge_rows.h"
#include "storage/memtable/meta_column.h"

namespace cassette::storage::engine {
namespace {

using columnar::CellState;
using columnar::kMaxVectorRows;
using columnar::Vector;

// Shorter stretches are sorted row by row: a chunk of their own would cost more.
constexpr uint32_t kSeriesRowsMin = 8;
// A chunk with fewer rows goes on when the clustering prefix changes.
constexpr uint32_t kPrefixRowsMin = 64;

bool SameValue(const Vector& a, uint32_t a_row, const Vector& b, uint32_t b_row) {
  if (a.state(a_row) != b.state(b_row)) return false;
  if (a.state(a_row) != CellState::kLive) return true;
  switch (a.physical()) {
    case types::PhysicalType::kInt64:
      return a.int64(a_row) == b.int64(b_row);
    case types::PhysicalType::kDouble:
      return false;  // Rarely constant; bits would have to be compared.
    case types::PhysicalType::kBytes:
      return a.bytes(a_row) == b.bytes(b_row);
  }
  return false;
}

// Rows [begin, end) of `from`; a vector of one value stays one. What is no value becomes kAbsent.
void AppendValues(const Vector& from, uint32_t begin, uint32_t end, Vector* to) {
  const uint32_t count = end - begin;
  if (from.is_constant() && !from.is_null(begin)) {
    if (to->size() == 0) {
      to->AppendFrom(from, begin);
      to->MakeConstant(count);
      return;
    }
    if (to->is_constant() && SameValue(*to, 0, from, begin)) {
      to->SetSize(to->size() + count);
      return;
    }
  }
  to->Flatten();
  const bool has_tombstones =
      std::find(from.states().begin(), from.states().end(), CellState::kTombstone) != from.states().end();
  if (!has_tombstones) return to->AppendRange(from, begin, end);
  for (uint32_t row = begin; row < end; ++row) {
    if (from.is_null(row)) {
      to->AppendState(CellState::kAbsent);
    } else {
      to->AppendFrom(from, row);
    }
  }
}

void AppendAbsent(uint32_t count, Vector* to) {
  to->Flatten();
  Vector absent(to->physical());
  absent.AppendState(CellState::kAbsent);
  absent.MakeConstant(count);
  to->AppendRange(absent, 0, count);
}

size_t BytesOf(const Vector& vector, uint32_t begin, uint32_t end) {
  if (vector.is_constant()) return 0;
  if (vector.physical() != types::PhysicalType::kBytes) return (end - begin) * sizeof(int64_t);
  return (end - begin) * sizeof(uint32_t) + vector.offsets()[end] - vector.offsets()[begin];
}

}  // namespace

LoadBuffer::LoadBuffer(schema::TablePtr table) : table_(std::move(table)), loose_(table_) {
  for (size_t i = 0; i < table_->columns.size(); ++i) {
    if (table_->columns[i].kind == schema::ColumnKind::kRegular) regular_.push_back(i);
  }
  std::sort(regular_.begin(), regular_.end(),
            [&](size_t a, size_t b) { return table_->columns[a].id < table_->columns[b].id; });
}

std::unique_ptr<LoadChunk> LoadBuffer::NewChunk() const {
  auto chunk = std::make_unique<LoadChunk>();
  for (size_t i = 0; i < table_->clustering_count(); ++i) {
    chunk->block.clustering.emplace_back(table_->clustering(i).type.physical());
  }
  for (const size_t index : regular_) {
    rows::CellColumn column;
    column.id = table_->columns[index].id;
    column.values.Reset(table_->columns[index].type.physical());
    column.same_as_liveness = true;
    chunk->block.cells.push_back(std::move(column));
  }
  return chunk;
}

void LoadBuffer::Add(const LoadInput& input, std::span<const LoadRun> runs) {
  const auto clustering = input.by_column.begin() + static_cast<ptrdiff_t>(table_->partition_key_count());
  columns_.clustering.assign(clustering, clustering + static_cast<ptrdiff_t>(table_->clustering_count()));
  columns_.regular.clear();
  for (const size_t index : regular_) columns_.regular.push_back(input.by_column[index]);
  for (const LoadRun& run : runs) {
    if (table_->has_statics()) AddStatics(input, run);
    AddStretches(input, run);
  }
}

void LoadBuffer::AddStretches(const LoadInput& input, const LoadRun& run) {
  if (run.end - run.begin < kSeriesRowsMin) return AddLoose(input, run, run.begin, run.end);
  uint32_t loose = run.begin;  // From here to `begin`: short stretches.
  for (uint32_t begin = run.begin; begin < run.end;) {
    Order order = Order::kNone;
    const uint32_t end = StretchEnd(input, begin, run.end, &order);
    if (order != Order::kNone && end - begin >= kSeriesRowsMin) {
      AddLoose(input, run, loose, begin);
      AddSeries(input, run, begin, end, order == Order::kDescending);
      loose = end;
    }
    begin = end;
  }
  AddLoose(input, run, loose, run.end);
}

int LoadBuffer::CompareInput(const LoadInput& input, uint32_t a, uint32_t b) const {
  for (size_t i = 0; i < table_->clustering_count(); ++i) {
    const schema::Column& column = table_->clustering(i);
    const Vector& vector = *input.by_column[table_->partition_key_count() + i];
    if (vector.is_constant()) continue;
    const int order = vector.CompareRows(column.type, a, vector, b);
    if (order != 0) return column.descending ? -order : order;
  }
  return 0;
}

// Whether row `row` may follow the rows of the chunk. Another clustering prefix (the next metric) gets a chunk of its
// own, lest the chunk span those that come between.
bool LoadBuffer::GoesOn(const LoadChunk& chunk, const LoadInput& input, uint32_t row, bool descending) const {
  const uint32_t rows = chunk.block.row_count;
  if (chunk.is_descending != descending || rows == kMaxVectorRows) return false;
  for (size_t i = 0; i < table_->clustering_count(); ++i) {
    const schema::Column& column = table_->clustering(i);
    const Vector& vector = *input.by_column[table_->partition_key_count() + i];
    const int order = vector.CompareRows(column.type, row, chunk.block.clustering[i], rows - 1);
    if (order == 0) continue;
    const bool follows = (order < 0) == (descending != column.descending);
    return follows && (i + 1 == table_->clustering_count() || rows < kPrefixRowsMin);
  }
  return false;
}

// One past the last row up to which rows [begin, end) are strictly ascending or descending in the table's order.
uint32_t LoadBuffer::StretchEnd(const LoadInput& input, uint32_t begin, uint32_t end, Order* order) const {
  if (begin + 1 == end) return end;
  const schema::Column* varying = nullptr;
  const Vector* vector = nullptr;
  size_t varying_count = 0;
  for (size_t i = 0; i < table_->clustering_count(); ++i) {
    const Vector* candidate = input.by_column[table_->partition_key_count() + i];
    if (candidate->is_constant()) continue;
    varying = &table_->clustering(i);
    vector = candidate;
    ++varying_count;
  }
  if (varying_count == 1 && vector->physical() == types::PhysicalType::kInt64 && vector->all_live() &&
      varying->type.kind() != types::TypeKind::kFloat) {
    const int64_t* const numbers = vector->ints().data();
    if (numbers[begin] == numbers[begin + 1]) return begin + 1;
    const bool grows = numbers[begin] < numbers[begin + 1];
    *order = grows != varying->descending ? Order::kAscending : Order::kDescending;
    uint32_t last = begin + 1;
    while (last + 1 < end && (grows ? numbers[last] < numbers[last + 1] : numbers[last] > numbers[last + 1])) ++last;
    return last + 1;
  }
  const int first = CompareInput(input, begin, begin + 1);
  if (first == 0) return begin + 1;
  *order = first < 0 ? Order::kAscending : Order::kDescending;
  uint32_t last = begin + 1;
  while (last + 1 < end) {
    const int next = CompareInput(input, last, last + 1);
    if (next == 0 || (next < 0) != (first < 0)) break;
    ++last;
  }
  return last + 1;
}

LoadBuffer::Series* LoadBuffer::FindSeries(const LoadRun& run) {
  if (last_series_ != nullptr && last_series_->token == run.token && last_series_->key == run.key) return last_series_;
  std::unique_ptr<Series>& series = series_[run.key];
  if (series == nullptr) {
    series = std::make_unique<Series>();
    series->token = run.token;
    series->key = run.key;
    bytes_ += sizeof(Series) + run.key.size();
  }
  last_series_ = series.get();
  return last_series_;
}

void LoadBuffer::AddSeries(const LoadInput& input, const LoadRun& run, uint32_t begin, uint32_t last, bool descending) {
  Series* series = FindSeries(run);
  while (begin < last) {
    LoadChunk* chunk = series->chunks.empty() ? nullptr : series->chunks.back().get();
    const bool goes_on = chunk != nullptr && GoesOn(*chunk, input, begin, descending);
    if (!goes_on) {
      series->chunks.push_back(NewChunk());
      chunk = series->chunks.back().get();
      chunk->is_descending = descending;
      bytes_ += sizeof(LoadChunk);
    }
    const uint32_t end = std::min(last, begin + kMaxVectorRows - chunk->block.row_count);
    Append(input, begin, end, &chunk->block);
    begin = end;
  }
}

void LoadBuffer::AddLoose(const LoadInput& input, const LoadRun& run, uint32_t begin, uint32_t end) {
  if (begin == end) return;
  loose_.BeginPartition(run.token, run.key);
  for (uint32_t row = begin; row < end; ++row) loose_.Add(columns_, row, input.liveness);
}

void LoadBuffer::Append(const LoadInput& input, uint32_t begin, uint32_t end, rows::RowBlock* block) {
  const uint32_t rows = block->row_count;
  const uint32_t count = end - begin;
  bytes_ += count * sizeof(uint32_t);  // What constants and the like take.
  for (size_t i = 0; i < block->clustering.size(); ++i) {
    const Vector& vector = *input.by_column[table_->partition_key_count() + i];
    AppendValues(vector, begin, end, &block->clustering[i]);
    bytes_ += BytesOf(vector, begin, end);
  }
  for (size_t i = 0; i < regular_.size(); ++i) {
    const Vector* vector = input.by_column[regular_[i]];
    if (vector == nullptr) {
      AppendAbsent(count, &block->cells[i].values);
      continue;
    }
    AppendValues(*vector, begin, end, &block->cells[i].values);
    bytes_ += BytesOf(*vector, begin, end);
  }
  memtable::AppendMeta(&block->timestamps, rows, input.liveness.timestamp_micros, count);
  memtable::AppendMeta(&block->ttls, rows, input.liveness.ttl_seconds, count);
  memtable::AppendMeta(&block->expiries, rows, input.liveness.expires_at_seconds, count);
  block->row_count += count;
}

void LoadBuffer::AddStatics(const LoadInput& input, const LoadRun& run) {
  for (size_t i = 0; i < table_->static_count(); ++i) {
    const schema::Column& column = table_->static_column(i);
    const Vector* vector = input.by_column[static_cast<size_t>(table_->IndexOf(column.id))];
    if (vector == nullptr) continue;
    const uint32_t end = vector->is_constant() ? run.begin + 1 : run.end;
    for (uint32_t row = run.begin; row < end; ++row) {
      if (vector->is_null(row)) continue;
      rows::PartitionHead::StaticCell cell;
      cell.column = column.id;
      cell.state = vector->state(row);
      cell.timestamp_micros = input.liveness.timestamp_micros;
      cell.ttl_seconds = input.liveness.ttl_seconds;
      cell.expires_at_seconds = input.liveness.expires_at_seconds;
      vector->AppendSerialized(column.type, row, &cell.value);
      bytes_ += sizeof(cell) + cell.value.size();
      std::shared_ptr<rows::PartitionHead>& head = heads_[{run.token, run.key}];
      if (head == nullptr) head = std::make_shared<rows::PartitionHead>();
      auto& cells = head->static_cells;
      const auto place = std::lower_bound(cells.begin(), cells.end(), cell.column,
                                          [](const auto& c, schema::ColumnId id) { return c.column < id; });
      if (place == cells.end() || place->column != cell.column) {
        cells.insert(place, std::move(cell));
      } else if (rows::Wins(cell.view(), place->view())) {
        *place = std::move(cell);
      }
    }
  }
}

}  // namespace cassette::storage::engine

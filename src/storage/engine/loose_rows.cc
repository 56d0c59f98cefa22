#include "storage/engine/loose_rows.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "base/assert.h"
#include "codec/varint.h"
#include "rows/keys.h"
#include "rows/merge.h"
#include "rows/merge_output.h"
#include "rows/merge_rows.h"
#include "rows/row_bytes.h"
#include "storage/memtable/meta_column.h"

namespace cassette::storage::engine {
namespace {

using columnar::CellState;
using columnar::kMaxVectorRows;
using columnar::Vector;
using types::PhysicalType;

// Sorting by the token's leading bits, three radix passes, leaves hardly any two of a buffer's partitions together.
constexpr uint32_t kRadixBits = 11;
constexpr uint32_t kRadixPasses = 3;
constexpr uint32_t kRadixSize = 1u << kRadixBits;
constexpr uint32_t kUnsortedBits = 64 - kRadixBits * kRadixPasses;
// Fewer rows than this are not worth the passes.
constexpr size_t kRadixRowsMin = 4096;
// Sorted rows stand anywhere in memory: what is that many rows further on is asked for in advance.
constexpr size_t kPrefetchRows = 8;
constexpr size_t kCacheLineBytes = 64;
constexpr size_t kPrefetchLines = 3;

constexpr uint64_t kSignBit = uint64_t{1} << 63;

template <typename Number>
char* StoreRaw(Number number, char* out) {
  std::memcpy(out, &number, sizeof(number));
  return out + sizeof(number);
}

// What StoreValue writes, at most.
size_t MaxValueBytes(const Vector& vector, uint32_t row) {
  const bool has_bytes = vector.physical() == PhysicalType::kBytes && vector.state(row) == CellState::kLive;
  return sizeof(CellState) + codec::kMaxVarintBytes + (has_bytes ? vector.bytes(row).size() : 0);
}

char* StoreValue(const Vector& vector, uint32_t row, char* out) {
  const CellState state = vector.state(row);
  out = StoreRaw(state, out);
  if (state != CellState::kLive) return out;
  switch (vector.physical()) {
    case PhysicalType::kInt64:
      return StoreRaw(vector.int64(row), out);
    case PhysicalType::kDouble:
      return StoreRaw(vector.number(row), out);
    case PhysicalType::kBytes: {
      const std::string_view bytes = vector.bytes(row);
      out = rows::PutVarint(bytes.size(), out);
      std::memcpy(out, bytes.data(), bytes.size());
      return out + bytes.size();
    }
  }
  return out;
}

template <typename Number>
Number TakeRaw(codec::ByteReader* reader) {
  Number number = {};
  const bool is_there = reader->ReadLittle(&number);
  CASSETTE_ASSERT(is_there);
  return number;
}

void TakeValue(codec::ByteReader* reader, Vector* out) {
  const CellState state = TakeRaw<CellState>(reader);
  if (state != CellState::kLive) return out->AppendState(state);
  switch (out->physical()) {
    case PhysicalType::kInt64:
      return out->AppendInt64(TakeRaw<int64_t>(reader));
    case PhysicalType::kDouble:
      return out->AppendDouble(TakeRaw<double>(reader));
    case PhysicalType::kBytes: {
      std::string_view bytes;
      const bool is_there = reader->ReadLengthPrefixed(&bytes);
      CASSETTE_ASSERT(is_there);
      return out->AppendBytes(bytes);
    }
  }
}

bool IsAllAbsent(const rows::CellColumn& column) {
  const auto& states = column.values.states();
  return !states.empty() &&
         std::all_of(states.begin(), states.end(), [](CellState state) { return state == CellState::kAbsent; });
}

}  // namespace

// Sorted rows; equal keys are reconciled.
class LooseRows::Source final : public rows::RowSource {
 public:
  explicit Source(const LooseRows& rows)
      : rows_(rows), columns_(rows::RegularColumnIds(*rows.table_)), output_(rows.table_, columns_) {
    merged_.cells.resize(columns_.size());
  }
  base::Result<bool> Next(rows::RowBlock* block) override;

 private:
  // The next rows side by side: as many as a block may have, and all of one key. Notes whether a key repeats.
  base::Status Gather(rows::RowBlock* block, bool* has_repeated);
  void Start(rows::RowBlock* block) const;
  base::Status Append(const Entry& entry, rows::RowBlock* block) const;
  // The rows of `gathered_`, the first of which is the `first`-th of all, those of one key as one.
  void Reconcile(size_t first, rows::RowBlock* block);
  void Merge(uint32_t row, bool is_first);

  const LooseRows& rows_;
  const std::vector<schema::ColumnId> columns_;
  size_t next_ = 0;
  rows::RowBlock gathered_;
  rows::MergeOutput output_;
  rows::MergedRow merged_;
};

LooseRows::LooseRows(schema::TablePtr table) : table_(std::move(table)) {
  for (const schema::ColumnId id : rows::RegularColumnIds(*table_)) {
    regular_.push_back(table_->FindColumn(id)->type.physical());
  }
}

void LooseRows::BeginPartition(rows::Token token, std::string_view key) {
  token_ = token;
  key_ = arena_.Copy(key);
  bytes_ += key.size();
}

void LooseRows::Add(const RowColumns& columns, uint32_t row, const rows::Liveness& liveness) {
  if (livenesses_.empty() || livenesses_.back() != liveness) livenesses_.push_back(liveness);
  Header header = {};
  header.key = key_.data();
  header.key_size = static_cast<uint16_t>(key_.size());
  header.liveness = static_cast<uint32_t>(livenesses_.size() - 1);
  EncodeClustering(columns, row);
  header.clustering_size = static_cast<uint32_t>(clustering_.size());
  header.has_all_cells = EncodeValues(columns, row);
  header.values_size = static_cast<uint32_t>(values_size_);
  const size_t row_bytes = sizeof(header) + clustering_.size() + values_size_;
  char* const place = arena_.Allocate(row_bytes, alignof(Header));
  entries_.push_back({static_cast<uint64_t>(token_) ^ kSignBit, new (place) Header(header)});
  std::memcpy(place + sizeof(header), clustering_.data(), clustering_.size());
  std::memcpy(place + sizeof(header) + clustering_.size(), values_.data(), values_size_);
  bytes_ += row_bytes + sizeof(Entry);
}

void LooseRows::EncodeClustering(const RowColumns& columns, uint32_t row) {
  clustering_.clear();
  for (size_t i = 0; i < columns.clustering.size(); ++i) {
    value_.clear();
    columns.clustering[i]->AppendSerialized(table_->clustering(i).type, row, &value_);
    rows::AppendClusteringComponent(*table_, i, value_, &clustering_);
  }
}

bool LooseRows::EncodeValues(const RowColumns& columns, uint32_t row) {
  size_t bytes_max = 0;
  for (const Vector* vector : columns.regular) {
    bytes_max += vector == nullptr ? sizeof(CellState) : MaxValueBytes(*vector, row);
  }
  if (values_.size() < bytes_max) values_.resize(2 * bytes_max);
  char* next = values_.data();
  bool has_all = true;
  for (const Vector* vector : columns.regular) {
    const bool is_there = vector != nullptr && !vector->is_null(row);
    next = is_there ? StoreValue(*vector, row, next) : StoreRaw(CellState::kAbsent, next);
    has_all &= is_there;
  }
  values_size_ = static_cast<size_t>(next - values_.data());
  return has_all;
}

bool LooseRows::Before(const Entry& a, const Entry& b) {
  if (a.token != b.token) return a.token < b.token;
  const int order = a.key().compare(b.key());
  return order != 0 ? order < 0 : a.clustering() < b.clustering();
}

// Stable; by the leading bits alone.
void LooseRows::RadixSort(std::vector<Entry>* entries) {
  std::vector<Entry> other(entries->size());
  for (uint32_t pass = 0; pass < kRadixPasses; ++pass) {
    const uint32_t shift = kUnsortedBits + pass * kRadixBits;
    const auto digit = [&](const Entry& entry) { return (entry.token >> shift) & (kRadixSize - 1); };
    size_t starts[kRadixSize] = {};
    for (const Entry& entry : *entries) ++starts[digit(entry)];
    size_t sum = 0;
    for (size_t& start : starts) sum += std::exchange(start, sum);
    for (const Entry& entry : *entries) other[starts[digit(entry)]++] = entry;
    std::swap(*entries, other);
  }
}

std::pair<size_t, size_t> LooseRows::SurvivorsOf(size_t begin, size_t end) const {
  const auto written = [&](size_t i) { return livenesses_[entries_[i].row->liveness].timestamp_micros; };
  size_t latest = begin;
  bool is_alone = true;
  for (size_t i = begin + 1; i < end; ++i) {
    if (written(i) > written(latest)) {
      latest = i;
      is_alone = true;
    } else if (written(i) == written(latest)) {
      is_alone = false;
    }
  }
  if (is_alone && entries_[latest].row->has_all_cells) return {latest, latest + 1};
  return {begin, end};
}

size_t LooseRows::SortStretch(size_t begin, size_t end, size_t kept) {
  if (end - begin == 1) {
    entries_[kept] = entries_[begin];
    return kept + 1;
  }
  std::sort(entries_.begin() + static_cast<ptrdiff_t>(begin), entries_.begin() + static_cast<ptrdiff_t>(end), Before);
  const size_t first = kept;
  while (begin < end) {
    size_t same_end = begin + 1;
    while (same_end < end && SameRow(entries_[begin], entries_[same_end])) ++same_end;
    const auto [survivors, survivors_end] = SurvivorsOf(begin, same_end);
    for (size_t i = survivors; i < survivors_end; ++i) {
      entries_[i].row->continues_partition = kept > first && SamePartition(entries_[kept - 1], entries_[i]);
      entries_[i].row->repeats_row = i > survivors;
      entries_[kept++] = entries_[i];
    }
    begin = same_end;
  }
  return kept;
}

void LooseRows::Sort() {
  size_t kept = 0;
  if (entries_.size() < kRadixRowsMin) {
    kept = SortStretch(0, entries_.size(), 0);
  } else {
    RadixSort(&entries_);
    const auto is_tied = [&](size_t a, size_t b) {
      return entries_[a].token >> kUnsortedBits == entries_[b].token >> kUnsortedBits;
    };
    for (size_t begin = 0; begin < entries_.size();) {
      if (const size_t later = begin + kPrefetchRows; later < entries_.size() && is_tied(later - 1, later)) {
        __builtin_prefetch(entries_[later - 1].row);
        __builtin_prefetch(entries_[later].row);
      }
      size_t end = begin + 1;
      while (end < entries_.size() && is_tied(begin, end)) ++end;
      kept = SortStretch(begin, end, kept);
      begin = end;
    }
  }
  entries_.resize(kept);
}

std::unique_ptr<rows::RowSource> LooseRows::Sorted() {
  Sort();
  return std::make_unique<Source>(*this);
}

base::Result<bool> LooseRows::Source::Next(rows::RowBlock* block) {
  if (next_ == rows_.entries_.size()) {
    block->Clear();
    return false;
  }
  const size_t first = next_;
  bool has_repeated = false;
  CASSETTE_RETURN_IF_ERROR(Gather(block, &has_repeated));
  if (has_repeated) {
    std::swap(*block, gathered_);
    Reconcile(first, block);
  } else {
    std::erase_if(block->cells, IsAllAbsent);
  }
  return true;
}

base::Status LooseRows::Source::Gather(rows::RowBlock* block, bool* has_repeated) {
  Start(block);
  const std::vector<Entry>& entries = rows_.entries_;
  for (; next_ < entries.size(); ++next_) {
    if (next_ + kPrefetchRows < entries.size()) {
      const char* const later = reinterpret_cast<const char*>(entries[next_ + kPrefetchRows].row);
      for (size_t line = 0; line < kPrefetchLines; ++line) {
        __builtin_prefetch(later - kCacheLineBytes / 2 + line * kCacheLineBytes);  // The key stands before the row.
      }
    }
    const Entry& entry = entries[next_];
    if (block->row_count >= kMaxVectorRows && !entry.row->repeats_row) break;
    *has_repeated |= entry.row->repeats_row;
    CASSETTE_RETURN_IF_ERROR(Append(entry, block));
  }
  block->all_live = block->ttls.is_constant() && block->ttls.constant == rows::kNoTtl;
  return base::Status::Ok();
}

void LooseRows::Source::Start(rows::RowBlock* block) const {
  block->ClearButColumns();
  block->clustering.resize(rows_.table_->clustering_count());
  for (size_t i = 0; i < block->clustering.size(); ++i) {
    block->clustering[i].Reset(rows_.table_->clustering(i).type.physical());
  }
  block->cells.resize(columns_.size());
  for (size_t i = 0; i < columns_.size(); ++i) {
    block->cells[i].ResetTo(columns_[i], rows_.regular_[i]);
    block->cells[i].same_as_liveness = true;
  }
}

base::Status LooseRows::Source::Append(const Entry& entry, rows::RowBlock* block) const {
  if (block->row_count == 0 || !entry.row->continues_partition) {
    rows::PartitionRun run;
    run.first_row = block->row_count;
    run.token = static_cast<rows::Token>(entry.token ^ kSignBit);
    run.key = entry.key();
    run.continues = entry.row->continues_partition;
    block->partitions.push_back(std::move(run));
  }
  CASSETTE_RETURN_IF_ERROR(rows::DecodeClustering(*rows_.table_, entry.clustering(), block->clustering));
  codec::ByteReader values(entry.values());
  for (rows::CellColumn& column : block->cells) TakeValue(&values, &column.values);
  const rows::Liveness& liveness = rows_.livenesses_[entry.row->liveness];
  memtable::AppendMeta(&block->timestamps, block->row_count, liveness.timestamp_micros);
  memtable::AppendMeta(&block->ttls, block->row_count, liveness.ttl_seconds);
  memtable::AppendMeta(&block->expiries, block->row_count, liveness.expires_at_seconds);
  ++block->row_count;
  return base::Status::Ok();
}

void LooseRows::Source::Reconcile(size_t first, rows::RowBlock* block) {
  output_.Start(block);
  size_t next_run = 0;
  for (uint32_t row = 0; row < gathered_.row_count;) {
    if (next_run < gathered_.partitions.size() && gathered_.partitions[next_run].first_row == row) {
      rows::PartitionRun run = std::move(gathered_.partitions[next_run++]);
      run.first_row = block->row_count;
      output_.AddRun(std::move(run));
    }
    Merge(row, true);
    for (++row; row < gathered_.row_count && rows_.entries_[first + row].row->repeats_row; ++row) Merge(row, false);
    output_.AppendRow(merged_);
  }
  output_.Finish();
}

void LooseRows::Source::Merge(uint32_t row, bool is_first) {
  const rows::Liveness liveness = rows::LivenessOf(gathered_, row);
  if (is_first) {
    merged_.clustering_block = &gathered_;
    merged_.clustering_row = row;
    merged_.liveness = liveness;
  } else if (rows::Supersedes(liveness, merged_.liveness)) {
    merged_.liveness = liveness;
  }
  for (size_t i = 0; i < columns_.size(); ++i) {
    const rows::CellColumn& column = gathered_.cells[i];
    rows::MergedCell cell{&column, row, rows::CellMetaOf(gathered_, column, row)};
    if (cell.meta.state == CellState::kAbsent) cell.column = nullptr;
    rows::MergedCell& best = merged_.cells[i];
    if (is_first || best.column == nullptr) {
      best = cell;
    } else if (cell.column != nullptr && rows::Wins(rows_.table_->FindColumn(columns_[i])->type, cell, best)) {
      best = cell;
    }
  }
}

}  // namespace cassette::storage::engine

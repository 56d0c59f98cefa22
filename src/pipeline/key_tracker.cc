#include "pipeline/key_tracker.h"

#include <algorithm>
#include <functional>
#include <tuple>
#include <utility>

#include "types/value.h"

namespace cassette::pipeline {
namespace {

// A look into sets of millions of keys misses the cache: those of so many rows further on are asked for in advance.
constexpr uint32_t kPrefetchRows = 16;

// Finalizer of MurmurHash3 (Appleby, public domain description): mixes all bits.
uint64_t Mix(uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccd;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53;
  return value ^ (value >> 33);
}

uint64_t HashBytes(std::string_view bytes, uint64_t seed) {
  uint64_t hash = Mix(seed ^ bytes.size());
  while (bytes.size() >= 8) {
    uint64_t word;
    __builtin_memcpy(&word, bytes.data(), 8);
    hash = Mix(hash ^ word) + 0x9e3779b97f4a7c15;
    bytes.remove_prefix(8);
  }
  uint64_t tail = 0;
  __builtin_memcpy(&tail, bytes.data(), bytes.size());
  return Mix(hash ^ tail);
}

uint64_t HashCell(const columnar::Vector& vector, uint32_t row, uint64_t seed) {
  switch (vector.physical()) {
    case columnar::PhysicalType::kInt64:
      return Mix(seed ^ Mix(static_cast<uint64_t>(vector.int64(row))));
    case columnar::PhysicalType::kDouble: {
      const double value = vector.number(row);
      uint64_t bits;
      __builtin_memcpy(&bits, &value, sizeof(bits));
      return Mix(seed ^ Mix(bits));
    }
    case columnar::PhysicalType::kBytes:
      return HashBytes(vector.bytes(row), seed);
  }
  return seed;
}

template <typename Partitions>
std::vector<uint64_t> RowsOf(const Partitions& partitions) {
  std::vector<uint64_t> rows;
  rows.reserve(partitions.size());
  partitions.ForEach([&](const auto& partition) { rows.push_back(partition.rows); });
  return rows;
}

}  // namespace

KeyTracker::KeyTracker(std::vector<KeyColumn> partition_columns, std::vector<KeyColumn> clustering_columns,
                       const KeyBounds& bounds)
    : partition_columns_(std::move(partition_columns)),
      clustering_columns_(std::move(clustering_columns)),
      bounds_(bounds) {}

uint64_t KeyTracker::HashRow(std::span<const columnar::Vector* const> vectors, const std::vector<KeyColumn>& columns,
                             uint32_t row, uint64_t seed) const {
  uint64_t hash = seed;
  for (const KeyColumn& column : columns) hash = HashCell(*vectors[column.index], row, hash + 0x9e3779b97f4a7c15);
  return hash;
}

std::string KeyTracker::KeyText(const char* keys, const Partition& partition) const {
  std::string text;
  const char* next = keys + partition.key_offset;
  for (const KeyColumn& column : partition_columns_) {
    uint32_t length;
    __builtin_memcpy(&length, next, sizeof(length));
    if (!text.empty()) text += ", ";
    text += types::ToText(column.type, {next + sizeof(length), length});
    next += sizeof(length) + length;
  }
  return text;
}

void KeyTracker::HashRows(std::span<const columnar::Vector* const> vectors, uint32_t row_count, KeyMarks* marks) const {
  const bool constant_partition = HasConstantPartition(vectors);
  marks->partition_hashes.resize(row_count);
  marks->row_hashes.resize(row_count);
  for (uint32_t row = 0; row < row_count; ++row) {
    marks->partition_hashes[row] =
        constant_partition && row > 0 ? marks->partition_hashes[0] : HashRow(vectors, partition_columns_, row, 1);
    marks->row_hashes[row] = HashRow(vectors, clustering_columns_, row, marks->partition_hashes[row]);
  }
}

// The set is filled only once a repeated key is met: most calls have none.
bool KeyTracker::IsRepeatedSinceStart(uint32_t row, KeyMarks* marks) {
  const size_t begin = marks->starts.empty() ? 0 : marks->starts.back();
  for (size_t i = begin + marks->since_start.size(); i < row; ++i) marks->since_start.insert(marks->row_hashes[i]);
  return marks->since_start.contains(marks->row_hashes[row]);
}

void KeyTracker::Add(std::span<const columnar::Vector* const> vectors, uint32_t row_count, KeyMarks* marks) {
  marks->starts.clear();
  marks->new_rows.clear();
  marks->since_start.clear();
  HashRows(vectors, row_count, marks);
  base::MutexLock lock(mutex_);
  written_ += row_count;
  Partition* partition = nullptr;
  bool is_new_partition = false;
  for (uint32_t row = 0; row < row_count; ++row) {
    if (const uint32_t later = row + kPrefetchRows; later < row_count) {
      if (!clustering_columns_.empty()) rows_.Prefetch(marks->row_hashes[later]);
      if (marks->partition_hashes[later] != marks->partition_hashes[later - 1]) {
        partitions_.Prefetch(marks->partition_hashes[later]);
      }
    }
    if (row == 0 || marks->partition_hashes[row] != marks->partition_hashes[row - 1]) {
      std::tie(partition, is_new_partition) = FindPartition(vectors, row, marks->partition_hashes[row]);
    } else {
      is_new_partition = false;
    }
    const bool is_new = clustering_columns_.empty() ? is_new_partition : IsNewRow(marks->row_hashes[row]);
    if (is_new) {
      ++distinct_;
      if (partition != nullptr) ++partition->rows;
      marks->new_rows.push_back(row);
    } else if (IsRepeatedSinceStart(row, marks)) {
      marks->starts.push_back(row);
      marks->since_start.clear();
    }
  }
}

bool KeyTracker::IsNewRow(uint64_t hash) {
  if (rows_.size() < bounds_.rows) return rows_.Insert(hash).second;
  is_exact_ = false;
  return !rows_.Contains(hash);
}

void KeyTracker::AddDistinct(std::span<const columnar::Vector* const> vectors, uint32_t row_count) {
  const bool constant_partition = HasConstantPartition(vectors);
  base::MutexLock lock(mutex_);
  written_ += row_count;
  distinct_ += row_count;
  if (constant_partition && row_count > 0) {
    Partition* const partition = FindPartition(vectors, 0, HashRow(vectors, partition_columns_, 0, 1)).first;
    if (partition != nullptr) partition->rows += row_count;
    return;
  }
  for (uint32_t row = 0; row < row_count; ++row) {
    Partition* const partition = FindPartition(vectors, row, HashRow(vectors, partition_columns_, row, 1)).first;
    if (partition != nullptr) ++partition->rows;
  }
}

bool KeyTracker::HasConstantPartition(std::span<const columnar::Vector* const> vectors) const {
  return std::all_of(partition_columns_.begin(), partition_columns_.end(),
                     [&](const KeyColumn& column) { return vectors[column.index]->is_constant(); });
}

std::pair<KeyTracker::Partition*, bool> KeyTracker::FindPartition(std::span<const columnar::Vector* const> vectors,
                                                                  uint32_t row, uint64_t hash) {
  const bool is_full = partitions_.size() >= bounds_.rows || keys_.size() >= bounds_.partition_key_bytes;
  if (is_full && !partitions_.Contains(hash)) {
    is_exact_ = false;
    return {nullptr, true};
  }
  const auto [partition, is_new] = partitions_.Insert(hash);
  if (!is_new) return {partition, false};
  partition->key_offset = keys_.size();
  for (const KeyColumn& column : partition_columns_) {
    const size_t length_at = keys_.size();
    keys_.append(sizeof(uint32_t), '\0');
    vectors[column.index]->AppendSerialized(column.type, row, &keys_);
    const auto length = static_cast<uint32_t>(keys_.size() - length_at - sizeof(uint32_t));
    __builtin_memcpy(keys_.data() + length_at, &length, sizeof(length));
  }
  return {partition, true};
}

void KeyTracker::AddRepeated(uint64_t repeated) {
  base::MutexLock lock(mutex_);
  written_ += repeated;
}

KeyFigures KeyTracker::Figures() const {
  base::MutexLock lock(mutex_);
  KeyFigures figures;
  figures.rows = written_;
  figures.distinct_rows = distinct_;
  figures.is_exact = is_exact_;
  figures.partitions = partitions_.size();
  if (partitions_.size() == 0) return figures;
  figures.hottest = Hottest(KeyFigures::kHottest);
  figures.largest_partition_rows = figures.hottest.front().rows;
  std::vector<uint64_t> rows = RowsOf(partitions_);
  const auto middle = rows.begin() + static_cast<ptrdiff_t>(rows.size() / 2);
  std::nth_element(rows.begin(), middle, rows.end(), std::greater<>());
  figures.median_partition_rows = *middle;
  return figures;
}

std::vector<HotPartition> KeyTracker::Hottest(size_t count) const {
  std::vector<uint64_t> rows = RowsOf(partitions_);
  count = std::min(count, rows.size());
  const auto last = rows.begin() + static_cast<ptrdiff_t>(count - 1);
  std::nth_element(rows.begin(), last, rows.end(), std::greater<>());
  const auto before = [](const HotPartition& a, const HotPartition& b) {
    return a.rows != b.rows ? a.rows > b.rows : a.key < b.key;
  };
  std::vector<HotPartition> hottest;
  const char* const keys = keys_.data();
  partitions_.ForEach([&](const Partition& partition) {
    if (partition.rows < *last) return;
    HotPartition hot{KeyText(keys, partition), partition.rows};
    hottest.insert(std::upper_bound(hottest.begin(), hottest.end(), hot, before), std::move(hot));
    if (hottest.size() > count) hottest.pop_back();
  });
  return hottest;
}

}  // namespace cassette::pipeline

#include "pipeline/key_tracker.h"

#include <algorithm>

#include "types/value.h"

namespace cassette::pipeline {
namespace {

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

}  // namespace

KeyTracker::KeyTracker(std::vector<KeyColumn> partition_columns, std::vector<KeyColumn> clustering_columns)
    : partition_columns_(std::move(partition_columns)), clustering_columns_(std::move(clustering_columns)) {}

uint64_t KeyTracker::HashRow(std::span<const columnar::Vector* const> vectors, const std::vector<KeyColumn>& columns,
                             uint32_t row, uint64_t seed) const {
  uint64_t hash = seed;
  for (const KeyColumn& column : columns) hash = HashCell(*vectors[column.index], row, hash + 0x9e3779b97f4a7c15);
  return hash;
}

std::string KeyTracker::KeyText(std::span<const columnar::Vector* const> vectors, uint32_t row) const {
  std::string text;
  for (const KeyColumn& column : partition_columns_) {
    std::string serialized;
    vectors[column.index]->AppendSerialized(column.type, row, &serialized);
    if (!text.empty()) text += ", ";
    text += types::ToText(column.type, serialized);
  }
  return text;
}

void KeyTracker::Add(std::span<const columnar::Vector* const> vectors, uint32_t row_count,
                     std::vector<uint32_t>* starts) {
  starts->clear();
  uint64_t partition_hash = 0;
  const bool constant_partition = HasConstantPartition(vectors);
  base::MutexLock lock(mutex_);
  written_ += row_count;
  Partition* partition = nullptr;
  for (uint32_t row = 0; row < row_count; ++row) {
    if (row == 0 || !constant_partition) {
      const uint64_t hash = HashRow(vectors, partition_columns_, row, 1);
      if (partition == nullptr || hash != partition_hash) {
        partition_hash = hash;
        partition = FindPartition(vectors, row, hash);
      }
    }
    const uint64_t row_hash = HashRow(vectors, clustering_columns_, row, partition_hash);
    bool is_new = true;
    if (rows_.size() < kMaxTrackedRows) {
      is_new = rows_.insert(row_hash).second;
    } else {
      is_exact_ = false;
      is_new = !rows_.contains(row_hash);
    }
    if (is_new) {
      ++distinct_;
      ++partition->rows;
      continue;
    }
    // Seen before, in this call perhaps: rows since the last start are few enough to look at again.
    const uint32_t stretch_begin = starts->empty() ? 0 : starts->back();
    bool in_call = false;
    for (uint32_t earlier = stretch_begin; earlier < row && !in_call; ++earlier) {
      const uint64_t earlier_partition =
          constant_partition ? partition_hash : HashRow(vectors, partition_columns_, earlier, 1);
      in_call = earlier_partition == partition_hash &&
                HashRow(vectors, clustering_columns_, earlier, earlier_partition) == row_hash;
    }
    if (in_call) starts->push_back(row);
  }
}

void KeyTracker::AddDistinct(std::span<const columnar::Vector* const> vectors, uint32_t row_count) {
  const bool constant_partition = HasConstantPartition(vectors);
  base::MutexLock lock(mutex_);
  written_ += row_count;
  distinct_ += row_count;
  if (constant_partition && row_count > 0) {
    FindPartition(vectors, 0, HashRow(vectors, partition_columns_, 0, 1))->rows += row_count;
    return;
  }
  for (uint32_t row = 0; row < row_count; ++row) {
    FindPartition(vectors, row, HashRow(vectors, partition_columns_, row, 1))->rows += 1;
  }
}

bool KeyTracker::HasConstantPartition(std::span<const columnar::Vector* const> vectors) const {
  return std::all_of(partition_columns_.begin(), partition_columns_.end(),
                     [&](const KeyColumn& column) { return vectors[column.index]->is_constant(); });
}

KeyTracker::Partition* KeyTracker::FindPartition(std::span<const columnar::Vector* const> vectors, uint32_t row,
                                                 uint64_t hash) {
  Partition& partition = partitions_[hash];
  if (partition.rows == 0) partition.key = KeyText(vectors, row);
  return &partition;
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
  std::vector<const Partition*> order;
  order.reserve(partitions_.size());
  for (const auto& [hash, partition] : partitions_) order.push_back(&partition);
  if (order.empty()) return figures;
  const auto larger = [](const Partition* a, const Partition* b) {
    return a->rows != b->rows ? a->rows > b->rows : a->key < b->key;
  };
  const size_t shown = std::min(order.size(), KeyFigures::kHottest);
  std::partial_sort(order.begin(), order.begin() + static_cast<ptrdiff_t>(shown), order.end(), larger);
  for (size_t i = 0; i < shown; ++i) figures.hottest.push_back({order[i]->key, order[i]->rows});
  figures.largest_partition_rows = order.front()->rows;
  const auto middle = order.begin() + static_cast<ptrdiff_t>(order.size() / 2);
  std::nth_element(order.begin(), middle, order.end(), larger);
  figures.median_partition_rows = (*middle)->rows;
  return figures;
}

}  // namespace cassette::pipeline

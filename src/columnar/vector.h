// Vector: up to kMaxVectorRows values of one column, side by side. What row groups hold on disk and row batches carry
// upwards.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "types/data_type.h"

namespace cassette::columnar {

using types::PhysicalType;

// Rows of a row group, of a batch, of a vector, at most.
inline constexpr uint32_t kMaxVectorRows = 1024;

// What stands in one place of a vector. Numbers are on disk: DO NOT CHANGE.
enum class CellState : uint8_t {
  kAbsent = 0,     // No cell: null upwards.
  kLive = 1,       // A value.
  kTombstone = 2,  // A deleted cell (inside storage only; null upwards).
  kEmpty = 3,      // A value of zero bytes.
};

// A column of values. `physical` decides which of ints, doubles or (offsets, heap) is in use. A constant vector stores
// one value that stands for all its rows.
// Thread safety: const methods may be called from many threads once it is built.
class Vector {
 public:
  Vector() = default;
  explicit Vector(PhysicalType physical) : physical_(physical) {}

  PhysicalType physical() const { return physical_; }
  uint32_t size() const { return size_; }
  bool is_constant() const { return is_constant_; }

  // The state of row `row`; kLive for all when states were never set.
  CellState state(uint32_t row) const { return states_.empty() ? CellState::kLive : states_[is_constant_ ? 0 : row]; }
  bool all_live() const { return states_.empty(); }
  bool is_null(uint32_t row) const {
    const CellState s = state(row);
    return s == CellState::kAbsent || s == CellState::kTombstone;
  }

  // REQUIRES: physical() fits and the row is not null. (The places of null rows hold zeroes.)
  int64_t int64(uint32_t row) const { return ints_[is_constant_ ? 0 : row]; }
  double number(uint32_t row) const { return doubles_[is_constant_ ? 0 : row]; }
  std::string_view bytes(uint32_t row) const {
    const uint32_t i = is_constant_ ? 0 : row;
    return std::string_view(heap_).substr(offsets_[i], offsets_[i + 1] - offsets_[i]);
  }

  // Raw columns, for loops over all rows: size() entries (one when constant); offsets has one more.
  const std::vector<int64_t>& ints() const { return ints_; }
  const std::vector<double>& doubles() const { return doubles_; }
  const std::vector<uint32_t>& offsets() const { return offsets_; }
  const std::string& heap() const { return heap_; }
  const std::vector<CellState>& states() const { return states_; }

  // Building, row by row. REQUIRES: physical() fits; !is_constant().
  void AppendInt64(int64_t value) {
    ints_.push_back(value);
    Grow(CellState::kLive);
  }
  void AppendDouble(double value) {
    doubles_.push_back(value);
    Grow(CellState::kLive);
  }
  void AppendBytes(std::string_view value) {
    if (offsets_.empty()) offsets_.push_back(0);
    heap_.append(value);
    offsets_.push_back(static_cast<uint32_t>(heap_.size()));
    Grow(CellState::kLive);
  }
  // A place without a value (kAbsent, kTombstone, kEmpty).
  void AppendState(CellState state);
  // Row `row` of `other`, state included. REQUIRES: the same physical type.
  void AppendFrom(const Vector& other, uint32_t row);
  // Rows [begin, end) of `other`.
  void AppendRange(const Vector& other, uint32_t begin, uint32_t end);

  // Empties it, keeps its memory, and sets the physical type.
  void Reset(PhysicalType physical);
  void Reserve(uint32_t rows);
  // Turns an ordinary vector of one row into `rows` rows of that value. REQUIRES: size() == 1.
  void MakeConstant(uint32_t rows);
  // Spells a constant out.
  void Flatten();
  // The rows of `selection`, in its order.
  Vector Select(const std::vector<uint32_t>& selection) const;

  // For decoders: the columns to fill directly, then SetSize. REQUIRES on return: lengths agree.
  std::vector<int64_t>& mutable_ints() { return ints_; }
  std::vector<double>& mutable_doubles() { return doubles_; }
  std::vector<uint32_t>& mutable_offsets() { return offsets_; }
  std::string& mutable_heap() { return heap_; }
  std::vector<CellState>& mutable_states() { return states_; }
  void SetSize(uint32_t size) { size_ = size; }
  void SetConstant(bool is_constant) { is_constant_ = is_constant; }

  // Serialized CQL bytes of row `row` appended to `out` (types/value.h). REQUIRES: not null.
  void AppendSerialized(const types::DataType& type, uint32_t row, std::string* out) const;
  // The reverse: appends the value with these serialized bytes (empty bytes of a fixed-size type become kEmpty).
  void AppendValue(const types::DataType& type, std::string_view serialized);

  // Order of row `a` of this and row `b` of `other` as types::Compare has it. REQUIRES: neither is null.
  int CompareRows(const types::DataType& type, uint32_t a, const Vector& other, uint32_t b) const;

  size_t memory_bytes() const;

 private:
  void Grow(CellState state) {
    if (!states_.empty()) states_.push_back(state);
    ++size_;
  }
  void AppendHeapRange(const Vector& other, uint32_t begin, uint32_t end);

  PhysicalType physical_ = PhysicalType::kInt64;
  bool is_constant_ = false;
  uint32_t size_ = 0;
  std::vector<int64_t> ints_;
  std::vector<double> doubles_;
  std::vector<uint32_t> offsets_;
  std::string heap_;
  std::vector<CellState> states_;
};

}  // namespace cassette::columnar

#include "columnar/vector.h"

#include <bit>
#include <cmath>

#include "codec/fixed.h"
#include "types/value.h"

namespace cassette::columnar {
namespace {

// As Java's Double.compare and Float.compare, which Cassandra's types use: -0 before 0, every NaN alike and last.
template <typename Float>
int CompareFloats(Float a, Float b) {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b) return static_cast<int>(std::signbit(b)) - static_cast<int>(std::signbit(a));
  return static_cast<int>(std::isnan(a)) - static_cast<int>(std::isnan(b));
}

int CompareInts(types::TypeKind kind, int64_t a, int64_t b) {
  if (kind == types::TypeKind::kFloat) {
    return CompareFloats(std::bit_cast<float>(static_cast<uint32_t>(a)),
                         std::bit_cast<float>(static_cast<uint32_t>(b)));
  }
  return a < b ? -1 : (a > b ? 1 : 0);
}

template <typename Number>
void AppendNumbers(const std::vector<Number>& from, bool constant, uint32_t begin, uint32_t end,
                   std::vector<Number>* to) {
  if (constant) {
    to->insert(to->end(), end - begin, from[0]);
  } else {
    to->insert(to->end(), from.begin() + begin, from.begin() + end);
  }
}

}  // namespace

void Vector::AppendState(CellState state) {
  CASSETTE_ASSERT(!is_constant_);
  CASSETTE_ASSERT(state != CellState::kLive);
  if (states_.empty()) states_.assign(size_, CellState::kLive);
  states_.push_back(state);
  ++size_;
  switch (physical_) {
    case PhysicalType::kInt64:
      ints_.push_back(0);
      return;
    case PhysicalType::kDouble:
      doubles_.push_back(0);
      return;
    case PhysicalType::kBytes:
      if (offsets_.empty()) offsets_.push_back(0);
      offsets_.push_back(static_cast<uint32_t>(heap_.size()));
      return;
  }
}

void Vector::AppendFrom(const Vector& other, uint32_t row) {
  CASSETTE_ASSERT(physical_ == other.physical_);
  CASSETTE_ASSERT(row < other.size_);
  const CellState state = other.state(row);
  if (state != CellState::kLive) return AppendState(state);
  switch (physical_) {
    case PhysicalType::kInt64:
      return AppendInt64(other.int64(row));
    case PhysicalType::kDouble:
      return AppendDouble(other.number(row));
    case PhysicalType::kBytes:
      return AppendBytes(other.bytes(row));
  }
}

void Vector::AppendRange(const Vector& other, uint32_t begin, uint32_t end) {
  CASSETTE_ASSERT(&other != this);
  CASSETTE_ASSERT(!is_constant_);
  CASSETTE_ASSERT(physical_ == other.physical_);
  CASSETTE_ASSERT(begin <= end);
  CASSETTE_ASSERT(end <= other.size_);
  if (begin == end) return;
  switch (physical_) {
    case PhysicalType::kInt64:
      AppendNumbers(other.ints_, other.is_constant_, begin, end, &ints_);
      break;
    case PhysicalType::kDouble:
      AppendNumbers(other.doubles_, other.is_constant_, begin, end, &doubles_);
      break;
    case PhysicalType::kBytes:
      AppendHeapRange(other, begin, end);
      break;
  }
  if (!other.states_.empty() || !states_.empty()) {
    states_.resize(size_, CellState::kLive);
    if (other.states_.empty()) {
      states_.resize(size_ + (end - begin), CellState::kLive);
    } else {
      AppendNumbers(other.states_, other.is_constant_, begin, end, &states_);
    }
  }
  size_ += end - begin;
}

void Vector::AppendHeapRange(const Vector& other, uint32_t begin, uint32_t end) {
  if (offsets_.empty()) {
    offsets_.reserve(end - begin + 1);
    offsets_.push_back(0);
  }
  if (other.is_constant_) {
    for (uint32_t row = begin; row < end; ++row) {
      heap_.append(other.heap_, other.offsets_[0], other.offsets_[1] - other.offsets_[0]);
      offsets_.push_back(static_cast<uint32_t>(heap_.size()));
    }
    return;
  }
  const uint32_t first = other.offsets_[begin];
  const uint32_t shift = static_cast<uint32_t>(heap_.size()) - first;  // Wraps where `first` is larger, and back.
  heap_.append(other.heap_, first, other.offsets_[end] - first);
  const size_t old_size = offsets_.size();
  offsets_.resize(old_size + (end - begin));
  for (uint32_t i = 0; i < end - begin; ++i) offsets_[old_size + i] = other.offsets_[begin + 1 + i] + shift;
}

void Vector::Reset(PhysicalType physical) {
  physical_ = physical;
  is_constant_ = false;
  size_ = 0;
  ints_.clear();
  doubles_.clear();
  offsets_.clear();
  heap_.clear();
  states_.clear();
}

void Vector::Reserve(uint32_t rows) {
  switch (physical_) {
    case PhysicalType::kInt64:
      return ints_.reserve(rows);
    case PhysicalType::kDouble:
      return doubles_.reserve(rows);
    case PhysicalType::kBytes:
      return offsets_.reserve(rows + 1);
  }
}

void Vector::MakeConstant(uint32_t rows) {
  CASSETTE_ASSERT(size_ == 1);
  CASSETTE_ASSERT(rows > 0);
  is_constant_ = true;
  size_ = rows;
}

void Vector::Flatten() {
  if (!is_constant_) return;
  is_constant_ = false;
  if (!states_.empty()) states_.resize(size_, states_[0]);
  switch (physical_) {
    case PhysicalType::kInt64:
      return ints_.resize(size_, ints_[0]);
    case PhysicalType::kDouble:
      return doubles_.resize(size_, doubles_[0]);
    case PhysicalType::kBytes: {
      const size_t length = offsets_[1] - offsets_[0];
      CASSETTE_ASSERT(length * size_ <= UINT32_MAX);
      const std::string value = heap_.substr(offsets_[0], length);
      heap_.clear();
      heap_.reserve(length * size_);
      offsets_.assign(1, 0);
      for (uint32_t row = 0; row < size_; ++row) {
        heap_.append(value);
        offsets_.push_back(static_cast<uint32_t>(heap_.size()));
      }
      return;
    }
  }
}

Vector Vector::Select(const std::vector<uint32_t>& selection) const {
  Vector selected(physical_);
  if (selection.empty()) return selected;
  if (is_constant_) {
    selected = *this;
    selected.size_ = static_cast<uint32_t>(selection.size());
    return selected;
  }
  selected.Reserve(static_cast<uint32_t>(selection.size()));
  for (const uint32_t row : selection) selected.AppendFrom(*this, row);
  return selected;
}

void Vector::AppendSerialized(const types::DataType& type, uint32_t row, std::string* out) const {
  CASSETTE_ASSERT(!is_null(row));
  if (state(row) == CellState::kEmpty) return;
  switch (physical_) {
    case PhysicalType::kInt64:
      return types::AppendFromInt64(type.kind(), int64(row), out);
    case PhysicalType::kDouble:
      return codec::AppendBig(std::bit_cast<uint64_t>(number(row)), out);
    case PhysicalType::kBytes:
      out->append(bytes(row));
      return;
  }
}

void Vector::AppendValue(const types::DataType& type, std::string_view serialized) {
  if (physical_ == PhysicalType::kBytes) return AppendBytes(serialized);
  if (serialized.empty()) return AppendState(CellState::kEmpty);
  if (physical_ == PhysicalType::kInt64) return AppendInt64(types::ToInt64(type.kind(), serialized));
  CASSETTE_ASSERT(serialized.size() == sizeof(double));
  AppendDouble(std::bit_cast<double>(codec::LoadBig<uint64_t>(serialized.data())));
}

int Vector::CompareRows(const types::DataType& type, uint32_t a, const Vector& other, uint32_t b) const {
  CASSETTE_ASSERT(physical_ == other.physical_);
  CASSETTE_ASSERT(!is_null(a));
  CASSETTE_ASSERT(!other.is_null(b));
  const bool a_empty = state(a) == CellState::kEmpty;
  const bool b_empty = other.state(b) == CellState::kEmpty;
  if (physical_ == PhysicalType::kBytes) return types::Compare(type, bytes(a), other.bytes(b));
  if (a_empty || b_empty) return static_cast<int>(b_empty) - static_cast<int>(a_empty);
  if (physical_ == PhysicalType::kDouble) return CompareFloats(number(a), other.number(b));
  return CompareInts(type.kind(), int64(a), other.int64(b));
}

size_t Vector::memory_bytes() const {
  return ints_.capacity() * sizeof(int64_t) + doubles_.capacity() * sizeof(double) +
         offsets_.capacity() * sizeof(uint32_t) + heap_.capacity() + states_.capacity() * sizeof(CellState);
}

}  // namespace cassette::columnar

// count, min and max (org.apache.cassandra.cql3.functions.AggregateFcts).
#include <bit>
#include <cmath>
#include <optional>

#include "cql/functions/native_function.h"
#include "cql/functions/vector_rows.h"

namespace cassette::cql::functions {

using columnar::CellState;
using columnar::Vector;

uint64_t CountValues(const Vector& values, const std::vector<uint32_t>* selection) {
  const uint64_t rows = selection != nullptr ? selection->size() : values.size();
  if (values.all_live()) return rows;
  uint64_t count = 0;
  for (uint64_t i = 0; i < rows; ++i) {
    count += values.is_null(selection != nullptr ? (*selection)[i] : static_cast<uint32_t>(i)) ? 0 : 1;
  }
  return count;
}

bool HasEmptyValue(const Vector& values, const std::vector<uint32_t>* selection) {
  if (values.all_live()) return false;
  const uint64_t rows = selection != nullptr ? selection->size() : values.size();
  for (uint64_t i = 0; i < rows; ++i) {
    const uint32_t row = selection != nullptr ? (*selection)[i] : static_cast<uint32_t>(i);
    if (values.state(row) == CellState::kEmpty) return true;
  }
  return false;
}

namespace {

class CountState final : public AggregateState {
 public:
  base::Status Add(std::span<const ValueView> arguments) override {
    if (arguments.empty() || arguments[0].state == ValueView::State::kSet) ++count_;
    return base::Status::Ok();
  }
  base::Status AddVector(const Vector& values, const std::vector<uint32_t>* selection) override {
    count_ += CountValues(values, selection);
    return base::Status::Ok();
  }
  void AddRows(uint64_t rows) override { count_ += rows; }
  base::Result<bool> Finish(std::string* out) override {
    out->clear();
    types::AppendFromInt64(TypeKind::kBigint, static_cast<int64_t>(count_), out);
    return false;
  }
  void Reset() override { count_ = 0; }

 private:
  uint64_t count_ = 0;
};

class CountRows final : public AggregateFunction {
 public:
  explicit CountRows(std::string name) : AggregateFunction(std::move(name), {}, DataType(TypeKind::kBigint)) {}
  std::string ColumnName(std::span<const std::string>) const override { return "count"; }
  std::unique_ptr<AggregateState> NewState() const override { return std::make_unique<CountState>(); }
};

// The argument is a blob, which takes every type: no state looks at the values.
class CountColumn final : public AggregateFunction {
 public:
  CountColumn() : AggregateFunction("count", {DataType(TypeKind::kBlob)}, DataType(TypeKind::kBigint)) {}
  std::unique_ptr<AggregateState> NewState() const override { return std::make_unique<CountState>(); }
};

// A number whose order as int64 is the order of the physical value: integers are their own; floating-point numbers
// have the bits below the sign inverted when they are negative, and one NaN.
int64_t OrderKey(TypeKind kind, int64_t value) {
  if (kind != TypeKind::kFloat) return value;
  if (std::isnan(std::bit_cast<float>(static_cast<uint32_t>(value)))) return 0x7fc00000;
  const int32_t bits = static_cast<int32_t>(value);
  return bits ^ (bits >> 31 & 0x7fffffff);
}

int64_t ValueOfKey(TypeKind kind, int64_t key) {
  if (kind != TypeKind::kFloat) return key;
  const int32_t bits = static_cast<int32_t>(key);
  return static_cast<uint32_t>(bits ^ (bits >> 31 & 0x7fffffff));
}

int64_t DoubleKey(double value) {
  if (std::isnan(value)) return 0x7ff8000000000000;
  const int64_t bits = std::bit_cast<int64_t>(value);
  return bits ^ (bits >> 63 & 0x7fffffffffffffff);
}

// Values that one int64 orders.
class NumberExtreme final : public AggregateState {
 public:
  NumberExtreme(bool is_max, TypeKind kind) : is_max_(is_max), kind_(kind) {}

  base::Status Add(std::span<const ValueView> arguments) override {
    if (arguments[0].state != ValueView::State::kSet) return base::Status::Ok();
    const std::string_view bytes = arguments[0].bytes;
    if (bytes.empty()) {
      has_empty_ = true;
    } else {
      AddKey(kind_ == TypeKind::kDouble ? DoubleKey(types::ToDouble(bytes))
                                        : OrderKey(kind_, types::ToInt64(kind_, bytes)));
    }
    return base::Status::Ok();
  }

  base::Status AddVector(const Vector& values, const std::vector<uint32_t>* selection) override {
    has_empty_ |= HasEmptyValue(values, selection);
    if (kind_ == TypeKind::kDouble) {
      ForEachValue(values, selection, [&](uint32_t row) { AddKey(DoubleKey(values.number(row))); });
    } else {
      ForEachValue(values, selection, [&](uint32_t row) { AddKey(OrderKey(kind_, values.int64(row))); });
    }
    return base::Status::Ok();
  }

  // An empty value sorts before all others.
  base::Result<bool> Finish(std::string* out) override {
    out->clear();
    if (has_empty_ && (!is_max_ || !best_)) return false;
    if (!best_) return true;
    if (kind_ == TypeKind::kDouble) {
      types::AppendDouble(std::bit_cast<double>(*best_ ^ (*best_ >> 63 & 0x7fffffffffffffff)), out);
    } else {
      types::AppendFromInt64(kind_, ValueOfKey(kind_, *best_), out);
    }
    return false;
  }

  void Reset() override {
    has_empty_ = false;
    best_.reset();
  }

 private:
  void AddKey(int64_t key) {
    if (!best_ || (is_max_ ? key > *best_ : key < *best_)) best_ = key;
  }

  bool is_max_;
  TypeKind kind_;
  bool has_empty_ = false;
  std::optional<int64_t> best_;
};

// Values that types::Compare orders.
class BytesExtreme final : public AggregateState {
 public:
  BytesExtreme(bool is_max, const DataType& type) : is_max_(is_max), type_(type) {}

  base::Status Add(std::span<const ValueView> arguments) override {
    if (arguments[0].state == ValueView::State::kSet) AddBytes(arguments[0].bytes);
    return base::Status::Ok();
  }
  base::Status AddVector(const Vector& values, const std::vector<uint32_t>* selection) override {
    if (HasEmptyValue(values, selection)) AddBytes({});
    ForEachValue(values, selection, [&](uint32_t row) { AddBytes(values.bytes(row)); });
    return base::Status::Ok();
  }
  base::Result<bool> Finish(std::string* out) override {
    out->clear();
    if (has_value_) out->append(best_);
    return !has_value_;
  }
  void Reset() override {
    has_value_ = false;
    best_.clear();
  }

 private:
  void AddBytes(std::string_view bytes) {
    if (has_value_) {
      const int order = types::Compare(type_, bytes, best_);
      if (is_max_ ? order <= 0 : order >= 0) return;
    }
    has_value_ = true;
    best_.assign(bytes);
  }

  bool is_max_;
  DataType type_;
  bool has_value_ = false;
  std::string best_;
};

class Extreme final : public AggregateFunction {
 public:
  Extreme(bool is_max, const DataType& type)
      : AggregateFunction(is_max ? "max" : "min", {type}, type), is_max_(is_max) {}

  std::unique_ptr<AggregateState> NewState() const override {
    if (return_type().physical() == types::PhysicalType::kBytes) {
      return std::make_unique<BytesExtreme>(is_max_, return_type());
    }
    return std::make_unique<NumberExtreme>(is_max_, return_type().kind());
  }

 private:
  bool is_max_;
};

}  // namespace

void AddCounts(FunctionList* functions) {
  functions->push_back(std::make_shared<CountRows>("count_rows"));
  functions->push_back(std::make_shared<CountColumn>());
}

FunctionPtr MakeExtreme(bool is_max, const DataType& type) { return std::make_shared<Extreme>(is_max, type); }

}  // namespace cassette::cql::functions

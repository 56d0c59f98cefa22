// sum and avg of every numeric type (org.apache.cassandra.cql3.functions.AggregateFcts).
#include <bit>
#include <cmath>

#include "base/assert.h"
#include "cql/functions/native_function.h"
#include "cql/functions/number.h"
#include "cql/functions/vector_rows.h"

namespace cassette::cql::functions {

using columnar::Vector;
using types::BigInteger;
using types::Decimal;
using types::RoundingMode;

namespace {

enum class Fold : uint8_t { kSum, kAverage };

// tinyint to bigint and counter. 128 bits hold every sum of 2^63 numbers, so that averages need no other arithmetic;
// the low bits are what Java's wrapping sums leave.
class IntegerState final : public AggregateState {
 public:
  IntegerState(Fold fold, TypeKind kind) : fold_(fold), kind_(kind) {}

  base::Status Add(std::span<const ValueView> arguments) override {
    if (arguments[0].state != ValueView::State::kSet || arguments[0].bytes.empty()) return base::Status::Ok();
    sum_ += types::ToInt64(kind_, arguments[0].bytes);
    ++count_;
    return base::Status::Ok();
  }

  base::Status AddVector(const Vector& values, const std::vector<uint32_t>* selection) override {
    const uint64_t rows = selection != nullptr ? selection->size() : values.size();
    if (values.is_constant() && values.all_live()) {
      if (rows != 0) sum_ += static_cast<__int128>(values.int64(0)) * static_cast<__int128>(rows);
      count_ += rows;
      return base::Status::Ok();
    }
    if (selection == nullptr && values.all_live()) {
      AddAll(values.ints());
      count_ += rows;
      return base::Status::Ok();
    }
    ForEachValue(values, selection, [&](uint32_t row) {
      sum_ += values.int64(row);
      ++count_;
    });
    return base::Status::Ok();
  }

  base::Result<bool> Finish(std::string* out) override {
    out->clear();
    __int128 result = sum_;
    if (fold_ == Fold::kAverage) result = count_ == 0 ? 0 : sum_ / static_cast<__int128>(count_);
    AppendInteger(kind_, static_cast<int64_t>(result), out);
    return false;
  }

  void Reset() override {
    sum_ = 0;
    count_ = 0;
  }

 private:
  // Halves apart: sums of 1,024 halves fit 64 bits, and the loops need no carries.
  void AddAll(const std::vector<int64_t>& values) {
    static_assert(columnar::kMaxVectorRows <= (1u << 30));
    uint64_t low = 0;
    int64_t high = 0;
    for (int64_t value : values) {
      low += static_cast<uint32_t>(value);
      high += value >> 32;
    }
    sum_ += static_cast<__int128>(high) * (int64_t{1} << 32) + low;
  }

  Fold fold_;
  TypeKind kind_;
  __int128 sum_ = 0;
  uint64_t count_ = 0;
};

// float and double: Kahan's compensated sum, in the order of the rows, and the plain sum for infinities.
class FloatingState final : public AggregateState {
 public:
  FloatingState(Fold fold, TypeKind kind) : fold_(fold), kind_(kind) {}

  base::Status Add(std::span<const ValueView> arguments) override {
    if (arguments[0].state != ValueView::State::kSet || arguments[0].bytes.empty()) return base::Status::Ok();
    return AddNumber(Number::Read(kind_, arguments[0].bytes).ToDouble());
  }

  base::Status AddVector(const Vector& values, const std::vector<uint32_t>* selection) override {
    base::Status status;
    ForEachValue(values, selection, [&](uint32_t row) {
      const base::Status added =
          AddNumber(kind_ == TypeKind::kDouble ? values.number(row)
                                               : std::bit_cast<float>(static_cast<uint32_t>(values.int64(row))));
      if (!added.ok()) status = added;
    });
    return status;
  }

  base::Result<bool> Finish(std::string* out) override {
    out->clear();
    CASSETTE_ASSIGN_OR_RETURN(const double result, Result());
    if (kind_ == TypeKind::kDouble) {
      types::AppendDouble(result, out);
    } else {
      AppendFloat(static_cast<float>(result), out);
    }
    return false;
  }

  void Reset() override { *this = FloatingState(fold_, kind_); }

 private:
  base::Status AddNumber(double number) {
    ++count_;
    if (has_overflowed_) return AddBig(number);
    simple_sum_ += number;
    const double previous = sum_;
    const double compensated = number - compensation_;
    const double rounded = sum_ + compensated;
    compensation_ = (rounded - sum_) - compensated;
    sum_ = rounded;
    if (fold_ == Fold::kSum || !std::isinf(sum_) || std::isinf(number)) return base::Status::Ok();
    // An average of large numbers need not be large. Cassandra goes on with decimals, which know no infinities.
    has_overflowed_ = true;
    if (std::isfinite(previous)) big_sum_ = Decimal::FromDouble(previous);
    if (!std::isfinite(previous)) return base::FunctionFailure("Infinite or NaN");
    return AddBig(number);
  }

  base::Status AddBig(double number) {
    if (!std::isfinite(number)) return base::FunctionFailure("Infinite or NaN");
    CASSETTE_ASSIGN_OR_RETURN(big_sum_, types::Add(big_sum_, Decimal::FromDouble(number)));
    return base::Status::Ok();
  }

  base::Result<double> Result() const {
    if (fold_ == Fold::kAverage && count_ == 0) return 0.0;
    if (has_overflowed_) {
      const Decimal count(BigInteger(static_cast<int64_t>(count_)));
      CASSETTE_ASSIGN_OR_RETURN(const Decimal average,
                                Divide(big_sum_, count, big_sum_.scale, RoundingMode::kHalfEven));
      return average.ToDouble();
    }
    double sum = sum_ + compensation_;
    if (std::isnan(sum) && std::isinf(simple_sum_)) sum = simple_sum_;
    return fold_ == Fold::kSum ? sum : sum / static_cast<double>(count_);
  }

  Fold fold_;
  TypeKind kind_;
  double sum_ = 0;
  double compensation_ = 0;
  double simple_sum_ = 0;
  uint64_t count_ = 0;
  bool has_overflowed_ = false;
  Decimal big_sum_;
};

// Of types whose vectors hold bytes: each value on its own.
class BytesState : public AggregateState {
 public:
  base::Status Add(std::span<const ValueView> arguments) final {
    if (arguments[0].state != ValueView::State::kSet || arguments[0].bytes.empty()) return base::Status::Ok();
    return AddBytes(arguments[0].bytes);
  }

  base::Status AddVector(const Vector& values, const std::vector<uint32_t>* selection) final {
    base::Status status;
    ForEachValue(values, selection, [&](uint32_t row) {
      if (!status.ok() || values.bytes(row).empty()) return;
      status = AddBytes(values.bytes(row));
    });
    return status;
  }

 private:
  virtual base::Status AddBytes(std::string_view bytes) = 0;
};

class VarintState final : public BytesState {
 public:
  explicit VarintState(Fold fold) : fold_(fold) {}

  base::Result<bool> Finish(std::string* out) override {
    out->clear();
    const bool divide = fold_ == Fold::kAverage && count_ != 0;
    (divide ? BigInteger::Divide(sum_, BigInteger(count_), nullptr) : sum_).AppendBytes(out);
    return false;
  }
  void Reset() override { *this = VarintState(fold_); }

 private:
  base::Status AddBytes(std::string_view bytes) override {
    sum_ = sum_ + BigInteger::FromBytes(bytes);
    ++count_;
    return base::Status::Ok();
  }

  Fold fold_;
  BigInteger sum_;
  int64_t count_ = 0;
};

// The average of decimals is kept from row to row, with the scale that each step gives it, as Cassandra does.
class DecimalState final : public BytesState {
 public:
  explicit DecimalState(Fold fold) : fold_(fold) {}

  base::Result<bool> Finish(std::string* out) override {
    out->clear();
    result_.AppendBytes(out);
    return false;
  }
  void Reset() override { *this = DecimalState(fold_); }

 private:
  base::Status AddBytes(std::string_view bytes) override {
    Decimal step = Decimal::FromBytes(bytes);
    if (fold_ == Fold::kAverage) {
      ++count_;
      const Decimal negated(-result_.unscaled, result_.scale);
      CASSETTE_ASSIGN_OR_RETURN(const Decimal difference, types::Add(step, negated));
      CASSETTE_ASSIGN_OR_RETURN(
          step, Divide(difference, Decimal(BigInteger(count_)), difference.scale, RoundingMode::kHalfEven));
    }
    CASSETTE_ASSIGN_OR_RETURN(result_, types::Add(result_, step));
    return base::Status::Ok();
  }

  Fold fold_;
  Decimal result_;
  int64_t count_ = 0;
};

class NumericAggregate final : public AggregateFunction {
 public:
  NumericAggregate(Fold fold, TypeKind kind)
      : AggregateFunction(fold == Fold::kSum ? "sum" : "avg", {DataType(kind)}, DataType(kind)), fold_(fold) {}

  std::unique_ptr<AggregateState> NewState() const override {
    const TypeKind kind = return_type().kind();
    switch (kind) {
      case TypeKind::kFloat:
      case TypeKind::kDouble:
        return std::make_unique<FloatingState>(fold_, kind);
      case TypeKind::kVarint:
        return std::make_unique<VarintState>(fold_);
      case TypeKind::kDecimal:
        return std::make_unique<DecimalState>(fold_);
      default:
        return std::make_unique<IntegerState>(fold_, kind);
    }
  }

 private:
  Fold fold_;
};

}  // namespace

void AddNumericAggregates(FunctionList* functions) {
  for (Fold fold : {Fold::kSum, Fold::kAverage}) {
    for (TypeKind kind : NumericKinds()) functions->push_back(std::make_shared<NumericAggregate>(fold, kind));
  }
}

}  // namespace cassette::cql::functions

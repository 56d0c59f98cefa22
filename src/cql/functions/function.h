// Function: what a CQL call stands for once its overload is chosen: a scalar function of values, or an aggregate with
// states that take values one by one or a whole vector at once.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "columnar/vector.h"
#include "types/data_type.h"
#include "types/value.h"

namespace cassette::cql::functions {

class ScalarFunction;
class AggregateFunction;

// What every function has. Functions are immutable and shared: a plan keeps the pointer that Resolve gave it.
// Thread safety: const methods may be called from many threads.
class Function {
 public:
  Function(std::string name, std::vector<types::DataType> argument_types, types::DataType return_type)
      : name_(std::move(name)), argument_types_(std::move(argument_types)), return_type_(std::move(return_type)) {}
  virtual ~Function() = default;
  Function(const Function&) = delete;
  Function& operator=(const Function&) = delete;

  // Without keyspace ("to_date"); "_add_" and the like for operators, "cast_as_int" for casts.
  const std::string& name() const { return name_; }
  const std::vector<types::DataType>& argument_types() const { return argument_types_; }
  const types::DataType& return_type() const { return return_type_; }
  // The column name of a selection without alias: "system.to_date(k)", "count", "CAST(a AS int)", "a + b", as
  // Cassandra heads it. `arguments` are the arguments' own column names.
  virtual std::string ColumnName(std::span<const std::string> arguments) const;
  // "system.sum : (int) -> int", as Cassandra lists signatures.
  std::string ToString() const;

  // Exactly one of the two is not null.
  virtual const ScalarFunction* as_scalar() const { return nullptr; }
  virtual const AggregateFunction* as_aggregate() const { return nullptr; }

 private:
  std::string name_;
  std::vector<types::DataType> argument_types_;
  types::DataType return_type_;
};

// What evaluation may depend on beside its arguments.
// Lifetime: `random` must outlive the call. Thread safety: a context belongs to one thread.
struct EvalContext {
  int64_t now_micros = 0;          // base::Clock::NowMicros(), read once per statement.
  base::Random* random = nullptr;  // For uuid() and now(). REQUIRES: not null when a function is not pure.
};

class ScalarFunction : public Function {
 public:
  using Function::Function;
  const ScalarFunction* as_scalar() const final { return this; }

  // The same arguments always give the same result, so that a call on constants may be folded.
  virtual bool is_pure() const { return true; }
  // Replaces *out with the serialized result; true when the result is null (*out is then empty).
  // kInvalidArgument or kFunctionFailure when the values are not legal, as Cassandra answers.
  // REQUIRES: as many arguments as argument_types(), each null or a legal value of its type.
  virtual base::Result<bool> Evaluate(std::span<const types::ValueView> arguments, const EvalContext& context,
                                      std::string* out) const = 0;
};

// The running state of one aggregate over one group.
// Thread safety: not thread safe. Lifetime: must not outlive its function.
class AggregateState {
 public:
  virtual ~AggregateState() = default;

  // One row. REQUIRES: as many arguments as the function's argument_types(); none for count(*).
  virtual base::Status Add(std::span<const types::ValueView> arguments) = 0;
  // The rows of `selection`, or all rows when it is null, of the only argument's values.
  // REQUIRES: the function has one argument, and `values` has its physical type (count takes vectors of any).
  virtual base::Status AddVector(const columnar::Vector& values, const std::vector<uint32_t>* selection) = 0;
  // `rows` rows of count(*). REQUIRES: the function has no arguments.
  virtual void AddRows(uint64_t rows);
  // Replaces *out with the result so far; true when it is null.
  virtual base::Result<bool> Finish(std::string* out) = 0;
  // As new.
  virtual void Reset() = 0;
};

class AggregateFunction : public Function {
 public:
  using Function::Function;
  const AggregateFunction* as_aggregate() const final { return this; }
  virtual std::unique_ptr<AggregateState> NewState() const = 0;
};

}  // namespace cassette::cql::functions

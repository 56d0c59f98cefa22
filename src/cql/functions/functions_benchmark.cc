// Aggregates over vectors, and what a registry and a call cost.
#include <benchmark/benchmark.h>

#include "base/random.h"
#include "cql/functions/registry.h"

namespace cassette::cql::functions {
namespace {

using types::DataType;
using types::TypeKind;

columnar::Vector Numbers(const DataType& type) {
  base::Random random(1);
  columnar::Vector values(type.physical());
  for (uint32_t i = 0; i < columnar::kMaxVectorRows; ++i) {
    if (type.physical() == types::PhysicalType::kDouble) {
      values.AppendDouble(random.Normal());
    } else {
      values.AppendInt64(static_cast<int64_t>(random.Below(1'000'000)));
    }
  }
  return values;
}

void BM_AddVector(benchmark::State& state, const char* name, TypeKind kind) {
  const FunctionRegistry registry;
  const DataType type(kind);
  const Argument argument = Argument::Typed(type, "c");
  const auto function = registry.Resolve(name, {&argument, 1}, nullptr);
  const auto aggregate = (*function)->as_aggregate()->NewState();
  const columnar::Vector values = Numbers(type);
  for (auto _ : state) benchmark::DoNotOptimize(aggregate->AddVector(values, nullptr).ok());
  state.SetItemsProcessed(state.iterations() * values.size());
}

void BM_BuildRegistry(benchmark::State& state) {
  for (auto _ : state) {
    const FunctionRegistry registry;
    benchmark::DoNotOptimize(registry.Contains("sum"));
  }
}

void BM_AddInts(benchmark::State& state) {
  const FunctionRegistry registry;
  const Argument argument = Argument::Typed(DataType(TypeKind::kInt), "c");
  const auto add = registry.ResolveOperator(ArithmeticOperator::kAdd, argument, argument, nullptr);
  const std::string bytes("\0\0\0\1", 4);
  const types::ValueView arguments[] = {types::ValueView::Of(bytes), types::ValueView::Of(bytes)};
  std::string out;
  for (auto _ : state) benchmark::DoNotOptimize((*add)->Evaluate(arguments, {}, &out).ok());
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK_CAPTURE(BM_AddVector, sum_bigint, "sum", TypeKind::kBigint);
BENCHMARK_CAPTURE(BM_AddVector, avg_double, "avg", TypeKind::kDouble);
BENCHMARK_CAPTURE(BM_AddVector, max_bigint, "max", TypeKind::kBigint);
BENCHMARK_CAPTURE(BM_AddVector, max_double, "max", TypeKind::kDouble);
BENCHMARK_CAPTURE(BM_AddVector, count_double, "count", TypeKind::kDouble);
BENCHMARK(BM_BuildRegistry);
BENCHMARK(BM_AddInts);

}  // namespace
}  // namespace cassette::cql::functions

#include "columnar/statistics.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "columnar/statistics.cc"
#include "hwy/foreach_target.h"  // Compiles the kernels below once for each instruction set.
#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace cassette::columnar {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Signed = hn::ScalableTag<int64_t>;

HWY_INLINE void Include(hn::Vec<Signed> values, hn::Vec<Signed>* min, hn::Vec<Signed>* max) {
  *min = hn::Min(*min, values);
  *max = hn::Max(*max, values);
}

HWY_INLINE void Merge(hn::Vec<Signed> min, hn::Vec<Signed> max, IntRange* range) {
  range->min = std::min(range->min, hn::GetLane(hn::MinOfLanes(Signed(), min)));
  range->max = std::max(range->max, hn::GetLane(hn::MaxOfLanes(Signed(), max)));
}

// Surveys whole registers from values[2] on; returns how far it came.
uint32_t SurveyLanes(const int64_t* values, uint32_t count, IntStatistics* statistics) {
  const Signed d;
  const uint32_t step = static_cast<uint32_t>(hn::Lanes(d));
  auto min = hn::Set(d, INT64_MAX);
  auto max = hn::Set(d, INT64_MIN);
  auto delta_min = min;
  auto delta_max = max;
  auto delta_delta_min = min;
  auto delta_delta_max = max;
  auto equal = hn::Zero(d);  // Minus one for each pair of neighbours that are the same.
  uint32_t i = 2;
  for (; i + step <= count; i += step) {
    const auto value = hn::LoadU(d, values + i);
    const auto before = hn::LoadU(d, values + i - 1);
    const auto delta = hn::Sub(value, before);
    Include(value, &min, &max);
    Include(delta, &delta_min, &delta_max);
    const auto delta_before = hn::Sub(before, hn::LoadU(d, values + i - 2));
    Include(hn::Sub(delta, delta_before), &delta_delta_min, &delta_delta_max);
    equal = hn::Add(equal, hn::VecFromMask(d, hn::Eq(value, before)));
  }
  Merge(min, max, &statistics->values);
  Merge(delta_min, delta_max, &statistics->deltas);
  Merge(delta_delta_min, delta_delta_max, &statistics->delta_deltas);
  statistics->runs += i - 2;
  statistics->runs += static_cast<int32_t>(hn::GetLane(hn::SumOfLanes(d, equal)));
  return i;
}

// Neighbours that differ among values[0 .. end]; returns `end`.
uint32_t CountRunsLanes(const double* values, uint32_t count, uint32_t* different) {
  const hn::ScalableTag<double> d;
  const Signed di;
  const uint32_t step = static_cast<uint32_t>(hn::Lanes(d));
  auto equal = hn::Zero(di);
  uint32_t i = 1;
  for (; i + step <= count; i += step) {
    const auto value = hn::BitCast(di, hn::LoadU(d, values + i));
    const auto before = hn::BitCast(di, hn::LoadU(d, values + i - 1));
    equal = hn::Add(equal, hn::VecFromMask(di, hn::Eq(value, before)));
  }
  *different = i - 1 + static_cast<uint32_t>(static_cast<int32_t>(hn::GetLane(hn::SumOfLanes(di, equal))));
  return i;
}

int64_t SmallestAtLeastLanes(const int64_t* values, uint32_t count, int64_t floor) {
  const Signed d;
  const uint32_t step = static_cast<uint32_t>(hn::Lanes(d));
  const auto floors = hn::Set(d, floor);
  const auto none = hn::Set(d, INT64_MAX);
  auto smallest = none;
  uint32_t i = 0;
  for (; i + step <= count; i += step) {
    const auto value = hn::LoadU(d, values + i);
    smallest = hn::Min(smallest, hn::IfThenElse(hn::Lt(value, floors), none, value));
  }
  int64_t result = hn::GetLane(hn::MinOfLanes(d, smallest));
  for (; i < count; ++i) result = std::min(result, values[i] < floor ? INT64_MAX : values[i]);
  return result;
}

void SubtractLanes(const int64_t* values, uint32_t count, int64_t* deltas) {
  const Signed d;
  const uint32_t step = static_cast<uint32_t>(hn::Lanes(d));
  uint32_t i = 1;
  for (; i + step <= count; i += step) {
    hn::StoreU(hn::Sub(hn::LoadU(d, values + i), hn::LoadU(d, values + i - 1)), d, deltas + i);
  }
  for (; i < count; ++i)
    deltas[i] = static_cast<int64_t>(static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]));
}

using PrefixLanes = hn::CappedTag<int64_t, 8>;

// The lanes moved up by `distance`, zeroes below.
HWY_INLINE hn::Vec<PrefixLanes> MoveUp(hn::Vec<PrefixLanes> values, int64_t distance) {
  const PrefixLanes d;
  const auto lane = hn::Iota(d, 0);
  const auto by = hn::Set(d, distance);
  const auto moves = hn::Gt(lane, hn::Set(d, distance - 1));
  const auto from = hn::IfThenElseZero(moves, hn::Sub(lane, by));
  return hn::IfThenElseZero(moves, hn::TableLookupLanes(values, hn::IndicesFromVec(d, from)));
}

void PrefixSumLanes(uint64_t start, uint32_t count, int64_t* values) {
  const PrefixLanes d;
  const uint32_t step = static_cast<uint32_t>(hn::Lanes(d));
  const auto last = hn::IndicesFromVec(d, hn::Set(d, static_cast<int64_t>(step) - 1));
  auto carry = hn::Set(d, static_cast<int64_t>(start));
  uint32_t i = 0;
  for (; i + step <= count; i += step) {
    auto sum = hn::LoadU(d, values + i);
    if (step > 1) sum = hn::Add(sum, MoveUp(sum, 1));
    if (step > 2) sum = hn::Add(sum, MoveUp(sum, 2));
    if (step > 4) sum = hn::Add(sum, MoveUp(sum, 4));
    hn::StoreU(hn::Add(sum, carry), d, values + i);
    carry = hn::Add(carry, hn::TableLookupLanes(sum, last));
  }
  uint64_t total = static_cast<uint64_t>(hn::GetLane(carry));
  for (; i < count; ++i) {
    total += static_cast<uint64_t>(values[i]);
    values[i] = static_cast<int64_t>(total);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace cassette::columnar
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cassette::columnar {
namespace {

HWY_EXPORT(SurveyLanes);
HWY_EXPORT(CountRunsLanes);
HWY_EXPORT(SmallestAtLeastLanes);
HWY_EXPORT(SubtractLanes);
HWY_EXPORT(PrefixSumLanes);

void Add(int64_t value, IntRange* range) {
  range->min = std::min(range->min, value);
  range->max = std::max(range->max, value);
}

uint64_t Difference(int64_t a, int64_t b) { return static_cast<uint64_t>(a) - static_cast<uint64_t>(b); }

}  // namespace

IntStatistics Survey(const int64_t* values, uint32_t count) {
  CASSETTE_ASSERT(count > 0);
  IntStatistics statistics;
  Add(values[0], &statistics.values);
  if (count == 1) return statistics;
  Add(values[1], &statistics.values);
  Add(static_cast<int64_t>(Difference(values[1], values[0])), &statistics.deltas);
  statistics.runs += values[1] != values[0] ? 1 : 0;
  for (uint32_t i = HWY_DYNAMIC_DISPATCH(SurveyLanes)(values, count, &statistics); i < count; ++i) {
    const uint64_t delta = Difference(values[i], values[i - 1]);
    Add(values[i], &statistics.values);
    Add(static_cast<int64_t>(delta), &statistics.deltas);
    Add(static_cast<int64_t>(delta - Difference(values[i - 1], values[i - 2])), &statistics.delta_deltas);
    statistics.runs += delta != 0 ? 1 : 0;
  }
  return statistics;
}

uint32_t CountRuns(const double* values, uint32_t count) {
  if (count == 0) return 0;
  uint32_t different = 0;
  for (uint32_t i = HWY_DYNAMIC_DISPATCH(CountRunsLanes)(values, count, &different); i < count; ++i) {
    different += std::memcmp(values + i, values + i - 1, sizeof(double)) != 0 ? 1 : 0;
  }
  return different + 1;
}

int64_t SmallestAtLeast(const int64_t* values, uint32_t count, int64_t floor) {
  return HWY_DYNAMIC_DISPATCH(SmallestAtLeastLanes)(values, count, floor);
}

void Subtract(const int64_t* values, uint32_t count, int64_t* deltas) {
  HWY_DYNAMIC_DISPATCH(SubtractLanes)(values, count, deltas);
}

void PrefixSum(uint64_t start, uint32_t count, int64_t* values) {
  HWY_DYNAMIC_DISPATCH(PrefixSumLanes)(start, count, values);
}

}  // namespace cassette::columnar
#endif  // HWY_ONCE

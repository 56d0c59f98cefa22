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

}  // namespace HWY_NAMESPACE
}  // namespace cassette::columnar
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace cassette::columnar {
namespace {

HWY_EXPORT(SurveyLanes);

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
  uint32_t runs = count > 0 ? 1 : 0;
  for (uint32_t i = 1; i < count; ++i) {
    uint64_t bits[2];
    std::memcpy(bits, values + i - 1, sizeof(bits));
    runs += bits[0] != bits[1] ? 1 : 0;
  }
  return runs;
}

}  // namespace cassette::columnar
#endif  // HWY_ONCE

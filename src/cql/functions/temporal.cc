#include "cql/functions/temporal.h"

#include "base/assert.h"
#include "types/calendar.h"
#include "types/uuid.h"
#include "types/value.h"

namespace cassette::cql::functions {

using types::TypeKind;

namespace {

// SimpleDateSerializer.timeInMillisToDay: whole seconds downwards, but days towards 1970, so that the last day before
// 1970 is 1970-01-01.
int64_t DaysOfMillis(int64_t millis) {
  const int64_t seconds = millis >= 0 ? millis / 1000 : -((-(millis + 1)) / 1000) - 1;
  return static_cast<int32_t>(seconds / 86'400);
}

}  // namespace

int64_t TemporalMillis(TypeKind kind, std::string_view bytes) {
  switch (kind) {
    case TypeKind::kTimestamp:
      return types::ToInt64(kind, bytes);
    case TypeKind::kDate:
      return types::ToInt64(kind, bytes) * types::kMillisPerDay;
    default:
      CASSETTE_ASSERT(kind == TypeKind::kTimeuuid);
      return types::TimeuuidMillis(types::Uuid::FromBytes(bytes));
  }
}

void AppendTemporal(TypeKind kind, int64_t millis, std::string* out) {
  CASSETTE_ASSERT(kind == TypeKind::kTimestamp || kind == TypeKind::kDate);
  types::AppendFromInt64(kind, kind == TypeKind::kDate ? DaysOfMillis(millis) : millis, out);
}

}  // namespace cassette::cql::functions

// now() and its kin, conversions among temporal types, floor and uuid() (TimeFcts and UuidFcts).
#include <fmt/format.h>

#include "base/assert.h"
#include "cql/functions/native_function.h"
#include "cql/functions/temporal.h"
#include "types/calendar.h"
#include "types/duration.h"
#include "types/uuid.h"
#include "types/value.h"

namespace cassette::cql::functions {

using types::Duration;

namespace {

constexpr int64_t kNanosPerMilli = 1'000'000;

int64_t NowMillis(const EvalContext& context) {
  const int64_t micros = context.now_micros;
  return micros >= 0 ? micros / 1000 : -((-(micros + 1)) / 1000) - 1;
}

// The node is random, with the bit that tells it from a network card's address (RFC 4122, 4.5), and so is the clock
// sequence: that makes two of one microsecond differ.
types::Uuid NewTimeuuid(const EvalContext& context) {
  CASSETTE_ASSERT(context.random != nullptr);
  constexpr uint64_t kVariant = 0x8000010000000000;
  constexpr uint64_t kRandomBits = 0x3fffffffffffffff;
  return types::MakeTimeuuid(context.now_micros * 10, (context.random->Next() & kRandomBits) | kVariant);
}

types::Uuid NewRandomUuid(const EvalContext& context) {
  CASSETTE_ASSERT(context.random != nullptr);
  const uint64_t high = (context.random->Next() & 0xffffffffffff0fff) | 0x4000;
  const uint64_t low = (context.random->Next() & 0x3fffffffffffffff) | 0x8000000000000000;
  return {high, low};
}

void AppendNow(TypeKind kind, const EvalContext& context, std::string* out) {
  switch (kind) {
    case TypeKind::kTimeuuid:
      return NewTimeuuid(context).AppendBytes(out);
    case TypeKind::kUuid:
      return NewRandomUuid(context).AppendBytes(out);
    case TypeKind::kTime: {
      const int64_t millis = NowMillis(context);
      const int64_t start_micros = types::DaysFromMillis(millis) * types::kMillisPerDay * 1000;
      return types::AppendFromInt64(kind, (context.now_micros - start_micros) * 1000, out);
    }
    default:
      return AppendTemporal(kind, NowMillis(context), out);
  }
}

void AddNow(std::initializer_list<std::string_view> names, TypeKind kind, FunctionList* functions) {
  for (std::string_view name : names) {
    functions->push_back(
        MakeScalar(std::string(name), {}, kind,
                   [=](std::span<const ValueView>, const EvalContext& context, std::string* out) -> base::Result<bool> {
                     AppendNow(kind, context, out);
                     return false;
                   },
                   {NullRule::kNullOrEmpty, false, nullptr}));
  }
}

// A function of one temporal argument by way of its milliseconds.
void AddConversion(std::initializer_list<std::string_view> names, TypeKind from, TypeKind to,
                   void (*append)(TypeKind to, int64_t millis, std::string* out), FunctionList* functions) {
  for (std::string_view name : names) {
    functions->push_back(MakeScalar(
        std::string(name), {from}, to,
        [=](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
          append(to, TemporalMillis(from, arguments[0].bytes), out);
          return false;
        }));
  }
}

void AppendMillis(TypeKind to, int64_t millis, std::string* out) { types::AppendFromInt64(to, millis, out); }

void AppendLeastTimeuuid(TypeKind, int64_t millis, std::string* out) { types::MinTimeuuid(millis).AppendBytes(out); }

void AppendLargestTimeuuid(TypeKind, int64_t millis, std::string* out) { types::MaxTimeuuid(millis).AppendBytes(out); }

int64_t DurationMillis(const Duration& duration) {
  return duration.days * types::kMillisPerDay + duration.nanos / kNanosPerMilli;
}

int64_t MonthOf(int64_t millis) {
  const types::CivilDate date = types::CivilFromDays(types::DaysFromMillis(millis));
  return date.year * 12 + date.month - 1;
}

// The last start + k * duration that is not after `millis`, months by the calendar.
int64_t FloorByMonths(int64_t millis, const Duration& duration, int64_t start) {
  int64_t multiplier = (MonthOf(millis) - MonthOf(start)) / duration.months;
  const int64_t start_day = types::DaysFromMillis(start);
  const int64_t of_day = start - start_day * types::kMillisPerDay;
  const auto candidate = [&] {
    const int64_t day = types::AddMonths(start_day, multiplier * duration.months);
    return day * types::kMillisPerDay + of_day + multiplier * DurationMillis(duration);
  };
  if (duration.days == 0 && duration.nanos == 0) return candidate();
  int64_t floor = candidate();
  while (floor > millis) {
    --multiplier;
    floor = candidate();
  }
  return std::max(start, floor);
}

base::Result<int64_t> FloorMillis(int64_t millis, const Duration& duration, int64_t start) {
  if (start > millis) {
    return base::InvalidArgument("The floor function starting time is greater than the provided time");
  }
  if (duration.is_negative()) {
    return base::InvalidArgument("Negative durations are not supported by the floor function");
  }
  if (duration.months != 0) return FloorByMonths(millis, duration, start);
  const int64_t step = DurationMillis(duration);
  return step == 0 ? millis : millis - (millis - start) % step;
}

base::Status CheckFloorPrecision(TypeKind kind, const Duration& duration) {
  const bool is_date = kind == TypeKind::kDate;
  if (is_date ? duration.nanos == 0 : duration.nanos % kNanosPerMilli == 0) return base::Status::Ok();
  std::string text;
  AppendDurationText(duration, &text);
  if (!is_date) {
    return base::InvalidArgument(
        fmt::format("The floor cannot be computed for the {} duration as precision is below 1 millisecond", text));
  }
  return base::InvalidArgument(
      fmt::format("The floor on date values cannot be computed for the {} duration as precision is below 1 day", text));
}

// floor(time, duration[, start]); timeuuids give timestamps and start from one.
void AddFloor(TypeKind kind, FunctionList* functions) {
  const TypeKind result = kind == TypeKind::kTimeuuid ? TypeKind::kTimestamp : kind;
  const ScalarBody body = [=](std::span<const ValueView> arguments, const EvalContext&,
                              std::string* out) -> base::Result<bool> {
    CASSETTE_ASSIGN_OR_RETURN(const Duration duration, types::DecodeDuration(arguments[1].bytes));
    CASSETTE_RETURN_IF_ERROR(CheckFloorPrecision(kind, duration));
    const int64_t start = arguments.size() == 3 ? TemporalMillis(result, arguments[2].bytes) : 0;
    CASSETTE_ASSIGN_OR_RETURN(const int64_t floor,
                              FloorMillis(TemporalMillis(kind, arguments[0].bytes), duration, start));
    AppendTemporal(result, floor, out);
    return false;
  };
  functions->push_back(MakeScalar("floor", {kind, TypeKind::kDuration}, result, body));
  functions->push_back(MakeScalar("floor", {kind, TypeKind::kDuration, result}, result, body));
}

base::Result<bool> FloorTime(std::span<const ValueView> arguments, const EvalContext&, std::string* out) {
  CASSETTE_ASSIGN_OR_RETURN(const Duration duration, types::DecodeDuration(arguments[1].bytes));
  if (duration.is_negative()) {
    return base::InvalidArgument("Negative durations are not supported by the floor function");
  }
  if (duration.months != 0 || duration.days != 0 || duration.nanos > types::kNanosPerDay) {
    return base::InvalidArgument("For time values, the floor can only be computed for durations smaller that a day");
  }
  const int64_t time = types::ToInt64(TypeKind::kTime, arguments[0].bytes);
  types::AppendFromInt64(TypeKind::kTime, duration.nanos == 0 ? time : time - time % duration.nanos, out);
  return false;
}

}  // namespace

void AddTimeFunctions(FunctionList* functions) {
  AddNow({"now", "current_timeuuid", "currenttimeuuid"}, TypeKind::kTimeuuid, functions);
  AddNow({"current_timestamp", "currenttimestamp"}, TypeKind::kTimestamp, functions);
  AddNow({"current_date", "currentdate"}, TypeKind::kDate, functions);
  AddNow({"current_time", "currenttime"}, TypeKind::kTime, functions);
  AddNow({"uuid"}, TypeKind::kUuid, functions);
  AddConversion({"min_timeuuid", "mintimeuuid"}, TypeKind::kTimestamp, TypeKind::kTimeuuid, AppendLeastTimeuuid,
                functions);
  AddConversion({"max_timeuuid", "maxtimeuuid"}, TypeKind::kTimestamp, TypeKind::kTimeuuid, AppendLargestTimeuuid,
                functions);
  for (TypeKind from : {TypeKind::kTimeuuid, TypeKind::kTimestamp}) {
    AddConversion({"to_date", "todate"}, from, TypeKind::kDate, AppendTemporal, functions);
  }
  for (TypeKind from : {TypeKind::kTimeuuid, TypeKind::kDate}) {
    AddConversion({"to_timestamp", "totimestamp"}, from, TypeKind::kTimestamp, AppendTemporal, functions);
  }
  for (TypeKind from : {TypeKind::kTimeuuid, TypeKind::kTimestamp, TypeKind::kDate}) {
    AddConversion({"to_unix_timestamp", "tounixtimestamp"}, from, TypeKind::kBigint, AppendMillis, functions);
    AddFloor(from, functions);
  }
  functions->push_back(MakeScalar("floor", {TypeKind::kTime, TypeKind::kDuration}, TypeKind::kTime, FloorTime));
}

}  // namespace cassette::cql::functions

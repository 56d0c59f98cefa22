#include "types/value.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>

#include "base/assert.h"
#include "codec/fixed.h"
#include "types/big_integer.h"
#include "types/decimal.h"
#include "types/duration.h"
#include "types/numbers.h"
#include "types/text.h"
#include "types/uuid.h"

namespace cassette::types {

namespace {

constexpr int64_t kDateEpoch = int64_t{1} << 31;

base::Status ExpectSize(std::string_view bytes, size_t size_bytes, bool may_be_empty, std::string_view expected) {
  if (bytes.size() == size_bytes || (may_be_empty && bytes.empty())) return base::Status::Ok();
  return base::InvalidArgument(fmt::format("{} ({})", expected, bytes.size()));
}

base::Status ValidateText(TypeKind kind, std::string_view bytes) {
  if (kind == TypeKind::kText) {
    return IsUtf8(bytes) ? base::Status::Ok() : base::InvalidArgument("String didn't validate.");
  }
  if (IsAscii(bytes)) return base::Status::Ok();
  size_t i = 0;
  while (static_cast<uint8_t>(bytes[i]) < 0x80) ++i;
  return base::InvalidArgument(fmt::format("Invalid byte for ascii: {}", static_cast<int8_t>(bytes[i])));
}

base::Status ValidateInet(std::string_view bytes) {
  if (bytes.empty() || bytes.size() == 4 || bytes.size() == 16) return base::Status::Ok();
  std::string hex;
  AppendHex(bytes, &hex);
  return base::InvalidArgument("Expected 4 or 16 byte inetaddress; got " + hex);
}

base::Status ValidateTimeuuid(std::string_view bytes) {
  CASSETTE_RETURN_IF_ERROR(ExpectSize(bytes, kUuidBytes, true, "TimeUUID should be 16 or 0 bytes"));
  if (bytes.empty() || Uuid::FromBytes(bytes).version() == 1) return base::Status::Ok();
  return base::InvalidArgument(
      fmt::format("Invalid version for TimeUUID type: 0x{:x}", Uuid::FromBytes(bytes).version()));
}

int Sign(int order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

template <typename Number>
int CompareNumbers(Number a, Number b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

int CompareBytes(std::string_view a, std::string_view b) { return Sign(a.compare(b)); }

// Double.compare: -0.0 before 0.0, all NaN alike and after everything.
template <typename Number>
int CompareFloating(Number a, Number b) {
  if (a < b) return -1;
  if (a > b) return 1;
  if (std::isnan(a) || std::isnan(b)) return CompareNumbers(std::isnan(a), std::isnan(b));
  return CompareNumbers(!std::signbit(a), !std::signbit(b));
}

int CompareUuids(const Uuid& a, const Uuid& b) {
  return a.high != b.high ? CompareNumbers(a.high, b.high) : CompareNumbers(a.low, b.low);
}

float FloatFromBytes(std::string_view bytes) { return std::bit_cast<float>(codec::LoadBig<uint32_t>(bytes.data())); }

}  // namespace

base::Status Validate(const DataType& type, std::string_view bytes) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return ExpectSize(bytes, 1, true, "Expected 1 or 0 byte value");
    case TypeKind::kTinyint:
      return ExpectSize(bytes, 1, false, "Expected 1 byte for a tinyint");
    case TypeKind::kSmallint:
      return ExpectSize(bytes, 2, false, "Expected 2 bytes for a smallint");
    case TypeKind::kInt:
      return ExpectSize(bytes, 4, true, "Expected 4 or 0 byte int");
    case TypeKind::kBigint:
    case TypeKind::kCounter:
      return ExpectSize(bytes, 8, true, "Expected 8 or 0 byte long");
    case TypeKind::kTimestamp:
      return ExpectSize(bytes, 8, true, "Expected 8 or 0 byte long for date");
    case TypeKind::kTime:
      return ExpectSize(bytes, 8, false, "Expected 8 byte long for time");
    case TypeKind::kDate:
      return ExpectSize(bytes, 4, false, "Expected 4 byte long for date");
    case TypeKind::kFloat:
      return ExpectSize(bytes, 4, true, "Expected 4 or 0 byte value for a float");
    case TypeKind::kDouble:
      return ExpectSize(bytes, 8, true, "Expected 8 or 0 byte value for a double");
    case TypeKind::kUuid:
      return ExpectSize(bytes, kUuidBytes, true, "UUID should be 16 or 0 bytes");
    case TypeKind::kTimeuuid:
      return ValidateTimeuuid(bytes);
    case TypeKind::kAscii:
    case TypeKind::kText:
      return ValidateText(type.kind(), bytes);
    case TypeKind::kInet:
      return ValidateInet(bytes);
    case TypeKind::kDecimal:
      if (bytes.empty() || bytes.size() >= 4) return base::Status::Ok();
      return base::InvalidArgument(fmt::format("Expected 0 or at least 4 bytes ({})", bytes.size()));
    case TypeKind::kDuration:
      return base::ToStatus(DecodeDuration(bytes));
    case TypeKind::kEmpty:
      return bytes.empty() ? base::Status::Ok() : base::InvalidArgument("EmptyType only accept empty values");
    case TypeKind::kBlob:
    case TypeKind::kVarint:
    case TypeKind::kCustom:
      return base::Status::Ok();
    default:
      return ValidateComposite(type, bytes);
  }
}

int Compare(const DataType& type, std::string_view a, std::string_view b) {
  if (a.empty() || b.empty()) return CompareNumbers(!a.empty(), !b.empty());
  switch (type.kind()) {
    case TypeKind::kBoolean:
      return CompareNumbers(a[0] != 0, b[0] != 0);
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInt:
    case TypeKind::kBigint:
    case TypeKind::kCounter:
    case TypeKind::kTimestamp:
      return CompareNumbers(ToInt64(type.kind(), a), ToInt64(type.kind(), b));
    case TypeKind::kDouble:
      return CompareFloating(ToDouble(a), ToDouble(b));
    case TypeKind::kFloat:
      return CompareFloating(FloatFromBytes(a), FloatFromBytes(b));
    case TypeKind::kUuid:
      return CompareUuids(UuidOrderKey(Uuid::FromBytes(a)), UuidOrderKey(Uuid::FromBytes(b)));
    case TypeKind::kTimeuuid:
      return CompareUuids(TimeuuidOrderKey(Uuid::FromBytes(a)), TimeuuidOrderKey(Uuid::FromBytes(b)));
    case TypeKind::kVarint: {
      const std::strong_ordering order = BigInteger::FromBytes(a) <=> BigInteger::FromBytes(b);
      return order < 0 ? -1 : order > 0 ? 1 : 0;
    }
    case TypeKind::kDecimal:
      return CompareDecimals(Decimal::FromBytes(a), Decimal::FromBytes(b));
    default:
      // ascii, text, blob, inet, date, time and duration are compared as bytes by Cassandra too.
      return type.is_scalar() ? CompareBytes(a, b) : CompareComposite(type, a, b);
  }
}

int64_t ToInt64(TypeKind kind, std::string_view bytes) {
  CASSETTE_ASSERT(bytes.size() == FixedSizeBytes(kind));
  switch (kind) {
    case TypeKind::kBoolean:
      return bytes[0] != 0 ? 1 : 0;
    case TypeKind::kTinyint:
      return static_cast<int8_t>(bytes[0]);
    case TypeKind::kSmallint:
      return static_cast<int16_t>(codec::LoadBig<uint16_t>(bytes.data()));
    case TypeKind::kInt:
      return static_cast<int32_t>(codec::LoadBig<uint32_t>(bytes.data()));
    case TypeKind::kFloat:
      return codec::LoadBig<uint32_t>(bytes.data());
    case TypeKind::kDate:
      return static_cast<int64_t>(codec::LoadBig<uint32_t>(bytes.data())) - kDateEpoch;
    default:
      return static_cast<int64_t>(codec::LoadBig<uint64_t>(bytes.data()));
  }
}

void AppendFromInt64(TypeKind kind, int64_t value, std::string* out) {
  const size_t size_bytes = FixedSizeBytes(kind);
  CASSETTE_ASSERT(size_bytes != 0);
  if (kind == TypeKind::kDate) value += kDateEpoch;
  char bytes[8];
  codec::StoreBig(static_cast<uint64_t>(value), bytes);
  out->append(bytes + 8 - size_bytes, size_bytes);
}

size_t FixedSizeBytes(TypeKind kind) { return NumberBytes(kind); }

double ToDouble(std::string_view bytes) {
  CASSETTE_ASSERT(bytes.size() == sizeof(double));
  return std::bit_cast<double>(codec::LoadBig<uint64_t>(bytes.data()));
}

void AppendDouble(double value, std::string* out) { codec::AppendBig(std::bit_cast<uint64_t>(value), out); }

}  // namespace cassette::types

// Order-preserving encodings of types/value.h: docs/format/ordered_key.md.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include "base/assert.h"
#include "codec/fixed.h"
#include "types/big_integer.h"
#include "types/composite.h"
#include "types/decimal.h"
#include "types/numbers.h"
#include "types/uuid.h"
#include "types/value.h"

namespace cassette::types {

namespace {

constexpr size_t kMalformed = std::string_view::npos;

// Numbers of a fixed width. The smallest, all zeroes, is followed by kPresent; all zeroes and kEmpty is the empty
// value.
constexpr char kEmpty = 0;
constexpr char kPresent = 1;
// Booleans: one byte.
constexpr char kFalse = 1;
constexpr char kTrue = 2;
// Strings: kEnd after the bytes; kEnd and kEscape within them become kEscape and the byte plus one.
constexpr char kEnd = 0;
constexpr char kEscape = 1;
// Whole numbers: kEmptyNumber; below kZeroNumber negative, above it positive, the further the longer. A length from
// kLongLength on follows in four bytes.
constexpr uint8_t kEmptyNumber = 0;
constexpr uint8_t kPositiveBase = 0x80;
constexpr uint8_t kNegativeBase = 0x7f;
constexpr uint8_t kLongLength = 0x7e;
// Decimals: the sign.
constexpr uint8_t kNegativeDecimal = 0x7f;
constexpr uint8_t kZeroDecimal = 0x80;
constexpr uint8_t kPositiveDecimal = 0x81;
// Whole decimals with at most so many zeros at their end come back with scale 0.
constexpr int64_t kWholeZerosMax = 40;

// Collections, tuples, user types and vectors: kNoValue is the empty value; else kBegin, then for each item kNullItem
// or kItem and its encoding, then kNoMore.
constexpr uint8_t kNoValue = 0;
constexpr uint8_t kBegin = 1;
constexpr uint8_t kNoMore = 0;
constexpr uint8_t kNullItem = 1;
constexpr uint8_t kItem = 2;

enum class Shape : uint8_t { kFixed, kBoolean, kString, kVarint, kDecimal, kComposite };

Shape ShapeOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kList:
    case TypeKind::kSet:
    case TypeKind::kMap:
    case TypeKind::kTuple:
    case TypeKind::kUdt:
    case TypeKind::kVector:
      return Shape::kComposite;
    case TypeKind::kBoolean:
      return Shape::kBoolean;
    case TypeKind::kUuid:
    case TypeKind::kTimeuuid:
      return Shape::kFixed;
    case TypeKind::kVarint:
      return Shape::kVarint;
    case TypeKind::kDecimal:
      return Shape::kDecimal;
    default:
      return FixedSizeBytes(kind) != 0 ? Shape::kFixed : Shape::kString;
  }
}

size_t FixedWidth(TypeKind kind) {
  return kind == TypeKind::kUuid || kind == TypeKind::kTimeuuid ? kUuidBytes : FixedSizeBytes(kind);
}

// Positive numbers get the sign bit set, negative ones are inverted; every NaN is Java's.
template <typename Bits, typename Number>
Bits OrderedFloat(Number value) {
  constexpr Bits kSign = Bits{1} << (8 * sizeof(Bits) - 1);
  if (std::isnan(value)) value = std::numeric_limits<Number>::quiet_NaN();
  const Bits bits = std::bit_cast<Bits>(value);
  return (bits & kSign) != 0 ? static_cast<Bits>(~bits) : bits | kSign;
}

template <typename Bits>
Bits FloatBits(Bits ordered) {
  constexpr Bits kSign = Bits{1} << (8 * sizeof(Bits) - 1);
  return (ordered & kSign) != 0 ? ordered ^ kSign : static_cast<Bits>(~ordered);
}

// The bytes whose memcmp is the order of a value that is not empty, FixedWidth of them.
void PutFixed(TypeKind kind, std::string_view value, char* out) {
  switch (kind) {
    case TypeKind::kDouble:
      codec::StoreBig(OrderedFloat<uint64_t>(ToDouble(value)), out);
      return;
    case TypeKind::kFloat:
      codec::StoreBig(OrderedFloat<uint32_t>(std::bit_cast<float>(codec::LoadBig<uint32_t>(value.data()))), out);
      return;
    case TypeKind::kUuid:
    case TypeKind::kTimeuuid: {
      const Uuid uuid = Uuid::FromBytes(value);
      const Uuid key = kind == TypeKind::kUuid ? UuidOrderKey(uuid) : TimeuuidOrderKey(uuid);
      codec::StoreBig(key.high, out);
      codec::StoreBig(key.low, out + 8);
      return;
    }
    default:
      std::memcpy(out, value.data(), value.size());
      // date and time are unsigned already.
      if (kind != TypeKind::kDate && kind != TypeKind::kTime) out[0] = static_cast<char>(out[0] ^ 0x80);
  }
}

void AppendFixedValue(TypeKind kind, const char* ordered, std::string* value) {
  switch (kind) {
    case TypeKind::kDouble:
      codec::AppendBig(FloatBits(codec::LoadBig<uint64_t>(ordered)), value);
      return;
    case TypeKind::kFloat:
      codec::AppendBig(FloatBits(codec::LoadBig<uint32_t>(ordered)), value);
      return;
    case TypeKind::kUuid:
    case TypeKind::kTimeuuid: {
      const Uuid key{codec::LoadBig<uint64_t>(ordered), codec::LoadBig<uint64_t>(ordered + 8)};
      (kind == TypeKind::kUuid ? UuidFromOrderKey(key) : TimeuuidFromOrderKey(key)).AppendBytes(value);
      return;
    }
    default: {
      const size_t begin = value->size();
      value->append(ordered, FixedWidth(kind));
      if (kind != TypeKind::kDate && kind != TypeKind::kTime) {
        (*value)[begin] = static_cast<char>((*value)[begin] ^ 0x80);
      }
    }
  }
}

bool IsAllZero(const char* bytes, size_t size_bytes) {
  return std::all_of(bytes, bytes + size_bytes, [](char c) { return c == 0; });
}

void AppendFixed(TypeKind kind, std::string_view value, std::string* out) {
  const size_t width = FixedWidth(kind);
  char bytes[kUuidBytes + 1] = {};
  if (!value.empty()) {
    CASSETTE_ASSERT(value.size() == width);
    PutFixed(kind, value, bytes);
  }
  const bool needs_mark = bytes[0] == 0 && IsAllZero(bytes, width);
  if (needs_mark) bytes[width] = value.empty() ? kEmpty : kPresent;
  out->append(bytes, width + (needs_mark ? 1 : 0));
}

void AppendString(std::string_view value, std::string* out) {
  size_t begin = 0;
  for (size_t i = 0; i < value.size(); ++i) {
    if (static_cast<uint8_t>(value[i]) > static_cast<uint8_t>(kEscape)) continue;
    out->append(value.substr(begin, i - begin));
    out->push_back(kEscape);
    out->push_back(static_cast<char>(value[i] + 1));
    begin = i + 1;
  }
  out->append(value.substr(begin));
  out->push_back(kEnd);
}

// Two's complement without the bytes that only repeat the sign.
std::string_view Shortest(std::string_view number) {
  while (number.size() > 1) {
    const uint8_t first = static_cast<uint8_t>(number[0]);
    const bool next_negative = static_cast<uint8_t>(number[1]) >= 0x80;
    if (!(first == 0 && !next_negative) && !(first == 0xff && next_negative)) break;
    number.remove_prefix(1);
  }
  return number;
}

void AppendWhole(std::string_view value, std::string* out) {
  if (value.empty()) {
    out->push_back(static_cast<char>(kEmptyNumber));
    return;
  }
  value = Shortest(value);
  const bool negative = static_cast<uint8_t>(value[0]) >= 0x80;
  const uint32_t size_bytes = static_cast<uint32_t>(value.size());
  const uint8_t length = static_cast<uint8_t>(std::min<uint32_t>(size_bytes, kLongLength));
  out->push_back(static_cast<char>(negative ? kNegativeBase - length : kPositiveBase + length));
  if (length == kLongLength) codec::AppendBig<uint32_t>(negative ? ~size_bytes : size_bytes, out);
  out->append(value);
}

void AppendDecimal(std::string_view value, std::string* out) {
  if (value.empty()) {
    out->push_back(static_cast<char>(kEmptyNumber));
    return;
  }
  const Decimal decimal = Decimal::FromBytes(value);
  if (decimal.unscaled.is_zero()) {
    out->push_back(static_cast<char>(kZeroDecimal));
    return;
  }
  const bool negative = decimal.unscaled.is_negative();
  std::string digits = decimal.unscaled.Abs().ToString();
  const int64_t magnitude = static_cast<int64_t>(digits.size()) - decimal.scale;
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.size() % 2 != 0) digits.push_back('0');
  out->push_back(static_cast<char>(negative ? kNegativeDecimal : kPositiveDecimal));
  const size_t begin = out->size();
  std::string magnitude_bytes;
  BigInteger(magnitude).AppendBytes(&magnitude_bytes);
  AppendWhole(magnitude_bytes, out);
  for (size_t i = 0; i < digits.size(); i += 2) {
    out->push_back(static_cast<char>(10 * (digits[i] - '0') + (digits[i + 1] - '0') + 1));
  }
  out->push_back(kEnd);
  if (negative) {
    for (size_t i = begin; i < out->size(); ++i) (*out)[i] = static_cast<char>(~(*out)[i]);
  }
}

// Nulls at the end of a tuple are left out: it equals the tuple that lacks them, and a user type may get further
// fields.
void AppendCompositeValue(const DataType& type, std::string_view value, std::string* out) {
  if (value.empty()) {
    out->push_back(static_cast<char>(kNoValue));
    return;
  }
  std::vector<ValueView> items;
  CASSETTE_ASSERT(SplitComposite(type, value, &items).ok());
  while (!items.empty() && items.back().is_null()) items.pop_back();
  out->push_back(static_cast<char>(kBegin));
  for (size_t i = 0; i < items.size(); ++i) {
    out->push_back(static_cast<char>(items[i].is_null() ? kNullItem : kItem));
    if (!items[i].is_null()) AppendOrdered(ItemType(type, i), items[i].bytes, false, out);
  }
  out->push_back(static_cast<char>(kNoMore));
}

// Reads bytes of an encoding, undoing DESC, without ever leaving it.
class Reader {
 public:
  Reader(std::string_view bytes, bool inverted) : bytes_(bytes), mask_(inverted ? 0xff : 0) {}

  bool Next(uint8_t* byte) {
    if (position_ >= bytes_.size()) return false;
    *byte = static_cast<uint8_t>(bytes_[position_++]) ^ mask_;
    return true;
  }
  bool Next(size_t count, std::string* out) {
    if (bytes_.size() - position_ < count) return false;
    const size_t begin = out->size();
    out->append(bytes_.substr(position_, count));
    if (mask_ != 0) {
      for (size_t i = begin; i < out->size(); ++i) (*out)[i] = static_cast<char>(~(*out)[i]);
    }
    position_ += count;
    return true;
  }
  bool Skip(size_t count) {
    if (bytes_.size() - position_ < count) return false;
    position_ += count;
    return true;
  }
  // Bytes before the next kEnd; kMalformed when there is none.
  size_t DistanceToEnd() const {
    const size_t end = bytes_.find(static_cast<char>(kEnd ^ mask_), position_);
    return end == std::string_view::npos ? kMalformed : end - position_;
  }
  // Moves behind the next kEnd.
  bool SkipEnd() {
    const size_t distance = DistanceToEnd();
    return distance != kMalformed && Skip(distance + 1);
  }
  void Invert() { mask_ = static_cast<uint8_t>(~mask_); }
  size_t position() const { return position_; }

 private:
  std::string_view bytes_;
  uint8_t mask_;
  size_t position_ = 0;
};

bool ReadFixed(TypeKind kind, Reader* reader, std::string* value) {
  const size_t width = FixedWidth(kind);
  std::string bytes;
  if (!reader->Next(width, &bytes)) return false;
  uint8_t mark = kPresent;
  if (IsAllZero(bytes.data(), width) && (!reader->Next(&mark) || mark > kPresent)) return false;
  if (mark == kPresent) AppendFixedValue(kind, bytes.data(), value);
  return true;
}

bool ReadBoolean(Reader* reader, std::string* value) {
  uint8_t byte = 0;
  if (!reader->Next(&byte) || byte > kTrue) return false;
  if (byte != kEmpty) value->push_back(byte == kTrue ? '\1' : '\0');
  return true;
}

// Turns kEscape and the byte after it, from `begin` on, back into the byte that they stand for.
bool Unescape(size_t begin, std::string* value) {
  size_t target = begin;
  for (size_t i = begin; i < value->size(); ++i) {
    char byte = (*value)[i];
    if (byte == kEscape) {
      if (++i == value->size() || (*value)[i] < 1 || (*value)[i] > 2) return false;
      byte = static_cast<char>((*value)[i] - 1);
    }
    (*value)[target++] = byte;
  }
  value->resize(target);
  return true;
}

bool ReadString(Reader* reader, std::string* value) {
  const size_t begin = value->size();
  const size_t length = reader->DistanceToEnd();
  if (length == kMalformed || !reader->Next(length, value) || !reader->Skip(1)) return false;
  return value->find(kEscape, begin) == std::string::npos || Unescape(begin, value);
}

bool ReadWholeLength(Reader* reader, size_t* size_bytes) {
  uint8_t header = 0;
  if (!reader->Next(&header)) return false;
  *size_bytes = 0;
  if (header == kEmptyNumber) return true;
  const bool negative = header <= kNegativeBase;
  *size_bytes = negative ? kNegativeBase - header : header - kPositiveBase;
  if (*size_bytes == 0 || *size_bytes > kLongLength) return false;
  if (*size_bytes < kLongLength) return true;
  std::string length;
  if (!reader->Next(sizeof(uint32_t), &length)) return false;
  const uint32_t raw = codec::LoadBig<uint32_t>(length.data());
  *size_bytes = negative ? ~raw : raw;
  return *size_bytes >= kLongLength;
}

bool ReadWhole(Reader* reader, std::string* value) {
  size_t size_bytes = 0;
  return ReadWholeLength(reader, &size_bytes) && reader->Next(size_bytes, value);
}

bool ReadDecimal(Reader* reader, std::string* value) {
  uint8_t header = 0;
  if (!reader->Next(&header)) return false;
  if (header == kEmptyNumber) return true;
  if (header == kZeroDecimal) {
    Decimal().AppendBytes(value);
    return true;
  }
  if (header != kNegativeDecimal && header != kPositiveDecimal) return false;
  if (header == kNegativeDecimal) reader->Invert();
  std::string magnitude;
  if (!ReadWhole(reader, &magnitude)) return false;
  std::string digits;
  for (uint8_t pair = 0;;) {
    if (!reader->Next(&pair) || pair > 100) return false;
    if (pair == kEnd) break;
    digits.push_back(static_cast<char>('0' + (pair - 1) / 10));
    digits.push_back(static_cast<char>('0' + (pair - 1) % 10));
  }
  if (header == kNegativeDecimal) reader->Invert();
  digits.erase(digits.find_last_not_of('0') + 1);
  if (digits.empty()) return false;
  base::Result<BigInteger> unscaled = BigInteger::FromText(digits);
  CASSETTE_ASSERT(unscaled.ok());
  const int64_t power = static_cast<int64_t>(digits.size()) - BigInteger::FromBytes(magnitude).ToInt64();
  if (power > INT32_MAX) return false;
  Decimal decimal(header == kNegativeDecimal ? -*unscaled : *unscaled);
  // Zeros were cut off for the order. A whole number gets them back, so that 10 does not come back as 1E+1; so does a
  // scale too small to write.
  int64_t missing = power < INT32_MIN ? INT32_MIN - power : 0;
  if (power < 0 && power >= -kWholeZerosMax) missing = -power;
  if (missing > Decimal::kMaxDigits) return false;
  decimal.unscaled = decimal.unscaled * BigInteger::PowerOfTen(static_cast<uint32_t>(missing));
  decimal.scale = static_cast<int32_t>(power + missing);
  decimal.AppendBytes(value);
  return true;
}

// Whole numbers whose order is that of their bits once the sign's is flipped.
bool IsSignedNumber(TypeKind kind) {
  return kind == TypeKind::kInt || kind == TypeKind::kBigint || kind == TypeKind::kTimestamp;
}

template <typename Bits>
constexpr Bits kSignBit = Bits{1} << (8 * sizeof(Bits) - 1);

// What AppendFixed makes of a number without a mark; false where it needs one.
template <typename Bits>
bool AppendNumber(std::string_view value, bool descending, std::string* out) {
  const Bits ordered = codec::LoadBig<Bits>(value.data()) ^ kSignBit<Bits>;
  if (ordered == 0) return false;
  codec::AppendBig<Bits>(descending ? ~ordered : ordered, out);
  return true;
}

// The reverse.
template <typename Bits, typename Number>
bool DecodeNumber(bool descending, std::string_view* bytes, int64_t* value) {
  if (bytes->size() < sizeof(Bits)) return false;
  Bits ordered = codec::LoadBig<Bits>(bytes->data());
  if (descending) ordered = ~ordered;
  if (ordered == 0) return false;
  *value = static_cast<Number>(ordered ^ kSignBit<Bits>);
  bytes->remove_prefix(sizeof(Bits));
  return true;
}

// Whether `bytes` begin with a number of so many that has no mark behind it.
template <typename Bits>
bool HasNoMark(bool descending, std::string_view bytes) {
  return bytes.size() >= sizeof(Bits) &&
         codec::LoadLittle<Bits>(bytes.data()) != (descending ? std::numeric_limits<Bits>::max() : Bits{0});
}

bool SkipFixed(TypeKind kind, Reader* reader) {
  std::string ignored;
  return ReadFixed(kind, reader, &ignored);
}

bool SkipDecimal(Reader* reader) {
  uint8_t header = 0;
  if (!reader->Next(&header)) return false;
  if (header == kEmptyNumber || header == kZeroDecimal) return true;
  if (header == kNegativeDecimal) reader->Invert();
  size_t size_bytes = 0;
  return ReadWholeLength(reader, &size_bytes) && reader->Skip(size_bytes) && reader->SkipEnd();
}

bool ReadOne(const DataType& type, Reader* reader, std::string* value);

// The items, and how many there can be of the type.
bool ReadItems(const DataType& type, Reader* reader, std::deque<std::string>* values, std::vector<ValueView>* items) {
  const bool has_fields = type.kind() == TypeKind::kTuple || type.kind() == TypeKind::kUdt;
  for (uint8_t mark = 0;;) {
    if (!reader->Next(&mark) || mark > kItem) return false;
    if (mark == kNoMore) break;
    if (has_fields && items->size() == type.fields().size()) return false;
    if (mark == kNullItem && !has_fields) return false;
    items->push_back(ValueView::Null());
    if (mark == kNullItem) continue;
    std::string* value = &values->emplace_back();
    if (!ReadOne(ItemType(type, items->size() - 1), reader, value)) return false;
    items->back() = ValueView::Of(*value);
  }
  if (has_fields) items->resize(type.fields().size(), ValueView::Null());
  if (type.kind() == TypeKind::kVector) return items->size() == type.dimension();
  return type.is_collection() ? items->size() % type.fields().size() == 0 : true;
}

bool ReadComposite(const DataType& type, Reader* reader, std::string* value) {
  uint8_t header = 0;
  if (!reader->Next(&header) || header > kBegin) return false;
  if (header == kNoValue) return true;
  std::deque<std::string> values;
  std::vector<ValueView> items;
  if (!ReadItems(type, reader, &values, &items)) return false;
  AppendComposite(type, items, value);
  return true;
}

bool SkipOne(const DataType& type, Reader* reader) {
  switch (ShapeOf(type.kind())) {
    case Shape::kFixed:
      return SkipFixed(type.kind(), reader);
    case Shape::kBoolean:
      return reader->Skip(1);
    case Shape::kString:
      return reader->SkipEnd();
    case Shape::kVarint: {
      size_t size_bytes = 0;
      return ReadWholeLength(reader, &size_bytes) && reader->Skip(size_bytes);
    }
    case Shape::kDecimal:
      return SkipDecimal(reader);
    case Shape::kComposite: {
      std::string ignored;
      return ReadComposite(type, reader, &ignored);
    }
  }
  return false;
}

bool ReadOne(const DataType& type, Reader* reader, std::string* value) {
  switch (ShapeOf(type.kind())) {
    case Shape::kFixed:
      return ReadFixed(type.kind(), reader, value);
    case Shape::kBoolean:
      return ReadBoolean(reader, value);
    case Shape::kString:
      return ReadString(reader, value);
    case Shape::kVarint:
      return ReadWhole(reader, value);
    case Shape::kDecimal:
      return ReadDecimal(reader, value);
    case Shape::kComposite:
      return ReadComposite(type, reader, value);
  }
  return false;
}

}  // namespace

void AppendOrdered(const DataType& type, std::string_view value, bool descending, std::string* out) {
  if (IsSignedNumber(type.kind())) {
    if (value.size() == 8 && AppendNumber<uint64_t>(value, descending, out)) return;
    if (value.size() == 4 && AppendNumber<uint32_t>(value, descending, out)) return;
  }
  const size_t begin = out->size();
  switch (ShapeOf(type.kind())) {
    case Shape::kFixed:
      AppendFixed(type.kind(), value, out);
      break;
    case Shape::kBoolean:
      out->push_back(value.empty() ? kEmpty : value[0] != 0 ? kTrue : kFalse);
      break;
    case Shape::kString:
      AppendString(value, out);
      break;
    case Shape::kVarint:
      AppendWhole(value, out);
      break;
    case Shape::kDecimal:
      AppendDecimal(value, out);
      break;
    case Shape::kComposite:
      AppendCompositeValue(type, value, out);
      break;
  }
  if (!descending) return;
  for (size_t i = begin; i < out->size(); ++i) (*out)[i] = static_cast<char>(~(*out)[i]);
}

base::Status DecodeOrdered(const DataType& type, bool descending, std::string_view* bytes, std::string* value) {
  value->clear();
  Reader reader(*bytes, descending);
  if (!ReadOne(type, &reader, value)) return base::Corruption("malformed ordered key of type " + type.ToString());
  bytes->remove_prefix(reader.position());
  return base::Status::Ok();
}

bool DecodeOrderedInt64(TypeKind kind, bool descending, std::string_view* bytes, int64_t* value) {
  if (!IsSignedNumber(kind)) return false;
  return kind == TypeKind::kInt ? DecodeNumber<uint32_t, int32_t>(descending, bytes, value)
                                : DecodeNumber<uint64_t, int64_t>(descending, bytes, value);
}

size_t OrderedLength(const DataType& type, bool descending, std::string_view bytes) {
  const size_t width = NumberBytes(type.kind());
  if (width == 8 && HasNoMark<uint64_t>(descending, bytes)) return width;
  if (width == 4 && HasNoMark<uint32_t>(descending, bytes)) return width;
  if (type.kind() == TypeKind::kText) {
    const size_t end = bytes.find(static_cast<char>(descending ? ~kEnd : kEnd));
    return end == std::string_view::npos ? kMalformed : end + 1;
  }
  Reader reader(bytes, descending);
  return SkipOne(type, &reader) ? reader.position() : kMalformed;
}

}  // namespace cassette::types

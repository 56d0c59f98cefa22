#include <gtest/gtest.h>

#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>

#include "base/random.h"
#include "codec/fixed.h"
#include "types/big_integer.h"
#include "types/composite.h"
#include "types/decimal.h"
#include "types/duration.h"
#include "types/numbers.h"
#include "types/uuid.h"
#include "types/value.h"

namespace cassette::types {
namespace {

constexpr uint64_t kSeed = 20240607;

constexpr TypeKind kKeyTypes[] = {
    TypeKind::kBoolean, TypeKind::kTinyint,  TypeKind::kSmallint,  TypeKind::kInt,  TypeKind::kBigint, TypeKind::kFloat,
    TypeKind::kDouble,  TypeKind::kDecimal,  TypeKind::kVarint,    TypeKind::kText, TypeKind::kAscii,  TypeKind::kBlob,
    TypeKind::kUuid,    TypeKind::kTimeuuid, TypeKind::kTimestamp, TypeKind::kDate, TypeKind::kTime,   TypeKind::kInet,
};

std::string Hex(std::string_view bytes) { return ToText(DataType(TypeKind::kBlob), bytes).substr(2); }

std::string RandomBytes(base::Random* random, size_t size_bytes, uint64_t alphabet) {
  std::string bytes;
  for (size_t i = 0; i < size_bytes; ++i) bytes.push_back(static_cast<char>(random->Below(alphabet)));
  return bytes;
}

// Small numbers, numbers near powers of two, and any.
int64_t RandomNumber(base::Random* random) {
  const int64_t any = static_cast<int64_t>(random->Next());
  return random->Below(2) == 0 ? any : any >> random->Below(64);
}

bool MayBeEmpty(TypeKind kind) { return Validate(DataType(kind), "").ok(); }

std::string RandomDecimal(base::Random* random) {
  std::string bytes;
  BigInteger unscaled(RandomNumber(random));
  if (random->Below(4) == 0) unscaled = unscaled * BigInteger(RandomNumber(random));
  if (random->Below(3) == 0) unscaled = BigInteger(RandomNumber(random) % 100);
  const int32_t scale = static_cast<int32_t>(random->Below(40)) - 20;
  Decimal(unscaled, random->Below(20) == 0 ? static_cast<int32_t>(random->Next()) : scale).AppendBytes(&bytes);
  return bytes;
}

std::string RandomUuid(TypeKind kind, base::Random* random) {
  Uuid uuid{random->Next(), random->Next()};
  if (random->Below(3) == 0) uuid.high = random->Below(4);
  uuid.high = (uuid.high & ~uint64_t{0xf000}) | (kind == TypeKind::kTimeuuid ? 1 : random->Below(6)) << 12;
  std::string bytes;
  uuid.AppendBytes(&bytes);
  return bytes;
}

std::string RandomDouble(base::Random* random) {
  std::string bytes;
  const double special[] = {0.0, -0.0, 1.0, -1.0, HUGE_VAL, -HUGE_VAL, std::nan("")};
  AppendDouble(random->Below(2) == 0 ? special[random->Below(7)] : random->Normal() * 1e3, &bytes);
  return bytes;
}

std::string RandomValue(TypeKind kind, base::Random* random) {
  if (MayBeEmpty(kind) && random->Below(20) == 0) return "";
  std::string bytes;
  switch (kind) {
    case TypeKind::kText:
    case TypeKind::kAscii:
      return RandomBytes(random, random->Below(6), 4);
    case TypeKind::kBlob:
      return RandomBytes(random, random->Below(5), random->Below(2) == 0 ? 256 : 3);
    case TypeKind::kInet:
      return RandomBytes(random, random->Below(2) == 0 ? 4 : 16, 2);
    case TypeKind::kVarint: {
      BigInteger number(RandomNumber(random));
      for (uint64_t i = random->Below(40); i > 37; --i) number = number * number;
      number.AppendBytes(&bytes);
      return bytes;
    }
    case TypeKind::kDecimal:
      return RandomDecimal(random);
    case TypeKind::kUuid:
    case TypeKind::kTimeuuid:
      return RandomUuid(kind, random);
    case TypeKind::kDouble:
      return RandomDouble(random);
    case TypeKind::kFloat:
      AppendFromInt64(kind, random->Below(3) == 0 ? RandomNumber(random) : 0x7f800000 + RandomNumber(random) % 3,
                      &bytes);
      return bytes;
    case TypeKind::kBoolean:
      return std::string(1, static_cast<char>(random->Below(2)));
    default:
      AppendFromInt64(kind, RandomNumber(random), &bytes);
      return bytes;
  }
}

int Sign(int order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

std::string Encode(const DataType& type, std::string_view value, bool descending) {
  std::string encoded;
  AppendOrdered(type, value, descending, &encoded);
  return encoded;
}

TEST(Ordered, AgreesWithCompareOnRandomValues) {
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  base::Random random(kSeed);
  for (TypeKind kind : kKeyTypes) {
    const DataType type(kind);
    for (int i = 0; i < 3000; ++i) {
      const std::string a = RandomValue(kind, &random);
      const std::string b = RandomValue(kind, &random);
      const int order = Compare(type, a, b);
      EXPECT_EQ(Sign(Encode(type, a, false).compare(Encode(type, b, false))), order)
          << type.ToString() << " " << Hex(a) << " " << Hex(b);
      EXPECT_EQ(Sign(Encode(type, a, true).compare(Encode(type, b, true))), -order)
          << type.ToString() << " DESC " << Hex(a) << " " << Hex(b);
    }
  }
}

TEST(Ordered, GivesBackAnEqualValueAndDelimitsItself) {
  base::Random random(kSeed + 1);
  for (TypeKind kind : kKeyTypes) {
    const DataType type(kind);
    for (int i = 0; i < 1000; ++i) {
      const bool descending = random.Below(2) == 0;
      const std::string value = RandomValue(kind, &random);
      const std::string encoded = Encode(type, value, descending);
      const std::string followed = encoded + RandomBytes(&random, random.Below(4), 256);
      EXPECT_EQ(OrderedLength(type, descending, followed), encoded.size()) << type.ToString() << " " << Hex(value);
      std::string_view rest = followed;
      std::string decoded;
      ASSERT_TRUE(DecodeOrdered(type, descending, &rest, &decoded).ok()) << type.ToString() << " " << Hex(value);
      EXPECT_EQ(rest.size(), followed.size() - encoded.size());
      EXPECT_EQ(Compare(type, decoded, value), 0) << type.ToString() << " " << Hex(value) << " " << Hex(decoded);
      rest = followed;
      int64_t number = 0;
      if (DecodeOrderedInt64(kind, descending, &rest, &number)) {
        EXPECT_EQ(rest.size(), followed.size() - encoded.size());
        EXPECT_EQ(number, ToInt64(kind, value));
      } else {
        EXPECT_EQ(rest, followed);
      }
      // The scale of a decimal and the bits of a NaN are not kept.
      const bool exact = kind != TypeKind::kDecimal && kind != TypeKind::kFloat && kind != TypeKind::kDouble;
      EXPECT_TRUE(decoded == value || !exact) << type.ToString() << " " << Hex(value) << " " << Hex(decoded);
    }
  }
}

TEST(Numbers, HaveTheirSize) {
  for (TypeKind kind : kKeyTypes) EXPECT_EQ(NumberBytes(kind), FixedSizeBytes(kind)) << DataType(kind).ToString();
  EXPECT_EQ(NumberBytes(TypeKind::kCounter), 8u);
  EXPECT_EQ(NumberBytes(TypeKind::kVector), 0u);
  EXPECT_TRUE(IsNumberOfItsSize(TypeKind::kInt, "abcd"));
  EXPECT_FALSE(IsNumberOfItsSize(TypeKind::kInt, ""));
  EXPECT_FALSE(IsNumberOfItsSize(TypeKind::kText, ""));
}

TEST(Ordered, GivesNumbersAsSuchButForTheSmallest) {
  constexpr int64_t kSmallest = std::numeric_limits<int64_t>::min();
  for (const bool descending : {false, true}) {
    for (const int64_t number : {kSmallest, kSmallest + 1, int64_t{-1}, int64_t{0}, int64_t{1'735'516'800'000}}) {
      std::string value;
      AppendFromInt64(TypeKind::kBigint, number, &value);
      const std::string encoded = Encode(DataType(TypeKind::kBigint), value, descending);
      std::string_view rest = encoded;
      int64_t decoded = 0;
      EXPECT_EQ(DecodeOrderedInt64(TypeKind::kBigint, descending, &rest, &decoded), number != kSmallest);
      if (number != kSmallest) {
        EXPECT_EQ(decoded, number);
      }
      rest = std::string_view(encoded).substr(0, 7);
      EXPECT_FALSE(DecodeOrderedInt64(TypeKind::kBigint, descending, &rest, &decoded));
    }
  }
}

TEST(Ordered, GivesWholeDecimalsBackWithoutExponent) {
  const DataType type(TypeKind::kDecimal);
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"10", "10"},      {"-1200", "-1200"}, {"1.50", "1.5"}, {"0.00", "0"}, {"1E+20", "100000000000000000000"},
      {"1E+50", "1E+50"}};
  for (const auto& [text, expected] : cases) {
    const std::string encoded = Encode(type, *FromText(type, text), false);
    std::string_view rest = encoded;
    std::string decoded;
    ASSERT_TRUE(DecodeOrdered(type, false, &rest, &decoded).ok()) << text;
    EXPECT_EQ(ToText(type, decoded), expected);
  }
}

TEST(Ordered, OrdersConcatenatedComponentsComponentByComponent) {
  base::Random random(kSeed + 2);
  for (int i = 0; i < 5000; ++i) {
    const DataType first(kKeyTypes[random.Below(std::size(kKeyTypes))]);
    const DataType second(TypeKind::kText);
    const bool descending = random.Below(2) == 0;
    const std::string a1 = RandomValue(first.kind(), &random);
    const std::string b1 = RandomValue(first.kind(), &random);
    const std::string a2 = RandomValue(second.kind(), &random);
    const std::string b2 = RandomValue(second.kind(), &random);
    int order = Compare(first, a1, b1) * (descending ? -1 : 1);
    if (order == 0) order = Compare(second, a2, b2);
    const std::string a = Encode(first, a1, descending) + Encode(second, a2, false);
    const std::string b = Encode(first, b1, descending) + Encode(second, b2, false);
    EXPECT_EQ(Sign(a.compare(b)), order) << first.ToString() << " " << Hex(a1) << " " << Hex(b1);
  }
}

TEST(Ordered, RefusesCutEncodings) {
  base::Random random(kSeed + 3);
  for (TypeKind kind : kKeyTypes) {
    const DataType type(kind);
    for (int i = 0; i < 200; ++i) {
      const std::string encoded = Encode(type, RandomValue(kind, &random), false);
      const std::string_view cut = std::string_view(encoded).substr(0, random.Below(encoded.size()));
      EXPECT_EQ(OrderedLength(type, false, cut), std::string_view::npos) << type.ToString() << " " << Hex(encoded);
      std::string_view rest = cut;
      std::string value;
      EXPECT_EQ(DecodeOrdered(type, false, &rest, &value).code(), base::Code::kCorruption);
    }
  }
}

TEST(Ordered, SurvivesArbitraryBytes) {
  base::Random random(kSeed + 4);
  for (TypeKind kind : kKeyTypes) {
    const DataType type(kind);
    for (int i = 0; i < 2000; ++i) {
      const std::string bytes = RandomBytes(&random, random.Below(24), 256);
      const bool descending = random.Below(2) == 0;
      std::string_view rest = bytes;
      std::string value;
      if (!DecodeOrdered(type, descending, &rest, &value).ok()) continue;
      EXPECT_EQ(OrderedLength(type, descending, bytes), bytes.size() - rest.size());
    }
  }
}

TEST(Ordered, HasTheBytesOfItsPage) {
  struct Case {
    TypeKind kind;
    std::string_view text;
    std::string_view ascending;
  };
  const Case cases[] = {
      {TypeKind::kInt, "1", "80000001"},
      {TypeKind::kInt, "-1", "7fffffff"},
      {TypeKind::kInt, "-2147483648", "0000000001"},
      {TypeKind::kInt, "", "0000000000"},
      {TypeKind::kDate, "1970-01-02", "80000001"},
      {TypeKind::kDouble, "1.0", "bff0000000000000"},
      {TypeKind::kDouble, "-1.0", "400fffffffffffff"},
      {TypeKind::kBoolean, "false", "01"},
      {TypeKind::kBoolean, "true", "02"},
      {TypeKind::kText, "ab", "616200"},
      {TypeKind::kText, "", "00"},
      {TypeKind::kBlob, "0x0001ff", "01010102ff00"},
      {TypeKind::kVarint, "300", "82012c"},
      {TypeKind::kVarint, "-1", "7eff"},
      {TypeKind::kVarint, "", "00"},
      {TypeKind::kDecimal, "12.3",
       "818102"
       "0d1f"
       "00"},
      {TypeKind::kDecimal, "-12.3",
       "7f7efd"
       "f2e0"
       "ff"},
      {TypeKind::kDecimal, "0.00", "80"},
      {TypeKind::kTimeuuid, "50554d6e-29bb-11e5-b345-feff819cdc9f", "11e529bb50554d6e33c57e7f011c5c1f"},
      {TypeKind::kUuid, "123e4567-e89b-42d3-a456-426614174000", "4123e4567e89b2d3a456426614174000"},
  };
  for (const Case& c : cases) {
    const DataType type(c.kind);
    EXPECT_EQ(Hex(Encode(type, *FromText(type, c.text), false)), c.ascending) << type.ToString() << " " << c.text;
  }
  EXPECT_EQ(Hex(Encode(DataType(TypeKind::kInt), *FromText(DataType(TypeKind::kInt), "1"), true)), "7ffffffe");
}

std::string Composite(const DataType& type, std::initializer_list<std::optional<std::string_view>> texts) {
  std::vector<std::string> values;
  values.reserve(texts.size());
  std::vector<ValueView> items;
  for (const auto& text : texts) {
    if (text) values.push_back(*FromText(ItemType(type, items.size()), *text));
    items.push_back(text ? ValueView::Of(values.back()) : ValueView::Null());
  }
  std::string value;
  AppendComposite(type, items, &value);
  return value;
}

TEST(Ordered, HasTheBytesOfItsPageForComposites) {
  const DataType integer(TypeKind::kInt);
  const DataType text(TypeKind::kText);
  const DataType list = DataType::List(integer, true);
  const DataType map = DataType::Map(text, integer, true);
  const DataType tuple = DataType::Tuple({integer, text});
  EXPECT_EQ(Hex(Encode(list, "", false)), "00");
  EXPECT_EQ(Hex(Encode(list, Composite(list, {}), false)), "0100");
  EXPECT_EQ(Hex(Encode(list, Composite(list, {"1", "-1"}), false)), "010280000001027fffffff00");
  EXPECT_EQ(Hex(Encode(map, Composite(map, {"a", "1"}), false)), "01026100028000000100");
  EXPECT_EQ(Hex(Encode(tuple, Composite(tuple, {std::nullopt, "a"}), false)), "010102610000");
  EXPECT_EQ(Hex(Encode(tuple, Composite(tuple, {"1", std::nullopt}), false)), "01028000000100");
}

// Lists, sets, maps, tuples and vectors of scalars, and lists of them.
DataType RandomComposite(base::Random* random, int depth) {
  const auto element = [&] {
    if (depth > 0 && random->Below(3) == 0) return RandomComposite(random, depth - 1);
    return DataType(kKeyTypes[random->Below(std::size(kKeyTypes))]);
  };
  switch (random->Below(5)) {
    case 0:
      return DataType::List(element(), true);
    case 1:
      return DataType::Set(element(), true);
    case 2:
      return DataType::Map(element(), element(), true);
    case 3:
      return DataType::Tuple({element(), element()});
    default:
      return DataType::Vector(element(), 2);
  }
}

std::string RandomItem(const DataType& type, base::Random* random) {
  if (type.is_scalar()) return RandomValue(type.kind(), random);
  const size_t count = type.is_collection() ? random->Below(3) * type.fields().size() : 2;
  std::vector<std::string> values;
  for (size_t i = 0; i < count; ++i) {
    std::string value = RandomItem(ItemType(type, i), random);
    while (type.kind() == TypeKind::kVector && value.size() != VectorElementBytes(type.element(0)) &&
           VectorElementBytes(type.element(0)) != 0) {
      value = RandomItem(type.element(0), random);
    }
    values.push_back(std::move(value));
  }
  std::vector<ValueView> items;
  for (const std::string& value : values) {
    const bool is_null = type.kind() == TypeKind::kTuple && random->Below(4) == 0;
    items.push_back(is_null ? ValueView::Null() : ValueView::Of(value));
  }
  SortItems(type, &items);
  std::string value;
  AppendComposite(type, items, &value);
  return value;
}

TEST(Ordered, OrdersCompositesAsTheyCompare) {
  base::Random random(kSeed + 5);
  for (int i = 0; i < 3000; ++i) {
    const DataType type = RandomComposite(&random, 2);
    const bool descending = random.Below(2) == 0;
    const std::string a = RandomItem(type, &random);
    const std::string b = random.Below(4) == 0 ? a : RandomItem(type, &random);
    const std::string a_key = Encode(type, a, descending);
    EXPECT_EQ(Sign(a_key.compare(Encode(type, b, descending))), Compare(type, a, b) * (descending ? -1 : 1))
        << type.ToString() << " seed " << kSeed + 5;
    EXPECT_EQ(OrderedLength(type, descending, a_key + "x"), a_key.size());
    std::string_view rest = a_key;
    std::string decoded;
    ASSERT_TRUE(DecodeOrdered(type, descending, &rest, &decoded).ok()) << type.ToString();
    EXPECT_EQ(Compare(type, a, decoded), 0) << type.ToString();
    std::string_view cut = std::string_view(a_key).substr(0, random.Below(a_key.size()));
    EXPECT_EQ(OrderedLength(type, descending, cut), std::string_view::npos);
  }
}

TEST(Ordered, WritesTheLengthOfLongWholeNumbers) {
  const DataType varint(TypeKind::kVarint);
  for (size_t size_bytes : {125, 126, 127, 300}) {
    for (char first : {'\x40', '\x80'}) {
      const std::string value = std::string(1, first) + std::string(size_bytes - 1, '\x11');
      const std::string encoded = Encode(varint, value, false);
      EXPECT_EQ(encoded.size(), size_bytes + (size_bytes >= 126 ? 5 : 1));
      std::string_view rest = encoded;
      std::string decoded;
      ASSERT_TRUE(DecodeOrdered(varint, false, &rest, &decoded).ok());
      EXPECT_EQ(decoded, value);
    }
  }
}

}  // namespace
}  // namespace cassette::types

#include "columnar/vector.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cassette::columnar {
namespace {

using types::DataType;
using types::TypeKind;

Vector Ints(std::initializer_list<int64_t> values) {
  Vector vector(PhysicalType::kInt64);
  for (const int64_t value : values) vector.AppendInt64(value);
  return vector;
}

TEST(Vector, StatesAppearWithTheFirstPlaceThatIsNotLive) {
  Vector vector = Ints({7, 8});
  EXPECT_TRUE(vector.all_live());
  vector.AppendState(CellState::kTombstone);
  vector.AppendInt64(9);
  vector.AppendState(CellState::kEmpty);
  ASSERT_EQ(vector.size(), 5u);
  EXPECT_FALSE(vector.all_live());
  EXPECT_EQ(vector.state(1), CellState::kLive);
  EXPECT_TRUE(vector.is_null(2));
  EXPECT_FALSE(vector.is_null(4));
  EXPECT_EQ(vector.ints(), (std::vector<int64_t>{7, 8, 0, 9, 0}));
}

TEST(Vector, ABytesVectorKeepsOffsetsForNullPlaces) {
  Vector vector(PhysicalType::kBytes);
  vector.AppendState(CellState::kAbsent);
  vector.AppendBytes("one");
  vector.AppendState(CellState::kAbsent);
  vector.AppendBytes("");
  EXPECT_EQ(vector.offsets(), (std::vector<uint32_t>{0, 0, 3, 3, 3}));
  EXPECT_EQ(vector.bytes(1), "one");
  EXPECT_EQ(vector.bytes(3), "");
}

TEST(Vector, AppendRangeShiftsOffsetsAndMergesStates) {
  Vector source(PhysicalType::kBytes);
  for (const char* text : {"a", "bb", "ccc", "dddd"}) source.AppendBytes(text);
  Vector target(PhysicalType::kBytes);
  target.AppendRange(source, 2, 4);
  target.AppendState(CellState::kAbsent);
  target.AppendRange(source, 0, 1);
  target.AppendRange(source, 1, 1);
  ASSERT_EQ(target.size(), 4u);
  EXPECT_EQ(target.bytes(0), "ccc");
  EXPECT_EQ(target.bytes(1), "dddd");
  EXPECT_TRUE(target.is_null(2));
  EXPECT_EQ(target.bytes(3), "a");

  Vector all_live(PhysicalType::kBytes);
  all_live.AppendBytes("first");
  all_live.AppendRange(target, 1, 4);
  EXPECT_EQ(all_live.state(0), CellState::kLive);
  EXPECT_TRUE(all_live.is_null(2));
  EXPECT_EQ(all_live.bytes(3), "a");
}

TEST(Vector, AConstantStandsForAllItsRowsUntilFlattened) {
  Vector constant(PhysicalType::kBytes);
  constant.AppendBytes("x1");
  constant.MakeConstant(3);
  EXPECT_EQ(constant.size(), 3u);
  EXPECT_EQ(constant.bytes(2), "x1");
  Vector copy(PhysicalType::kBytes);
  copy.AppendRange(constant, 1, 3);
  copy.AppendFrom(constant, 0);
  EXPECT_EQ(copy.heap(), "x1x1x1");
  constant.Flatten();
  EXPECT_FALSE(constant.is_constant());
  EXPECT_EQ(constant.offsets(), copy.offsets());

  Vector absent(PhysicalType::kInt64);
  absent.AppendState(CellState::kAbsent);
  absent.MakeConstant(kMaxVectorRows);
  EXPECT_TRUE(absent.is_null(kMaxVectorRows - 1));
  absent.Flatten();
  EXPECT_EQ(absent.states().size(), kMaxVectorRows);
  EXPECT_EQ(absent.ints().size(), kMaxVectorRows);
}

TEST(Vector, SelectTakesRowsInTheSelectionsOrder) {
  Vector vector = Ints({10, 11, 12});
  vector.AppendState(CellState::kAbsent);
  const Vector selected = vector.Select({3, 2, 2, 0});
  ASSERT_EQ(selected.size(), 4u);
  EXPECT_TRUE(selected.is_null(0));
  EXPECT_EQ(selected.int64(1), 12);
  EXPECT_EQ(selected.int64(2), 12);
  EXPECT_EQ(selected.int64(3), 10);
  EXPECT_EQ(vector.Select({}).size(), 0u);

  Vector constant = Ints({5});
  constant.MakeConstant(100);
  const Vector some = constant.Select({99, 0});
  EXPECT_TRUE(some.is_constant());
  EXPECT_EQ(some.size(), 2u);
}

TEST(Vector, ResetEmptiesAndKeepsMemory) {
  Vector vector = Ints({1, 2, 3});
  vector.AppendState(CellState::kAbsent);
  const size_t before = vector.memory_bytes();
  vector.Reset(PhysicalType::kBytes);
  EXPECT_EQ(vector.memory_bytes(), before);
  EXPECT_EQ(vector.size(), 0u);
  EXPECT_TRUE(vector.all_live());
  vector.AppendBytes("z");
  EXPECT_EQ(vector.bytes(0), "z");
}

TEST(Vector, SerializedBytesComeBack) {
  const DataType int_type(TypeKind::kInt);
  Vector ints(PhysicalType::kInt64);
  ints.AppendValue(int_type, std::string("\xff\xff\xff\xfe", 4));
  ints.AppendValue(int_type, "");
  EXPECT_EQ(ints.int64(0), -2);
  EXPECT_EQ(ints.state(1), CellState::kEmpty);
  std::string out;
  ints.AppendSerialized(int_type, 0, &out);
  ints.AppendSerialized(int_type, 1, &out);
  EXPECT_EQ(out, std::string("\xff\xff\xff\xfe", 4));

  const DataType double_type(TypeKind::kDouble);
  Vector doubles(PhysicalType::kDouble);
  doubles.AppendDouble(-0.0);
  out.clear();
  doubles.AppendSerialized(double_type, 0, &out);
  EXPECT_EQ(out, std::string("\x80\0\0\0\0\0\0\0", 8));
  doubles.AppendValue(double_type, out);
  EXPECT_TRUE(std::signbit(doubles.number(1)));

  const DataType text(TypeKind::kText);
  Vector texts(PhysicalType::kBytes);
  texts.AppendValue(text, "");
  EXPECT_EQ(texts.state(0), CellState::kLive);
}

TEST(Vector, ComparesDoublesAndFloatsAsJavaDoes) {
  const DataType type(TypeKind::kDouble);
  Vector vector(PhysicalType::kDouble);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const double value : {-1.0, -0.0, 0.0, 1.0, nan}) vector.AppendDouble(value);
  for (uint32_t a = 0; a < 5; ++a) {
    for (uint32_t b = 0; b < 5; ++b) {
      EXPECT_EQ(vector.CompareRows(type, a, vector, b), (a > b) - (a < b)) << a << " " << b;
    }
  }
  const DataType float_type(TypeKind::kFloat);
  const Vector floats = Ints({0xbf800000, 0x80000000, 0, 0x3f800000, 0x7fc00000});  // -1, -0, 0, 1, NaN
  for (uint32_t a = 0; a < 5; ++a) {
    for (uint32_t b = 0; b < 5; ++b) {
      EXPECT_EQ(floats.CompareRows(float_type, a, floats, b), (a > b) - (a < b)) << a << " " << b;
    }
  }
}

TEST(Vector, AnEmptyValueSortsBeforeAnyOther) {
  const DataType type(TypeKind::kInt);
  Vector vector = Ints({std::numeric_limits<int32_t>::min()});
  vector.AppendState(CellState::kEmpty);
  EXPECT_GT(vector.CompareRows(type, 0, vector, 1), 0);
  EXPECT_LT(vector.CompareRows(type, 1, vector, 0), 0);
  EXPECT_EQ(vector.CompareRows(type, 1, vector, 1), 0);
}

}  // namespace
}  // namespace cassette::columnar

#include <gtest/gtest.h>

#include <bit>

#include "base/random.h"
#include "columnar/encoding.h"

namespace cassette::columnar {
namespace {

constexpr CellState kStates[] = {CellState::kAbsent, CellState::kLive, CellState::kTombstone, CellState::kEmpty};

void ExpectSame(const Vector& a, const Vector& b) {
  ASSERT_EQ(a.size(), b.size());
  for (uint32_t row = 0; row < a.size(); ++row) {
    ASSERT_EQ(a.state(row), b.state(row)) << row;
    if (a.physical() == PhysicalType::kInt64) {
      ASSERT_EQ(a.int64(row), b.int64(row)) << row;
    } else if (a.physical() == PhysicalType::kDouble) {
      ASSERT_EQ(std::bit_cast<uint64_t>(a.number(row)), std::bit_cast<uint64_t>(b.number(row))) << row;
    } else {
      ASSERT_EQ(a.bytes(row), b.bytes(row)) << row;
    }
  }
}

std::string RoundTrip(const Vector& vector, Vector* decoded) {
  std::string encoded;
  EncodeVector(vector, &encoded);
  decoded->Reset(vector.physical());
  const base::Status status = DecodeVector(encoded, vector.size(), decoded);
  EXPECT_TRUE(status.ok()) << status.ToString();
  ExpectSame(vector, *decoded);
  if (!decoded->is_constant()) {
    // Every column has a place for each row, those without a value too.
    EXPECT_TRUE(decoded->physical() != PhysicalType::kInt64 || decoded->ints().size() == vector.size());
    EXPECT_TRUE(decoded->physical() != PhysicalType::kDouble || decoded->doubles().size() == vector.size());
    EXPECT_TRUE(decoded->physical() != PhysicalType::kBytes || vector.size() == 0 ||
                decoded->offsets().size() == vector.size() + 1);
  }
  return encoded;
}

void AppendSome(base::Random* random, Vector* vector) {
  switch (vector->physical()) {
    case PhysicalType::kInt64:
      return vector->AppendInt64(static_cast<int64_t>(random->Below(500)));
    case PhysicalType::kDouble:
      return vector->AppendDouble(static_cast<double>(random->Below(500)) / 4);
    case PhysicalType::kBytes:
      return vector->AppendBytes(std::string(random->Below(4), static_cast<char>('a' + random->Below(4))));
  }
}

TEST(VectorEncoding, StatesAndValuesComeBackIntoAReusedVector) {
  const uint64_t seed = 74;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  base::Random random(seed);
  Vector decoded;
  for (int round = 0; round < 2000; ++round) {
    Vector vector(static_cast<PhysicalType>(1 + random.Below(3)));
    const uint32_t count = static_cast<uint32_t>(round % 2 == 0 ? random.Below(24) : random.Below(kMaxVectorRows + 1));
    const uint64_t change_every = 1 + random.Below(40);
    const uint64_t live_in = random.Below(5);
    CellState state = CellState::kLive;
    for (uint32_t row = 0; row < count; ++row) {
      if (random.Below(change_every) == 0)
        state = random.Below(5) < live_in ? CellState::kLive : kStates[random.Below(4)];
      if (state == CellState::kLive) {
        AppendSome(&random, &vector);
      } else {
        vector.AppendState(state);
      }
    }
    RoundTrip(vector, &decoded);
    if (HasFatalFailure() || HasFailure()) FAIL() << "round " << round;
  }
}

TEST(VectorEncoding, ConstantsStayConstant) {
  base::Random random(1);
  for (const PhysicalType physical : {PhysicalType::kInt64, PhysicalType::kDouble, PhysicalType::kBytes}) {
    Vector constant(physical);
    AppendSome(&random, &constant);
    constant.MakeConstant(kMaxVectorRows);
    Vector decoded;
    const std::string encoded = RoundTrip(constant, &decoded);
    EXPECT_TRUE(decoded.is_constant());
    EXPECT_LE(encoded.size(), 10u);
    Vector spelled_out = constant;
    spelled_out.Flatten();
    EXPECT_EQ(RoundTrip(spelled_out, &decoded), encoded) << "the same bytes, however it was built";
    for (const CellState state : kStates) {
      if (state == CellState::kLive) continue;
      Vector nothing(physical);
      nothing.AppendState(state);
      nothing.MakeConstant(7);
      EXPECT_EQ(RoundTrip(nothing, &decoded).size(), 1u);
      EXPECT_TRUE(decoded.is_constant());
      nothing.Flatten();
      EXPECT_EQ(RoundTrip(nothing, &decoded).size(), 1u);
    }
  }
}

TEST(VectorEncoding, AVectorWithoutRowsTakesNoBytes) {
  Vector decoded;
  EXPECT_EQ(RoundTrip(Vector(PhysicalType::kBytes), &decoded), "");
  decoded.Reset(PhysicalType::kInt64);
  EXPECT_EQ(DecodeVector("x", 0, &decoded).code(), base::Code::kCorruption);
}

TEST(VectorEncoding, StatesOfLiveRowsAreNotStored) {
  Vector vector(PhysicalType::kInt64);
  for (int64_t i = 0; i < 10; ++i) vector.AppendInt64(i * i);
  std::string plain;
  EncodeVector(vector, &plain);
  vector.mutable_states().assign(10, CellState::kLive);
  std::string with_states;
  EncodeVector(vector, &with_states);
  EXPECT_EQ(plain, with_states);
}

TEST(VectorEncoding, DecodingIntoAReusedVectorAllocatesNothing) {
  base::Random random(2);
  Vector vector(PhysicalType::kBytes);
  for (uint32_t row = 0; row < 500; ++row) AppendSome(&random, &vector);
  Vector decoded;
  const std::string encoded = RoundTrip(vector, &decoded);
  const char* heap = decoded.heap().data();
  const uint32_t* offsets = decoded.offsets().data();
  decoded.Reset(PhysicalType::kBytes);
  ASSERT_TRUE(DecodeVector(encoded, 500, &decoded).ok());
  EXPECT_EQ(decoded.heap().data(), heap);
  EXPECT_EQ(decoded.offsets().data(), offsets);
}

TEST(VectorEncoding, EveryEncodingHasAName) {
  for (uint8_t i = 1; i <= static_cast<uint8_t>(Encoding::kZstd); ++i) {
    EXPECT_NE(EncodingName(static_cast<Encoding>(i)), "unknown");
  }
  EXPECT_EQ(EncodingName(Encoding::kDeltaOfDelta), "delta-of-delta");
}

}  // namespace
}  // namespace cassette::columnar

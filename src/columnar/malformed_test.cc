// Decoders on bytes that no encoder wrote: every truncation, every flipped bit, noise. They may refuse or give other
// values; they may not crash, read outside (the suite runs under AddressSanitizer too) or grow without bound.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <set>

#include "base/random.h"
#include "columnar/encoding.h"
#include "columnar/series.h"

namespace cassette::columnar {
namespace {

struct Sample {
  PhysicalType physical;
  uint32_t rows;
  std::string encoded;
};

Sample Of(const Vector& vector) {
  Sample sample{vector.physical(), vector.size(), ""};
  EncodeVector(vector, &sample.encoded);
  return sample;
}

template <typename Value>
Vector From(const std::vector<Value>& values) {
  Vector vector;
  if constexpr (std::is_same_v<Value, int64_t>) {
    vector.Reset(PhysicalType::kInt64);
    for (const int64_t value : values) vector.AppendInt64(value);
  } else if constexpr (std::is_same_v<Value, double>) {
    vector.Reset(PhysicalType::kDouble);
    for (const double value : values) vector.AppendDouble(value);
  } else {
    vector.Reset(PhysicalType::kBytes);
    for (const std::string& value : values) vector.AppendBytes(value);
  }
  return vector;
}

std::vector<Sample> IntSamples(base::Random* random) {
  std::vector<int64_t> noise(200);
  for (int64_t& value : noise) value = static_cast<int64_t>(random->Below(100)) * 1000;
  std::vector<int64_t> outliers = noise;
  outliers[50] = std::numeric_limits<int64_t>::max();
  std::vector<int64_t> repeated(200);
  for (size_t i = 0; i < repeated.size(); ++i) repeated[i] = noise[random->Below(20)] << 40;
  std::vector<int64_t> runs(200);
  for (size_t i = 0; i < runs.size(); ++i) runs[i] = static_cast<int64_t>(i / 40 * 17 % 5);
  Vector sparse(PhysicalType::kInt64);
  for (uint32_t i = 0; i < 60; ++i) {
    if (i % 20 < 5) {
      sparse.AppendState(CellState::kTombstone);
    } else {
      sparse.AppendInt64(i * i);
    }
  }
  std::vector<int64_t> falling(140);
  for (size_t i = 0; i < falling.size(); ++i) {
    falling[i] = static_cast<int64_t>(i * i) * 500 + static_cast<int64_t>(random->Below(3));
  }
  return {Of(From(noise)),
          Of(From(falling)),
          Of(From(outliers)),
          Of(From(repeated)),
          Of(From(runs)),
          Of(sparse),
          Of(From(std::vector<int64_t>(9, 5))),
          Of(From(series::Times(random, 150, 1000, 0, 20))),
          Of(From(series::Times(random, 150, 1000, 30, 0)))};
}

std::vector<Sample> DoubleSamples(base::Random* random) {
  std::vector<double> outliers = series::Gauge(random, 140, 2, 0.5);
  outliers[10] = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> runs(60);
  for (size_t i = 0; i < runs.size(); ++i) runs[i] = static_cast<double>(i / 20) + 0.5;
  std::vector<double> anything(5);
  for (double& value : anything) value = std::bit_cast<double>(random->Next());
  std::vector<double> repeated(140);
  for (double& value : repeated) value = anything[random->Below(anything.size())];
  std::vector<double> signs = series::Real(random, 140);
  for (size_t i = 0; i < signs.size(); i += 3) signs[i] *= -1e30;
  return {Of(From(outliers)),
          Of(From(runs)),
          Of(From(anything)),
          Of(From(repeated)),
          Of(From(signs)),
          Of(From(std::vector<double>(9, 5))),
          Of(From(series::Counter(random, 150, 1000, 50))),
          Of(From(series::Real(random, 140))),
          Of(From(series::NoisyGauge(random, 150, 3, 4)))};
}

std::vector<Sample> BytesSamples(base::Random* random) {
  std::vector<std::string> dictionary(100);
  for (std::string& value : dictionary) value = fmt::format("level-{}", random->Below(5));
  std::vector<std::string> text(20);
  for (size_t i = 0; i < text.size(); ++i) text[i] = fmt::format("the {} router of the {} edge", i * i * 7919 % 997, i);
  std::vector<std::string> repeated(30);
  for (size_t i = 0; i < repeated.size(); ++i) {
    repeated[i] = fmt::format("{}the same long text for all the rows, again and again, {}", i, i);
  }
  std::vector<std::string> uuids(12, std::string(16, ' '));
  for (std::string& uuid : uuids) {
    for (char& byte : uuid) byte = static_cast<char>(random->Next());
  }
  std::vector<std::string> words(100, std::string(4, ' '));
  for (std::string& word : words) {
    for (char& letter : word) letter = static_cast<char>('a' + random->Below(26));
  }
  std::vector<std::string> names(400);
  for (std::string& name : names) name = words[random->Below(100)] + words[random->Below(100)];
  return {Of(From(dictionary)), Of(From(text)),  Of(From(names)),
          Of(From(repeated)),   Of(From(uuids)), Of(From(std::vector<std::string>(9, "same")))};
}

std::vector<Sample> Samples() {
  base::Random random(20);
  std::vector<Sample> samples = IntSamples(&random);
  for (Sample& sample : DoubleSamples(&random)) samples.push_back(std::move(sample));
  for (Sample& sample : BytesSamples(&random)) samples.push_back(std::move(sample));
  return samples;
}

// Whether it decoded. The bytes are copied to the heap, exactly as many, so that a sanitizer sees their end.
bool Decodes(PhysicalType physical, std::string_view bytes, uint32_t rows) {
  const std::vector<char> exact(bytes.begin(), bytes.end());
  Vector vector(physical);
  const base::Status status = DecodeVector({exact.data(), exact.size()}, rows, &vector);
  if (!status.ok()) {
    EXPECT_EQ(status.code(), base::Code::kCorruption) << status.ToString();
    return false;
  }
  EXPECT_EQ(vector.size(), rows);
  return true;
}

TEST(Malformed, TheSamplesUseEveryEncoding) {
  std::set<uint8_t> seen;
  uint32_t dictionaries = 0;  // Of integers, of doubles, of strings.
  for (const Sample& sample : Samples()) {
    EXPECT_TRUE(Decodes(sample.physical, sample.encoded, sample.rows));
    seen.insert(static_cast<uint8_t>(sample.encoded[0]));
    if (sample.encoded[0] == static_cast<char>(Encoding::kDictionary)) {
      dictionaries |= 1u << static_cast<uint32_t>(sample.physical);
    }
  }
  for (const Encoding encoding :
       {Encoding::kConstant, Encoding::kRunLength, Encoding::kFrameOfReference, Encoding::kDelta,
        Encoding::kDeltaOfDelta, Encoding::kAlp, Encoding::kAlpRd, Encoding::kRaw, Encoding::kDictionary,
        Encoding::kFsst, Encoding::kZstd, Encoding::kAlpSteps}) {
    EXPECT_TRUE(seen.contains(static_cast<uint8_t>(encoding))) << EncodingName(encoding);
  }
  EXPECT_EQ(dictionaries, 0b1110u);
}

TEST(Malformed, EveryTruncationIsRefused) {
  for (const Sample& sample : Samples()) {
    const bool is_constant = sample.encoded[0] == static_cast<char>(Encoding::kConstant);
    for (size_t size = 0; size < sample.encoded.size(); ++size) {
      const bool decoded = Decodes(sample.physical, std::string_view(sample.encoded).substr(0, size), sample.rows);
      EXPECT_TRUE(!decoded || is_constant) << EncodingName(static_cast<Encoding>(sample.encoded[0])) << " cut at "
                                           << size << " of " << sample.encoded.size();
    }
  }
}

TEST(Malformed, BytesAfterTheEndAreRefused) {
  for (const Sample& sample : Samples()) {
    if (sample.encoded[0] == static_cast<char>(Encoding::kConstant) && sample.physical != PhysicalType::kInt64)
      continue;
    EXPECT_FALSE(Decodes(sample.physical, sample.encoded + '\0', sample.rows))
        << EncodingName(static_cast<Encoding>(sample.encoded[0]));
  }
}

TEST(Malformed, NoFlippedBitCrashes) {
  for (const Sample& sample : Samples()) {
    for (size_t bit = 0; bit < sample.encoded.size() * 8; ++bit) {
      std::string flipped = sample.encoded;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << bit % 8));
      Decodes(sample.physical, flipped, sample.rows);
    }
  }
}

TEST(Malformed, NoWrongCountOrTypeCrashes) {
  for (const Sample& sample : Samples()) {
    for (const uint32_t rows : {1u, sample.rows - 1, sample.rows + 1, kMaxVectorRows, kMaxVectorRows + 1}) {
      Decodes(sample.physical, sample.encoded, rows);
    }
    for (const PhysicalType physical : {PhysicalType::kInt64, PhysicalType::kDouble, PhysicalType::kBytes}) {
      Decodes(physical, sample.encoded, sample.rows);
    }
  }
}

TEST(Malformed, NoNoiseCrashes) {
  const uint64_t seed = 75;
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  base::Random random(seed);
  for (int round = 0; round < 60000; ++round) {
    std::string noise(1 + random.Below(60), '\0');
    for (char& byte : noise) byte = static_cast<char>(random.Below(random.Below(2) == 0 ? 4 : 256));
    noise[0] = static_cast<char>(random.Below(3) == 0 ? 0x40 + random.Below(20) : random.Below(13));
    Decodes(static_cast<PhysicalType>(1 + random.Below(3)), noise, static_cast<uint32_t>(random.Below(140)));
  }
}

}  // namespace
}  // namespace cassette::columnar

// The kernels are compiled once for each instruction set; every one that this machine has must give the same bytes and
// read them alike.
#include <gtest/gtest.h>

#include <bit>
#include <cstring>

#include "base/random.h"
#include "columnar/encoding.h"
#include "columnar/series.h"
#include "hwy/highway.h"

namespace cassette::columnar {
namespace {

class InstructionSets : public testing::Test {
 protected:
  void TearDown() override { hwy::SetSupportedTargetsForTest(0); }
};

std::vector<std::vector<double>> Columns() {
  const uint64_t seed = 76;
  base::Random random(seed);
  std::vector<std::vector<double>> columns;
  for (const uint32_t count : {1u, 2u, 3u, 7u, 15u, 129u, 1000u, 1023u, 1024u}) {
    columns.push_back(series::Gauge(&random, count, 2, 0.6));
    columns.push_back(series::Gauge(&random, count, 5, 0.6));
    columns.push_back(series::Counter(&random, count, 30000, 200));
    columns.push_back(series::Real(&random, count));
    std::vector<double> bits(count);
    for (double& value : bits) value = std::bit_cast<double>(random.Next());
    columns.push_back(bits);
  }
  return columns;
}

std::string EncodeAll() {
  std::string all;
  for (const std::vector<double>& column : Columns()) {
    const size_t start = all.size();
    EncodeDoubles(column, &all);
    std::vector<double> decoded(column.size());
    const base::Status status =
        DecodeDoubles(std::string_view(all).substr(start), static_cast<uint32_t>(column.size()), decoded.data());
    EXPECT_TRUE(status.ok()) << status.ToString();
    EXPECT_EQ(std::memcmp(decoded.data(), column.data(), column.size() * sizeof(double)), 0);

    std::vector<int64_t> ints(column.size());
    for (size_t i = 0; i < ints.size(); ++i) ints[i] = std::bit_cast<int64_t>(column[i]);
    const size_t ints_start = all.size();
    EncodeInts(ints, &all);
    std::vector<int64_t> decoded_ints(ints.size());
    EXPECT_TRUE(
        DecodeInts(std::string_view(all).substr(ints_start), static_cast<uint32_t>(ints.size()), decoded_ints.data())
            .ok());
    EXPECT_EQ(decoded_ints, ints);
  }
  return all;
}

TEST_F(InstructionSets, AllGiveTheSameBytes) {
  const std::string best = EncodeAll();
  for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
    hwy::SetSupportedTargetsForTest(target);
    EXPECT_EQ(EncodeAll(), best) << hwy::TargetName(target);
  }
}

}  // namespace
}  // namespace cassette::columnar

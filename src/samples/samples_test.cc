#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "io/file_system.h"
#include "io/mem_file_system.h"
#include "samples/music_generator.h"

namespace cassette::samples {
namespace {

using testing::HasSubstr;

constexpr uint64_t kFileBytesMax = 64 << 20;

std::string FirstFile(uint64_t seed) {
  io::MemFileSystem file_system;
  MusicSettings settings;
  settings.files = 2;
  settings.seed = seed;
  EXPECT_TRUE(GenerateMusic(file_system, "/m", settings).ok());
  return *io::ReadFile(file_system, "/m/2018-11-01-events.csv", kFileBytesMax);
}

TEST(GenerateMusic, TheSameSeedGivesTheSameBytes) {
  EXPECT_EQ(FirstFile(7), FirstFile(7));
  EXPECT_NE(FirstFile(7), FirstFile(8));
}

TEST(GenerateMusic, HasTheQuirksOfTheRealFiles) {
  io::MemFileSystem file_system;
  const base::Result<MusicFigures> figures = GenerateMusic(file_system, "/m", MusicSettings());
  ASSERT_TRUE(figures.ok()) << figures.status().ToString();
  std::string all;
  for (const std::string& name : *file_system.ListDir("/m"))
    all += *io::ReadFile(file_system, "/m/" + name, kFileBytesMax);
  EXPECT_EQ(all.size(), figures->bytes);
  EXPECT_THAT(all, HasSubstr("\r\n"));
  EXPECT_THAT(all, HasSubstr("\"\"Live\"\""));
  EXPECT_THAT(all, HasSubstr("E+12,"));
  EXPECT_THAT(all, HasSubstr("\xc3\x83\xc2\x83"));
  EXPECT_THAT(all, HasSubstr(",Logged Out,"));
  EXPECT_GT(figures->rows, 5000u);
  EXPECT_GT(figures->songs, figures->rows * 7 / 10);
  EXPECT_LT(figures->songs, figures->rows * 95 / 100);
}

TEST(GenerateMusic, RefusesSettingsPastItsBounds) {
  io::MemFileSystem file_system;
  MusicSettings settings;
  settings.files = MusicSettings::kMaxFiles + 1;
  EXPECT_EQ(GenerateMusic(file_system, "/m", settings).status().code(), base::Code::kInvalidArgument);
  settings.files = 0;
  EXPECT_EQ(GenerateMusic(file_system, "/m", settings).status().code(), base::Code::kInvalidArgument);
}

}  // namespace
}  // namespace cassette::samples

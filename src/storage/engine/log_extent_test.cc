#include "storage/engine/log_extent.h"

#include <gtest/gtest.h>

#include "storage/engine/schema_payload.h"

namespace cassette::storage::engine {
namespace {

base::Result<commitlog::LogExtent> Decode(std::string bytes) {
  manifest::ManifestState state;
  state.payloads[std::string(kLogExtentKey)] = std::move(bytes);
  return LogExtentOf(state);
}

TEST(LogExtent, HoldsTheBytesThatThePageShows) {
  const commitlog::LogExtent extent{3, {5, 300}};
  const std::string bytes = EncodeLogExtent(extent);
  EXPECT_EQ(bytes, std::string("\x03\xac\x82\x80\x80\x50", 6));
  const auto decoded = Decode(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, extent);
}

TEST(LogExtent, IsEmptyWhenTheManifestHasNone) {
  const auto decoded = LogExtentOf(manifest::ManifestState());
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(*decoded, commitlog::LogExtent());
}

TEST(LogExtent, RefusesWhatIsMalformed) {
  for (const std::string& bytes : {std::string(), std::string("\x03", 1), std::string("\x03\x05\x00", 3)}) {
    EXPECT_EQ(Decode(bytes).status().code(), base::Code::kCorruption);
  }
}

}  // namespace
}  // namespace cassette::storage::engine

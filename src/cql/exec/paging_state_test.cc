#include "cql/exec/paging_state.h"

#include <gtest/gtest.h>

namespace cassette::cql::exec {
namespace {

schema::TableId IdOf(uint8_t first) {
  schema::TableId id;
  for (size_t i = 0; i < id.bytes.size(); ++i) id.bytes[i] = static_cast<uint8_t>(first + i);
  return id;
}

std::string Hex(const std::string& bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<uint8_t>(c) >> 4];
    text += "0123456789abcdef"[c & 15];
  }
  return text;
}

PagingState Sample() {
  PagingState state;
  state.key = "key";
  state.has_clustering = true;
  state.clustering = std::string("\x80\0\0\1", 4);
  state.rows_left = 7;
  return state;
}

TEST(PagingStateTest, HasTheseBytes) {
  EXPECT_EQ(Hex(EncodePagingState(IdOf(1), Sample())),
            "01"
            "0102030405060708090a0b0c0d0e0f10"
            "01"
            "036b6579"
            "0480000001"
            "0700000000000000"
            "ffffffffffffffff"
            "867f1c63");
}

TEST(PagingStateTest, ComesBack) {
  const base::Result<PagingState> state = DecodePagingState(IdOf(1), EncodePagingState(IdOf(1), Sample()));
  ASSERT_TRUE(state.ok());
  EXPECT_EQ(state->key, "key");
  EXPECT_TRUE(state->has_clustering);
  EXPECT_EQ(state->clustering, Sample().clustering);
  EXPECT_EQ(state->rows_left, 7u);
  EXPECT_EQ(state->partition_rows_left, kUnlimited);
}

TEST(PagingStateTest, RefusesWhatIsForeignOrDamaged) {
  const std::string bytes = EncodePagingState(IdOf(1), Sample());
  EXPECT_EQ(DecodePagingState(IdOf(2), bytes).status().message(), "The paging state is of another table");
  EXPECT_EQ(DecodePagingState(IdOf(1), "").status().message(), "Invalid value for the paging state");
  EXPECT_FALSE(DecodePagingState(IdOf(1), "something else entirely").ok());
  for (size_t i = 0; i < bytes.size(); ++i) {
    std::string damaged = bytes;
    damaged[i] = static_cast<char>(damaged[i] ^ 1);
    EXPECT_FALSE(DecodePagingState(IdOf(1), damaged).ok()) << i;
    EXPECT_FALSE(DecodePagingState(IdOf(1), bytes.substr(0, i)).ok()) << i;
  }
}

}  // namespace
}  // namespace cassette::cql::exec

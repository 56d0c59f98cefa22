// What a response says, for tests: its trace, warnings and rows.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/envelope.h"
#include "protocol/notation.h"
#include "server/server_test_support.h"

namespace cassette::server {

// A RESULT. Values are serialized; null: "null".
struct ParsedResult {
  std::string trace_id;
  std::vector<std::string> warnings;
  bool has_metadata = false;
  std::string new_metadata_id;
  std::string paging_state;
  std::vector<std::string> columns;
  std::vector<std::vector<std::string>> rows;
};

inline std::string TakeBytes(protocol::WireReader& reader) { return std::string(reader.Bytes().value_or("null")); }

// REQUIRES: a result of rows whose types are [option]s without parameters, or without metadata; else rows are not read.
inline ParsedResult ParseResult(const Response& response) {
  constexpr int32_t kRows = 2;
  ParsedResult result;
  protocol::WireReader reader(response.body);
  if ((response.header.flags & protocol::kFlagTracing) != 0) result.trace_id = reader.Raw(16);
  if ((response.header.flags & protocol::kFlagWarning) != 0) result.warnings = reader.StringList();
  EXPECT_EQ(response.opcode(), protocol::Opcode::kResult) << response.body;
  if (reader.Int() != kRows) return result;
  const int32_t flags = reader.Int();
  const int32_t column_count = reader.Int();
  if ((flags & 0x02) != 0) result.paging_state = TakeBytes(reader);
  if ((flags & 0x08) != 0) result.new_metadata_id = reader.ShortBytes();
  result.has_metadata = (flags & 0x04) == 0;
  if (result.has_metadata && column_count > 0) {
    EXPECT_EQ(flags & 0x01, 0x01);  // Of one table, named once.
    reader.String();
    reader.String();
  }
  for (int32_t i = 0; i < column_count && result.has_metadata; ++i) {
    result.columns.emplace_back(reader.String());
    reader.Short();
  }
  const int32_t row_count = reader.Int();
  for (int32_t i = 0; i < row_count; ++i) {
    std::vector<std::string>& row = result.rows.emplace_back();
    for (int32_t c = 0; c < column_count; ++c) row.push_back(TakeBytes(reader));
  }
  EXPECT_TRUE(reader.ok());
  EXPECT_EQ(reader.rest_bytes(), 0u);
  return result;
}

inline std::string IntBytes(int32_t value) {
  std::string out;
  protocol::AppendInt(value, &out);
  return out;
}

inline std::string BigintBytes(int64_t value) {
  std::string out;
  protocol::AppendLong(value, &out);
  return out;
}

}  // namespace cassette::server

#include "protocol/requests.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "protocol/protocol_test_support.h"

namespace cassette::protocol {
namespace {

using testing::HasSubstr;

ExecuteRequest FullExecute() {
  ExecuteRequest request;
  request.id = "0123456789abcdef";
  request.result_metadata_id = "fedcba9876543210";
  request.parameters.consistency = Consistency::kLocalQuorum;
  request.parameters.serial_consistency = Consistency::kLocalSerial;
  request.parameters.skip_metadata = true;
  request.parameters.values.Int(7).Null().Unset().Text("");
  request.parameters.options.page_rows = 100;
  request.parameters.options.paging_state = "there";
  request.parameters.options.timestamp_micros = -5;
  request.parameters.options.now_seconds = 17;
  request.parameters.keyspace = "ks";
  return request;
}

TEST(RequestsTest, ExecuteComesBackWholeInBothVersions) {
  for (const uint8_t version : {4, 5}) {
    std::string body;
    const ExecuteRequest request = FullExecute();
    AppendExecute(request, version, &body);
    ExecuteRequest decoded;
    ASSERT_TRUE(DecodeExecute(body, version, &decoded).ok());
    EXPECT_EQ(decoded.id, request.id);
    EXPECT_EQ(decoded.result_metadata_id, version == 5 ? request.result_metadata_id : "");
    const QueryParameters& parameters = decoded.parameters;
    EXPECT_EQ(parameters.consistency, Consistency::kLocalQuorum);
    EXPECT_EQ(parameters.serial_consistency, Consistency::kLocalSerial);
    EXPECT_TRUE(parameters.skip_metadata);
    ASSERT_EQ(parameters.values.size(), 4u);
    EXPECT_EQ(Hex(parameters.values.at(0).bytes), "00000007");
    EXPECT_TRUE(parameters.values.at(1).is_null());
    EXPECT_TRUE(parameters.values.at(2).is_unset());
    EXPECT_EQ(parameters.values.at(3).state, types::ValueView::State::kSet);
    EXPECT_EQ(parameters.options.page_rows, 100);
    EXPECT_EQ(parameters.options.paging_state, "there");
    EXPECT_EQ(parameters.options.timestamp_micros, -5);
    EXPECT_EQ(parameters.options.now_seconds.has_value(), version == 5);
    EXPECT_EQ(parameters.keyspace, version == 5 ? "ks" : "");
  }
}

TEST(RequestsTest, DecodingForgetsTheRequestBefore) {
  std::string body;
  AppendExecute(FullExecute(), 5, &body);
  ExecuteRequest decoded;
  ASSERT_TRUE(DecodeExecute(body, 5, &decoded).ok());
  std::string plain;
  ExecuteRequest request;
  request.id = "x";
  AppendExecute(request, 5, &plain);
  ASSERT_TRUE(DecodeExecute(plain, 5, &decoded).ok());
  EXPECT_EQ(decoded.parameters.values.size(), 0u);
  EXPECT_EQ(decoded.parameters.options.paging_state, "");
  EXPECT_EQ(decoded.parameters.options.timestamp_micros, std::nullopt);
  EXPECT_EQ(decoded.parameters.keyspace, "");
}

TEST(RequestsTest, NamedValuesKeepTheirNames) {
  QueryRequest request;
  request.query = "SELECT * FROM t WHERE k = :key";
  request.parameters.values.Int(1);
  request.parameters.values.names = {"key"};
  std::string body;
  AppendQuery(request, 4, &body);
  QueryRequest decoded;
  ASSERT_TRUE(DecodeQuery(body, 4, &decoded).ok());
  EXPECT_THAT(decoded.parameters.values.names, testing::ElementsAre("key"));
}

TEST(RequestsTest, EveryCutBodyIsRefused) {
  std::string execute;
  AppendExecute(FullExecute(), 5, &execute);
  BatchRequest batch;
  batch.entries.resize(2);
  batch.entry_count = 2;
  batch.entries[0].query_or_id = "INSERT";
  batch.entries[1].is_prepared = true;
  batch.entries[1].query_or_id = "id";
  batch.entries[1].values.Int(1);
  batch.options.timestamp_micros = 1;
  batch.options.now_seconds = 2;
  batch.serial_consistency = Consistency::kLocalSerial;
  batch.keyspace = "ks";
  std::string batch_body;
  AppendBatch(batch, 5, &batch_body);
  for (size_t size = 0; size < execute.size(); ++size) {
    ExecuteRequest decoded;
    EXPECT_FALSE(DecodeExecute(std::string_view(execute).substr(0, size), 5, &decoded).ok()) << size;
  }
  for (size_t size = 0; size < batch_body.size(); ++size) {
    BatchRequest decoded;
    EXPECT_FALSE(DecodeBatch(std::string_view(batch_body).substr(0, size), 5, &decoded).ok()) << size;
  }
  BatchRequest decoded;
  ASSERT_TRUE(DecodeBatch(batch_body, 5, &decoded).ok());
  EXPECT_EQ(decoded.entry_count, 2u);
  EXPECT_TRUE(decoded.entries[1].is_prepared);
  EXPECT_EQ(decoded.options.timestamp_micros, 1);
  EXPECT_EQ(decoded.options.now_seconds, 2);
  EXPECT_EQ(decoded.serial_consistency, Consistency::kLocalSerial);
  EXPECT_EQ(decoded.keyspace, "ks");
}

TEST(RequestsTest, RefusesWhatNoClientMaySend) {
  QueryRequest query;
  // A consistency level, a value's length, and a write time that are none.
  EXPECT_THAT(DecodeQuery(FromHex("00000001 41 00ff 00"), 4, &query).ToString(), HasSubstr("consistency"));
  EXPECT_FALSE(DecodeQuery(FromHex("00000001 41 0001 01 0001 fffffffd"), 4, &query).ok());
  QueryRequest request;
  request.parameters.options.timestamp_micros = std::numeric_limits<int64_t>::min();
  std::string body;
  AppendQuery(request, 5, &body);
  EXPECT_THAT(DecodeQuery(body, 5, &query).ToString(), HasSubstr("Out of bound timestamp"));
  // A paging state without bytes: the first page has none, or null.
  EXPECT_THAT(DecodeQuery(FromHex("00000001 41 0001 08 00000000"), 4, &query).ToString(), HasSubstr("paging state"));
  EXPECT_TRUE(DecodeQuery(FromHex("00000001 41 0001 08 ffffffff"), 4, &query).ok());
  // A serial consistency that is not serial; a batch of a kind, and with a statement of a kind, that there is not.
  EXPECT_THAT(DecodeQuery(FromHex("00000001 41 0001 10 0001"), 4, &query).ToString(), HasSubstr("SERIAL"));
  BatchRequest batch;
  EXPECT_THAT(DecodeBatch(FromHex("03 0000 0001 00"), 4, &batch).ToString(), HasSubstr("type 3"));
  EXPECT_THAT(DecodeBatch(FromHex("00 0001 02"), 4, &batch).ToString(), HasSubstr("0 or 1"));
}

// An EXECUTE of v4 as docs/format/native_protocol.md has it.
TEST(RequestsTest, ExecuteHasTheBytesOfItsPage) {
  ExecuteRequest request;
  request.id = "0123456789abcdef";
  request.parameters.consistency = Consistency::kOne;
  request.parameters.values.Int(7);
  request.parameters.options.page_rows = 0;
  std::string body;
  AppendExecute(request, 4, &body);
  EXPECT_EQ(Hex(body), Hex(FromHex("0010 30313233343536373839616263646566 0001 01 0001 00000004 00000007")));
}

}  // namespace
}  // namespace cassette::protocol

#include "protocol/responses.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/error.h"
#include "protocol/protocol_test_support.h"
#include "protocol/type_option.h"

namespace cassette::protocol {
namespace {

using session::ColumnSpec;
using session::ResultPage;
using types::DataType;
using types::TypeKind;

ResultPage OneColumnPage(TypeKind kind, std::vector<std::string> values) {
  ResultPage page;
  page.kind = ResultPage::Kind::kRows;
  page.columns = {{"ks", "t", "c", DataType(kind)}};
  session::ResultBatch batch;
  columnar::Vector vector(DataType(kind).physical());
  for (const std::string& value : values) vector.AppendValue(DataType(kind), value);
  vector.AppendState(columnar::CellState::kAbsent);
  batch.row_count = vector.size();
  batch.columns.push_back(std::move(vector));
  page.batches.push_back(std::move(batch));
  return page;
}

std::string RowsOf(const ResultPage& page, const RowsOptions& options) {
  std::string body;
  AppendRowsResult(page, page.columns, options, &body);
  return Hex(body);
}

// Rows as docs/format/native_protocol.md has them.
TEST(ResponsesTest, RowsHaveTheBytesOfTheirPage) {
  const ResultPage page = OneColumnPage(TypeKind::kInt, {FromHex("00000007")});
  EXPECT_EQ(RowsOf(page, {}), Hex(FromHex("00000002 00000001 00000001 0002 6b73 0001 74 0001 63 0009"
                                          "00000002 00000004 00000007 ffffffff")));
}

TEST(ResponsesTest, MetadataIsLeftOutOrRenewedAsAsked) {
  ResultPage page = OneColumnPage(TypeKind::kInt, {});
  RowsOptions options;
  options.skip_metadata = true;
  EXPECT_EQ(RowsOf(page, options), Hex(FromHex("00000002 00000004 00000001 00000001 ffffffff")));
  page.paging_state = "p";
  EXPECT_EQ(RowsOf(page, options), Hex(FromHex("00000002 00000006 00000001 00000001 70 00000001 ffffffff")));
  options.new_metadata_id = "new";
  EXPECT_EQ(RowsOf(page, options),
            Hex(FromHex("00000002 0000000b 00000001 00000001 70 0003 6e6577 0002 6b73 0001 74 0001 63 0009"
                        "00000001 ffffffff")));
}

TEST(ResponsesTest, EveryFixedSizeTypeIsItsSerializedValue) {
  const std::pair<TypeKind, const char*> values[] = {
      {TypeKind::kBoolean, "01"},
      {TypeKind::kTinyint, "80"},
      {TypeKind::kSmallint, "8001"},
      {TypeKind::kInt, "80000001"},
      {TypeKind::kDate, "7fffffff"},
      {TypeKind::kFloat, "bfc00000"},
      {TypeKind::kBigint, "8000000000000001"},
      {TypeKind::kTimestamp, "00000000000003e8"},
      {TypeKind::kTime, "000000000000002a"},
      {TypeKind::kDouble, "bff8000000000000"},
  };
  RowsOptions options;
  options.skip_metadata = true;
  for (const auto& [kind, hex] : values) {
    const std::string bytes = FromHex(hex);
    const ResultPage page = OneColumnPage(kind, {bytes, ""});
    EXPECT_EQ(RowsOf(page, options), Hex(FromHex("00000002 00000004 00000001 00000003 000000")) +
                                         fmt::format("{:02x}", bytes.size()) + hex + "00000000" + "ffffffff")
        << TypeKindName(kind);
  }
}

TEST(ResponsesTest, TypesWithoutANumberGoByTheirClass) {
  const auto option = [](const DataType& type, uint8_t version) {
    std::string out;
    AppendTypeOption(type, version, &out);
    return out;
  };
  EXPECT_EQ(Hex(option(DataType(TypeKind::kDuration), 5)), "0015");
  EXPECT_EQ(option(DataType(TypeKind::kDuration), 4).substr(4), "org.apache.cassandra.db.marshal.DurationType");
  EXPECT_EQ(option(DataType::Vector(DataType(TypeKind::kFloat), 3), 5).substr(4),
            "org.apache.cassandra.db.marshal.VectorType(org.apache.cassandra.db.marshal.FloatType , 3)");
  EXPECT_EQ(
      Hex(option(DataType::Map(DataType(TypeKind::kInt), DataType::Set(DataType(TypeKind::kText), true), true), 4)),
      Hex(FromHex("0021 0009 0022 000d")));
  EXPECT_EQ(Hex(option(DataType::Udt("k", "u", {"f"}, {DataType(TypeKind::kInt)}, true), 4)),
            Hex(FromHex("0030 0001 6b 0001 75 0001 0001 66 0009")));
  EXPECT_EQ(Hex(option(DataType::Tuple({DataType(TypeKind::kInt), DataType(TypeKind::kBlob)}), 4)),
            Hex(FromHex("0031 0002 0009 0003")));
}

std::string ErrorHex(const Error& error, uint8_t version) {
  std::string out;
  AppendErrorBody(error, version, &out);
  return Hex(out).substr(2 * (sizeof(int32_t) + sizeof(uint16_t) + error.message.size()));
}

TEST(ResponsesTest, EveryErrorHasItsBody) {
  Error error;
  error.message = "m";
  error.consistency = 6;
  error.required = 2;
  error.received = 1;
  error.data_present = true;
  error.write_type = "CAS";
  error.contentions = 3;
  error.keyspace = "k";
  error.name = "t";
  error.argument_types = {"int"};
  error.prepared_id = "id";
  error.failed_replicas = {{std::string("\x7f\0\0\1", 4), 2}};
  const std::tuple<ErrorCode, const char*, const char*> bodies[] = {
      {ErrorCode::kServerError, "", ""},
      {ErrorCode::kProtocolError, "", ""},
      {ErrorCode::kBadCredentials, "", ""},
      {ErrorCode::kOverloaded, "", ""},
      {ErrorCode::kIsBootstrapping, "", ""},
      {ErrorCode::kTruncateError, "", ""},
      {ErrorCode::kSyntaxError, "", ""},
      {ErrorCode::kUnauthorized, "", ""},
      {ErrorCode::kInvalid, "", ""},
      {ErrorCode::kConfigError, "", ""},
      {ErrorCode::kCdcWriteFailure, "", ""},
      {ErrorCode::kUnavailable, "0006 00000002 00000001", "0006 00000002 00000001"},
      {ErrorCode::kWriteTimeout, "0006 00000001 00000002 0003 434153", "0006 00000001 00000002 0003 434153 0003"},
      {ErrorCode::kReadTimeout, "0006 00000001 00000002 01", "0006 00000001 00000002 01"},
      {ErrorCode::kReadFailure, "0006 00000001 00000002 00000001 01",
       "0006 00000001 00000002 00000001 04 7f000001 0002 01"},
      {ErrorCode::kWriteFailure, "0006 00000001 00000002 00000001 0003 434153",
       "0006 00000001 00000002 00000001 04 7f000001 0002 0003 434153"},
      {ErrorCode::kCasWriteUnknown, "0006 00000001 00000002", "0006 00000001 00000002"},
      {ErrorCode::kFunctionFailure, "0001 6b 0001 74 0001 0003 696e74", "0001 6b 0001 74 0001 0003 696e74"},
      {ErrorCode::kAlreadyExists, "0001 6b 0001 74", "0001 6b 0001 74"},
      {ErrorCode::kUnprepared, "0002 6964", "0002 6964"},
  };
  for (const auto& [code, v4, v5] : bodies) {
    error.code = code;
    EXPECT_EQ(ErrorHex(error, 4), Hex(FromHex(v4))) << static_cast<int>(code);
    EXPECT_EQ(ErrorHex(error, 5), Hex(FromHex(v5))) << static_cast<int>(code);
  }
}

TEST(ResponsesTest, WhatExistsAlreadyIsNamed) {
  Error error = ErrorOf(base::AlreadyExists("Cannot add already existing table \"t\" to keyspace \"k\""));
  EXPECT_EQ(error.keyspace + "." + error.name, "k.t");
  error = ErrorOf(base::AlreadyExists("Cannot add existing keyspace \"k\""));
  EXPECT_EQ(error.keyspace + "." + error.name, "k.");
}

TEST(ResponsesTest, TheFunctionThatFailedIsNamed) {
  Error error = ErrorOf(base::FunctionFailure("the operation 'int / bigint' failed: / by zero"));
  EXPECT_EQ(error.keyspace + "." + error.name, "system._divide");
  EXPECT_THAT(error.argument_types, testing::ElementsAre("int", "bigint"));
  error = ErrorOf(base::FunctionFailure("execution of 'system.from_json[text]' failed: Could not decode 'x'"));
  EXPECT_EQ(error.keyspace + "." + error.name, "system.from_json");
  EXPECT_THAT(error.argument_types, testing::ElementsAre("text"));
  error = ErrorOf(base::FunctionFailure("something else"));
  EXPECT_EQ(error.keyspace + error.name, "");
}

TEST(ResponsesTest, WhatIsNoPagingStateIsAProtocolError) {
  EXPECT_EQ(ErrorOf(base::InvalidArgument("Invalid value for the paging state")).code, ErrorCode::kProtocolError);
  EXPECT_EQ(ErrorOf(base::InvalidArgument("The paging state is of another table")).code, ErrorCode::kInvalid);
}

TEST(ResponsesTest, EventsAndSchemaChanges) {
  std::string out;
  AppendSchemaChangeEvent({"CREATED", "TABLE", "k", "t", {}}, &out);
  EXPECT_EQ(out, FromHex("000d") + "SCHEMA_CHANGE" + FromHex("0007") + "CREATED" + FromHex("0005") + "TABLE" +
                     FromHex("0001 6b 0001 74"));
  out.clear();
  AppendSchemaChangeResult({"DROPPED", "KEYSPACE", "k", "", {}}, &out);
  EXPECT_EQ(out, FromHex("00000005 0007") + "DROPPED" + FromHex("0008") + "KEYSPACE" + FromHex("0001 6b"));
  out.clear();
  AppendNodeEvent("STATUS_CHANGE", "UP", std::string("\x7f\0\0\1", 4), 9042, &out);
  EXPECT_EQ(out, FromHex("000d") + "STATUS_CHANGE" + FromHex("0002") + "UP" + FromHex("04 7f000001 00002352"));
}

}  // namespace
}  // namespace cassette::protocol

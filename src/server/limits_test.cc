// Every limit at the limit.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "server/prepared_cache.h"
#include "server/response_test_support.h"
#include "server/settings.h"

namespace cassette::server {
namespace {

using protocol::ErrorCode;
using protocol::Opcode;
using testing::HasSubstr;

constexpr char kRead[] = "SELECT v FROM ks.t WHERE k = 1";

class LimitsTest : public ServerTest {
 protected:
  bool IsServed() {
    TestClient client = Connect(4);
    client.Send(Opcode::kOptions, "");
    return client.Receive(2'000).has_value();
  }
  void WaitForConnections(uint64_t count) {
    for (int i = 0; i < 500 && server_->statistics().connections != count; ++i) usleep(10'000);
    EXPECT_EQ(server_->statistics().connections, count);
  }
};

TEST_F(LimitsTest, ConnectionsBeyondTheLimitAreClosed) {
  Limits limits;
  limits.connections_max = 3;
  Start(limits);
  {
    TestClient first = Connect();
    TestClient second = Connect();
    WaitForConnections(2);
    EXPECT_TRUE(IsServed());
    WaitForConnections(2);
    TestClient third = Connect();
    WaitForConnections(3);
    EXPECT_FALSE(IsServed());
    EXPECT_EQ(server_->statistics().connections_refused, 1u);
  }
  WaitForConnections(0);
  EXPECT_TRUE(IsServed());
}

TEST_F(LimitsTest, ConnectionsOfOneAddressBeyondTheLimitAreClosed) {
  Limits limits;
  limits.connections_per_address_max = 1;
  Start(limits);
  EXPECT_TRUE(IsServed());
  WaitForConnections(0);
  TestClient first = Connect();
  WaitForConnections(1);
  EXPECT_FALSE(IsServed());
}

TEST_F(LimitsTest, RequestsInFlightBeyondTheLimitAreOverloaded) {
  Limits limits;
  limits.requests_per_connection_max = 2;
  Start(limits, SyncingEvery(500));
  MakeTable();
  TestClient client = Connect(4);
  client.Startup();
  std::string bytes;
  for (int16_t stream = 0; stream < 4; ++stream) {
    bytes += client.Envelope(Opcode::kQuery, client.QueryBody("UPDATE ks.t SET v = 'x' WHERE k = 9"), stream);
  }
  client.SendRaw(bytes);
  int overloaded = 0;
  for (int i = 0; i < 4; ++i) {
    const std::optional<Response> response = client.Receive();
    ASSERT_TRUE(response);
    overloaded += response->opcode() == Opcode::kError && response->error() == ErrorCode::kOverloaded ? 1 : 0;
  }
  EXPECT_EQ(overloaded, 2);
  EXPECT_THAT(client.Query(kRead).body, HasSubstr("one"));
}

TEST_F(LimitsTest, RequestsInFlightOfAllConnectionsBeyondTheLimitAreOverloaded) {
  Limits limits;
  limits.requests_max = 3;
  Start(limits, SyncingEvery(500));
  MakeTable();
  TestClient clients[] = {Connect(4), Connect(5)};
  for (TestClient& client : clients) client.Startup();
  for (TestClient& client : clients) {
    for (int16_t stream = 0; stream < 2; ++stream) {
      client.Send(Opcode::kQuery, client.QueryBody("UPDATE ks.t SET v = 'x' WHERE k = 9"), stream);
    }
    for (int i = 0; i < 100 && server_->statistics().requests_in_flight < 2; ++i) usleep(1'000);
  }
  int overloaded = 0;
  for (TestClient& client : clients) {
    for (int i = 0; i < 2; ++i) {
      const std::optional<Response> response = client.Receive();
      ASSERT_TRUE(response);
      overloaded += response->opcode() == Opcode::kError && response->error() == ErrorCode::kOverloaded ? 1 : 0;
    }
  }
  EXPECT_EQ(overloaded, 1);
  for (TestClient& client : clients) EXPECT_THAT(client.Query(kRead).body, HasSubstr("one"));
}

TEST_F(LimitsTest, BytesInFlightBeyondTheLimitAreOverloaded) {
  Limits limits;
  limits.request_bytes_max = 1024;
  Start(limits);
  MakeTable();
  TestClient client = Connect(4);
  client.Startup();
  const size_t fixed_bytes = client.QueryBody("").size();
  EXPECT_EQ(client.Query(std::string(1024 - fixed_bytes, ' ')).error(), ErrorCode::kSyntaxError);
  EXPECT_EQ(client.Query(std::string(1025 - fixed_bytes, ' ')).error(), ErrorCode::kOverloaded);
  EXPECT_EQ(server_->statistics().requests_overloaded, 1u);
}

TEST_F(LimitsTest, StatementsBeyondTheLimitAreInvalid) {
  Limits limits;
  limits.statement_bytes_max = 100;
  Start(limits);
  MakeTable();
  TestClient client = Connect(4);
  client.Startup();
  const std::string read = kRead;
  EXPECT_EQ(client.Query(read + std::string(100 - read.size(), ' ')).opcode(), Opcode::kResult);
  EXPECT_EQ(client.Query(read + std::string(101 - read.size(), ' ')).error(), ErrorCode::kInvalid);
  const std::string write = "INSERT INTO ks.t (k, v) VALUES (3, 'three')";
  for (const size_t size : {100, 101}) {
    const std::string statement = write + std::string(size - write.size(), ' ');
    std::string prepare;
    protocol::AppendPrepare({statement, ""}, 4, &prepare);
    protocol::BatchRequest request;
    request.entries.resize(1);
    request.entry_count = 1;
    request.entries[0].query_or_id = statement;
    std::string batch;
    protocol::AppendBatch(request, 4, &batch);
    for (const Response& response : {client.Ask(Opcode::kPrepare, prepare), client.Ask(Opcode::kBatch, batch)}) {
      if (size == 100) {
        EXPECT_EQ(response.opcode(), Opcode::kResult);
      } else {
        EXPECT_EQ(response.error(), ErrorCode::kInvalid);
      }
    }
  }
}

TEST_F(LimitsTest, BatchesOfSeveralPartitionsComeWithAWarningThenAreRefused) {
  Limits limits;
  limits.batch_warn_bytes = 1'000;
  limits.batch_fail_bytes = 10'000;
  Start(limits);
  MakeTable();
  TestClient client = Connect(5);
  client.Startup();
  const auto batch = [](size_t bytes, int second_key) {
    const std::string value(bytes, 'x');
    return fmt::format(
        "BEGIN BATCH INSERT INTO ks.t (k, v) VALUES (1, '{}'); INSERT INTO ks.t (k, v) VALUES ({}, ''); "
        "APPLY BATCH",
        value, second_key);
  };
  const Response small = client.Query(batch(500, 2));
  EXPECT_EQ(small.opcode(), Opcode::kResult);
  EXPECT_EQ(small.header.flags & protocol::kFlagWarning, 0);
  const Response warned = client.Query(batch(2'000, 2));
  EXPECT_EQ(warned.opcode(), Opcode::kResult);
  EXPECT_NE(warned.header.flags & protocol::kFlagWarning, 0);
  EXPECT_THAT(warned.body, HasSubstr("exceeding specified threshold"));
  const Response refused = client.Query(batch(20'000, 2));
  EXPECT_EQ(refused.error(), ErrorCode::kInvalid);
  EXPECT_EQ(refused.error_message(), "Batch too large");
  // One partition is one mutation, however large.
  EXPECT_EQ(client.Query(batch(20'000, 1)).opcode(), Opcode::kResult);
}

// One byte apart.
TEST_F(LimitsTest, BatchesOfExactlyTheLimitPass) {
  constexpr uint32_t kWarnBytes = 300;
  constexpr uint32_t kFailBytes = 600;
  Limits limits;
  limits.batch_warn_bytes = kWarnBytes;
  limits.batch_fail_bytes = kFailBytes;
  Start(limits);
  MakeTable();
  TestClient client = Connect(4);
  client.Startup();
  const auto batch = [&client](size_t value_bytes) {
    return client.Query(
        fmt::format("BEGIN BATCH INSERT INTO ks.t (k, v) VALUES (1, '{}'); INSERT INTO ks.t (k, v) VALUES (2, ''); "
                    "APPLY BATCH",
                    std::string(value_bytes, 'x')));
  };
  size_t value_bytes = 0;
  while (batch(value_bytes).header.flags == 0) ++value_bytes;
  EXPECT_THAT(batch(value_bytes).body, HasSubstr("is of size 301, exceeding specified threshold of 300 by 1."));
  while (batch(value_bytes + 1).opcode() == Opcode::kResult) ++value_bytes;
  EXPECT_THAT(batch(value_bytes).body, HasSubstr("is of size 600, exceeding specified threshold of 300 by 300."));
  EXPECT_EQ(batch(value_bytes + 1).error(), ErrorCode::kInvalid);
}

TEST_F(LimitsTest, AnswersBeyondTheLimitAreRefused) {
  Limits limits;
  limits.response_bytes_max = 4096;
  Start(limits);
  MakeTable();
  for (const uint8_t version : {4, 5}) {
    TestClient client = Connect(version);
    client.Startup();
    const auto read = [&](size_t value_bytes) {
      EXPECT_EQ(client.Query("INSERT INTO ks.t (k, v) VALUES (7, '" + std::string(value_bytes, 'x') + "')").opcode(),
                Opcode::kResult);
      return client.Query("SELECT v FROM ks.t WHERE k = 7");
    };
    const size_t fixed_bytes = read(0).body.size();
    EXPECT_EQ(read(4096 - fixed_bytes).body.size(), 4096u);
    const Response refused = read(4097 - fixed_bytes);
    EXPECT_EQ(refused.error(), ErrorCode::kInvalid);
    EXPECT_THAT(refused.error_message(), HasSubstr("has 4097 bytes; at most 4096 are sent in one"));
    EXPECT_THAT(client.Query(kRead).body, HasSubstr("one"));
  }
}

TEST_F(LimitsTest, PagesBeyondTheLimitAreCutToIt) {
  Limits limits;
  limits.page_rows_max = 2;
  Start(limits);
  MakeTable();
  const std::unique_ptr<session::Session> session = database_->NewSession();
  for (int i = 2; i < 6; ++i) {
    ASSERT_TRUE(session->Execute("INSERT INTO ks.t (k, v) VALUES (" + std::to_string(i) + ", 'v')").ok());
  }
  TestClient client = Connect(4);
  client.Startup();
  for (const int32_t asked : {0, 1, 2, 3, 5000}) {
    protocol::QueryRequest query;
    query.query = "SELECT k FROM ks.t";
    query.parameters.options.page_rows = asked;
    std::string body;
    protocol::AppendQuery(query, 4, &body);
    const ParsedResult result = ParseResult(client.Ask(Opcode::kQuery, body));
    EXPECT_EQ(result.rows.size(), asked == 1 ? 1u : 2u) << asked;
    EXPECT_NE(result.paging_state, "") << asked;
  }
}

TEST_F(LimitsTest, AConnectionThatIsNotReadyInTimeIsClosed) {
  Limits limits;
  limits.startup_timeout_ms = 300;
  Start(limits);
  TestClient silent = Connect();
  TestClient ready = Connect(4);
  ready.Startup();
  EXPECT_TRUE(silent.IsEnded());
  EXPECT_EQ(ready.Ask(Opcode::kOptions, "").opcode(), Opcode::kSupported);
}

TEST_F(LimitsTest, AnIdleConnectionIsClosed) {
  Limits limits;
  limits.idle_timeout_ms = 300;
  Start(limits);
  TestClient client = Connect(4);
  client.Startup();
  EXPECT_TRUE(client.IsEnded());
}

TEST_F(LimitsTest, TheLeastRecentlyUsedStatementIsUnprepared) {
  Limits limits;
  limits.prepared_statements_max = 2;
  Start(limits);
  MakeTable();
  TestClient client = Connect(4);
  client.Startup();
  const auto prepare = [&](std::string_view cql) {
    std::string body;
    protocol::AppendPrepare({cql, ""}, 4, &body);
    const Response response = client.Ask(Opcode::kPrepare, body);
    protocol::WireReader reader(response.body);
    EXPECT_EQ(reader.Int(), 4);
    return std::string(reader.ShortBytes());
  };
  const auto execute = [&](const std::string& id) {
    protocol::ExecuteRequest request;
    request.id = id;
    std::string body;
    protocol::AppendExecute(request, 4, &body);
    return client.Ask(Opcode::kExecute, body);
  };
  const std::string first = prepare(kRead);
  EXPECT_EQ(first, PreparedId("", kRead));
  const std::string second = prepare("SELECT k FROM ks.t WHERE k = 1");
  EXPECT_EQ(execute(first).opcode(), Opcode::kResult);
  prepare("SELECT k, v FROM ks.t WHERE k = 1");
  EXPECT_EQ(execute(first).opcode(), Opcode::kResult);
  const Response forgotten = execute(second);
  EXPECT_EQ(forgotten.error(), ErrorCode::kUnprepared);
  EXPECT_THAT(forgotten.body, HasSubstr(second));
  EXPECT_EQ(prepare("SELECT k FROM ks.t WHERE k = 1"), second);
  EXPECT_EQ(execute(second).opcode(), Opcode::kResult);
}

TEST(SettingsTest, EveryDefaultIsLegalAndTheOptionsOwn) {
  const Options ours;
  const base::Result<Options> options = MakeOptions([](std::string_view name) -> std::string {
    for (const SettingRow& row : SettingRows()) {
      if (name == row.name) return row.default_value;
    }
    return {};
  });
  ASSERT_TRUE(options.ok()) << options.status().ToString();
  EXPECT_EQ(options->listen.ToString(), "127.0.0.1:9042");
  EXPECT_EQ(options->limits.connections_max, ours.limits.connections_max);
  EXPECT_EQ(options->limits.envelope_bytes_max, ours.limits.envelope_bytes_max);
  EXPECT_EQ(options->limits.request_bytes_max, ours.limits.request_bytes_max);
  EXPECT_EQ(options->settings.size(), SettingRows().size());
}

TEST(SettingsTest, AWrongValueIsNamedWithWhatIsLegal) {
  const auto failure = [](std::string_view wrong, const std::string& value) {
    return MakeOptions([&](std::string_view name) -> std::string {
             for (const SettingRow& row : SettingRows()) {
               if (name == row.name) return name == wrong ? value : row.default_value;
             }
             return {};
           })
        .status()
        .ToString();
  };
  EXPECT_THAT(failure("event_loops", "0"), HasSubstr("event_loops: '0': expected a whole number from 1 to 256"));
  EXPECT_THAT(failure("native_transport_max_frame_size", "1T"), HasSubstr("expected a size"));
  EXPECT_THAT(failure("listen", "nowhere"), HasSubstr("'nowhere' is no address"));
  EXPECT_THAT(failure("listen", "0.0.0.0:9042"), HasSubstr("--allow-anonymous"));
}

}  // namespace
}  // namespace cassette::server

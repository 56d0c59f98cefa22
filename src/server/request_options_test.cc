// What a request may say beside its statement: a keyspace, a time, a payload, names, no metadata; and what an answer
// says beside its rows: traces and warnings.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include "server/response_test_support.h"

namespace cassette::server {
namespace {

using protocol::ErrorCode;
using protocol::Opcode;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr uint8_t kVersions[] = {4, 5};

class RequestOptionsTest : public ServerTest {
 protected:
  void SetUp() override {
    Start();
    MakeTable();
  }
  TestClient Ready(uint8_t version) {
    TestClient client = Connect(version);
    EXPECT_EQ(client.Startup().opcode(), Opcode::kReady);
    return client;
  }
  static Response Query(TestClient& client, uint8_t version, const protocol::QueryRequest& request, uint8_t flags = 0) {
    std::string body;
    protocol::AppendQuery(request, version, &body);
    return client.Ask(Opcode::kQuery, body, flags);
  }
  static Response Execute(TestClient& client, uint8_t version, const protocol::ExecuteRequest& request) {
    std::string body;
    protocol::AppendExecute(request, version, &body);
    return client.Ask(Opcode::kExecute, body);
  }
  struct Prepared {
    std::string id;
    std::string metadata_id;
    std::string body;
  };
  static Prepared Prepare(TestClient& client, uint8_t version, const protocol::PrepareRequest& request) {
    std::string body;
    protocol::AppendPrepare(request, version, &body);
    const Response response = client.Ask(Opcode::kPrepare, body);
    EXPECT_EQ(response.opcode(), Opcode::kResult) << response.body;
    protocol::WireReader reader(response.body);
    reader.Int();
    Prepared prepared;
    prepared.id = reader.ShortBytes();
    if (version >= 5) prepared.metadata_id = reader.ShortBytes();
    prepared.body = response.body;
    return prepared;
  }
};

TEST_F(RequestOptionsTest, AKeyspaceOfTheRequestIsThatRequestsAlone) {
  TestClient client = Ready(5);
  protocol::QueryRequest query;
  query.query = "SELECT v FROM t WHERE k = 1";
  query.parameters.keyspace = "ks";
  EXPECT_THAT(ParseResult(Query(client, 5, query)).rows, ElementsAre(ElementsAre("one")));
  EXPECT_EQ(client.Query(query.query).error(), ErrorCode::kInvalid);  // The connection has none.

  const Prepared prepared = Prepare(client, 5, {query.query, "ks"});
  protocol::ExecuteRequest execute;
  execute.id = prepared.id;
  EXPECT_THAT(ParseResult(Execute(client, 5, execute)).rows, ElementsAre(ElementsAre("one")));

  protocol::BatchRequest batch;
  batch.entries.resize(1);
  batch.entry_count = 1;
  batch.entries[0].query_or_id = "INSERT INTO t (k, v) VALUES (2, 'two')";
  batch.keyspace = "ks";
  std::string body;
  protocol::AppendBatch(batch, 5, &body);
  EXPECT_EQ(client.Ask(Opcode::kBatch, body).opcode(), Opcode::kResult);
  EXPECT_THAT(ParseResult(client.Query("SELECT v FROM ks.t WHERE k = 2")).rows, ElementsAre(ElementsAre("two")));

  query.parameters.keyspace = "nowhere";
  EXPECT_EQ(Query(client, 5, query).error(), ErrorCode::kInvalid);
}

TEST_F(RequestOptionsTest, AKeyspaceOfTheRequestGoesBeforeTheConnections) {
  TestClient client = Ready(5);
  client.Query("CREATE KEYSPACE other WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}");
  client.Query("CREATE TABLE other.t (k int PRIMARY KEY, v text)");
  client.Query("INSERT INTO other.t (k, v) VALUES (1, 'another')");
  client.Query("USE other");
  EXPECT_THAT(ParseResult(client.Query("SELECT v FROM t")).rows, ElementsAre(ElementsAre("another")));
  protocol::QueryRequest query;
  query.query = "SELECT v FROM t";
  query.parameters.keyspace = "ks";
  EXPECT_THAT(ParseResult(Query(client, 5, query)).rows, ElementsAre(ElementsAre("one")));
  // Prepared in one keyspace and the other: two statements.
  EXPECT_NE(Prepare(client, 5, {query.query, "ks"}).id, Prepare(client, 5, {query.query, ""}).id);
}

TEST_F(RequestOptionsTest, NowOfTheRequestDecidesWhatHasExpired) {
  constexpr int32_t kNow = 1'700'000'000;
  TestClient client = Ready(5);
  protocol::QueryRequest query;
  query.query = "INSERT INTO ks.t (k, v) VALUES (5, 'short') USING TTL 100";
  query.parameters.options.now_seconds = kNow;
  EXPECT_EQ(Query(client, 5, query).opcode(), Opcode::kResult);
  query.query = "SELECT v, ttl(v) FROM ks.t WHERE k = 5";
  query.parameters.options.now_seconds = kNow + 60;
  EXPECT_THAT(ParseResult(Query(client, 5, query)).rows, ElementsAre(ElementsAre("short", IntBytes(40))));
  query.parameters.options.now_seconds = kNow + 100;
  EXPECT_THAT(ParseResult(Query(client, 5, query)).rows, IsEmpty());
  EXPECT_THAT(ParseResult(client.Query(query.query)).rows, IsEmpty());  // By the clock it is long over.

  protocol::BatchRequest batch;
  batch.entries.resize(1);
  batch.entry_count = 1;
  batch.entries[0].query_or_id = "INSERT INTO ks.t (k, v) VALUES (6, 'short') USING TTL 10";
  batch.options.now_seconds = kNow;
  std::string body;
  protocol::AppendBatch(batch, 5, &body);
  EXPECT_EQ(client.Ask(Opcode::kBatch, body).opcode(), Opcode::kResult);
  query.query = "SELECT ttl(v) FROM ks.t WHERE k = 6";
  query.parameters.options.now_seconds = kNow + 9;
  EXPECT_THAT(ParseResult(Query(client, 5, query)).rows, ElementsAre(ElementsAre(IntBytes(1))));
}

TEST_F(RequestOptionsTest, TheDefaultTimestampIsTheWriteTimeUnlessTheStatementHasOne) {
  for (const uint8_t version : kVersions) {
    TestClient client = Ready(version);
    protocol::QueryRequest query;
    query.query = "INSERT INTO ks.t (k, v) VALUES (7, 'x')";
    query.parameters.options.timestamp_micros = 1234 + version;
    EXPECT_EQ(Query(client, version, query).opcode(), Opcode::kResult);
    query.query = "INSERT INTO ks.t (k, v) VALUES (8, 'x') USING TIMESTAMP 77";
    EXPECT_EQ(Query(client, version, query).opcode(), Opcode::kResult);
    EXPECT_THAT(ParseResult(client.Query("SELECT writetime(v) FROM ks.t WHERE k = 7")).rows,
                ElementsAre(ElementsAre(BigintBytes(1234 + version))));
    EXPECT_THAT(ParseResult(client.Query("SELECT writetime(v) FROM ks.t WHERE k = 8")).rows,
                ElementsAre(ElementsAre(BigintBytes(77))));

    protocol::BatchRequest batch;
    batch.entries.resize(1);
    batch.entry_count = 1;
    batch.entries[0].query_or_id = "INSERT INTO ks.t (k, v) VALUES (9, 'x')";
    batch.options.timestamp_micros = 5000 + version;
    std::string body;
    protocol::AppendBatch(batch, version, &body);
    EXPECT_EQ(client.Ask(Opcode::kBatch, body).opcode(), Opcode::kResult);
    EXPECT_THAT(ParseResult(client.Query("SELECT writetime(v) FROM ks.t WHERE k = 9")).rows,
                ElementsAre(ElementsAre(BigintBytes(5000 + version))));
  }
}

TEST_F(RequestOptionsTest, CustomPayloadsArePassedOver) {
  std::string payload;
  protocol::AppendShort(2, &payload);
  protocol::AppendString("first", &payload);
  protocol::AppendBytes(std::string(1000, 'p'), &payload);
  protocol::AppendString("second", &payload);
  protocol::AppendNullBytes(&payload);
  for (const uint8_t version : kVersions) {
    TestClient client = Ready(version);
    const std::string body = payload + client.QueryBody("SELECT v FROM ks.t WHERE k = 1");
    const Response response = client.Ask(Opcode::kQuery, body, protocol::kFlagCustomPayload);
    EXPECT_EQ(response.header.flags & protocol::kFlagCustomPayload, 0);  // As Cassandra's own query handler.
    EXPECT_THAT(ParseResult(response).rows, ElementsAre(ElementsAre("one")));
    const Response cut = client.Ask(Opcode::kQuery, payload.substr(0, 500), protocol::kFlagCustomPayload);
    EXPECT_EQ(cut.error(), ErrorCode::kProtocolError);
    EXPECT_THAT(ParseResult(client.Query("SELECT v FROM ks.t WHERE k = 1")).rows, ElementsAre(ElementsAre("one")));
  }
}

TEST_F(RequestOptionsTest, ATraceIsWrittenBeforeItsAnswerIsRead) {
  for (const uint8_t version : kVersions) {
    TestClient client = Ready(version);
    const std::string body = client.QueryBody("SELECT v FROM ks.t WHERE k = 1");
    const ParsedResult traced = ParseResult(client.Ask(Opcode::kQuery, body, protocol::kFlagTracing));
    EXPECT_THAT(traced.rows, ElementsAre(ElementsAre("one")));
    ASSERT_EQ(traced.trace_id.size(), 16u);
    protocol::QueryRequest query;
    query.query = "SELECT request, duration FROM system_traces.sessions WHERE session_id = ?";
    query.parameters.values.Bytes(traced.trace_id);
    const ParsedResult session = ParseResult(Query(client, version, query));
    ASSERT_EQ(session.rows.size(), 1u);
    EXPECT_EQ(session.rows[0][0], "Execute CQL3 query");
    EXPECT_NE(session.rows[0][1], "null");
    query.query = "SELECT activity FROM system_traces.events WHERE session_id = ?";
    const ParsedResult events = ParseResult(Query(client, version, query));
    EXPECT_THAT(events.rows, Contains(ElementsAre("Parsing SELECT v FROM ks.t WHERE k = 1")));
    EXPECT_THAT(events.rows, Contains(ElementsAre("Request complete")));
    // One that fails is traced, too.
    const Response failed = client.Ask(Opcode::kQuery, client.QueryBody("SELEC"), protocol::kFlagTracing);
    EXPECT_NE(failed.header.flags & protocol::kFlagTracing, 0);
    EXPECT_EQ(failed.opcode(), Opcode::kError);
  }
}

TEST_F(RequestOptionsTest, WarningsAreCassandras) {
  constexpr char kWithoutKey[] = "Aggregation query used without partition key";
  constexpr char kSeveralKeys[] = "Aggregation query used on multiple partition keys (IN restriction)";
  const auto batch = [](int partitions) {
    std::string cql = "BEGIN UNLOGGED BATCH ";
    for (int k = 0; k < partitions; ++k) cql += fmt::format("INSERT INTO ks.t (k, v) VALUES ({}, 'x'); ", k);
    return cql + "APPLY BATCH";
  };
  const auto counter_batch = [](int partitions) {
    std::string cql = "BEGIN COUNTER BATCH ";
    for (int k = 0; k < partitions; ++k) cql += fmt::format("UPDATE ks.counted SET n = n + 1 WHERE k = {}; ", k);
    return cql + "APPLY BATCH";
  };
  for (const uint8_t version : kVersions) {
    TestClient client = Ready(version);
    client.Query("CREATE TABLE IF NOT EXISTS ks.two (a int, b int, v int, PRIMARY KEY ((a, b)))");
    client.Query("CREATE TABLE IF NOT EXISTS ks.counted (k int PRIMARY KEY, n counter)");
    const auto warnings = [&client](std::string_view cql) { return ParseResult(client.Query(cql)).warnings; };
    EXPECT_THAT(warnings("SELECT v FROM ks.t"), IsEmpty());
    EXPECT_THAT(warnings("SELECT count(*) FROM ks.t"), ElementsAre(kWithoutKey));
    EXPECT_THAT(warnings("SELECT k, max(v) FROM ks.t GROUP BY k"), ElementsAre(kWithoutKey));
    EXPECT_THAT(warnings("SELECT count(*) FROM ks.t WHERE v = 'x' ALLOW FILTERING"), ElementsAre(kWithoutKey));
    EXPECT_THAT(warnings("SELECT count(*) FROM ks.t WHERE k = 1"), IsEmpty());
    EXPECT_THAT(warnings("SELECT count(*) FROM ks.t WHERE token(k) > 0"), IsEmpty());
    EXPECT_THAT(warnings("SELECT count(*) FROM ks.two WHERE a = 1 ALLOW FILTERING"), IsEmpty());
    EXPECT_THAT(warnings("SELECT count(*) FROM ks.t WHERE k IN (1, 2)"), ElementsAre(kSeveralKeys));
    EXPECT_THAT(warnings(batch(10)), IsEmpty());
    EXPECT_THAT(warnings(batch(11)), ElementsAre(HasSubstr("Unlogged batch covering 11 partitions detected against "
                                                           "table [ks.t]. You should use a logged batch")));
    EXPECT_THAT(warnings(counter_batch(10)), IsEmpty());
    EXPECT_THAT(warnings(counter_batch(11)), ElementsAre(HasSubstr("Unlogged batch covering 11 partitions detected "
                                                                   "against table [ks.counted].")));
    EXPECT_THAT(warnings(fmt::format("CREATE KEYSPACE three{} WITH replication = {{'class': 'SimpleStrategy', "
                                     "'replication_factor': 3}}",
                                     version)),
                ElementsAre(HasSubstr("Your replication factor 3")));
    EXPECT_THAT(warnings(fmt::format("CREATE MATERIALIZED VIEW ks.v{} AS SELECT * FROM ks.t WHERE k IS NOT NULL AND v "
                                     "IS NOT NULL PRIMARY KEY (v, k)",
                                     version)),
                ElementsAre("Materialized views are experimental and are not recommended for production use."));
  }
}

TEST_F(RequestOptionsTest, ValuesAreBoundByNameAndMayBeUnset) {
  for (const uint8_t version : kVersions) {
    TestClient client = Ready(version);
    protocol::QueryRequest query;
    query.query = "INSERT INTO ks.t (k, v) VALUES (:key, :value)";
    query.parameters.values.Text("named").Int(30);
    query.parameters.values.names = {"value", "key"};
    EXPECT_EQ(Query(client, version, query).opcode(), Opcode::kResult);
    const Prepared prepared = Prepare(client, version, {"INSERT INTO ks.t (k, v) VALUES (?, ?)", ""});
    protocol::ExecuteRequest execute;
    execute.id = prepared.id;
    execute.result_metadata_id = prepared.metadata_id;
    execute.parameters.values.Int(30).Unset();
    EXPECT_EQ(Execute(client, version, execute).opcode(), Opcode::kResult);
    EXPECT_THAT(ParseResult(client.Query("SELECT v FROM ks.t WHERE k = 30")).rows, ElementsAre(ElementsAre("named")));
    execute.parameters.values.Clear();
    execute.parameters.values.Unset().Text("x");
    EXPECT_EQ(Execute(client, version, execute).error(), ErrorCode::kInvalid);  // A key is needed.
  }
}

TEST_F(RequestOptionsTest, MetadataIsLeftOutWhenAskedAndSentWhenItChanged) {
  for (const uint8_t version : kVersions) {
    TestClient client = Ready(version);
    client.Query(fmt::format("CREATE TABLE ks.changing{} (k int PRIMARY KEY, v int)", version));
    client.Query(fmt::format("INSERT INTO ks.changing{} (k, v) VALUES (1, 2)", version));
    const std::string select = fmt::format("SELECT * FROM ks.changing{}", version);
    const Prepared prepared = Prepare(client, version, {select, ""});
    protocol::ExecuteRequest execute;
    execute.id = prepared.id;
    execute.result_metadata_id = prepared.metadata_id;
    EXPECT_TRUE(ParseResult(Execute(client, version, execute)).has_metadata);
    execute.parameters.skip_metadata = true;
    ParsedResult result = ParseResult(Execute(client, version, execute));
    EXPECT_FALSE(result.has_metadata);
    EXPECT_THAT(result.rows, ElementsAre(ElementsAre(IntBytes(1), IntBytes(2))));
    client.Query(fmt::format("CREATE TABLE ks.other{} (k int PRIMARY KEY)", version));  // Planned again, as before.
    EXPECT_FALSE(ParseResult(Execute(client, version, execute)).has_metadata);
    client.Query(fmt::format("ALTER TABLE ks.changing{} ADD w int", version));
    result = ParseResult(Execute(client, version, execute));
    EXPECT_TRUE(result.has_metadata);
    EXPECT_THAT(result.columns, ElementsAre("k", "v", "w"));
    if (version < 5) continue;
    EXPECT_NE(result.new_metadata_id, "");
    EXPECT_NE(result.new_metadata_id, prepared.metadata_id);
    execute.result_metadata_id = result.new_metadata_id;
    result = ParseResult(Execute(client, version, execute));
    EXPECT_FALSE(result.has_metadata);
    EXPECT_THAT(result.rows, ElementsAre(ElementsAre(IntBytes(1), IntBytes(2), "null")));
  }
}

TEST_F(RequestOptionsTest, APageHasRows) {
  for (const uint8_t version : kVersions) {
    TestClient client = Ready(version);
    protocol::QueryRequest query;
    query.query = "SELECT k FROM ks.t";
    query.parameters.options.page_rows = 1;
    std::string body;
    protocol::AppendQuery(query, version, &body);
    ASSERT_EQ(client.Ask(Opcode::kQuery, body).opcode(), Opcode::kResult);
    const size_t page_size = body.rfind(std::string("\0\0\0\1", 4));
    body[page_size + 3] = 0;
    EXPECT_EQ(client.Ask(Opcode::kQuery, body).error(), ErrorCode::kProtocolError);
  }
}

TEST_F(RequestOptionsTest, WhatIsPreparedAgainIsDescribedAsItIsNow) {
  for (const uint8_t version : kVersions) {
    TestClient first = Ready(version);
    first.Query(fmt::format("CREATE TABLE ks.again{} (k int PRIMARY KEY, v int)", version));
    first.Query(fmt::format("INSERT INTO ks.again{} (k, v) VALUES (1, 2)", version));
    const std::string select = fmt::format("SELECT * FROM ks.again{}", version);
    const std::string added("\0\5added", 7);
    const Prepared before = Prepare(first, version, {select, ""});
    EXPECT_THAT(before.body, Not(HasSubstr(added)));
    first.Query(fmt::format("ALTER TABLE ks.again{} ADD added int", version));
    TestClient second = Ready(version);
    const Prepared after = Prepare(second, version, {select, ""});
    EXPECT_EQ(after.id, before.id);
    EXPECT_THAT(after.body, HasSubstr(added));
    // The first one does not know of it.
    protocol::ExecuteRequest execute;
    execute.id = before.id;
    execute.result_metadata_id = before.metadata_id;
    execute.parameters.skip_metadata = true;
    const ParsedResult result = ParseResult(Execute(first, version, execute));
    EXPECT_TRUE(result.has_metadata);
    EXPECT_THAT(result.columns, ElementsAre("k", "added", "v"));
    first.Query(fmt::format("DROP TABLE ks.again{}", version));
    std::string body;
    protocol::AppendPrepare({select, ""}, version, &body);
    EXPECT_EQ(second.Ask(Opcode::kPrepare, body).error(), ErrorCode::kInvalid);
  }
}

TEST_F(RequestOptionsTest, AStatementThatIsGoneIsUnpreparedWithItsId) {
  for (const uint8_t version : kVersions) {
    TestClient client = Ready(version);
    protocol::ExecuteRequest execute;
    execute.id = "0123456789abcdef";
    const Response response = Execute(client, version, execute);
    EXPECT_EQ(response.error(), ErrorCode::kUnprepared);
    protocol::WireReader reader(response.body);
    reader.Int();
    EXPECT_THAT(std::string(reader.String()), HasSubstr("30313233343536373839616263646566"));
    EXPECT_EQ(reader.ShortBytes(), execute.id);
    EXPECT_EQ(reader.rest_bytes(), 0u);
    protocol::BatchRequest batch;
    batch.entries.resize(1);
    batch.entry_count = 1;
    batch.entries[0].is_prepared = true;
    batch.entries[0].query_or_id = execute.id;
    std::string body;
    protocol::AppendBatch(batch, version, &body);
    EXPECT_EQ(client.Ask(Opcode::kBatch, body).error(), ErrorCode::kUnprepared);
  }
}

TEST_F(RequestOptionsTest, EventsComeToThoseWhoAskedAlone) {
  for (const uint8_t version : kVersions) {
    TestClient listening = Ready(version);
    TestClient silent = Ready(version);
    TestClient changing = Ready(version);
    std::string body;
    const std::string names[] = {"TOPOLOGY_CHANGE", "STATUS_CHANGE", "SCHEMA_CHANGE"};
    protocol::AppendStringList(names, &body);
    EXPECT_EQ(listening.Ask(Opcode::kRegister, body).opcode(), Opcode::kReady);
    std::string unknown;
    const std::string unknown_names[] = {"WEATHER_CHANGE"};
    protocol::AppendStringList(unknown_names, &unknown);
    EXPECT_THAT(silent.Ask(Opcode::kRegister, unknown).error_message(), HasSubstr("'WEATHER_CHANGE' for Type"));
    changing.Query(fmt::format("CREATE TABLE ks.announced{} (k int PRIMARY KEY)", version));
    const std::optional<Response> event = listening.Receive();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->opcode(), Opcode::kEvent);
    EXPECT_EQ(event->header.stream, protocol::kEventStream);
    protocol::WireReader reader(event->body);
    EXPECT_EQ(reader.String(), "SCHEMA_CHANGE");
    EXPECT_EQ(reader.String(), "CREATED");
    EXPECT_EQ(reader.String(), "TABLE");
    EXPECT_EQ(reader.String(), "ks");
    EXPECT_EQ(reader.String(), fmt::format("announced{}", version));
    EXPECT_FALSE(silent.Receive(100));
  }
}

}  // namespace
}  // namespace cassette::server

// The end of a server: what is in flight is answered, what was acknowledged is kept.
#include <fmt/format.h>
#include <gmock/gmock.h>

#include <thread>

#include "protocol/responses.h"
#include "server/response_test_support.h"

namespace cassette::server {
namespace {

using protocol::Opcode;

constexpr int kConnections = 6;
constexpr int16_t kRequests = 20;  // Of each connection.
constexpr int kSyncWindowMillis = 300;

class StopTest : public ServerTest {
 protected:
  void StartSlowly() { Start(Limits(), SyncingEvery(kSyncWindowMillis)); }
  void WaitForRequestsInFlight(uint64_t count) {
    for (int i = 0; i < 1000 && server_->statistics().requests_in_flight < count; ++i) usleep(1'000);
    ASSERT_GE(server_->statistics().requests_in_flight, count);
  }
  // The rows of one connection: its number, and each of its requests'.
  static std::string Requests(const TestClient& client, int connection) {
    std::string bytes;
    for (int16_t i = 0; i < kRequests; ++i) {
      const std::string cql =
          fmt::format("INSERT INTO ks.t (k, v) VALUES ({}, 'kept')", 1000 + connection * kRequests + i);
      bytes += client.Framed(client.Envelope(Opcode::kQuery, client.QueryBody(cql), i));
    }
    return bytes;
  }
};

TEST_F(StopTest, RequestsInFlightAreAnsweredAndKept) {
  StartSlowly();
  MakeTable();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < kConnections; ++i) {
    clients.push_back(std::make_unique<TestClient>(server_->endpoint(), i % 2 == 0 ? 4 : 5));
    clients.back()->Startup();
  }
  TestClient idle = Connect(5);
  idle.Startup();
  for (int i = 0; i < kConnections; ++i) clients[i]->SendRaw(Requests(*clients[i], i));
  // Most are in flight, some perhaps not read yet.
  WaitForRequestsInFlight(1);
  server_->Stop();
  server_.reset();
  std::vector<int> acknowledged;
  for (int i = 0; i < kConnections; ++i) {
    for (int16_t answered = 0; answered < kRequests; ++answered) {
      const std::optional<Response> response = clients[i]->Receive();
      ASSERT_TRUE(response) << "connection " << i << ", answer " << answered;
      EXPECT_EQ(response->opcode(), Opcode::kResult);
      acknowledged.push_back(1000 + i * kRequests + response->header.stream);
    }
    EXPECT_TRUE(clients[i]->IsEnded());
  }
  EXPECT_TRUE(idle.IsEnded());
  Stop();
  Start();
  const std::unique_ptr<session::Session> session = database_->NewSession();
  for (const int key : acknowledged) {
    const base::Result<session::ResultPage> page =
        session->Execute("SELECT v FROM ks.t WHERE k = " + std::to_string(key));
    ASSERT_TRUE(page.ok());
    EXPECT_EQ(page->row_count(), 1u) << key;
  }
}

TEST_F(StopTest, WhoseAnswersComeTooLateIsClosed) {
  Start();
  MakeTable();
  Stop();
  Limits limits;
  limits.stop_timeout_ms = 1;
  Start(limits, SyncingEvery(60'000));
  TestClient client = Connect(5);
  client.Startup();
  const std::string insert = client.QueryBody("INSERT INTO ks.t (k, v) VALUES (1, 'late')");
  EXPECT_EQ(client.Ask(Opcode::kQuery, insert).opcode(), Opcode::kResult);  // The first is synced at once.
  client.SendRaw(client.Framed(client.Envelope(Opcode::kQuery, insert, 1)));
  WaitForRequestsInFlight(1);
  server_->Stop();
  server_.reset();
  EXPECT_FALSE(client.Receive());
  EXPECT_TRUE(client.IsEnded());
  // The log is synced now: the answer finds nobody.
  Stop();
}

TEST_F(StopTest, WhatRunsLongIsAnsweredToo) {
  Start();
  MakeTable();
  const std::unique_ptr<session::Session> session = database_->NewSession();
  for (int k = 0; k < 2'000; ++k) {
    ASSERT_TRUE(session->Execute(fmt::format("INSERT INTO ks.t (k, v) VALUES ({}, 'v')", k)).ok());
  }
  TestClient client = Connect(5);
  client.Startup();
  std::string bytes;
  for (int16_t i = 0; i < kRequests; ++i) {
    bytes += client.Framed(client.Envelope(Opcode::kQuery, client.QueryBody("SELECT count(*) FROM ks.t"), i));
  }
  client.SendRaw(bytes);
  WaitForRequestsInFlight(1);
  server_->Stop();
  server_.reset();
  for (int16_t i = 0; i < kRequests; ++i) {
    const std::optional<Response> response = client.Receive();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(ParseResult(*response).rows.at(0).at(0), BigintBytes(2'000));
  }
  EXPECT_TRUE(client.IsEnded());
}

TEST_F(StopTest, WhoAskedForItHearsThatTheNodeGoesDown) {
  for (const uint8_t version : {4, 5}) {
    Stop();
    Start();
    TestClient listening = Connect(version);
    listening.Startup();
    TestClient silent = Connect(version);
    silent.Startup();
    std::string body;
    const std::string names[] = {"STATUS_CHANGE"};
    protocol::AppendStringList(names, &body);
    ASSERT_EQ(listening.Ask(Opcode::kRegister, body).opcode(), Opcode::kReady);
    const uint16_t port = server_->endpoint().port;
    server_->Stop();
    server_.reset();
    const std::optional<Response> event = listening.Receive();
    ASSERT_TRUE(event);
    EXPECT_EQ(event->opcode(), Opcode::kEvent);
    std::string expected;
    protocol::AppendNodeEvent("STATUS_CHANGE", "DOWN", std::string("\x7f\0\0\1", 4), port, &expected);
    EXPECT_EQ(event->body, expected);
    EXPECT_TRUE(listening.IsEnded());
    EXPECT_FALSE(silent.Receive());
    EXPECT_TRUE(silent.IsEnded());
  }
}

TEST_F(StopTest, NobodyIsLetInAnyMore) {
  StartSlowly();
  MakeTable();
  TestClient client = Connect(4);
  client.Startup();
  client.SendRaw(Requests(client, 0));
  WaitForRequestsInFlight(kRequests);
  const net::Endpoint endpoint = server_->endpoint();
  std::thread stopping([this] { server_->Stop(); });
  base::Result<int> late = net::Connect(endpoint);
  for (int i = 0; i < 100 && late.ok(); ++i) {
    close(*late);
    usleep(5'000);
    late = net::Connect(endpoint);
  }
  EXPECT_FALSE(late.ok());
  stopping.join();
  server_.reset();
  EXPECT_TRUE(client.Receive());
}

}  // namespace
}  // namespace cassette::server

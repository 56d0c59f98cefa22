#include <gmock/gmock.h>

#include "server/server_test_support.h"

namespace cassette::server {
namespace {

using protocol::ErrorCode;
using protocol::Opcode;
using testing::HasSubstr;

constexpr char kWho[] = "SELECT username FROM system_views.clients";

class AuthenticationTest : public ServerTest {
 protected:
  void SetUp() override {
    requires_password_ = true;
    Start();
  }
  static std::string Plain(std::string_view role, std::string_view password) {
    std::string body;
    protocol::AppendBytes(std::string(1, '\0') + std::string(role) + std::string(1, '\0') + std::string(password),
                          &body);
    return body;
  }
};

TEST_F(AuthenticationTest, ARoleAndItsPasswordMakeReady) {
  for (const uint8_t version : {4, 5}) {
    TestClient client = Connect(version);
    const Response asked = client.Startup();
    EXPECT_EQ(asked.opcode(), Opcode::kAuthenticate);
    EXPECT_THAT(asked.body, HasSubstr("PasswordAuthenticator"));
    EXPECT_THAT(client.Query(kWho).error_message(), HasSubstr("expecting AUTH_RESPONSE"));
    EXPECT_EQ(client.Ask(Opcode::kAuthResponse, Plain("cassandra", "cassandra")).opcode(), Opcode::kAuthSuccess);
    EXPECT_THAT(client.Query(kWho).body, HasSubstr("cassandra"));
  }
}

TEST_F(AuthenticationTest, AWrongPasswordIsRefusedAndEndsTheConnection) {
  TestClient client = Connect(4);
  client.Startup();
  EXPECT_EQ(client.Ask(Opcode::kAuthResponse, Plain("cassandra", "guess")).error(), ErrorCode::kBadCredentials);
  EXPECT_TRUE(client.IsEnded());
}

TEST_F(AuthenticationTest, AWrongPasswordIsAnsweredLateAndTheOthersAreNot) {
  Stop();
  Limits limits;
  limits.failed_login_delay_ms = 1'000;
  Start(limits);
  TestClient guesser = Connect(4);
  guesser.Startup();
  const int64_t begin_nanos = clock_.SteadyNanos();
  guesser.Send(Opcode::kAuthResponse, Plain("cassandra", "guess"));
  // A second guess on the same connection is not checked.
  guesser.Send(Opcode::kAuthResponse, Plain("cassandra", "cassandra"), 2);
  TestClient other = Connect(4);
  other.Startup();
  EXPECT_EQ(other.Ask(Opcode::kAuthResponse, Plain("cassandra", "cassandra")).opcode(), Opcode::kAuthSuccess);
  EXPECT_EQ(guesser.Receive()->error(), ErrorCode::kProtocolError);
  EXPECT_EQ(guesser.Receive()->error(), ErrorCode::kBadCredentials);
  EXPECT_GE(clock_.SteadyNanos() - begin_nanos, 1'000'000'000);
  EXPECT_TRUE(guesser.IsEnded());
}

TEST_F(AuthenticationTest, WhoeverLeavesBeforeTheAnswerLeavesNothingBehind) {
  {
    TestClient guesser = Connect(4);
    guesser.Startup();
    guesser.Send(Opcode::kAuthResponse, Plain("cassandra", "guess"));
    EXPECT_FALSE(guesser.Receive(300).has_value());
  }
  for (int i = 0; i < 500 && server_->statistics().requests_in_flight != 0; ++i) usleep(10'000);
  EXPECT_EQ(server_->statistics().requests_in_flight, 0u);
}

TEST_F(AuthenticationTest, LoginsBeyondTheLimitAreOverloaded) {
  Stop();
  Limits limits;
  limits.logins_max = 1;
  Start(limits);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 8; ++i) {
    clients.push_back(std::make_unique<TestClient>(server_->endpoint(), 4));
    clients.back()->Startup();
  }
  for (const auto& client : clients) client->Send(Opcode::kAuthResponse, Plain("cassandra", "cassandra"));
  size_t overloaded = 0;
  for (const auto& client : clients) {
    const Response response = *client->Receive();
    if (response.opcode() == Opcode::kAuthSuccess) continue;
    EXPECT_EQ(response.error(), ErrorCode::kOverloaded);
    EXPECT_TRUE(client->IsEnded());
    ++overloaded;
  }
  EXPECT_GT(overloaded, 0u);
  EXPECT_LT(overloaded, clients.size());
}

TEST_F(AuthenticationTest, CredentialsThatAreNoneAreAProtocolError) {
  TestClient client = Connect(4);
  client.Startup();
  std::string body;
  protocol::AppendBytes("cassandra", &body);
  EXPECT_EQ(client.Ask(Opcode::kAuthResponse, body).error(), ErrorCode::kProtocolError);
  EXPECT_EQ(client.Ask(Opcode::kAuthResponse, "x").error(), ErrorCode::kProtocolError);
  EXPECT_EQ(client.Ask(Opcode::kAuthResponse, Plain("cassandra", "cassandra")).opcode(), Opcode::kAuthSuccess);
}

}  // namespace
}  // namespace cassette::server

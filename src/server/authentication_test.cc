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

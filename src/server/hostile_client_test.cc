// Clients that are slow, broken or hostile: each gets an answer or an end, and the server goes on.
#include <gmock/gmock.h>

#include <random>

#include "codec/fixed.h"
#include "protocol/frame.h"
#include "server/server_test_support.h"

namespace cassette::server {
namespace {

using protocol::ErrorCode;
using protocol::Opcode;
using testing::HasSubstr;

constexpr char kRead[] = "SELECT v FROM ks.t WHERE k = 1";
constexpr char kReadLarge[] = "SELECT v FROM ks.t WHERE k = 2";

class HostileClientTest : public ServerTest {
 protected:
  void ExpectServes(uint8_t version = 5) {
    TestClient client = Connect(version);
    EXPECT_EQ(client.Startup().opcode(), Opcode::kReady);
    EXPECT_THAT(client.Query(kRead).body, HasSubstr("one"));
  }
  // The answer to kReadLarge is larger than what may wait for a client.
  void StartWithALargeRow() {
    Limits limits;
    limits.unsent_bytes_max = 64 << 10;
    Start(limits);
    MakeTable();
    const std::unique_ptr<session::Session> session = database_->NewSession();
    ASSERT_TRUE(session->Execute("UPDATE ks.t SET v = '" + std::string(100'000, 'x') + "' WHERE k = 2").ok());
  }
};

TEST_F(HostileClientTest, AByteAtATimeIsUnderstood) {
  Start();
  MakeTable();
  for (const uint8_t version : {4, 5}) {
    TestClient client = Connect(version);
    ASSERT_EQ(client.Startup().opcode(), Opcode::kReady);
    for (const char byte : client.Framed(client.Envelope(Opcode::kQuery, client.QueryBody(kRead)))) {
      client.SendRaw({&byte, 1});
    }
    const std::optional<Response> response = client.Receive();
    ASSERT_TRUE(response);
    EXPECT_THAT(response->body, HasSubstr("one"));
  }
}

TEST_F(HostileClientTest, RequestsThatComeTogetherAreAnsweredInOrder) {
  Start();
  MakeTable();
  for (const uint8_t version : {4, 5}) {
    TestClient client = Connect(version);
    client.Startup();
    std::string bytes;
    for (int16_t stream = 0; stream < 300; ++stream) {
      bytes += client.Framed(client.Envelope(Opcode::kQuery, client.QueryBody(kRead), stream));
    }
    client.SendRaw(bytes);
    for (int16_t stream = 0; stream < 300; ++stream) {
      const std::optional<Response> response = client.Receive();
      ASSERT_TRUE(response);
      EXPECT_EQ(response->header.stream, stream);
      EXPECT_THAT(response->body, HasSubstr("one"));
    }
  }
}

// So that the first read of the client brings all of them.
TEST_F(HostileClientTest, RequestsThatComeTogetherAreAnsweredWithOneWrite) {
  constexpr int16_t kRequests = 200;
  Start();
  MakeTable();
  for (const uint8_t version : {4, 5}) {
    TestClient client = Connect(version);
    client.Startup();
    for (const char* cql : {kRead, "INSERT INTO ks.t (k, v) VALUES (2, 'two')"}) {
      std::string bytes;
      for (int16_t stream = 0; stream < kRequests; ++stream) {
        bytes += client.Framed(client.Envelope(Opcode::kQuery, client.QueryBody(cql), stream));
      }
      client.SendRaw(bytes);
      EXPECT_EQ(client.ReceiveTogether().size(), static_cast<size_t>(kRequests)) << cql;
    }
  }
}

TEST_F(HostileClientTest, VersionsThatAreNotSpokenAreNamed) {
  Start();
  MakeTable();
  for (const uint8_t version : {1, 2, 3, 6, 66}) {
    TestClient client = Connect(version);
    client.Send(Opcode::kOptions, "");
    const std::optional<Response> response = client.Receive();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->error(), ErrorCode::kProtocolError);
    EXPECT_THAT(response->error_message(), HasSubstr("the lowest supported version is 4 and the greatest is 5"));
    EXPECT_TRUE(client.IsEnded());
  }
  TestClient client = Connect(4);
  client.Startup();
  TestClient other(server_->endpoint(), 5);
  client.SendRaw(other.Envelope(Opcode::kOptions, ""));
  EXPECT_THAT(client.Receive()->error_message(), HasSubstr("Invalid message version. Got 5"));
  EXPECT_TRUE(client.IsEnded());
  ExpectServes();
}

TEST_F(HostileClientTest, EveryFlippedBitOfAFrameIsRefused) {
  Start();
  MakeTable();
  for (size_t bit = 0; bit < 8 * 24; bit += 7) {
    TestClient client = Connect(5);
    client.Startup();
    std::string frame = client.Framed(client.Envelope(Opcode::kQuery, client.QueryBody(kRead)));
    frame[bit / 8] = static_cast<char>(frame[bit / 8] ^ (1 << (bit % 8)));
    client.SendRaw(frame);
    const std::optional<Response> response = client.Receive();
    ASSERT_TRUE(response) << bit;
    EXPECT_EQ(response->error(), ErrorCode::kProtocolError);
    EXPECT_THAT(response->error_message(), HasSubstr("CRC"));
    EXPECT_TRUE(client.IsEnded());
  }
  ExpectServes();
}

TEST_F(HostileClientTest, CutRequestsAreAnsweredAndTheConnectionGoesOn) {
  Start();
  MakeTable();
  TestClient client = Connect(5);
  client.Startup();
  const std::string body = client.QueryBody(kRead);
  for (size_t size = 0; size < body.size(); ++size) {
    const Response response = client.Ask(Opcode::kQuery, std::string_view(body).substr(0, size));
    EXPECT_EQ(response.error(), ErrorCode::kProtocolError) << size;
  }
  EXPECT_THAT(client.Query(kRead).body, HasSubstr("one"));
}

TEST_F(HostileClientTest, HugeLengthsEndTheConnectionWithoutMemory) {
  Limits limits;
  limits.envelope_bytes_max = 4096;
  Start(limits);
  MakeTable();
  TestClient client = Connect(4);
  client.Startup();
  const std::string at_limit(4096 - client.QueryBody("").size() - 1, ' ');
  EXPECT_EQ(client.Query("x" + at_limit).error(), ErrorCode::kSyntaxError);
  EXPECT_THAT(client.Query("x" + at_limit + " ").error_message(), HasSubstr("exceeds maximum allowed length 4096"));
  EXPECT_TRUE(client.IsEnded());
  TestClient liar = Connect(4);
  std::string header = liar.Envelope(Opcode::kOptions, "");
  codec::StoreBig(uint32_t{0xffffffff}, header.data() + 5);
  liar.SendRaw(header);
  EXPECT_EQ(liar.Receive()->error(), ErrorCode::kProtocolError);
  EXPECT_TRUE(liar.IsEnded());
  ExpectServes();
}

TEST_F(HostileClientTest, UnknownOpcodesResponsesAndStreamsAreRefused) {
  Start();
  MakeTable();
  TestClient client = Connect(4);
  client.Startup();
  EXPECT_THAT(client.Ask(static_cast<Opcode>(0x7f), "").error_message(), HasSubstr("Unknown opcode 127"));
  EXPECT_THAT(client.Ask(Opcode::kReady, "").error_message(), HasSubstr("Unknown opcode 2"));
  EXPECT_EQ(client.Ask(Opcode::kStartup, "").error(), ErrorCode::kProtocolError);
  client.SendRaw(client.Envelope(Opcode::kOptions, "", -5));
  EXPECT_THAT(client.Receive()->error_message(), HasSubstr("Invalid stream id -5"));
  EXPECT_TRUE(client.IsEnded());
  TestClient early = Connect(4);
  EXPECT_THAT(early.Query(kRead).error_message(), HasSubstr("expecting STARTUP or OPTIONS"));
  TestClient mirror = Connect(4);
  std::string response = mirror.Envelope(Opcode::kOptions, "");
  response[0] = static_cast<char>(0x84);
  mirror.SendRaw(response);
  EXPECT_EQ(mirror.Receive()->error(), ErrorCode::kProtocolError);
  EXPECT_TRUE(mirror.IsEnded());
}

TEST_F(HostileClientTest, UnknownFlagsAreIgnoredAndStreamsMayBeUsedTwice) {
  Start();
  MakeTable();
  for (const uint8_t version : {4, 5}) {
    TestClient client = Connect(version);
    client.Startup();
    const std::string body = client.QueryBody(kRead);
    EXPECT_THAT(client.Ask(Opcode::kQuery, body, 0xe0).body, HasSubstr("one"));
    client.SendRaw(client.Framed(client.Envelope(Opcode::kQuery, body, 9)) +
                   client.Framed(client.Envelope(Opcode::kQuery, body, 9)));
    for (int i = 0; i < 2; ++i) {
      const std::optional<Response> response = client.Receive();
      ASSERT_TRUE(response);
      EXPECT_EQ(response->header.stream, 9);
    }
  }
}

TEST_F(HostileClientTest, SwappedFramesOfOneEnvelopeAreRefused) {
  Start();
  MakeTable();
  TestClient client = Connect(5);
  client.Startup();
  const std::string large(protocol::kMaxFramePayloadBytes * 2, 'y');
  const std::string bytes = client.Framed(
      client.Envelope(Opcode::kQuery, client.QueryBody("UPDATE ks.t SET v = '" + large + "' WHERE k = 3")));
  const size_t first_bytes = protocol::ParseFrame(bytes, false, nullptr)->total_bytes;
  const size_t second_bytes =
      protocol::ParseFrame(std::string_view(bytes).substr(first_bytes), false, nullptr)->total_bytes;
  client.SendRaw(bytes.substr(first_bytes, second_bytes) + bytes.substr(0, first_bytes));
  const std::optional<Response> response = client.Receive();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->error(), ErrorCode::kProtocolError);
  EXPECT_TRUE(client.IsEnded());
  ExpectServes();
}

TEST_F(HostileClientTest, FalseCompressionIsRefused) {
  Start();
  MakeTable();
  TestClient client = Connect(4);
  EXPECT_EQ(client.Startup({{"CQL_VERSION", "3.0.0"}, {"COMPRESSION", "zstd"}}).error(), ErrorCode::kProtocolError);
  EXPECT_EQ(client.Startup().opcode(), Opcode::kReady);
  client.Send(Opcode::kQuery, client.QueryBody(kRead), 1, protocol::kFlagCompressed);
  EXPECT_EQ(client.Receive()->error(), ErrorCode::kProtocolError);
  TestClient snappy = Connect(4);
  EXPECT_EQ(snappy.Startup({{"CQL_VERSION", "3.0.0"}, {"COMPRESSION", "snappy"}}).opcode(), Opcode::kReady);
  snappy.Send(Opcode::kQuery, "rubbish", 1, protocol::kFlagCompressed);
  EXPECT_EQ(snappy.Receive()->error(), ErrorCode::kProtocolError);
  EXPECT_THAT(snappy.Query(kRead).body, HasSubstr("one"));
  TestClient v5 = Connect(5);
  EXPECT_EQ(v5.Startup({{"CQL_VERSION", "3.0.0"}, {"COMPRESSION", "snappy"}}).error(), ErrorCode::kProtocolError);
}

TEST_F(HostileClientTest, RandomBytesNeverStopTheServer) {
  Start();
  MakeTable();
  const uint32_t seed = std::random_device()();
  std::mt19937 random(seed);
  SCOPED_TRACE(seed);
  for (int i = 0; i < 200; ++i) {
    const uint8_t version = random() % 2 == 0 ? 4 : 5;
    TestClient client = Connect(version);
    if (random() % 2 == 0) client.Startup();
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (random() % 2 == 0) bytes = client.Framed(client.Envelope(static_cast<Opcode>(random() % 17), bytes));
    client.SendRaw(bytes);
  }
  ExpectServes();
}

TEST_F(HostileClientTest, ASlowReaderIsNotReadFromAndCostsBoundedMemory) {
  StartWithALargeRow();
  TestClient client = Connect(4);
  client.Startup();
  std::string bytes;
  constexpr int kRequests = 500;
  for (int16_t stream = 0; stream < kRequests; ++stream) {
    bytes += client.Envelope(Opcode::kQuery, client.QueryBody(kReadLarge), stream);
  }
  client.SendRaw(bytes);
  usleep(300'000);
  // Far fewer than were asked for: the rest waits unread.
  EXPECT_LT(server_->statistics().requests, 200u);
  ExpectServes();
  for (int i = 0; i < kRequests; ++i) {
    const std::optional<Response> response = client.Receive();
    ASSERT_TRUE(response) << i;
    EXPECT_GT(response->body.size(), 100'000u);
  }
}

TEST_F(HostileClientTest, AFrameOfManyRequestsWaitsForASlowReaderToo) {
  StartWithALargeRow();
  TestClient client = Connect(5);
  client.Startup();
  std::string envelopes;
  std::vector<size_t> ends;
  constexpr int kRequests = 500;
  for (int16_t stream = 0; stream < kRequests; ++stream) {
    envelopes += client.Envelope(Opcode::kQuery, client.QueryBody(kReadLarge), stream);
    ends.push_back(envelopes.size());
  }
  ASSERT_LE(envelopes.size(), protocol::kMaxFramePayloadBytes);
  std::string frame;
  protocol::AppendFrames(envelopes, ends, false, &frame);
  client.SendRaw(frame);
  usleep(300'000);
  EXPECT_LT(server_->statistics().requests, 200u);
  ExpectServes();
  for (int i = 0; i < kRequests; ++i) {
    const std::optional<Response> response = client.Receive();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->header.stream, i);
    EXPECT_GT(response->body.size(), 100'000u);
  }
}

TEST_F(HostileClientTest, LargeEnvelopesOfManyFramesAreUnderstood) {
  Start();
  MakeTable();
  TestClient client = Connect(5);
  client.Startup();
  const std::string large(700'000, 'y');
  EXPECT_EQ(client.Query("UPDATE ks.t SET v = '" + large + "' WHERE k = 3").opcode(), Opcode::kResult);
  EXPECT_THAT(client.Query("SELECT v FROM ks.t WHERE k = 3").body, HasSubstr(large));
}

TEST_F(HostileClientTest, WhoeverLeavesMidwayLeavesNothingBehind) {
  Start();
  MakeTable();
  for (int i = 0; i < 100; ++i) {
    TestClient client = Connect(4);
    client.Startup();
    client.SendRaw(client.Envelope(Opcode::kQuery, client.QueryBody("SELECT count(*) FROM ks.t")));
    client.SendRaw(std::string_view(client.Envelope(Opcode::kQuery, client.QueryBody(kRead))).substr(0, 12));
  }
  for (int i = 0; i < 200 && server_->statistics().connections > 0; ++i) usleep(10'000);
  EXPECT_EQ(server_->statistics().connections, 0u);
  EXPECT_EQ(server_->statistics().requests_in_flight, 0u);
  ExpectServes();
}

}  // namespace
}  // namespace cassette::server

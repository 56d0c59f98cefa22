// A server on a database in memory, and a client that speaks bytes.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "io/mem_file_system.h"
#include "protocol/envelope.h"
#include "protocol/error.h"
#include "protocol/frame.h"
#include "protocol/notation.h"
#include "protocol/requests.h"
#include "server/server.h"

namespace cassette::server {

inline constexpr int kPatienceMillis = 10'000;

struct Response {
  protocol::EnvelopeHeader header;
  std::string body;

  protocol::Opcode opcode() const { return static_cast<protocol::Opcode>(header.opcode); }
  protocol::ErrorCode error() const {
    protocol::WireReader reader(body);
    return opcode() == protocol::Opcode::kError ? static_cast<protocol::ErrorCode>(reader.Int())
                                                : protocol::ErrorCode::kServerError;
  }
  std::string error_message() const {
    protocol::WireReader reader(body);
    reader.Int();
    return std::string(reader.String());
  }
};

// Blocking, with patience. Frames in v5 once Startup was answered.
class TestClient {
 public:
  TestClient(const net::Endpoint& endpoint, uint8_t version) : version_(version), fd_(*net::Connect(endpoint)) {}
  ~TestClient() { close(fd_); }

  void SendRaw(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (count <= 0) return;  // The server may have ended it.
      bytes.remove_prefix(static_cast<size_t>(count));
    }
  }
  std::string Envelope(protocol::Opcode opcode, std::string_view body, int16_t stream = 1, uint8_t flags = 0) const {
    protocol::EnvelopeHeader header;
    header.version = version_;
    header.flags = flags;
    header.stream = stream;
    header.opcode = static_cast<uint8_t>(opcode);
    header.body_bytes = static_cast<uint32_t>(body.size());
    std::string out;
    protocol::AppendEnvelopeHeader(header, &out);
    out.append(body);
    return out;
  }
  // As it goes over the wire now.
  std::string Framed(const std::string& envelope) const {
    if (!is_framed_) return envelope;
    std::string out;
    const size_t end = envelope.size();
    protocol::AppendFrames(envelope, {&end, 1}, false, &out);
    return out;
  }
  void Send(protocol::Opcode opcode, std::string_view body, int16_t stream = 1, uint8_t flags = 0) {
    SendRaw(Framed(Envelope(opcode, body, stream, flags)));
  }
  // Nothing when the server ended the connection, or says nothing within `patience_ms`.
  std::optional<Response> Receive(int patience_ms = kPatienceMillis) {
    while (true) {
      if (std::optional<Response> response = TakeResponse()) return response;
      if (!Fill(patience_ms)) return std::nullopt;
    }
  }
  // What one read of the socket brings.
  std::vector<Response> ReceiveTogether() {
    std::vector<Response> responses;
    if (!Fill(kPatienceMillis)) return responses;
    while (std::optional<Response> response = TakeResponse()) responses.push_back(*std::move(response));
    return responses;
  }
  bool IsEnded(int patience_ms = kPatienceMillis) {
    while (Fill(patience_ms)) {
    }
    return is_ended_;
  }
  Response Ask(protocol::Opcode opcode, std::string_view body, uint8_t flags = 0) {
    Send(opcode, body, 1, flags);
    std::optional<Response> response = Receive();
    EXPECT_TRUE(response.has_value());
    return response ? *response : Response();
  }
  Response Startup(std::vector<std::pair<std::string, std::string>> options = {{"CQL_VERSION", "3.0.0"}}) {
    std::string body;
    protocol::AppendStartup({std::move(options)}, &body);
    Response response = Ask(protocol::Opcode::kStartup, body);
    if (response.opcode() != protocol::Opcode::kError && version_ >= 5) is_framed_ = true;
    return response;
  }
  std::string QueryBody(std::string_view cql) const {
    protocol::QueryRequest request;
    request.query = cql;
    std::string body;
    protocol::AppendQuery(request, version_, &body);
    return body;
  }
  Response Query(std::string_view cql) { return Ask(protocol::Opcode::kQuery, QueryBody(cql)); }

 private:
  bool Fill(int patience_ms) {
    pollfd poll_fd = {fd_, POLLIN, 0};
    if (poll(&poll_fd, 1, patience_ms) <= 0) return false;
    char buffer[64 << 10];
    const ssize_t count = recv(fd_, buffer, sizeof(buffer), 0);
    is_ended_ = count <= 0;
    if (count > 0) received_.append(buffer, static_cast<size_t>(count));
    return count > 0;
  }
  std::optional<Response> TakeResponse() {
    if (!is_framed_) envelopes_.append(std::exchange(received_, {}));
    std::string unpacked;
    while (is_framed_) {
      const base::Result<protocol::Frame> frame = protocol::ParseFrame(received_, false, &unpacked);
      EXPECT_TRUE(frame.ok());
      if (!frame.ok() || frame->total_bytes == 0) break;
      envelopes_.append(frame->payload);
      received_.erase(0, frame->total_bytes);
    }
    if (envelopes_.size() < protocol::kEnvelopeHeaderBytes) return std::nullopt;
    Response response;
    response.header = protocol::ParseEnvelopeHeader(envelopes_);
    const size_t total_bytes = protocol::kEnvelopeHeaderBytes + response.header.body_bytes;
    if (envelopes_.size() < total_bytes) return std::nullopt;
    response.body = envelopes_.substr(protocol::kEnvelopeHeaderBytes, response.header.body_bytes);
    envelopes_.erase(0, total_bytes);
    return response;
  }

  const uint8_t version_;
  const int fd_;
  bool is_framed_ = false;
  bool is_ended_ = false;
  std::string received_;
  std::string envelopes_;
};

// Writes stay in flight until the log's next group is synced.
inline session::LocalOptions SyncingEvery(int64_t window_millis) {
  session::LocalOptions local;
  local.engine.commitlog_sync = storage::engine::CommitLogSync::kGroup;
  local.engine.commitlog_sync_group_window_ms = window_millis;
  return local;
}

class ServerTest : public testing::Test {
 protected:
  void TearDown() override { Stop(); }

  void Start(const Limits& limits = Limits(), const session::LocalOptions& local = session::LocalOptions()) {
    session::LocalEnvironment environment;
    environment.file_system = &file_system_;
    environment.clock = &clock_;
    environment.logger = &logger_;
    base::Result<std::unique_ptr<session::LocalDatabase>> database =
        session::LocalDatabase::Open("/data", local, environment);
    ASSERT_TRUE(database.ok()) << database.status().ToString();
    database_ = *std::move(database);
    Options options;
    options.listen = *net::ParseEndpoint("127.0.0.1:0", 0);
    options.limits = limits;
    options.requires_password = requires_password_;
    base::Result<std::unique_ptr<Server>> server = Server::Start(options, {database_.get(), &clock_, &logger_});
    ASSERT_TRUE(server.ok()) << server.status().ToString();
    server_ = *std::move(server);
  }
  void Stop() {
    if (server_ != nullptr) server_->Stop();
    server_.reset();
    if (database_ != nullptr) {
      EXPECT_TRUE(database_->Close().ok());
    }
    database_.reset();
  }
  TestClient Connect(uint8_t version = 5) { return TestClient(server_->endpoint(), version); }
  // With a keyspace and the table t (k int PRIMARY KEY, v text).
  void MakeTable() {
    const std::unique_ptr<session::Session> session = database_->NewSession();
    for (const char* cql :
         {"CREATE KEYSPACE ks WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
          "CREATE TABLE ks.t (k int PRIMARY KEY, v text)", "INSERT INTO ks.t (k, v) VALUES (1, 'one')"}) {
      const base::Status status = session->Execute(cql).status();
      ASSERT_TRUE(status.ok()) << status.ToString();
    }
  }

  bool requires_password_ = false;
  io::MemFileSystem file_system_{false};
  base::SystemClock clock_;
  base::NullLogger logger_;
  std::unique_ptr<session::LocalDatabase> database_;
  std::unique_ptr<Server> server_;
};

}  // namespace cassette::server

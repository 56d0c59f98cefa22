#include "bench/wire_client.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "protocol/envelope.h"
#include "protocol/notation.h"
#include "protocol/requests.h"
#include "protocol/responses.h"

namespace cassette::bench {
namespace {

using protocol::kEnvelopeHeaderBytes;
using protocol::Opcode;

constexpr uint8_t kVersion = 4;
constexpr uint16_t kStreamMask = 0x7fff;
constexpr size_t kReadBytes = 256 << 10;
constexpr int kPatienceMillis = 30'000;

base::Status SocketError(const char* call) { return base::IoError(fmt::format("{}: {}", call, std::strerror(errno))); }

uint8_t Number(Opcode opcode) { return static_cast<uint8_t>(opcode); }

// What one connection still has to send and to hear.
struct Lane {
  int fd = -1;
  std::string output;
  size_t sent = 0;
  std::string input;
  uint32_t in_flight = 0;
  uint16_t next_stream = 0;
};

class LoadRun {
 public:
  LoadRun(const std::vector<std::unique_ptr<WireConnection>>& connections, const Load& load, const base::Clock& clock)
      : load_(load), clock_(clock), buffer_(kReadBytes, '\0') {
    for (const std::unique_ptr<WireConnection>& connection : connections) {
      Lane lane;
      lane.fd = connection->fd();
      lanes_.push_back(std::move(lane));
    }
  }

  base::Result<LoadReport> Run() {
    const int64_t begin = clock_.SteadyNanos();
    for (Lane& lane : lanes_) Fill(&lane);
    while (answered_ < load_.requests) CASSETTE_RETURN_IF_ERROR(Turn());
    report_.seconds = static_cast<double>(clock_.SteadyNanos() - begin) * 1e-9;
    return std::move(report_);
  }

 private:
  void Fill(Lane* lane) {
    for (; lane->in_flight < load_.in_flight && asked_ < load_.requests; ++asked_, ++lane->in_flight) {
      if (load_.in_flight == 1) asked_nanos_ = clock_.SteadyNanos();
      load_.append(asked_, static_cast<int16_t>(lane->next_stream++ & kStreamMask), &lane->output);
    }
  }

  base::Status Turn() {
    std::vector<pollfd> files;
    for (Lane& lane : lanes_) {
      CASSETTE_RETURN_IF_ERROR(Send(&lane));
      files.push_back({lane.fd, static_cast<short>(lane.output.empty() ? POLLIN : POLLIN | POLLOUT), 0});
    }
    if (poll(files.data(), files.size(), kPatienceMillis) <= 0) return base::IoError("the server does not answer");
    for (size_t i = 0; i < lanes_.size(); ++i) {
      if ((files[i].revents & ~POLLOUT) != 0) CASSETTE_RETURN_IF_ERROR(Receive(&lanes_[i]));
    }
    return base::Status::Ok();
  }

  base::Status Send(Lane* lane) {
    while (lane->sent < lane->output.size()) {
      const ssize_t count = send(lane->fd, lane->output.data() + lane->sent, lane->output.size() - lane->sent,
                                 MSG_NOSIGNAL | MSG_DONTWAIT);
      if (count < 0 && errno == EAGAIN) return base::Status::Ok();
      if (count < 0) return SocketError("send");
      lane->sent += static_cast<size_t>(count);
    }
    lane->output.clear();
    lane->sent = 0;
    return base::Status::Ok();
  }

  base::Status Receive(Lane* lane) {
    const ssize_t count = recv(lane->fd, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) return base::Status::Ok();
    if (count < 0) return SocketError("recv");
    if (count == 0) return base::IoError("the server ended the connection");
    lane->input.append(buffer_.data(), static_cast<size_t>(count));
    size_t used = 0;
    while (lane->input.size() - used >= kEnvelopeHeaderBytes) {
      const auto header = protocol::ParseEnvelopeHeader(std::string_view(lane->input).substr(used));
      const size_t total_bytes = kEnvelopeHeaderBytes + header.body_bytes;
      if (lane->input.size() - used < total_bytes) break;
      used += total_bytes;
      Count(header, lane);
    }
    lane->input.erase(0, used);
    Fill(lane);
    return base::Status::Ok();
  }

  void Count(const protocol::EnvelopeHeader& header, Lane* lane) {
    if (header.opcode == Number(Opcode::kError)) ++report_.errors;
    if (load_.in_flight == 1) {
      report_.latencies_nanos.push_back(static_cast<uint32_t>(clock_.SteadyNanos() - asked_nanos_));
    }
    ++answered_;
    --lane->in_flight;
  }

  const Load& load_;
  const base::Clock& clock_;
  std::string buffer_;
  std::vector<Lane> lanes_;
  uint64_t asked_ = 0;
  uint64_t answered_ = 0;
  int64_t asked_nanos_ = 0;
  LoadReport report_;
};

}  // namespace

void AppendEnvelope(uint8_t opcode, int16_t stream, std::string_view body, std::string* out) {
  protocol::EnvelopeHeader header;
  header.version = kVersion;
  header.stream = stream;
  header.opcode = opcode;
  header.body_bytes = static_cast<uint32_t>(body.size());
  protocol::AppendEnvelopeHeader(header, out);
  out->append(body);
}

base::Result<std::unique_ptr<WireConnection>> WireConnection::Open(const net::Endpoint& endpoint) {
  CASSETTE_ASSIGN_OR_RETURN(const int fd, net::Connect(endpoint));
  std::unique_ptr<WireConnection> connection(new WireConnection(fd));
  std::string body;
  protocol::AppendStartup({{{"CQL_VERSION", "3.0.0"}}}, &body);
  CASSETTE_RETURN_IF_ERROR(connection->Ask(Number(Opcode::kStartup), body).status());
  return connection;
}

WireConnection::~WireConnection() { close(fd_); }

base::Status WireConnection::SendAll(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (count <= 0) return SocketError("send");
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return base::Status::Ok();
}

base::Status WireConnection::ReceiveExactly(size_t count, std::string* out) {
  out->resize(count);
  for (size_t received = 0; received < count;) {
    const ssize_t got = recv(fd_, out->data() + received, count - received, 0);
    if (got <= 0) return got < 0 ? SocketError("recv") : base::IoError("the server ended the connection");
    received += static_cast<size_t>(got);
  }
  return base::Status::Ok();
}

base::Result<std::string> WireConnection::Ask(uint8_t opcode, std::string_view body) {
  std::string bytes;
  AppendEnvelope(opcode, 0, body, &bytes);
  CASSETTE_RETURN_IF_ERROR(SendAll(bytes));
  CASSETTE_RETURN_IF_ERROR(ReceiveExactly(kEnvelopeHeaderBytes, &bytes));
  const protocol::EnvelopeHeader header = protocol::ParseEnvelopeHeader(bytes);
  CASSETTE_RETURN_IF_ERROR(ReceiveExactly(header.body_bytes, &bytes));
  if (header.opcode != Number(Opcode::kError)) return bytes;
  protocol::WireReader reader(bytes);
  reader.Int();
  return base::FailedPrecondition(std::string(reader.String()));
}

base::Result<std::string> WireConnection::Query(std::string_view cql) {
  protocol::QueryRequest request;
  request.query = cql;
  std::string body;
  protocol::AppendQuery(request, kVersion, &body);
  return Ask(Number(Opcode::kQuery), body);
}

base::Result<std::string> WireConnection::Prepare(std::string_view cql) {
  std::string body;
  protocol::AppendPrepare({cql, ""}, kVersion, &body);
  CASSETTE_ASSIGN_OR_RETURN(const std::string answer, Ask(Number(Opcode::kPrepare), body));
  CASSETTE_ASSIGN_OR_RETURN(const protocol::PreparedIds ids, protocol::DecodePreparedIds(answer, kVersion));
  return std::string(ids.id);
}

base::Result<LoadReport> RunLoad(const std::vector<std::unique_ptr<WireConnection>>& connections, const Load& load,
                                 const base::Clock& clock) {
  return LoadRun(connections, load, clock).Run();
}

}  // namespace cassette::bench

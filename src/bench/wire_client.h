// A load generator that speaks the native protocol: many requests in flight on few connections, from one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <memory>

#include "base/clock.h"
#include "base/status.h"
#include "net/listener.h"

namespace cassette::bench {

// One connection of v4, ready to be asked. Thread safety: not thread safe.
class WireConnection {
 public:
  static base::Result<std::unique_ptr<WireConnection>> Open(const net::Endpoint& endpoint);
  ~WireConnection();

  int fd() const { return fd_; }
  // Asks, waits, and answers the body of a RESULT; an ERROR is a kFailedPrecondition with its message.
  base::Result<std::string> Query(std::string_view cql);
  // The statement's id.
  base::Result<std::string> Prepare(std::string_view cql);
  base::Result<std::string> Ask(uint8_t opcode, std::string_view body);

 private:
  explicit WireConnection(int fd) : fd_(fd) {}
  base::Status SendAll(std::string_view bytes);
  base::Status ReceiveExactly(size_t count, std::string* out);

  const int fd_;
};

struct Load {
  uint64_t requests = 0;
  uint32_t in_flight = 1;  // On each connection; at most 32,768.
  // Appends request `index` as an envelope with that stream id.
  std::function<void(uint64_t index, int16_t stream, std::string* out)> append;
};

struct LoadReport {
  double seconds = 0;
  uint64_t errors = 0;                    // ERROR messages among the answers.
  std::vector<uint32_t> latencies_nanos;  // Of each request, when one is in flight.
};

// Runs a load over all the connections, kept full until `requests` were answered.
base::Result<LoadReport> RunLoad(const std::vector<std::unique_ptr<WireConnection>>& connections, const Load& load,
                                 const base::Clock& clock);

// `opcode` and `body` as an envelope of v4.
void AppendEnvelope(uint8_t opcode, int16_t stream, std::string_view body, std::string* out);

}  // namespace cassette::bench

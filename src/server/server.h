// Server: a database behind the native protocol. Listens, shares connections out over event loops, stops cleanly.
#pragma once

#include <memory>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "server/options.h"
#include "session/local_session.h"

namespace cassette::server {

// Lifetime: all of them outlive the server.
struct Environment {
  session::LocalDatabase* database = nullptr;
  base::Clock* clock = nullptr;
  base::Logger* logger = nullptr;
};

struct Statistics {
  uint64_t connections = 0;
  uint64_t connections_refused = 0;
  uint64_t requests = 0;
  uint64_t requests_in_flight = 0;
  uint64_t requests_overloaded = 0;
  uint64_t protocol_errors = 0;
  uint64_t prepared_statements = 0;
};

// Thread safety: all methods may be called from many threads, Stop once.
class Server {
 public:
  // Listens when it returns. kFailedPrecondition when the port is in use; kInvalidArgument for certificates that cannot
  // be used.
  static base::Result<std::unique_ptr<Server>> Start(const Options& options, const Environment& environment);
  virtual ~Server() = default;  // REQUIRES: Stop was called.

  // Where it listens: the port in use when port 0 was asked for.
  virtual const net::Endpoint& endpoint() const = 0;
  virtual Statistics statistics() const = 0;
  // Reads the files of Options::tls again: for connections that come from now on. A failure changes nothing.
  virtual base::Status ReloadCertificates() = 0;
  // Tells those who asked for STATUS_CHANGE, takes nothing new in, answers what is in flight (for at most
  // Limits::stop_timeout_ms), and ends.
  virtual void Stop() = 0;
};

}  // namespace cassette::server

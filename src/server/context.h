// What all connections of a server share.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/clock.h"
#include "base/log.h"
#include "net/listener.h"
#include "server/client_registry.h"
#include "server/event_hub.h"
#include "server/options.h"
#include "server/prepared_cache.h"
#include "server/system_views.h"
#include "server/tracing.h"
#include "server/worker_pool.h"
#include "session/local_session.h"

namespace cassette::server {

// Counts of the whole server, relaxed: they bound and inform, they order nothing.
struct Counts {
  std::atomic<uint64_t> connections = 0;
  std::atomic<uint64_t> connections_refused = 0;
  std::atomic<uint64_t> requests_in_flight = 0;
  std::atomic<uint64_t> request_bytes_in_flight = 0;
  std::atomic<uint64_t> requests = 0;
  std::atomic<uint64_t> logins_waiting = 0;
  std::atomic<uint64_t> requests_overloaded = 0;
  std::atomic<uint64_t> protocol_errors = 0;
};

// Thread safety: all of it may be used from many threads. Lifetime: outlives the connections.
struct Context {
  const Options& options;
  session::LocalDatabase& database;
  base::Clock& clock;
  base::Logger& logger;
  PreparedCache prepared;
  EventHub events;
  ClientRegistry clients;
  SystemViews views;
  Tracer tracer;
  WorkerPool workers;
  // Checks passwords, one after the other: guesses cost nobody but those who log in.
  WorkerPool logins;
  Counts counts;
};

}  // namespace cassette::server

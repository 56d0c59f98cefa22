// Traces of requests, kept in system_traces while the server runs, the oldest forgotten first.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/random.h"
#include "net/listener.h"

namespace cassette::server {

struct Context;

inline constexpr size_t kTracesKept = 1000;

// One request that asked to be traced. Thread safety: one thread at a time.
struct Trace {
  std::string id;       // A timeuuid's bytes.
  std::string request;  // "Execute CQL3 query" and the like.
  std::string query;
  net::Endpoint client;
  int64_t started_micros = 0;
  int64_t started_nanos = 0;
  struct Event {
    std::string activity;
    int64_t elapsed_micros = 0;
  };
  std::vector<Event> events;
};

// `query` without what stands behind the word PASSWORD: traces are to be read by others.
std::string WithoutPasswords(std::string_view query);

// Thread safety: all methods may be called from many threads. Lifetime: the context's.
class Tracer {
 public:
  Tracer(Context& context, uint64_t random_seed) : context_(context), random_(random_seed) {}

  Trace Begin(std::string_view request, const net::Endpoint& client);
  void AddEvent(std::string activity, Trace* trace) const;
  // Writes it: it is to be read as soon as its request is answered.
  void Finish(const Trace& trace);

 private:
  std::string NewTimeuuid(int64_t micros);

  Context& context_;
  base::Mutex mutex_;
  base::Random random_ CASSETTE_GUARDED_BY(mutex_);
  std::deque<std::string> kept_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::server

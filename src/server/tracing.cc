#include "server/tracing.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "protocol/notation.h"
#include "server/context.h"
#include "types/uuid.h"

namespace cassette::server {
namespace {

using catalog::SystemRow;

constexpr int64_t kTicksPerMicro = types::kTicksPerMilli / 1000;

std::string Int(int64_t value) {
  std::string out;
  protocol::AppendInt(static_cast<int32_t>(value), &out);
  return out;
}

std::string Timestamp(int64_t micros) {
  std::string out;
  protocol::AppendLong(micros / 1000, &out);
  return out;
}

std::string QueryParameters(const std::string& query) {
  std::string out;
  protocol::AppendInt(query.empty() ? 0 : 1, &out);
  if (query.empty()) return out;
  protocol::AppendBytes("query", &out);
  protocol::AppendBytes(query, &out);
  return out;
}

}  // namespace

std::string WithoutPasswords(std::string_view query) {
  constexpr std::string_view kWord = "password";
  const auto found = std::search(query.begin(), query.end(), kWord.begin(), kWord.end(),
                                 [](unsigned char a, char b) { return std::tolower(a) == b; });
  if (found == query.end()) return std::string(query);
  return std::string(query.begin(), found + kWord.size()) + " *******";
}

std::string Tracer::NewTimeuuid(int64_t micros) {
  base::MutexLock lock(mutex_);
  std::string bytes;
  types::MakeTimeuuid(micros * kTicksPerMicro, random_.Next()).AppendBytes(&bytes);
  return bytes;
}

Trace Tracer::Begin(std::string_view request, const net::Endpoint& client) {
  Trace trace;
  trace.started_micros = context_.clock.NowMicros();
  trace.started_nanos = context_.clock.SteadyNanos();
  trace.id = NewTimeuuid(trace.started_micros);
  trace.request = request;
  trace.client = client;
  return trace;
}

void Tracer::AddEvent(std::string activity, Trace* trace) const {
  const int64_t elapsed_micros = (context_.clock.SteadyNanos() - trace->started_nanos) / 1000;
  trace->events.push_back({std::move(activity), elapsed_micros});
}

void Tracer::Finish(const Trace& trace) {
  const int64_t duration_micros = (context_.clock.SteadyNanos() - trace.started_nanos) / 1000;
  const std::string& address = context_.options.listen.address;
  const std::string port = Int(context_.options.listen.port);
  std::vector<std::string> forgotten;
  {
    base::MutexLock lock(mutex_);
    kept_.push_back(trace.id);
    if (kept_.size() > kTracesKept) {
      forgotten.push_back(std::move(kept_.front()));
      kept_.pop_front();
    }
  }
  std::vector<SystemRow> events;
  for (const Trace::Event& event : trace.events) {
    // Distinct and in order, also within a microsecond.
    const int64_t micros = trace.started_micros + event.elapsed_micros + static_cast<int64_t>(events.size());
    events.push_back({trace.id,
                      {NewTimeuuid(micros)},
                      {{"activity", event.activity},
                       {"source", address},
                       {"source_elapsed", Int(event.elapsed_micros)},
                       {"source_port", port},
                       {"thread", "event-loop"}}});
  }
  const SystemRow session = {trace.id,
                             {},
                             {{"client", trace.client.address},
                              {"command", "QUERY"},
                              {"coordinator", address},
                              {"coordinator_port", port},
                              {"duration", Int(duration_micros)},
                              {"parameters", QueryParameters(trace.query)},
                              {"request", trace.request},
                              {"started_at", Timestamp(trace.started_micros)}}};
  // Events first: whoever finds the session finds all of it. A trace that cannot be written fails no request.
  (void)context_.database.WriteSystemRows("system_traces", "events", forgotten, events).ok();
  (void)context_.database.WriteSystemRows("system_traces", "sessions", forgotten, {&session, 1}).ok();
}

}  // namespace cassette::server

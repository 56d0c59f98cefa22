#include "bench/wire_workloads.h"

#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "bench/server_process.h"
#include "bench/stopwatch.h"
#include "bench/wire_client.h"
#include "protocol/envelope.h"
#include "protocol/requests.h"
#include "protocol/responses.h"

namespace cassette::bench {
namespace {

using protocol::Opcode;
using Connections = std::vector<std::unique_ptr<WireConnection>>;

constexpr uint8_t kVersion = 4;
constexpr uint16_t kDefaultPort = 9042;
constexpr uint64_t kKeys = 100'000;
constexpr size_t kValueBytes = 40;
constexpr uint64_t kBatchRows = 100;
constexpr uint64_t kSeriesRows = 302'400;
constexpr int32_t kPageRows = 5'000;
constexpr uint64_t kEchoBytes = 64;

// A server, and what is measured on it.
class WireRun {
 public:
  WireRun(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures)
      : options_(options), clock_(*environment.clock), figures_(figures) {}

  base::Status Run() {
    CASSETTE_RETURN_IF_ERROR(Start({"--memory"}));
    CASSETTE_RETURN_IF_ERROR(MakeTables());
    CASSETTE_RETURN_IF_ERROR(Points("write", 1, 128, 2000));
    CASSETTE_RETURN_IF_ERROR(Points("read", 1, 128, 2000));
    CASSETTE_RETURN_IF_ERROR(Points("write", 8, 128, 1500));
    CASSETTE_RETURN_IF_ERROR(Points("read", 8, 128, 1500));
    CASSETTE_RETURN_IF_ERROR(Latency());
    CASSETTE_RETURN_IF_ERROR(Batches());
    CASSETTE_RETURN_IF_ERROR(Pages());
    if (!options_.against.empty()) return Drop();
    CASSETTE_RETURN_IF_ERROR(IdleConnections());
    return DurableWrites();
  }

 private:
  base::Status Start(const std::vector<std::string>& arguments) {
    if (!options_.against.empty()) {
      CASSETTE_ASSIGN_OR_RETURN(endpoint_, net::ParseEndpoint(options_.against, kDefaultPort));
      process_ = FindListeningProcess(endpoint_.port);
      return base::Status::Ok();
    }
    const bool is_first = server_ == nullptr;
    server_.reset();
    CASSETTE_ASSIGN_OR_RETURN(server_, ServerProcess::Start(arguments, clock_));
    endpoint_ = server_->endpoint();
    process_ = server_->process();
    if (!is_first) return base::Status::Ok();
    Emit("wire: ready", server_->ready_seconds() * 1e3, "ms", 20, true, 0,
         fmt::format("{:.1f} ms of CPU", ProcessCpuSeconds(process_) * 1e3));
    Emit("wire: idle memory", static_cast<double>(ProcessMemoryBytes(process_)) / 1e6, "MB", 25, true, 0, "");
    return base::Status::Ok();
  }

  base::Status MakeTables() {
    CASSETTE_ASSIGN_OR_RETURN(const Connections connections, Open(1));
    WireConnection& connection = *connections.front();
    for (const char* cql :
         {"DROP KEYSPACE IF EXISTS bench_wire",
          "CREATE KEYSPACE bench_wire WITH replication = {'class': 'SimpleStrategy', 'replication_factor': 1}",
          "CREATE TABLE bench_wire.points (id bigint PRIMARY KEY, value blob)",
          "CREATE TABLE bench_wire.series (id bigint, at timestamp, value double, PRIMARY KEY (id, at))"}) {
      CASSETTE_RETURN_IF_ERROR(connection.Query(cql).status());
    }
    return base::Status::Ok();
  }

  base::Status Drop() {
    CASSETTE_ASSIGN_OR_RETURN(const Connections connections, Open(1));
    return connections.front()->Query("DROP KEYSPACE bench_wire").status();
  }

  base::Result<Connections> Open(uint32_t count) const {
    Connections connections;
    for (uint32_t i = 0; i < count; ++i) {
      CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<WireConnection> connection, WireConnection::Open(endpoint_));
      connections.push_back(std::move(connection));
    }
    return connections;
  }

  // Fills `request` to write or read the row of key `index`.
  static void BindPoint(bool is_write, uint64_t index, protocol::ExecuteRequest* request) {
    static const std::string kValue(kValueBytes, 'v');
    request->parameters.values.Clear();
    request->parameters.values.Bigint(static_cast<int64_t>(index * 7919 % kKeys));
    if (is_write) request->parameters.values.Bytes(kValue);
  }

  base::Result<Load> PointLoad(bool is_write, uint64_t requests, uint32_t in_flight, WireConnection& connection) const {
    CASSETTE_ASSIGN_OR_RETURN(const std::string id,
                              connection.Prepare(is_write ? "INSERT INTO bench_wire.points (id, value) VALUES (?, ?)"
                                                          : "SELECT value FROM bench_wire.points WHERE id = ?"));
    Load load;
    load.requests = requests;
    load.in_flight = in_flight;
    load.append = [is_write, id, request = std::make_shared<protocol::ExecuteRequest>()](uint64_t index, int16_t stream,
                                                                                         std::string* out) {
      request->id = id;
      request->parameters.skip_metadata = true;
      BindPoint(is_write, index, request.get());
      std::string body;
      protocol::AppendExecute(*request, kVersion, &body);
      AppendEnvelope(static_cast<uint8_t>(Opcode::kExecute), stream, body, out);
    };
    return load;
  }

  uint64_t Scaled(uint64_t count) const {
    return std::max<uint64_t>(1000, static_cast<uint64_t>(static_cast<double>(count) * options_.scale));
  }

  // Runs it, and says what an operation cost the server: its CPU time where it can be seen, and how many there were in
  // a second.
  base::Status Measure(const std::string& name, const Connections& connections, const Load& load, double per_request,
                       double target_nanos) {
    const double server_before = ProcessCpuSeconds(process_);
    const Stopwatch stopwatch(clock_);
    CASSETTE_ASSIGN_OR_RETURN(const LoadReport report, RunLoad(connections, load, clock_));
    const double client_seconds = stopwatch.cpu_seconds();
    if (report.errors > 0) return base::FailedPrecondition(fmt::format("{}: {} errors", name, report.errors));
    const double operations = static_cast<double>(load.requests) * per_request;
    const double server_micros = (ProcessCpuSeconds(process_) - server_before) * 1e6 / operations;
    const std::string note =
        fmt::format("{:.0f}/s, client {:.2f} us CPU", operations / report.seconds, client_seconds * 1e6 / operations);
    last_rate_ = operations / report.seconds;
    Emit(name + ": server CPU", server_micros, "us", target_nanos * 1e-3, true, 0, note);
    return base::Status::Ok();
  }

  base::Status Points(const std::string& kind, uint32_t connection_count, uint32_t in_flight, double target_nanos) {
    CASSETTE_ASSIGN_OR_RETURN(const Connections connections, Open(connection_count));
    CASSETTE_ASSIGN_OR_RETURN(const Load load,
                              PointLoad(kind == "write", Scaled(400'000), in_flight, *connections.front()));
    return Measure(fmt::format("wire: {}s, {} in flight on {} connection(s)", kind, in_flight * connection_count,
                               connection_count),
                   connections, load, 1, target_nanos);
  }

  // One request at a time, beside a server that only echoes.
  base::Status Latency() {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<uint32_t> echo, EchoLatencies(Scaled(20'000)));
    for (const bool is_write : {true, false}) {
      CASSETTE_ASSIGN_OR_RETURN(const Connections connections, Open(1));
      CASSETTE_ASSIGN_OR_RETURN(const Load load, PointLoad(is_write, Scaled(20'000), 1, *connections.front()));
      CASSETTE_ASSIGN_OR_RETURN(LoadReport report, RunLoad(connections, load, clock_));
      std::vector<uint32_t>& nanos = report.latencies_nanos;
      std::sort(nanos.begin(), nanos.end());
      const char* kind = is_write ? "write" : "read";
      EmitLatency(fmt::format("wire: one {} at a time, p50", kind), nanos, echo, 0.5, 20);
      EmitLatency(fmt::format("wire: one {} at a time, p99", kind), nanos, echo, 0.99, 60);
    }
    return base::Status::Ok();
  }

  void EmitLatency(const std::string& name, const std::vector<uint32_t>& nanos, const std::vector<uint32_t>& echo,
                   double quantile, double allowance_micros) {
    const auto micros_at = [&](const std::vector<uint32_t>& sorted) {
      return sorted[static_cast<size_t>(quantile * static_cast<double>(sorted.size() - 1))] * 1e-3;
    };
    Emit(name, micros_at(nanos), "us", micros_at(echo) + allowance_micros, true, 0,
         fmt::format("echo {:.1f} us", micros_at(echo)));
  }

  // Sorted round trips to a thread that sends back what it gets.
  base::Result<std::vector<uint32_t>> EchoLatencies(uint64_t count) const {
    int ends[2];
    CASSETTE_RETURN_IF_ERROR(ConnectedPair(ends));
    std::thread echo([fd = ends[1]] {
      char buffer[kEchoBytes];
      for (ssize_t got; (got = recv(fd, buffer, sizeof(buffer), 0)) > 0;) (void)!send(fd, buffer, got, MSG_NOSIGNAL);
    });
    std::vector<uint32_t> nanos;
    char buffer[kEchoBytes] = {};
    for (uint64_t i = 0; i < count; ++i) {
      const int64_t begin = clock_.SteadyNanos();
      (void)!send(ends[0], buffer, sizeof(buffer), MSG_NOSIGNAL);
      (void)!recv(ends[0], buffer, sizeof(buffer), MSG_WAITALL);
      nanos.push_back(static_cast<uint32_t>(clock_.SteadyNanos() - begin));
    }
    close(ends[0]);
    echo.join();
    close(ends[1]);
    std::sort(nanos.begin(), nanos.end());
    return nanos;
  }

  // The two ends of a TCP connection over loopback.
  static base::Status ConnectedPair(int* ends) {
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<net::EventLoop> loop, net::EventLoop::Make());
    CASSETTE_ASSIGN_OR_RETURN(const net::Endpoint any, net::ParseEndpoint("127.0.0.1:0", 0));
    ends[1] = -1;
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<net::Listener> listener,
                              net::Listener::Open(*loop, any, [&](int fd, const net::Endpoint&) { ends[1] = fd; }));
    CASSETTE_ASSIGN_OR_RETURN(ends[0], net::Connect(listener->endpoint()));
    listener->OnEvents(0);
    if (ends[1] < 0) return base::IoError("no connection over loopback");
    net::SetBlocking(ends[1]);
    return base::Status::Ok();
  }

  base::Status Batches() {
    CASSETTE_ASSIGN_OR_RETURN(const Connections connections, Open(1));
    CASSETTE_ASSIGN_OR_RETURN(
        const std::string id,
        connections.front()->Prepare("INSERT INTO bench_wire.series (id, at, value) VALUES (?, ?, ?)"));
    Load load;
    load.requests = kSeriesRows / kBatchRows;
    load.in_flight = 16;
    protocol::BatchRequest request;
    request.kind = session::BatchKind::kUnlogged;
    request.entries.resize(kBatchRows);
    request.entry_count = kBatchRows;
    load.append = [&](uint64_t index, int16_t stream, std::string* out) {
      for (uint64_t row = 0; row < kBatchRows; ++row) {
        protocol::BatchRequest::Entry& entry = request.entries[row];
        const int64_t at = static_cast<int64_t>(index * kBatchRows + row);
        entry.is_prepared = true;
        entry.query_or_id = id;
        entry.values.Clear();
        entry.values.Bigint(1).Bigint(at * 1000).Double(0.5 * static_cast<double>(at));
      }
      std::string body;
      protocol::AppendBatch(request, kVersion, &body);
      AppendEnvelope(static_cast<uint8_t>(Opcode::kBatch), stream, body, out);
    };
    return Measure("wire: rows in batches of 100", connections, load, kBatchRows, 400);
  }

  base::Status Pages() {
    CASSETTE_ASSIGN_OR_RETURN(const Connections connections, Open(1));
    WireConnection& connection = *connections.front();
    CASSETTE_ASSIGN_OR_RETURN(const std::string id,
                              connection.Prepare("SELECT at, value FROM bench_wire.series WHERE id = 1"));
    constexpr int kRounds = 3;
    double best_seconds = 0;
    const double cpu_before = ProcessCpuSeconds(process_);
    for (int round = 0; round < kRounds; ++round) {
      const Stopwatch stopwatch(clock_);
      protocol::ExecuteRequest request;
      request.id = id;
      request.parameters.skip_metadata = true;
      request.parameters.options.page_rows = kPageRows;
      uint64_t rows = 0;
      do {
        std::string body;
        protocol::AppendExecute(request, kVersion, &body);
        CASSETTE_ASSIGN_OR_RETURN(const std::string page, connection.Ask(static_cast<uint8_t>(Opcode::kExecute), body));
        CASSETTE_ASSIGN_OR_RETURN(const protocol::RowsSummary summary, protocol::DecodeRowsSummary(page, kVersion));
        rows += static_cast<uint64_t>(summary.row_count);
        request.parameters.options.paging_state = summary.paging_state;
      } while (!request.parameters.options.paging_state.empty());
      if (rows != kSeriesRows) return base::FailedPrecondition(fmt::format("read {} rows of {}", rows, kSeriesRows));
      if (round == 0 || stopwatch.seconds() < best_seconds) best_seconds = stopwatch.seconds();
    }
    Emit("wire: 302,400 points of one partition, pages of 5,000", best_seconds * 1e3, "ms", 25, true, 0,
         fmt::format("best of {}; {:.1f} ms of server CPU on average", kRounds,
                     (ProcessCpuSeconds(process_) - cpu_before) * 1e3 / kRounds));
    return base::Status::Ok();
  }

  // 1,000 that do nothing, then 10,000, the last of which is served.
  base::Status IdleConnections() {
    rlimit files = {};
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
      files.rlim_cur = files.rlim_max;
      (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    CASSETTE_RETURN_IF_ERROR(Start({"--memory"}));
    Connections connections;
    for (const auto& [count, target_megabytes] : {std::pair<uint32_t, double>(1'000, 60), {10'000, 200}}) {
      CASSETTE_ASSIGN_OR_RETURN(Connections more, Open(count - static_cast<uint32_t>(connections.size())));
      std::move(more.begin(), more.end(), std::back_inserter(connections));
      CASSETTE_RETURN_IF_ERROR(connections.back()->Query("SELECT key FROM system.local").status());
      Emit(fmt::format("wire: memory with {} connections", count),
           static_cast<double>(ProcessMemoryBytes(process_)) / 1e6, "MB", target_megabytes, true, 0,
           "the last one served");
    }
    return base::Status::Ok();
  }

  base::Status DurableWrites() {
    CASSETTE_RETURN_IF_ERROR(Start({"--on", options_.directory + "/wire", "--commitlog-sync", "batch"}));
    CASSETTE_RETURN_IF_ERROR(MakeTables());
    CASSETTE_ASSIGN_OR_RETURN(const Connections connections, Open(64));
    CASSETTE_ASSIGN_OR_RETURN(const Load load, PointLoad(true, Scaled(200'000), 16, *connections.front()));
    CASSETTE_RETURN_IF_ERROR(Measure("wire: writes of 64 connections, batch sync", connections, load, 1, 0));
    Emit("wire: writes of 64 connections, batch sync, acknowledged", last_rate_, "/s", 100'000, false, 0, "");
    return base::Status::Ok();
  }

  void Emit(const std::string& name, double value, const char* unit, double target, bool lower_is_better,
            double cpu_nanos, const std::string& note) {
    figures_({name, value, unit, target, lower_is_better, cpu_nanos, 0, note});
  }

  const BenchOptions& options_;
  const base::Clock& clock_;
  const FigureSink& figures_;
  std::unique_ptr<ServerProcess> server_;
  double last_rate_ = 0;  // Of Measure, per second.
  pid_t process_ = 0;     // 0: not to be seen.
  net::Endpoint endpoint_;
};

}  // namespace

base::Status RunWire(const BenchOptions& options, const BenchEnvironment& environment, const FigureSink& figures) {
  return WireRun(options, environment, figures).Run();
}

}  // namespace cassette::bench

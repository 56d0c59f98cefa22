#include "server/server.h"

#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "protocol/responses.h"
#include "server/connection.h"
#include "server/context.h"

namespace cassette::server {
namespace {

constexpr int kTickMillis = 250;
constexpr std::string_view kDefaultRole = "cassandra";  // And its password, as Cassandra's.

// One event loop with its thread and its connections.
class ConnectionLoop {
 public:
  ConnectionLoop(Context& context, std::shared_ptr<net::EventLoop> loop) : context_(context), loop_(std::move(loop)) {}

  net::EventLoop& loop() { return *loop_; }
  void Start() {
    loop_->SetTick(kTickMillis, [this] { Tick(); });
    thread_ = std::thread([this] { loop_->Run(); });
  }
  // In the loop's thread. `closed` is called when it ended.
  void Add(std::unique_ptr<net::Stream> stream, const net::Endpoint& peer, std::function<void()> closed) {
    auto connection =
        std::make_shared<Connection>(context_, loop_, std::move(stream), peer,
                                     [this, closed = std::move(closed)](const std::shared_ptr<Connection>& ended) {
                                       connections_.erase(ended);
                                       closed();
                                       if (is_draining_) StopWhenDrained();
                                     });
    connections_.insert(connection);
    if (!connection->Start().ok() || is_draining_) connection->Close();
  }
  void Drain() {
    loop_->Post([this] {
      is_draining_ = true;
      drain_until_ms_ = context_.clock.SteadyNanos() / 1'000'000 + context_.options.limits.stop_timeout_ms;
      for (const std::shared_ptr<Connection>& connection : Snapshot()) connection->Drain();
      StopWhenDrained();
    });
  }
  void Join() { thread_.join(); }

 private:
  // Ending one changes the set.
  std::vector<std::shared_ptr<Connection>> Snapshot() const { return {connections_.begin(), connections_.end()}; }

  void Tick() {
    const int64_t now_ms = context_.clock.SteadyNanos() / 1'000'000;
    for (const std::shared_ptr<Connection>& connection : Snapshot()) connection->CheckTime(now_ms);
    if (!is_draining_) return;
    if (now_ms > drain_until_ms_) {
      for (const std::shared_ptr<Connection>& connection : Snapshot()) connection->Close();
    }
    StopWhenDrained();
  }
  void StopWhenDrained() {
    if (connections_.empty()) loop_->Stop();
  }

  Context& context_;
  const std::shared_ptr<net::EventLoop> loop_;
  std::thread thread_;
  std::unordered_set<std::shared_ptr<Connection>> connections_;
  bool is_draining_ = false;
  int64_t drain_until_ms_ = 0;
};

class ServerImpl final : public Server {
 public:
  ServerImpl(const Options& options, const Environment& environment)
      : options_(options),
        context_{options_,
                 *environment.database,
                 *environment.clock,
                 *environment.logger,
                 PreparedCache(options.limits.prepared_statements_max),
                 EventHub(),
                 ClientRegistry(),
                 SystemViews(context_),
                 Tracer(context_, static_cast<uint64_t>(environment.clock->NowMicros())),
                 WorkerPool(options.workers),
                 WorkerPool(options.requires_password ? 1 : 0),
                 Counts()} {}
  ~ServerImpl() override { CASSETTE_ASSERT(loops_.empty()); }

  base::Status Listen() {
    if (const base::Status status = ReloadCertificates(); !status.ok()) return Abandon(status);
    for (uint32_t i = 0; i < options_.event_loops; ++i) {
      base::Result<std::unique_ptr<net::EventLoop>> loop = net::EventLoop::Make();
      if (!loop.ok()) return Abandon(loop.status());
      loops_.push_back(std::make_unique<ConnectionLoop>(context_, *std::move(loop)));
    }
    base::Result<std::unique_ptr<net::Listener>> listener = net::Listener::Open(
        loops_.front()->loop(), options_.listen, [this](int fd, const net::Endpoint& peer) { Accept(fd, peer); });
    if (!listener.ok()) return Abandon(listener.status());
    listener_ = *std::move(listener);
    if (const base::Status status = listener_->Start(); !status.ok()) return Abandon(status);
    const net::Endpoint& endpoint = listener_->endpoint();
    if (const base::Status status = context_.database.SetNativeAddress(endpoint.address, endpoint.port); !status.ok()) {
      return Abandon(status);
    }
    const Limits& limits = options_.limits;
    context_.database.SetBatchBounds(limits.batch_warn_bytes, limits.batch_fail_bytes, limits.batch_warn_partitions);
    for (const std::unique_ptr<ConnectionLoop>& loop : loops_) loop->Start();
    if (options_.requires_password) context_.logins.Submit([this] { WarnOfDefaultPassword(); });
    return base::Status::Ok();
  }

  const net::Endpoint& endpoint() const override { return listener_->endpoint(); }

  Statistics statistics() const override {
    const Counts& counts = context_.counts;
    return {counts.connections,         counts.connections_refused, counts.requests,         counts.requests_in_flight,
            counts.requests_overloaded, counts.protocol_errors,     context_.prepared.size()};
  }

  base::Status ReloadCertificates() override {
    if (options_.tls.certificate.empty()) return base::Status::Ok();
    CASSETTE_ASSIGN_OR_RETURN(std::shared_ptr<const net::TlsContext> tls, net::TlsContext::Load(options_.tls));
    base::MutexLock lock(mutex_);
    tls_ = std::move(tls);
    return base::Status::Ok();
  }

  void Stop() override {
    AnnounceDown();
    // The listener belongs to the first loop's thread, which runs this before it ends.
    loops_.front()->loop().Post([this] { listener_->Close(); });
    for (const std::unique_ptr<ConnectionLoop>& loop : loops_) loop->Drain();
    for (const std::unique_ptr<ConnectionLoop>& loop : loops_) loop->Join();
    StopWorkers();
    loops_.clear();
  }

 private:
  // As Cassandra's node does of itself before it drains.
  void AnnounceDown() {
    std::string event;
    protocol::AppendNodeEvent("STATUS_CHANGE", "DOWN", endpoint().address, endpoint().port, &event);
    context_.events.Publish(kStatusChange, event);
  }
  void StopWorkers() {
    context_.workers.Stop();
    context_.logins.Stop();
  }
  void WarnOfDefaultPassword() {
    if (!context_.database.NewSession()->Login(kDefaultRole, kDefaultRole).ok()) return;
    context_.logger.Warning(
        "the role '{}' still has its first password, which everybody knows: ALTER ROLE {} WITH "
        "PASSWORD = '...'",
        kDefaultRole, kDefaultRole);
  }
  base::Status Abandon(const base::Status& status) {
    StopWorkers();
    listener_.reset();
    loops_.clear();
    return status;
  }

  // In the first loop's thread.
  void Accept(int fd, const net::Endpoint& peer) {
    const Limits& limits = options_.limits;
    uint32_t& of_address = connections_by_address_[peer.address];
    const bool is_past_limit =
        context_.counts.connections >= limits.connections_max ||
        (limits.connections_per_address_max > 0 && of_address >= limits.connections_per_address_max);
    if (is_past_limit) {
      if (of_address == 0) connections_by_address_.erase(peer.address);
      ++context_.counts.connections_refused;
      net::MakePlainStream(fd).reset();
      return;
    }
    ++of_address;
    ++context_.counts.connections;
    ConnectionLoop& loop = *loops_[next_loop_++ % loops_.size()];
    loop.loop().Post([this, &loop, fd, peer] {
      loop.Add(MakeStream(fd), peer, [this, address = peer.address] {
        --context_.counts.connections;
        loops_.front()->loop().Post([this, address] { Forget(address); });
      });
    });
  }

  std::unique_ptr<net::Stream> MakeStream(int fd) {
    base::MutexLock lock(mutex_);
    return tls_ == nullptr ? net::MakePlainStream(fd) : tls_->MakeStream(fd);
  }

  void Forget(const std::string& address) {
    const auto found = connections_by_address_.find(address);
    if (--found->second == 0) connections_by_address_.erase(found);
  }

  const Options options_;
  Context context_;
  std::vector<std::unique_ptr<ConnectionLoop>> loops_;
  std::unique_ptr<net::Listener> listener_;
  base::Mutex mutex_;
  std::shared_ptr<const net::TlsContext> tls_ CASSETTE_GUARDED_BY(mutex_);  // Null: no TLS.
  size_t next_loop_ = 0;
  std::map<std::string, uint32_t> connections_by_address_;  // The first loop's thread's.
};

}  // namespace

base::Result<std::unique_ptr<Server>> Server::Start(const Options& options, const Environment& environment) {
  auto server = std::make_unique<ServerImpl>(options, environment);
  CASSETTE_RETURN_IF_ERROR(server->Listen());
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace cassette::server

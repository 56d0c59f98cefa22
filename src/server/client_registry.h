// Who is connected: what system_views.clients shows.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "net/listener.h"

namespace cassette::server {

struct ClientInfo {
  net::Endpoint peer;
  std::string stage = "established";  // Then "authenticating", "ready".
  int32_t protocol_version = 0;
  std::vector<std::pair<std::string, std::string>> options;  // As STARTUP gave them.
  std::string username = "anonymous";
  std::string tls_protocol;  // Empty without TLS.
  std::shared_ptr<const std::atomic<uint64_t>> request_count;
};

// Thread safety: all methods may be called from many threads.
class ClientRegistry {
 public:
  using Key = const void*;

  void Put(Key key, ClientInfo client) {
    base::MutexLock lock(mutex_);
    clients_[key] = std::move(client);
  }
  void Erase(Key key) {
    base::MutexLock lock(mutex_);
    clients_.erase(key);
  }
  std::vector<ClientInfo> All() const {
    base::MutexLock lock(mutex_);
    std::vector<ClientInfo> result;
    for (const auto& [key, client] : clients_) result.push_back(client);
    return result;
  }

 private:
  mutable base::Mutex mutex_;
  std::map<Key, ClientInfo> clients_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::server

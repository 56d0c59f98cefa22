// Addresses, and the socket that takes connections in.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/status.h"
#include "net/event_loop.h"

namespace cassette::net {

// An IP address and a port.
struct Endpoint {
  std::string address;  // 4 or 16 bytes
  uint16_t port = 0;

  bool is_loopback() const;
  // "127.0.0.1:9042", "[::1]:9042".
  std::string ToString() const;
  std::string AddressText() const;
};

// "127.0.0.1:9042", "[::1]:9042", "9042" (loopback), "127.0.0.1" (the default port), "localhost:9042".
// kInvalidArgument says what is legal.
base::Result<Endpoint> ParseEndpoint(std::string_view text, uint16_t default_port);

// Thread safety: belongs to the loop's thread. Lifetime: the loop outlives it.
class Listener final : public Watcher {
 public:
  // `accepted` gets a socket that does not block, and owns it.
  using Accepted = std::function<void(int fd, const Endpoint& peer)>;

  // kFailedPrecondition when the port is in use, by name. Port 0: any free one; endpoint() has it.
  static base::Result<std::unique_ptr<Listener>> Open(EventLoop& loop, const Endpoint& endpoint, Accepted accepted);
  ~Listener() override;

  const Endpoint& endpoint() const { return endpoint_; }
  base::Status Start();
  void Close();
  void OnEvents(uint32_t events) override;

 private:
  Listener(EventLoop& loop, int fd, Endpoint endpoint, Accepted accepted);

  void RefuseOne();

  EventLoop& loop_;
  int fd_;
  int spare_fd_;
  const Endpoint endpoint_;
  const Accepted accepted_;
  bool is_started_ = false;
};

// A blocking TCP connection; for clients.
base::Result<int> Connect(const Endpoint& endpoint);
void SetBlocking(int fd);

}  // namespace cassette::net

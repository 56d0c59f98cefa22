#include "net/listener.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace cassette::net {
namespace {

constexpr int kBacklog = 4096;
constexpr int kAcceptsAtOnce = 64;
constexpr size_t kIpv4Bytes = 4;

int OpenSpare() { return open("/dev/null", O_RDONLY | O_CLOEXEC); }

// An endpoint as the system calls want it.
struct SocketAddress {
  sockaddr_storage storage = {};
  socklen_t size = 0;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress ToSocketAddress(const Endpoint& endpoint) {
  SocketAddress result;
  if (endpoint.address.size() == kIpv4Bytes) {
    sockaddr_in v4 = {};
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    std::memcpy(&v4.sin_addr, endpoint.address.data(), sizeof(v4.sin_addr));
    std::memcpy(&result.storage, &v4, sizeof(v4));
    result.size = sizeof(v4);
  } else {
    sockaddr_in6 v6 = {};
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    std::memcpy(&v6.sin6_addr, endpoint.address.data(), sizeof(v6.sin6_addr));
    std::memcpy(&result.storage, &v6, sizeof(v6));
    result.size = sizeof(v6);
  }
  return result;
}

Endpoint ToEndpoint(const SocketAddress& address) {
  Endpoint endpoint;
  if (address.storage.ss_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, &address.storage, sizeof(v4));
    endpoint.address.assign(reinterpret_cast<const char*>(&v4.sin_addr), sizeof(v4.sin_addr));
    endpoint.port = ntohs(v4.sin_port);
  } else {
    sockaddr_in6 v6;
    std::memcpy(&v6, &address.storage, sizeof(v6));
    endpoint.address.assign(reinterpret_cast<const char*>(&v6.sin6_addr), sizeof(v6.sin6_addr));
    endpoint.port = ntohs(v6.sin6_port);
  }
  return endpoint;
}

bool ParseAddress(const std::string& text, std::string* address) {
  if (text == "localhost") {
    *address = std::string("\x7f\0\0\1", kIpv4Bytes);
    return true;
  }
  char bytes[sizeof(in6_addr)];
  for (const auto& [family, size] : {std::pair<int, size_t>(AF_INET, kIpv4Bytes), {AF_INET6, sizeof(in6_addr)}}) {
    if (inet_pton(family, text.c_str(), bytes) != 1) continue;
    address->assign(bytes, size);
    return true;
  }
  return false;
}

bool ParsePort(std::string_view text, uint16_t* port) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *port);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

void SetOption(int fd, int level, int option) {
  const int one = 1;
  (void)setsockopt(fd, level, option, &one, sizeof(one));
}

}  // namespace

bool Endpoint::is_loopback() const {
  if (address.size() == kIpv4Bytes) return static_cast<unsigned char>(address[0]) == 127;
  return address == std::string(15, '\0') + '\1';
}

std::string Endpoint::AddressText() const {
  char text[INET6_ADDRSTRLEN] = "?";
  inet_ntop(address.size() == kIpv4Bytes ? AF_INET : AF_INET6, address.data(), text, sizeof(text));
  return text;
}

std::string Endpoint::ToString() const {
  return address.size() == kIpv4Bytes ? fmt::format("{}:{}", AddressText(), port)
                                      : fmt::format("[{}]:{}", AddressText(), port);
}

base::Result<Endpoint> ParseEndpoint(std::string_view text, uint16_t default_port) {
  Endpoint endpoint;
  endpoint.port = default_port;
  std::string host(text);
  if (ParsePort(text, &endpoint.port)) {
    host = "localhost";
  } else if (const size_t colon = text.rfind(':');
             colon != std::string_view::npos && (text[0] == '[' ? text[colon - 1] == ']' : text.find(':') == colon)) {
    if (!ParsePort(text.substr(colon + 1), &endpoint.port)) host.clear();
    if (!host.empty()) host = text.substr(0, colon);
  }
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  if (ParseAddress(host, &endpoint.address)) return endpoint;
  return base::InvalidArgument(
      fmt::format("'{}' is no address; write 127.0.0.1:9042, [::1]:9042, an address or a port", text));
}

Listener::Listener(EventLoop& loop, int fd, Endpoint endpoint, Accepted accepted)
    : loop_(loop), fd_(fd), spare_fd_(OpenSpare()), endpoint_(std::move(endpoint)), accepted_(std::move(accepted)) {}

Listener::~Listener() { Close(); }

base::Result<std::unique_ptr<Listener>> Listener::Open(EventLoop& loop, const Endpoint& endpoint, Accepted accepted) {
  SocketAddress address = ToSocketAddress(endpoint);
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) return base::IoError(fmt::format("socket: {}", std::strerror(errno)));
  SetOption(fd, SOL_SOCKET, SO_REUSEADDR);
  if (bind(fd, address.get(), address.size) != 0 || listen(fd, kBacklog) != 0) {
    const int error = errno;
    close(fd);
    if (error == EADDRINUSE) {
      return base::FailedPrecondition(
          fmt::format("{} is in use: another server listens there; choose another with --listen", endpoint.ToString()));
    }
    return base::IoError(fmt::format("cannot listen on {}: {}", endpoint.ToString(), std::strerror(error)));
  }
  address.size = sizeof(address.storage);
  (void)getsockname(fd, address.get(), &address.size);
  return std::unique_ptr<Listener>(new Listener(loop, fd, ToEndpoint(address), std::move(accepted)));
}

base::Status Listener::Start() {
  is_started_ = true;
  return loop_.Add(fd_, EPOLLIN, this);
}

void Listener::Close() {
  if (fd_ < 0) return;
  if (is_started_) loop_.Remove(fd_);
  close(fd_);
  fd_ = -1;
  if (spare_fd_ >= 0) close(spare_fd_);
}

void Listener::OnEvents(uint32_t) {
  for (int i = 0; i < kAcceptsAtOnce && fd_ >= 0; ++i) {
    SocketAddress peer;
    peer.size = sizeof(peer.storage);
    const int fd = accept4(fd_, peer.get(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0 && (errno == EMFILE || errno == ENFILE) && spare_fd_ >= 0) {
      RefuseOne();
      continue;
    }
    if (fd < 0) return;
    SetOption(fd, IPPROTO_TCP, TCP_NODELAY);
    SetOption(fd, SOL_SOCKET, SO_KEEPALIVE);
    accepted_(fd, ToEndpoint(peer));
  }
}

// Out of file descriptors: one that was put aside takes the connection and ends it. Else it would be announced again
// and again.
void Listener::RefuseOne() {
  close(spare_fd_);
  const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
  if (fd >= 0) close(fd);
  spare_fd_ = OpenSpare();
}

void SetBlocking(int fd) { (void)fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK); }

base::Result<int> Connect(const Endpoint& endpoint) {
  const SocketAddress address = ToSocketAddress(endpoint);
  const int fd = socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return base::IoError(fmt::format("socket: {}", std::strerror(errno)));
  if (connect(fd, address.get(), address.size) != 0) {
    const int error = errno;
    close(fd);
    return base::IoError(fmt::format("cannot connect to {}: {}", endpoint.ToString(), std::strerror(error)));
  }
  SetOption(fd, IPPROTO_TCP, TCP_NODELAY);
  return fd;
}

}  // namespace cassette::net

#include "net/stream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

namespace cassette::net {
namespace {

StreamResult ResultOf(ssize_t count) {
  if (count > 0) return {StreamState::kOk, static_cast<size_t>(count)};
  const bool may_come = count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
  return {may_come ? StreamState::kWouldBlock : StreamState::kClosed, 0};
}

class PlainStream final : public Stream {
 public:
  explicit PlainStream(int fd) : fd_(fd) {}
  ~PlainStream() override { close(fd_); }

  int fd() const override { return fd_; }
  StreamResult Read(char* buffer, size_t capacity) override { return ResultOf(recv(fd_, buffer, capacity, 0)); }
  StreamResult Write(std::string_view bytes) override {
    return ResultOf(send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
  }
  void Shutdown() override { (void)shutdown(fd_, SHUT_WR); }

 private:
  const int fd_;
};

}  // namespace

void Stream::AskForTheRest() {
  const int one = 1;
  (void)setsockopt(fd(), IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
}

std::unique_ptr<Stream> MakePlainStream(int fd) { return std::make_unique<PlainStream>(fd); }

}  // namespace cassette::net

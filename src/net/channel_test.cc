#include "net/channel.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>

namespace cassette::net {
namespace {

// Takes so many bytes at a time, then says that it would block.
class SlowStream final : public Stream {
 public:
  explicit SlowStream(size_t* room) : fd_(eventfd(0, EFD_CLOEXEC)), room_(*room) {}
  ~SlowStream() override { close(fd_); }
  int fd() const override { return fd_; }
  StreamResult Read(char*, size_t) override { return {StreamState::kWouldBlock, 0}; }
  StreamResult Write(std::string_view bytes) override {
    const size_t taken = std::min(bytes.size(), room_);
    room_ -= taken;
    return taken == 0 ? StreamResult{StreamState::kWouldBlock, 0} : StreamResult{StreamState::kOk, taken};
  }

 private:
  const int fd_;
  size_t& room_;
};

struct Handler final : ChannelHandler {
  size_t OnBytes(std::string_view bytes) override { return bytes.size(); }
  void OnClosed() override {}
};

TEST(Channel, WhatIsSentGoesHoweverFarThePeerIsBehind) {
  constexpr size_t kMessageBytes = 100'000;
  size_t room = 0;
  const std::unique_ptr<EventLoop> loop = *EventLoop::Make();
  Handler handler;
  Channel channel(*loop, std::make_unique<SlowStream>(&room), handler, {4 << 20});
  ASSERT_TRUE(channel.Start().ok());
  channel.output().assign(2 * kMessageBytes, 'x');  // It stays two messages behind.
  for (int i = 0; i < 1'000; ++i) {
    channel.output().append(kMessageBytes, 'x');
    room = kMessageBytes;
    channel.OnEvents(EPOLLOUT);
    EXPECT_EQ(channel.unsent_bytes(), 2 * kMessageBytes);
    ASSERT_LE(channel.output().size(), 5 * kMessageBytes);
  }
  channel.Close();
}

}  // namespace
}  // namespace cassette::net

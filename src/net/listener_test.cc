#include "net/listener.h"

#include <gtest/gtest.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

namespace cassette::net {
namespace {

TEST(Listener, EndsConnectionsThatThereIsNoFileDescriptorFor) {
  const std::unique_ptr<EventLoop> loop = *EventLoop::Make();
  int accepted = 0;
  const std::unique_ptr<Listener> listener =
      *Listener::Open(*loop, *ParseEndpoint("127.0.0.1:0", 0), [&accepted](int fd, const Endpoint&) {
        ++accepted;
        close(fd);
      });
  ASSERT_TRUE(listener->Start().ok());
  listener->OnEvents(EPOLLIN);  // Nobody is there yet.
  const base::Result<int> client = Connect(listener->endpoint());
  ASSERT_TRUE(client.ok());
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = dup(*client);
  close(next);
  rlimit none_left = before;
  none_left.rlim_cur = static_cast<rlim_t>(next);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none_left), 0);
  listener->OnEvents(EPOLLIN);
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  char byte;
  EXPECT_EQ(recv(*client, &byte, 1, MSG_DONTWAIT), 0);  // The end.
  EXPECT_EQ(accepted, 0);
  close(*client);
  const base::Result<int> later = Connect(listener->endpoint());
  ASSERT_TRUE(later.ok());
  listener->OnEvents(EPOLLIN);
  EXPECT_EQ(accepted, 1);
  close(*later);
  listener->Close();
}

}  // namespace
}  // namespace cassette::net

#include "net/listener.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

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
  const base::Result<int> client = Connect(listener->endpoint());
  ASSERT_TRUE(client.ok());
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const int next = dup(*client);
  close(next);
  rlimit none_left = before;
  none_left.rlim_cur = static_cast<rlim_t>(next);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none_left), 0);
  std::thread thread([&loop] { loop->Run(); });
  char byte;
  EXPECT_EQ(recv(*client, &byte, 1, 0), 0);  // The end.
  EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
  close(*client);
  const base::Result<int> later = Connect(listener->endpoint());
  ASSERT_TRUE(later.ok());
  EXPECT_EQ(recv(*later, &byte, 1, 0), 0);
  close(*later);
  loop->Stop();
  thread.join();
  listener->Close();
  EXPECT_EQ(accepted, 1);
}

}  // namespace
}  // namespace cassette::net

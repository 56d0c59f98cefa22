// A `cassette serve` in a process of its own: its CPU time and memory are the server's alone.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "net/listener.h"

namespace cassette::bench {

// Thread safety: not thread safe. The destructor ends the process.
class ServerProcess {
 public:
  // This program again, with `arguments` behind `serve`. kIoError when it does not get ready.
  static base::Result<std::unique_ptr<ServerProcess>> Start(const std::vector<std::string>& arguments,
                                                            const base::Clock& clock);
  ~ServerProcess();

  const net::Endpoint& endpoint() const { return endpoint_; }
  double ready_seconds() const { return ready_seconds_; }
  double cpu_seconds() const;
  uint64_t memory_bytes() const;  // Resident.

 private:
  explicit ServerProcess(pid_t process) : process_(process) {}

  const pid_t process_;
  net::Endpoint endpoint_;
  double ready_seconds_ = 0;
};

}  // namespace cassette::bench

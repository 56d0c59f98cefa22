// A `cassette serve` in a process of its own: its CPU time and memory are the server's alone. And what can be seen of
// servers that others started.
#pragma once

#include <sys/types.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "net/listener.h"

namespace cassette::bench {

// Of all threads of a process, so far.
double ProcessCpuSeconds(pid_t process);
uint64_t ProcessMemoryBytes(pid_t process);  // Resident.
// The process that listens on `port` of this machine; 0 when it cannot be seen.
pid_t FindListeningProcess(uint16_t port);

// Thread safety: not thread safe. The destructor ends the process.
class ServerProcess {
 public:
  // This program again, with `arguments` behind `serve`. kIoError when it does not get ready.
  static base::Result<std::unique_ptr<ServerProcess>> Start(const std::vector<std::string>& arguments,
                                                            const base::Clock& clock);
  ~ServerProcess();

  const net::Endpoint& endpoint() const { return endpoint_; }
  double ready_seconds() const { return ready_seconds_; }
  pid_t process() const { return process_; }

 private:
  explicit ServerProcess(pid_t process) : process_(process) {}

  const pid_t process_;
  net::Endpoint endpoint_;
  double ready_seconds_ = 0;
};

}  // namespace cassette::bench

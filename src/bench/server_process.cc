#include "bench/server_process.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <sstream>

namespace cassette::bench {
namespace {

constexpr uint16_t kAnyPort = 0;

// The first line that the process prints; empty when it ends without one.
std::string ReadLine(int fd) {
  std::string line;
  char c;
  while (read(fd, &c, 1) == 1 && c != '\n') line += c;
  return line;
}

// "cassette 0.1.0 ready on ADDRESS (...)".
base::Result<net::Endpoint> EndpointOf(const std::string& line) {
  constexpr std::string_view kReady = " ready on ";
  const size_t begin = line.find(kReady);
  if (begin == std::string::npos) return base::IoError(fmt::format("the server did not get ready: '{}'", line));
  const std::string rest = line.substr(begin + kReady.size());
  return net::ParseEndpoint(rest.substr(0, rest.find(' ')), kAnyPort);
}

[[noreturn]] void BecomeServer(const std::vector<std::string>& arguments, int out) {
  std::vector<std::string> words = {"cassette", "serve", "--listen", "127.0.0.1:0"};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  dup2(out, STDOUT_FILENO);
  execv("/proc/self/exe", pointers.data());
  _exit(127);
}

}  // namespace

base::Result<std::unique_ptr<ServerProcess>> ServerProcess::Start(const std::vector<std::string>& arguments,
                                                                  const base::Clock& clock) {
  int ends[2];
  if (pipe(ends) != 0) return base::IoError(fmt::format("pipe: {}", std::strerror(errno)));
  const int64_t begin = clock.SteadyNanos();
  const pid_t process = fork();
  if (process == 0) BecomeServer(arguments, ends[1]);
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    return base::IoError(fmt::format("fork: {}", std::strerror(errno)));
  }
  std::unique_ptr<ServerProcess> server(new ServerProcess(process));
  const std::string line = ReadLine(ends[0]);
  close(ends[0]);
  server->ready_seconds_ = static_cast<double>(clock.SteadyNanos() - begin) * 1e-9;
  CASSETTE_ASSIGN_OR_RETURN(server->endpoint_, EndpointOf(line));
  return server;
}

ServerProcess::~ServerProcess() {
  kill(process_, SIGTERM);
  int status = 0;
  while (waitpid(process_, &status, 0) < 0 && errno == EINTR) {
  }
}

double ServerProcess::cpu_seconds() const {
  std::ifstream file(fmt::format("/proc/{}/stat", process_));
  std::string text;
  std::getline(file, text);
  // Behind the name, which may hold anything: state, eleven numbers, then user and system time in ticks.
  std::istringstream fields(text.substr(text.rfind(')') + 1));
  std::string skipped;
  for (int i = 0; i < 12; ++i) fields >> skipped;
  double user = 0;
  double system = 0;
  fields >> user >> system;
  return (user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

uint64_t ServerProcess::memory_bytes() const {
  std::ifstream file(fmt::format("/proc/{}/statm", process_));
  uint64_t total = 0;
  uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

}  // namespace cassette::bench

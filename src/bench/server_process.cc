#include "bench/server_process.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <set>
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

// "socket:[INODE]" of all that listen on `port`.
std::set<std::string> ListeningSockets(uint16_t port) {
  std::set<std::string> sockets;
  for (const char* path : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::string number, local, remote, state, skipped, inode;
      fields >> number >> local >> remote >> state;
      for (int i = 0; i < 5; ++i) fields >> skipped;
      fields >> inode;
      constexpr std::string_view kListening = "0A";
      if (state == kListening && local.ends_with(fmt::format(":{:04X}", port))) {
        sockets.insert(fmt::format("socket:[{}]", inode));
      }
    }
  }
  return sockets;
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

double ProcessCpuSeconds(pid_t process) {
  clockid_t clock;
  timespec time = {};
  if (clock_getcpuclockid(process, &clock) != 0 || clock_gettime(clock, &time) != 0) return 0;
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

uint64_t ProcessMemoryBytes(pid_t process) {
  std::ifstream file(fmt::format("/proc/{}/statm", process));
  uint64_t total = 0;
  uint64_t resident = 0;
  file >> total >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

pid_t FindListeningProcess(uint16_t port) {
  const std::set<std::string> sockets = ListeningSockets(port);
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    for (const auto& file : std::filesystem::directory_iterator(entry.path() / "fd", error)) {
      if (sockets.contains(std::filesystem::read_symlink(file.path(), error))) return std::stoi(name);
    }
  }
  return 0;
}

}  // namespace cassette::bench

#include "bench/stopwatch.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <utility>

namespace cassette::bench {
namespace {

double CpuSeconds() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

Stopwatch::Stopwatch(const base::Clock& clock)
    : clock_(clock), begin_ns_(clock.SteadyNanos()), begin_cpu_seconds_(CpuSeconds()) {}

double Stopwatch::seconds() const { return static_cast<double>(clock_.SteadyNanos() - begin_ns_) / 1e9; }

double Stopwatch::cpu_seconds() const { return CpuSeconds() - begin_cpu_seconds_; }

base::Result<PairedSeconds> TimeInTurns(uint64_t operations, const base::Clock& clock, const WorkOf& first,
                                        const WorkOf& second) {
  constexpr uint64_t kTurn = 500;
  PairedSeconds seconds;
  for (uint64_t begin = 0; begin < operations; begin += kTurn) {
    const uint64_t end = std::min(operations, begin + kTurn);
    for (const auto& [work, taken] : {std::pair(&first, &seconds.first), std::pair(&second, &seconds.second)}) {
      const Stopwatch watch(clock);
      CASSETTE_RETURN_IF_ERROR((*work)(begin, end));
      *taken += watch.cpu_seconds();
    }
  }
  return seconds;
}

Figure FigureOfTimes(std::string name, const PairedSeconds& seconds, uint64_t operations, double target) {
  Figure figure;
  figure.name = std::move(name);
  figure.value = seconds.second / seconds.first;
  figure.unit = "times";
  figure.target = target;
  figure.lower_is_better = true;
  figure.cpu_ns_per_operation = seconds.second * 1e9 / static_cast<double>(operations);
  figure.note = fmt::format("CPU time; plain: {:.2f} us", seconds.first * 1e6 / static_cast<double>(operations));
  return figure;
}

uint64_t PeakMemoryBytes() {
  rusage usage = {};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

}  // namespace cassette::bench

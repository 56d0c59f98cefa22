#include "cli/progress_bar.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "cli/output.h"

namespace cassette::cli {
namespace {

constexpr int64_t kRedrawNanos = 100'000'000;
constexpr size_t kBarCells = 30;

}  // namespace

ProgressBar::ProgressBar(base::Clock& clock, std::string label)
    : clock_(clock),
      label_(std::move(label)),
      is_terminal_(isatty(STDERR_FILENO) == 1),
      begin_ns_(clock.SteadyNanos()) {}

void ProgressBar::Update(const pipeline::Progress& progress) {
  const int64_t now_ns = clock_.SteadyNanos();
  if (!is_terminal_ || (is_drawn_ && now_ns - drawn_ns_ < kRedrawNanos)) return;
  drawn_ns_ = now_ns;
  is_drawn_ = true;
  const double share = progress.total == 0
                           ? 1.0
                           : std::min(1.0, static_cast<double>(progress.done) / static_cast<double>(progress.total));
  const size_t filled = static_cast<size_t>(share * kBarCells);
  const double seconds = std::max(1e-3, static_cast<double>(now_ns - begin_ns_) / 1e9);
  const uint64_t rate = static_cast<uint64_t>(static_cast<double>(progress.rows) / seconds);
  fmt::print(stderr, "\r{} [{}{}] {:3.0f} %  {} rows  {} rows/s \x1b[K", label_, std::string(filled, '#'),
             std::string(kBarCells - filled, '.'), share * 100, Thousands(progress.rows), Thousands(rate));
  std::fflush(stderr);
}

void ProgressBar::Finish() {
  if (!is_drawn_) return;
  fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
  is_drawn_ = false;
}

}  // namespace cassette::cli

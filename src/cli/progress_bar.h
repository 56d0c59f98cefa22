// ProgressBar: one line on a terminal's standard error, redrawn at most ten times a second; nothing in a pipe.
#pragma once

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "pipeline/run.h"

namespace cassette::cli {

// Thread safety: not thread safe; the pipeline calls under its own lock. Lifetime: the clock outlives it.
class ProgressBar {
 public:
  ProgressBar(base::Clock& clock, std::string label);
  void Update(const pipeline::Progress& progress);
  // Removes the line.
  void Finish();

 private:
  base::Clock& clock_;
  const std::string label_;
  const bool is_terminal_;
  const int64_t begin_ns_;
  int64_t drawn_ns_ = 0;
  bool is_drawn_ = false;
};

}  // namespace cassette::cli

// Many independent runs of a long test, on all cores. For tests.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace cassette::storage::engine::testing {

// Calls `run` for each of [0, count), each core taking the next one, until one has failed fatally.
template <typename Run>
void OnAllCores(uint64_t count, const Run& run) {
  std::atomic<uint64_t> next = 0;
  const auto work = [&] {
    for (uint64_t index = next++; index < count && !::testing::Test::HasFatalFailure(); index = next++) run(index);
  };
  const uint64_t cores = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::jthread> threads;
  for (uint64_t i = 0; i < std::min(cores, count); ++i) threads.emplace_back(work);
}

}  // namespace cassette::storage::engine::testing

// CASSETTE_ASSERT: an invariant of ours, checked in every build. What the caller or the world can get
// wrong is a Status (base/status.h), never an assertion.
#pragma once

namespace cassette::base {

// Prints the condition and its place to standard error and aborts.
[[noreturn]] void AssertionFailed(const char* condition, const char* file, int line);

}  // namespace cassette::base

#define CASSETTE_ASSERT(condition)                                                                            \
  do {                                                                                                        \
    if (__builtin_expect(!(condition), 0)) ::cassette::base::AssertionFailed(#condition, __FILE__, __LINE__); \
  } while (false)

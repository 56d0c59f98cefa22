// Names for clang's -Wthread-safety, empty under other compilers. What each means:
// https://clang.llvm.org/docs/ThreadSafetyAnalysis.html
#pragma once

#if defined(__clang__)
#define CASSETTE_ATTRIBUTE(x) __attribute__((x))
#else
#define CASSETTE_ATTRIBUTE(x)
#endif

#define CASSETTE_CAPABILITY(x) CASSETTE_ATTRIBUTE(capability(x))
#define CASSETTE_SCOPED_CAPABILITY CASSETTE_ATTRIBUTE(scoped_lockable)
#define CASSETTE_GUARDED_BY(x) CASSETTE_ATTRIBUTE(guarded_by(x))
#define CASSETTE_REQUIRES(...) CASSETTE_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define CASSETTE_REQUIRES_SHARED(...) CASSETTE_ATTRIBUTE(requires_shared_capability(__VA_ARGS__))
#define CASSETTE_ACQUIRE(...) CASSETTE_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define CASSETTE_ACQUIRE_SHARED(...) CASSETTE_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define CASSETTE_RELEASE(...) CASSETTE_ATTRIBUTE(release_capability(__VA_ARGS__))
#define CASSETTE_RELEASE_SHARED(...) CASSETTE_ATTRIBUTE(release_shared_capability(__VA_ARGS__))
#define CASSETTE_EXCLUDES(...) CASSETTE_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define CASSETTE_NO_THREAD_SAFETY_ANALYSIS CASSETTE_ATTRIBUTE(no_thread_safety_analysis)

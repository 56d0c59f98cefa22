// RejectsFile: refused records with their place and reason, as CSV that can be mended and loaded again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/mutex.h"
#include "base/status.h"
#include "pipeline/transformer.h"

namespace cassette::io {
class FileSystem;
class WritableFile;
}  // namespace cassette::io

namespace cassette::pipeline {

// At most this much of a refused record is kept; the rest is replaced by "...".
inline constexpr size_t kMaxRejectBytes = 64 * 1024;

// Columns: file, line, column, reason, record. The file is made at the first reject; what it held before is gone, or
// stays in front.
// Thread safety: all methods may be called from many threads.
class RejectsFile {
 public:
  enum class Before : uint8_t { kGone, kStays };
  // Past `rejects_max` rejects, Add fails with kResourceExhausted and names the last one.
  RejectsFile(io::FileSystem& file_system, std::string path, Before before, uint64_t rejects_max);
  ~RejectsFile();

  base::Status Add(const Reject& reject);
  base::Status Close();

  uint64_t count() const;
  const std::string& path() const { return path_; }
  // The first rejects as "file:line:column: reason", at most kFirst.
  std::vector<std::string> first() const;
  static constexpr size_t kFirst = 10;

 private:
  io::FileSystem& file_system_;
  const std::string path_;
  const Before before_;
  const uint64_t rejects_max_;
  mutable base::Mutex mutex_;
  std::unique_ptr<io::WritableFile> file_ CASSETTE_GUARDED_BY(mutex_);
  uint64_t count_ CASSETTE_GUARDED_BY(mutex_) = 0;
  std::vector<std::string> first_ CASSETTE_GUARDED_BY(mutex_);
};

}  // namespace cassette::pipeline

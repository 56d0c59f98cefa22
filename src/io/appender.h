// Appender: writes a file once, from its beginning to its end, through one aligned buffer; past the page cache
// where the file system can (sequential writes of 1 MiB are several times faster so, and evict nothing).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "io/file_system.h"

namespace cassette::io {

struct AppenderOptions {
  static constexpr size_t kBufferBytesMin = 64 * 1024;
  static constexpr size_t kBufferBytesMax = 16 * 1024 * 1024;

  size_t buffer_bytes = 1024 * 1024;  // Rounded up to blocks, held between the two bounds.
  uint64_t preallocate_bytes = 0;     // What the file is expected to need; the rest is cut off at the end.
};

// Thread safety: not thread safe.
// Ownership: owns the file.
// Lifetime: without Finish() the destructor leaves a file of arbitrary length behind, to be removed by the caller.
class Appender {
 public:
  // An empty file at `path`; what was there is gone.
  static base::Result<std::unique_ptr<Appender>> Create(FileSystem& file_system, const std::string& path,
                                                        const AppenderOptions& options = {});
  ~Appender();
  Appender(const Appender&) = delete;
  Appender& operator=(const Appender&) = delete;

  // After a failure every later call gives the same failure.
  base::Status Append(std::string_view bytes);
  // Appends zeros until size() is a multiple of `alignment_bytes`. REQUIRES: alignment_bytes > 0.
  base::Status PadTo(uint64_t alignment_bytes);
  // Writes what is buffered, cuts the file to size(), syncs and closes it. The caller syncs the directory. REQUIRES:
  // not finished.
  base::Status Finish();

  // Bytes appended so far: where the next ones go.
  uint64_t size() const { return written_bytes_ + buffered_bytes_; }
  const std::string& path() const { return file_->path(); }
  // Whether writes go past the page cache.
  bool direct() const { return file_->direct(); }

 private:
  struct FreeBuffer {
    void operator()(char* buffer) const;
  };

  Appender(std::unique_ptr<BlockFile> file, size_t buffer_bytes);
  base::Status AppendSlow(std::string_view bytes);
  base::Status WriteBuffer();

  std::unique_ptr<BlockFile> file_;
  std::unique_ptr<char, FreeBuffer> buffer_;
  const size_t buffer_capacity_bytes_;
  size_t buffered_bytes_ = 0;
  uint64_t written_bytes_ = 0;  // A multiple of kBlockBytes until Finish.
  bool finished_ = false;
  base::Status failure_;
};

}  // namespace cassette::io

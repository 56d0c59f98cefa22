// ByteStream: a file's bytes front to back, unpacked where they are gzip or zstd (told by their first bytes).
#pragma once

#include <memory>
#include <span>
#include <string>

#include "base/status.h"

namespace cassette::io {
class FileSystem;
}

namespace cassette::pipeline {

// Thread safety: not thread safe.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  // Fills the front of `target` and returns how many bytes; 0 at the end. kIoError or kCorruption name the file; a
  // compressed file that ends early is kCorruption.
  virtual base::Result<size_t> Read(std::span<char> target) = 0;
  // Bytes taken from the file so far (packed ones, for progress).
  virtual uint64_t consumed_bytes() const = 0;
};

// kIoError: not there, not readable, a directory. Lifetime: `file_system` outlives the stream.
base::Result<std::unique_ptr<ByteStream>> OpenByteStream(io::FileSystem& file_system, const std::string& path);

}  // namespace cassette::pipeline

// The open files of PosixFileSystem; for io/ alone.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "io/file_system.h"

namespace cassette::io {

// A file descriptor that closes itself.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { Reset(); }

  int number() const { return number_; }
  bool valid() const { return number_ >= 0; }
  // Closes; 0 or the errno.
  int Reset();

 private:
  int number_ = -1;
};

// open(2), again when a signal interrupts it.
base::Result<Descriptor> OpenDescriptor(const std::string& path, int flags);

std::unique_ptr<SequentialFile> NewPosixSequentialFile(Descriptor descriptor, std::string path);
std::unique_ptr<RandomAccessFile> NewPosixRandomAccessFile(Descriptor descriptor, std::string path,
                                                           uint64_t size_bytes);
std::unique_ptr<WritableFile> NewPosixWritableFile(Descriptor descriptor, std::string path, uint64_t size_bytes);
std::unique_ptr<BlockFile> NewPosixBlockFile(Descriptor descriptor, std::string path, bool direct);
base::Result<std::unique_ptr<MappedFile>> NewPosixMappedFile(Descriptor descriptor, std::string path,
                                                             uint64_t size_bytes);

}  // namespace cassette::io

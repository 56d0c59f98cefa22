#include "io/posix_files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>

#include "base/assert.h"
#include "io/posix_error.h"

namespace cassette::io {

using base::Result;
using base::Status;

namespace {

// What Linux transfers in one call at most is a page below 2 GiB.
constexpr size_t kTransferBytesMax = 1 << 30;

// Calls `call` until no signal interrupts it.
template <typename Call>
auto Retry(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Status SyncDescriptor(int descriptor, const std::string& path) {
  if (Retry([&] { return ::fdatasync(descriptor); }) == 0) return Status::Ok();
  return ErrnoStatus(errno, path, "sync");
}

Status CloseDescriptor(Descriptor& descriptor, const std::string& path) {
  const int error = descriptor.Reset();
  return error == 0 ? Status::Ok() : ErrnoStatus(error, path, "close");
}

class PosixSequentialFile final : public SequentialFile {
 public:
  PosixSequentialFile(Descriptor descriptor, std::string path)
      : descriptor_(std::move(descriptor)), path_(std::move(path)) {}

  Result<size_t> Read(std::span<char> target) override {
    const size_t wanted = std::min(target.size(), kTransferBytesMax);
    const ssize_t count = Retry([&] { return ::read(descriptor_.number(), target.data(), wanted); });
    if (count < 0) return ErrnoStatus(errno, path_, "read");
    return static_cast<size_t>(count);
  }

 private:
  Descriptor descriptor_;
  const std::string path_;
};

class PosixRandomAccessFile final : public RandomAccessFile {
 public:
  PosixRandomAccessFile(Descriptor descriptor, std::string path, uint64_t size_bytes)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), size_bytes_(size_bytes) {}

  Result<size_t> ReadAt(uint64_t offset, std::span<char> target) const override {
    size_t done = 0;
    while (done < target.size()) {
      const size_t wanted = std::min(target.size() - done, kTransferBytesMax);
      const ssize_t count = Retry([&] {
        return ::pread(descriptor_.number(), target.data() + done, wanted, static_cast<off_t>(offset + done));
      });
      if (count < 0) return ErrnoStatus(errno, path_, "read");
      if (count == 0) break;
      done += static_cast<size_t>(count);
    }
    return done;
  }
  void Prefetch(uint64_t offset, uint64_t length_bytes) const override {
    ::posix_fadvise(descriptor_.number(), static_cast<off_t>(offset), static_cast<off_t>(length_bytes),
                    POSIX_FADV_WILLNEED);
  }
  uint64_t size() const override { return size_bytes_; }
  const std::string& path() const override { return path_; }

 private:
  const Descriptor descriptor_;
  const std::string path_;
  const uint64_t size_bytes_;
};

class PosixWritableFile final : public WritableFile {
 public:
  PosixWritableFile(Descriptor descriptor, std::string path, uint64_t size_bytes)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), size_bytes_(size_bytes) {}

  Status Append(std::string_view bytes) override {
    CASSETTE_RETURN_IF_ERROR(failure_);
    while (!bytes.empty()) {
      const size_t wanted = std::min(bytes.size(), kTransferBytesMax);
      const ssize_t count = Retry([&] { return ::write(descriptor_.number(), bytes.data(), wanted); });
      if (count < 0) return Fail(ErrnoStatus(errno, path_, "write"));
      bytes.remove_prefix(static_cast<size_t>(count));
      size_bytes_ += static_cast<uint64_t>(count);
    }
    return Status::Ok();
  }
  Status Sync() override {
    CASSETTE_RETURN_IF_ERROR(failure_);
    return Fail(SyncDescriptor(descriptor_.number(), path_));
  }
  Status Close() override { return CloseDescriptor(descriptor_, path_); }
  uint64_t size() const override { return size_bytes_; }
  const std::string& path() const override { return path_; }

 private:
  // A failed write or sync leaves a file of unknown contents: nothing may follow it.
  Status Fail(Status status) {
    failure_ = status;
    return status;
  }

  Descriptor descriptor_;
  const std::string path_;
  uint64_t size_bytes_;
  Status failure_;
};

class PosixBlockFile final : public BlockFile {
 public:
  PosixBlockFile(Descriptor descriptor, std::string path, bool direct)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), direct_(direct) {}

  Status WriteAt(uint64_t offset, std::span<const char> bytes) override {
    CASSETTE_ASSERT(offset % kBlockBytes == 0);
    CASSETTE_ASSERT(bytes.size() % kBlockBytes == 0);
    CASSETTE_ASSERT(reinterpret_cast<uintptr_t>(bytes.data()) % kBlockBytes == 0);
    size_t done = 0;
    while (done < bytes.size()) {
      const size_t wanted = std::min(bytes.size() - done, kTransferBytesMax);
      const ssize_t count = Retry([&] {
        return ::pwrite(descriptor_.number(), bytes.data() + done, wanted, static_cast<off_t>(offset + done));
      });
      if (count < 0) {
        if (errno == EINVAL && direct_.exchange(false) && GiveUpDirect()) continue;
        return ErrnoStatus(errno, path_, "write");
      }
      done += static_cast<size_t>(count);
    }
    return Status::Ok();
  }
  Status Truncate(uint64_t size_bytes) override {
    if (Retry([&] { return ::ftruncate(descriptor_.number(), static_cast<off_t>(size_bytes)); }) == 0) {
      return Status::Ok();
    }
    return ErrnoStatus(errno, path_, "set the size");
  }
  Status Sync() override { return SyncDescriptor(descriptor_.number(), path_); }
  Status Close() override { return CloseDescriptor(descriptor_, path_); }
  bool direct() const override { return direct_; }
  const std::string& path() const override { return path_; }

 private:
  // Some file systems accept O_DIRECT when opening and refuse it when writing.
  bool GiveUpDirect() {
    const int flags = ::fcntl(descriptor_.number(), F_GETFL);
    return flags >= 0 && ::fcntl(descriptor_.number(), F_SETFL, flags & ~O_DIRECT) == 0;
  }

  Descriptor descriptor_;
  const std::string path_;
  std::atomic<bool> direct_;
};

class PosixMappedFile final : public MappedFile {
 public:
  PosixMappedFile(Descriptor descriptor, std::string path, std::span<char> bytes)
      : descriptor_(std::move(descriptor)), path_(std::move(path)), bytes_(bytes) {}
  ~PosixMappedFile() override { ::munmap(bytes_.data(), bytes_.size()); }

  std::span<char> bytes() override { return bytes_; }
  Status Sync(uint64_t offset, uint64_t length_bytes) override {
    CASSETTE_ASSERT(offset <= bytes_.size());
    CASSETTE_ASSERT(length_bytes <= bytes_.size() - offset);
    // msync(MS_SYNC) of a range is fdatasync of that range on Linux.
    const uint64_t begin = offset / kBlockBytes * kBlockBytes;
    const uint64_t length = offset + length_bytes - begin;
    if (Retry([&] { return ::msync(bytes_.data() + begin, length, MS_SYNC); }) == 0) return Status::Ok();
    return ErrnoStatus(errno, path_, "sync");
  }
  const std::string& path() const override { return path_; }

 private:
  const Descriptor descriptor_;
  const std::string path_;
  const std::span<char> bytes_;
};

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  Reset();
  number_ = std::exchange(other.number_, -1);
  return *this;
}

int Descriptor::Reset() {
  if (number_ < 0) return 0;
  // Not again after EINTR: Linux has released the number by then.
  const int result = ::close(std::exchange(number_, -1));
  return result == 0 || errno == EINTR ? 0 : errno;
}

Result<Descriptor> OpenDescriptor(const std::string& path, int flags) {
  const int number = Retry([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0644); });
  if (number < 0) return ErrnoStatus(errno, path, "open");
  return Descriptor(number);
}

std::unique_ptr<SequentialFile> NewPosixSequentialFile(Descriptor descriptor, std::string path) {
  return std::make_unique<PosixSequentialFile>(std::move(descriptor), std::move(path));
}

std::unique_ptr<RandomAccessFile> NewPosixRandomAccessFile(Descriptor descriptor, std::string path,
                                                           uint64_t size_bytes) {
  return std::make_unique<PosixRandomAccessFile>(std::move(descriptor), std::move(path), size_bytes);
}

std::unique_ptr<WritableFile> NewPosixWritableFile(Descriptor descriptor, std::string path, uint64_t size_bytes) {
  return std::make_unique<PosixWritableFile>(std::move(descriptor), std::move(path), size_bytes);
}

std::unique_ptr<BlockFile> NewPosixBlockFile(Descriptor descriptor, std::string path, bool direct) {
  return std::make_unique<PosixBlockFile>(std::move(descriptor), std::move(path), direct);
}

Result<std::unique_ptr<MappedFile>> NewPosixMappedFile(Descriptor descriptor, std::string path, uint64_t size_bytes) {
  void* address = ::mmap(nullptr, size_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor.number(), 0);
  if (address == MAP_FAILED) return ErrnoStatus(errno, path, "map");
  const std::span<char> bytes(static_cast<char*>(address), size_bytes);
  return std::unique_ptr<MappedFile>(std::make_unique<PosixMappedFile>(std::move(descriptor), std::move(path), bytes));
}

}  // namespace cassette::io

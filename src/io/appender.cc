#include "io/appender.h"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "base/assert.h"

namespace cassette::io {

using base::Result;
using base::Status;

namespace {

constexpr std::align_val_t kBufferAlignment{kBlockBytes};

uint64_t RoundUp(uint64_t value, uint64_t unit) { return (value + unit - 1) / unit * unit; }

char* AllocateBuffer(size_t size_bytes) { return static_cast<char*>(::operator new(size_bytes, kBufferAlignment)); }

}  // namespace

void Appender::FreeBuffer::operator()(char* buffer) const { ::operator delete(buffer, kBufferAlignment); }

Result<std::unique_ptr<Appender>> Appender::Create(FileSystem& file_system, const std::string& path,
                                                   const AppenderOptions& options) {
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<BlockFile> file,
                            file_system.CreateBlockFile(path, options.preallocate_bytes));
  const size_t wanted =
      std::clamp(options.buffer_bytes, AppenderOptions::kBufferBytesMin, AppenderOptions::kBufferBytesMax);
  return std::unique_ptr<Appender>(new Appender(std::move(file), RoundUp(wanted, kBlockBytes)));
}

Appender::Appender(std::unique_ptr<BlockFile> file, size_t buffer_bytes)
    : file_(std::move(file)), buffer_(AllocateBuffer(buffer_bytes)), buffer_capacity_bytes_(buffer_bytes) {}

Appender::~Appender() = default;

Status Appender::Append(std::string_view bytes) {
  CASSETTE_ASSERT(!finished_);
  if (bytes.size() >= buffer_capacity_bytes_ - buffered_bytes_) return AppendSlow(bytes);
  std::memcpy(buffer_.get() + buffered_bytes_, bytes.data(), bytes.size());
  buffered_bytes_ += bytes.size();
  return failure_;
}

Status Appender::AppendSlow(std::string_view bytes) {
  CASSETTE_RETURN_IF_ERROR(failure_);
  while (!bytes.empty()) {
    const size_t count = std::min(bytes.size(), buffer_capacity_bytes_ - buffered_bytes_);
    std::memcpy(buffer_.get() + buffered_bytes_, bytes.data(), count);
    buffered_bytes_ += count;
    bytes.remove_prefix(count);
    if (buffered_bytes_ == buffer_capacity_bytes_) CASSETTE_RETURN_IF_ERROR(WriteBuffer());
  }
  return Status::Ok();
}

Status Appender::PadTo(uint64_t alignment_bytes) {
  CASSETTE_ASSERT(alignment_bytes > 0);
  static constexpr char kZeros[512] = {};
  uint64_t missing = RoundUp(size(), alignment_bytes) - size();
  while (missing > 0) {
    const size_t count = std::min<uint64_t>(missing, sizeof(kZeros));
    CASSETTE_RETURN_IF_ERROR(Append({kZeros, count}));
    missing -= count;
  }
  return failure_;
}

// Writes the whole buffer. REQUIRES: it is full, or padded to a block.
Status Appender::WriteBuffer() {
  failure_ = file_->WriteAt(written_bytes_, {buffer_.get(), buffered_bytes_});
  CASSETTE_RETURN_IF_ERROR(failure_);
  written_bytes_ += buffered_bytes_;
  buffered_bytes_ = 0;
  return Status::Ok();
}

Status Appender::Finish() {
  CASSETTE_ASSERT(!finished_);
  CASSETTE_RETURN_IF_ERROR(failure_);
  const uint64_t final_size = size();
  const size_t padded = RoundUp(buffered_bytes_, kBlockBytes);
  std::memset(buffer_.get() + buffered_bytes_, 0, padded - buffered_bytes_);
  buffered_bytes_ = padded;
  if (padded > 0) CASSETTE_RETURN_IF_ERROR(WriteBuffer());
  finished_ = true;
  written_bytes_ = final_size;
  failure_ = file_->Truncate(final_size);
  if (failure_.ok()) failure_ = file_->Sync();
  if (failure_.ok()) failure_ = file_->Close();
  return failure_;
}

}  // namespace cassette::io

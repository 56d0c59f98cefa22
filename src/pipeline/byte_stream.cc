#include "pipeline/byte_stream.h"

#include <fmt/format.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>
#include <vector>

#include "io/file_system.h"

namespace cassette::pipeline {
namespace {

constexpr size_t kPackedBufferBytes = 256 * 1024;

// The file's own bytes, with the first ones read ahead to look at.
class PlainStream final : public ByteStream {
 public:
  explicit PlainStream(std::unique_ptr<io::SequentialFile> file) : file_(std::move(file)) {}

  base::Status Peek(size_t size_bytes) {
    head_.resize(size_bytes);
    size_t filled = 0;
    while (filled < size_bytes) {
      CASSETTE_ASSIGN_OR_RETURN(const size_t count, file_->Read(std::span(head_).subspan(filled)));
      if (count == 0) break;
      filled += count;
    }
    head_.resize(filled);
    return base::Status::Ok();
  }
  std::string_view head() const { return {head_.data(), head_.size()}; }

  base::Result<size_t> Read(std::span<char> target) override {
    size_t count = std::min(head_.size() - head_taken_, target.size());
    if (count > 0) {
      std::memcpy(target.data(), head_.data() + head_taken_, count);
      head_taken_ += count;
    } else {
      CASSETTE_ASSIGN_OR_RETURN(count, file_->Read(target));
    }
    consumed_bytes_ += count;
    return count;
  }
  uint64_t consumed_bytes() const override { return consumed_bytes_; }

 private:
  std::unique_ptr<io::SequentialFile> file_;
  std::vector<char> head_;
  size_t head_taken_ = 0;
  uint64_t consumed_bytes_ = 0;
};

base::Status Broken(const std::string& path, std::string_view format, uint64_t offset, std::string_view what) {
  return base::Corruption(fmt::format("{}: {} data {} at byte {} of the file", path, format, what, offset));
}

class GzipStream final : public ByteStream {
 public:
  GzipStream(std::unique_ptr<PlainStream> packed, std::string path)
      : packed_(std::move(packed)), path_(std::move(path)), buffer_(kPackedBufferBytes) {
    constexpr int kGzipWindow = 15 + 16;
    const int result = inflateInit2(&state_, kGzipWindow);
    CASSETTE_ASSERT(result == Z_OK);
  }
  ~GzipStream() override { inflateEnd(&state_); }

  base::Result<size_t> Read(std::span<char> target) override {
    if (target.empty()) return size_t{0};
    state_.next_out = reinterpret_cast<Bytef*>(target.data());
    state_.avail_out = static_cast<uInt>(target.size());
    while (state_.avail_out == target.size()) {
      if (state_.avail_in == 0) {
        CASSETTE_ASSIGN_OR_RETURN(const size_t count, packed_->Read(buffer_));
        if (count == 0) {
          if (member_ended_) return size_t{0};
          return Broken(path_, "gzip", packed_->consumed_bytes(), "ends early");
        }
        state_.next_in = reinterpret_cast<Bytef*>(buffer_.data());
        state_.avail_in = static_cast<uInt>(count);
      }
      if (member_ended_) {  // Another member follows, as gzip allows.
        inflateReset(&state_);
        member_ended_ = false;
      }
      const int result = inflate(&state_, Z_NO_FLUSH);
      member_ended_ = result == Z_STREAM_END;
      if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR) {
        return Broken(path_, "gzip", packed_->consumed_bytes() - state_.avail_in, "is damaged");
      }
    }
    return target.size() - state_.avail_out;
  }
  uint64_t consumed_bytes() const override { return packed_->consumed_bytes(); }

 private:
  std::unique_ptr<PlainStream> packed_;
  const std::string path_;
  std::vector<char> buffer_;
  z_stream state_ = {};
  bool member_ended_ = false;
};

class ZstdStream final : public ByteStream {
 public:
  ZstdStream(std::unique_ptr<PlainStream> packed, std::string path)
      : packed_(std::move(packed)), path_(std::move(path)), buffer_(kPackedBufferBytes), state_(ZSTD_createDStream()) {
    CASSETTE_ASSERT(state_ != nullptr);
  }
  ~ZstdStream() override { ZSTD_freeDStream(state_); }

  base::Result<size_t> Read(std::span<char> target) override {
    ZSTD_outBuffer out{target.data(), target.size(), 0};
    while (out.pos == 0 && out.size > 0) {
      if (in_.pos == in_.size) {
        CASSETTE_ASSIGN_OR_RETURN(const size_t count, packed_->Read(buffer_));
        if (count == 0) {
          if (frame_ended_) return size_t{0};
          return Broken(path_, "zstd", packed_->consumed_bytes(), "ends early");
        }
        in_ = {buffer_.data(), count, 0};
      }
      const size_t result = ZSTD_decompressStream(state_, &out, &in_);
      if (ZSTD_isError(result)) {
        return Broken(path_, "zstd", packed_->consumed_bytes() - (in_.size - in_.pos), "is damaged");
      }
      frame_ended_ = result == 0;
    }
    return out.pos;
  }
  uint64_t consumed_bytes() const override { return packed_->consumed_bytes(); }

 private:
  std::unique_ptr<PlainStream> packed_;
  const std::string path_;
  std::vector<char> buffer_;
  ZSTD_DStream* state_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool frame_ended_ = false;
};

}  // namespace

base::Result<std::unique_ptr<ByteStream>> OpenByteStream(io::FileSystem& file_system, const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(const io::FileInfo info, file_system.Stat(path));
  if (info.kind != io::FileKind::kFile) {
    return base::IoError(fmt::format("{}: expected a file, found {}", path,
                                     info.kind == io::FileKind::kDirectory ? "a directory" : "something else"));
  }
  CASSETTE_ASSIGN_OR_RETURN(std::unique_ptr<io::SequentialFile> file, file_system.OpenSequential(path));
  auto plain = std::make_unique<PlainStream>(std::move(file));
  CASSETTE_RETURN_IF_ERROR(plain->Peek(4));
  const std::string_view head = plain->head();
  if (head.starts_with("\x1f\x8b")) return std::unique_ptr<ByteStream>(new GzipStream(std::move(plain), path));
  if (head == "\x28\xb5\x2f\xfd") return std::unique_ptr<ByteStream>(new ZstdStream(std::move(plain), path));
  return std::unique_ptr<ByteStream>(std::move(plain));
}

}  // namespace cassette::pipeline

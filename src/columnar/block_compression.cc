#include "columnar/block_compression.h"

#include <zstd.h>

#include <algorithm>
#include <memory>

#include "base/assert.h"
#include "columnar/corruption.h"
#include "columnar/fsst.h"

namespace cassette::columnar {
namespace {

constexpr int kZstdLevel = 1;
constexpr size_t kMinBytes = 96;  // Below, tables and headers cost more than they save.
// What decodes more slowly must be smaller by one part in so many.
constexpr size_t kGain = 10;
// What zstd makes smaller than one part in so many is not tried with FSST, which reaches a factor of two or three on
// text (Boncz, Neumann, Leis, "FSST: Fast Random Access String Compression", VLDB 2020).
constexpr size_t kFsstFactorMax = 3;
// A zstd block of three bytes, and its share of a frame's header, can stand for 128 KiB at most.
constexpr size_t kMaxZstdRatio = size_t{1} << 16;

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

ZSTD_CCtx* CompressionContext() {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  CASSETTE_ASSERT(context != nullptr);
  return context.get();
}

ZSTD_DCtx* DecompressionContext() {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  CASSETTE_ASSERT(context != nullptr);
  return context.get();
}

// The zstd frame of `bytes`; empty when it has `limit` bytes or more.
std::string Compress(std::string_view bytes, size_t limit) {
  std::string compressed(limit, '\0');
  ZSTD_CCtx* context = CompressionContext();
  ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, kZstdLevel);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  const size_t size = ZSTD_compress2(context, compressed.data(), compressed.size(), bytes.data(), bytes.size());
  compressed.resize(ZSTD_isError(size) ? 0 : size);
  return compressed;
}

base::Status ReadZstd(std::string_view block, size_t size_bytes, std::string* out) {
  if (size_bytes / kMaxZstdRatio > block.size()) return Malformed("more text than zstd can hold");
  const size_t start = out->size();
  out->resize(start + size_bytes);
  const size_t size =
      ZSTD_decompressDCtx(DecompressionContext(), out->data() + start, size_bytes, block.data(), block.size());
  if (ZSTD_isError(size)) return Malformed("zstd refuses it");
  if (size != size_bytes) return Malformed("a zstd block of another length");
  return base::Status::Ok();
}

}  // namespace

Encoding AppendBlock(std::string_view bytes, std::string* out) {
  if (bytes.size() < kMinBytes) {
    out->append(bytes);
    return Encoding::kRaw;
  }
  const size_t worthwhile = bytes.size() - bytes.size() / kGain;
  const std::string zstd = Compress(bytes, worthwhile);
  // What zstd cannot compress FSST cannot. Where zstd is not smaller by one part in ten, FSST is the faster.
  const bool tries_fsst = !zstd.empty() && zstd.size() * kFsstFactorMax >= bytes.size();
  const std::string fsst =
      !tries_fsst ? "" : FsstCompress(bytes, std::min(worthwhile, zstd.size() + zstd.size() / kGain));
  const bool has_fsst = !fsst.empty();
  if (!has_fsst && !zstd.empty()) {
    out->append(zstd);
    return Encoding::kZstd;
  }
  out->append(has_fsst ? std::string_view(fsst) : bytes);
  return has_fsst ? Encoding::kFsst : Encoding::kRaw;
}

base::Status ReadBlock(Encoding encoding, std::string_view block, size_t size_bytes, std::string* out) {
  CASSETTE_ASSERT(size_bytes <= kMaxHeapBytes);
  switch (encoding) {
    case Encoding::kRaw:
      if (block.size() != size_bytes) return Malformed("raw bytes of another length");
      out->append(block);
      return base::Status::Ok();
    case Encoding::kFsst:
      return FsstDecompress(block, size_bytes, out);
    case Encoding::kZstd:
      return ReadZstd(block, size_bytes, out);
    default:
      return Malformed("not an encoding of bytes");
  }
}

}  // namespace cassette::columnar

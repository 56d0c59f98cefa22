#include "protocol/compression.h"

#include <lz4.h>
#include <snappy.h>
#include <strings.h>

#include "base/assert.h"
#include "codec/fixed.h"

namespace cassette::protocol {
namespace {

constexpr size_t kLengthBytes = sizeof(uint32_t);

bool EqualsIgnoringCase(std::string_view a, std::string_view b) {
  return a.size() == b.size() && strncasecmp(a.data(), b.data(), a.size()) == 0;
}

void AppendLz4(std::string_view body, std::string* out) {
  CASSETTE_ASSERT(body.size() <= LZ4_MAX_INPUT_SIZE);
  const size_t begin = out->size();
  const int bound = LZ4_compressBound(static_cast<int>(body.size()));
  out->resize(begin + kLengthBytes + static_cast<size_t>(bound));
  codec::StoreBig(static_cast<uint32_t>(body.size()), out->data() + begin);
  const int size =
      LZ4_compress_default(body.data(), out->data() + begin + kLengthBytes, static_cast<int>(body.size()), bound);
  CASSETTE_ASSERT(size > 0);
  out->resize(begin + kLengthBytes + static_cast<size_t>(size));
}

base::Status DecompressLz4(std::string_view bytes, size_t max_bytes, std::string* body) {
  if (bytes.size() < kLengthBytes) return base::InvalidArgument("The lz4 body has no length");
  const size_t size = codec::LoadBig<uint32_t>(bytes.data());
  if (size > max_bytes) return base::InvalidArgument("The lz4 body is longer than an envelope may be");
  return DecompressLz4Block(bytes.substr(kLengthBytes), size, body);
}

base::Status DecompressSnappy(std::string_view bytes, size_t max_bytes, std::string* body) {
  size_t size = 0;
  if (!snappy::GetUncompressedLength(bytes.data(), bytes.size(), &size)) {
    return base::InvalidArgument("The snappy body has no length");
  }
  if (size > max_bytes) return base::InvalidArgument("The snappy body is longer than an envelope may be");
  body->resize(size);
  if (!snappy::RawUncompress(bytes.data(), bytes.size(), body->data())) {
    return base::InvalidArgument("The body is not snappy");
  }
  return base::Status::Ok();
}

}  // namespace

base::Result<Compression> ParseCompression(std::string_view name) {
  for (const Compression compression : {Compression::kLz4, Compression::kSnappy}) {
    if (EqualsIgnoringCase(name, CompressionName(compression))) return compression;
  }
  return base::InvalidArgument("Unknown compression algorithm: " + std::string(name));
}

std::string_view CompressionName(Compression compression) {
  switch (compression) {
    case Compression::kLz4:
      return "lz4";
    case Compression::kSnappy:
      return "snappy";
    case Compression::kNone:
      break;
  }
  return "none";
}

void AppendCompressedBody(Compression compression, std::string_view body, std::string* out) {
  CASSETTE_ASSERT(compression != Compression::kNone);
  if (compression == Compression::kLz4) return AppendLz4(body, out);
  const size_t begin = out->size();
  out->resize(begin + snappy::MaxCompressedLength(body.size()));
  size_t size = 0;
  snappy::RawCompress(body.data(), body.size(), out->data() + begin, &size);
  out->resize(begin + size);
}

base::Status DecompressBody(Compression compression, std::string_view bytes, size_t max_bytes, std::string* body) {
  CASSETTE_ASSERT(compression != Compression::kNone);
  return compression == Compression::kLz4 ? DecompressLz4(bytes, max_bytes, body)
                                          : DecompressSnappy(bytes, max_bytes, body);
}

bool AppendLz4Block(std::string_view bytes, std::string* out) {
  if (bytes.empty()) return false;
  const size_t begin = out->size();
  out->resize(begin + bytes.size());
  // Room for less than the bytes themselves: what does not fit was not worth it.
  const int size = LZ4_compress_default(bytes.data(), out->data() + begin, static_cast<int>(bytes.size()),
                                        static_cast<int>(bytes.size() - 1));
  out->resize(begin + static_cast<size_t>(size > 0 ? size : 0));
  return size > 0;
}

base::Status DecompressLz4Block(std::string_view block, size_t size_bytes, std::string* out) {
  out->resize(size_bytes);
  const int size =
      LZ4_decompress_safe(block.data(), out->data(), static_cast<int>(block.size()), static_cast<int>(size_bytes));
  if (size < 0 || static_cast<size_t>(size) != size_bytes) {
    return base::InvalidArgument("The lz4 block does not unpack to the length it states");
  }
  return base::Status::Ok();
}

}  // namespace cassette::protocol

#include "columnar/int_points.h"

#include "columnar/encoding.h"
#include "columnar/frame.h"

namespace cassette::columnar {

bool IntPoints::Open(std::string_view encoded, uint32_t rows) {
  if (rows == 0 || rows > kMaxVectorRows) return false;
  if (encoded.empty() || encoded[0] != static_cast<char>(Encoding::kFrameOfReference)) return false;
  codec::ByteReader reader(encoded.substr(1));
  FrameHeader header;
  if (!ReadFrameHeader(rows, &reader, &header).ok() || header.patches != 0 || !reader.empty()) return false;
  packed_ = header.packed;
  rows_ = rows;
  width_ = header.width;
  base_ = header.base;
  divisor_ = header.divisor;
  return true;
}

}  // namespace cassette::columnar

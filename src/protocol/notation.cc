#include "protocol/notation.h"

#include <algorithm>

#include "base/assert.h"
#include "codec/fixed.h"

namespace cassette::protocol {
namespace {

constexpr size_t kMaxShortLength = 0xffff;
constexpr int32_t kNullLength = -1;
constexpr int32_t kUnsetLength = -2;

}  // namespace

std::string_view WireReader::Raw(size_t size_bytes) {
  if (size_bytes > rest_.size()) {
    ok_ = false;
    rest_ = {};
    return {};
  }
  const std::string_view result = rest_.substr(0, size_bytes);
  rest_.remove_prefix(size_bytes);
  return result;
}

uint8_t WireReader::Byte() {
  const std::string_view bytes = Raw(1);
  return bytes.empty() ? 0 : static_cast<uint8_t>(bytes[0]);
}

uint16_t WireReader::Short() {
  const std::string_view bytes = Raw(sizeof(uint16_t));
  return bytes.empty() ? 0 : codec::LoadBig<uint16_t>(bytes.data());
}

int32_t WireReader::Int() {
  const std::string_view bytes = Raw(sizeof(uint32_t));
  return bytes.empty() ? 0 : static_cast<int32_t>(codec::LoadBig<uint32_t>(bytes.data()));
}

int64_t WireReader::Long() {
  const std::string_view bytes = Raw(sizeof(uint64_t));
  return bytes.empty() ? 0 : static_cast<int64_t>(codec::LoadBig<uint64_t>(bytes.data()));
}

std::string_view WireReader::String() { return Raw(Short()); }

std::string_view WireReader::ShortBytes() { return Raw(Short()); }

std::string_view WireReader::LongString() {
  const int32_t length = Int();
  if (length < 0) ok_ = false;
  return length < 0 ? std::string_view() : Raw(static_cast<size_t>(length));
}

std::optional<std::string_view> WireReader::Bytes() {
  const int32_t length = Int();
  if (length < 0) return std::nullopt;
  return Raw(static_cast<size_t>(length));
}

types::ValueView WireReader::Value() {
  const int32_t length = Int();
  if (length >= 0) return types::ValueView::Of(Raw(static_cast<size_t>(length)));
  if (length < kUnsetLength) ok_ = false;
  return length == kUnsetLength ? types::ValueView::Unset() : types::ValueView::Null();
}

std::vector<std::string> WireReader::StringList() {
  std::vector<std::string> result;
  for (uint16_t count = Short(); count > 0 && ok_; --count) result.emplace_back(String());
  return result;
}

std::vector<std::pair<std::string, std::string>> WireReader::StringMap() {
  std::vector<std::pair<std::string, std::string>> result;
  for (uint16_t count = Short(); count > 0 && ok_; --count) {
    const std::string_view key = String();
    result.emplace_back(key, String());
  }
  return result;
}

void WireReader::SkipBytesMap() {
  for (uint16_t count = Short(); count > 0 && ok_; --count) {
    String();
    Bytes();
  }
}

void AppendByte(uint8_t value, std::string* out) { out->push_back(static_cast<char>(value)); }

void AppendShort(uint16_t value, std::string* out) { codec::AppendBig(value, out); }

void AppendInt(int32_t value, std::string* out) { codec::AppendBig(static_cast<uint32_t>(value), out); }

void AppendLong(int64_t value, std::string* out) { codec::AppendBig(static_cast<uint64_t>(value), out); }

void AppendString(std::string_view text, std::string* out) {
  text = text.substr(0, kMaxShortLength);
  AppendShort(static_cast<uint16_t>(text.size()), out);
  out->append(text);
}

void AppendLongString(std::string_view text, std::string* out) { AppendBytes(text, out); }

void AppendShortBytes(std::string_view bytes, std::string* out) {
  CASSETTE_ASSERT(bytes.size() <= kMaxShortLength);
  AppendString(bytes, out);
}

void AppendBytes(std::string_view bytes, std::string* out) {
  AppendInt(static_cast<int32_t>(bytes.size()), out);
  out->append(bytes);
}

void AppendNullBytes(std::string* out) { AppendInt(kNullLength, out); }

void AppendValue(const types::ValueView& value, std::string* out) {
  if (value.is_null()) return AppendInt(kNullLength, out);
  if (value.is_unset()) return AppendInt(kUnsetLength, out);
  AppendBytes(value.bytes, out);
}

void AppendStringList(std::span<const std::string> texts, std::string* out) {
  const size_t count = std::min(texts.size(), kMaxShortLength);
  AppendShort(static_cast<uint16_t>(count), out);
  for (const std::string& text : texts.first(count)) AppendString(text, out);
}

void AppendInet(std::string_view address, int32_t port, std::string* out) {
  CASSETTE_ASSERT(address.size() == 4 || address.size() == 16);
  AppendByte(static_cast<uint8_t>(address.size()), out);
  out->append(address);
  AppendInt(port, out);
}

}  // namespace cassette::protocol

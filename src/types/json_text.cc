// AppendJson and its kin of json.h.
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "codec/fixed.h"
#include "types/calendar.h"
#include "types/composite.h"
#include "types/json.h"

namespace cassette::types {
namespace {

constexpr char kHexDigits[] = "0123456789ABCDEF";

// The items of a legal value.
std::vector<ValueView> ItemsOf(const DataType& type, std::string_view bytes) {
  std::vector<ValueView> items;
  (void)SplitComposite(type, bytes, &items).ok();
  return items;
}

void AppendItem(const DataType& type, const ValueView& item, std::string* out) {
  if (item.is_null()) {
    out->append("null");
  } else {
    AppendJson(type, item.bytes, out);
  }
}

void AppendQuoted(const DataType& type, std::string_view bytes, std::string* out) {
  out->append("\"").append(ToText(type, bytes)).append("\"");
}

// A list, set, tuple or vector.
void AppendList(const DataType& type, std::string_view bytes, std::string* out) {
  const std::vector<ValueView> items = ItemsOf(type, bytes);
  out->push_back('[');
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out->append(", ");
    AppendItem(ItemType(type, i), items[i], out);
  }
  out->push_back(']');
}

void AppendMap(const DataType& type, std::string_view bytes, std::string* out) {
  const std::vector<ValueView> items = ItemsOf(type, bytes);
  out->push_back('{');
  for (size_t i = 0; i + 1 < items.size(); i += 2) {
    if (i > 0) out->append(", ");
    std::string name;
    AppendItem(type.element(0), items[i], &name);
    if (name.starts_with('"')) {
      out->append(name);
    } else {
      AppendJsonString(name, out);
    }
    out->append(": ");
    AppendItem(type.element(1), items[i + 1], out);
  }
  out->push_back('}');
}

void AppendUserType(const DataType& type, std::string_view bytes, std::string* out) {
  std::vector<ValueView> items = ItemsOf(type, bytes);
  items.resize(type.fields().size(), ValueView::Null());
  out->push_back('{');
  for (size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out->append(", ");
    AppendJsonName(type.fields()[i].name, out);
    out->append(": ");
    AppendItem(type.element(i), items[i], out);
  }
  out->push_back('}');
}

// Addresses as Java has them: of IPv6 all eight groups.
void AppendInet(const DataType& type, std::string_view bytes, std::string* out) {
  constexpr size_t kLongBytes = 16;
  if (bytes.size() != kLongBytes) return AppendQuoted(type, bytes, out);
  out->push_back('"');
  for (size_t i = 0; i < kLongBytes; i += 2) {
    out->append(fmt::format("{}{:x}", i == 0 ? "" : ":", codec::LoadBig<uint16_t>(bytes.data() + i)));
  }
  out->push_back('"');
}

// No number in JSON says these.
bool IsFinite(const DataType& type, std::string_view bytes) {
  if (type.kind() == TypeKind::kDouble) return std::isfinite(ToDouble(bytes));
  return std::isfinite(std::bit_cast<float>(codec::LoadBig<uint32_t>(bytes.data())));
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  out->push_back('"');
  for (const char c : text) {
    const size_t escape = std::string_view("\"\\\b\f\n\r\t").find(c);
    if (escape != std::string_view::npos) {
      out->push_back('\\');
      out->push_back("\"\\bfnrt"[escape]);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      out->append("\\u00");
      out->push_back(kHexDigits[c >> 4]);
      out->push_back(kHexDigits[c & 15]);
    } else {
      out->push_back(c);
    }
  }
  out->push_back('"');
}

void AppendJsonName(std::string_view name, std::string* out) {
  const bool is_lower = std::none_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  AppendJsonString(is_lower ? std::string(name) : fmt::format("\"{}\"", name), out);
}

void AppendJson(const DataType& type, std::string_view bytes, std::string* out) {
  const TypeKind kind = type.kind();
  if (kind == TypeKind::kAscii || kind == TypeKind::kText) return AppendJsonString(bytes, out);
  if (kind == TypeKind::kMap) return AppendMap(type, bytes, out);
  if (kind == TypeKind::kUdt) return AppendUserType(type, bytes, out);
  if (!type.is_scalar()) return AppendList(type, bytes, out);
  if (kind == TypeKind::kBlob) return AppendQuoted(type, bytes, out);
  if (bytes.empty()) {
    out->append("\"\"");
    return;
  }
  switch (kind) {
    case TypeKind::kDouble:
    case TypeKind::kFloat:
      out->append(IsFinite(type, bytes) ? ToText(type, bytes) : "null");
      return;
    case TypeKind::kTimestamp:
      out->push_back('"');
      AppendTimestampJson(ToInt64(kind, bytes), out);
      out->push_back('"');
      return;
    case TypeKind::kInet:
      return AppendInet(type, bytes, out);
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kDuration:
    case TypeKind::kUuid:
    case TypeKind::kTimeuuid:
      return AppendQuoted(type, bytes, out);
    default:
      out->append(ToText(type, bytes));
  }
}

}  // namespace cassette::types

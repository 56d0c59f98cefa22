#include "types/composite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>

#include "base/assert.h"
#include "codec/fixed.h"
#include "codec/varint.h"
#include "types/duration.h"
#include "types/uuid.h"

namespace cassette::types {

namespace {

bool ReadInt32(std::string_view* bytes, int32_t* value) {
  if (bytes->size() < 4) return false;
  *value = static_cast<int32_t>(codec::LoadBig<uint32_t>(bytes->data()));
  bytes->remove_prefix(4);
  return true;
}

base::Status SplitCollection(const DataType& type, std::string_view bytes, std::vector<ValueView>* items) {
  const std::string_view name = TypeKindName(type.kind());
  if (bytes.empty()) return base::Status::Ok();
  int32_t count = 0;
  if (!ReadInt32(&bytes, &count) || count < 0) {
    return base::InvalidArgument(fmt::format("Not enough bytes to read a {}", name));
  }
  for (int32_t i = 0; i < count; ++i) {
    for (size_t part = 0; part < type.fields().size(); ++part) {
      ValueView item;
      if (!ReadItem(&bytes, &item)) return base::InvalidArgument(fmt::format("Not enough bytes to read a {}", name));
      items->push_back(item);
    }
  }
  if (bytes.empty()) return base::Status::Ok();
  return base::InvalidArgument(fmt::format("Unexpected extraneous bytes after {} value", name));
}

base::Status SplitFields(const DataType& type, std::string_view bytes, std::vector<ValueView>* items) {
  for (size_t i = 0; i < type.fields().size() && !bytes.empty(); ++i) {
    ValueView item;
    if (!ReadItem(&bytes, &item)) {
      return base::InvalidArgument(fmt::format("Not enough bytes to read {}th component", i));
    }
    items->push_back(item);
  }
  items->resize(type.fields().size(), ValueView::Null());
  if (bytes.empty()) return base::Status::Ok();
  return base::InvalidArgument(type.kind() == TypeKind::kTuple ? "Invalid remaining data after end of tuple value"
                                                               : "Invalid remaining data after end of UDT value");
}

bool ReadVectorElement(size_t fixed_bytes, std::string_view* bytes, ValueView* element) {
  size_t size_bytes = fixed_bytes;
  if (fixed_bytes == 0) {
    int64_t folded = 0;
    if (!ReadVint(bytes, &folded)) return false;
    size_bytes = codec::ZigZag(folded);
  }
  if (bytes->size() < size_bytes) return false;
  *element = ValueView::Of(bytes->substr(0, size_bytes));
  bytes->remove_prefix(size_bytes);
  return true;
}

base::Status SplitVector(const DataType& type, std::string_view bytes, std::vector<ValueView>* items) {
  const size_t element_bytes = VectorElementBytes(type.element(0));
  if (element_bytes != 0 && bytes.size() != element_bytes * type.dimension()) {
    return base::InvalidArgument(fmt::format("Required {} elements of {} bytes for {}, but got {} bytes",
                                             type.dimension(), element_bytes, type.ToString(), bytes.size()));
  }
  for (uint32_t i = 0; i < type.dimension(); ++i) {
    ValueView element;
    if (!ReadVectorElement(element_bytes, &bytes, &element)) {
      return base::InvalidArgument(fmt::format("Not enough bytes to read a {}", type.ToString()));
    }
    items->push_back(element);
  }
  if (bytes.empty()) return base::Status::Ok();
  return base::InvalidArgument(
      fmt::format("Unexpected {} extraneous bytes after {} value", bytes.size(), type.ToString()));
}

// By items, the shorter first when one begins with the other.
int CompareItems(const DataType& type, const std::vector<ValueView>& a, const std::vector<ValueView>& b) {
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    if (a[i].is_null() || b[i].is_null()) {
      if (a[i].is_null() && b[i].is_null()) continue;
      return a[i].is_null() ? -1 : 1;
    }
    const int order = Compare(ItemType(type, i), a[i].bytes, b[i].bytes);
    if (order != 0) return order;
  }
  return a.size() < b.size() ? -1 : a.size() > b.size() ? 1 : 0;
}

}  // namespace

bool ReadItem(std::string_view* bytes, ValueView* item) {
  int32_t length = 0;
  if (!ReadInt32(bytes, &length)) return false;
  *item = ValueView::Null();
  if (length < 0) return true;
  if (bytes->size() < static_cast<size_t>(length)) return false;
  *item = ValueView::Of(bytes->substr(0, static_cast<size_t>(length)));
  bytes->remove_prefix(static_cast<size_t>(length));
  return true;
}

void AppendItem(const ValueView& item, std::string* out) {
  CASSETTE_ASSERT(!item.is_unset());
  if (item.is_null()) {
    codec::AppendBig(~uint32_t{0}, out);
    return;
  }
  codec::AppendBig(static_cast<uint32_t>(item.bytes.size()), out);
  out->append(item.bytes);
}

const DataType& ItemType(const DataType& type, size_t index) {
  switch (type.kind()) {
    case TypeKind::kMap:
      return type.element(index % 2);
    case TypeKind::kTuple:
    case TypeKind::kUdt:
      return type.element(index);
    default:
      return type.element(0);
  }
}

size_t VectorElementBytes(const DataType& type) {
  switch (type.kind()) {
    case TypeKind::kVector:
      return type.dimension() * VectorElementBytes(type.element(0));
    case TypeKind::kUuid:
    case TypeKind::kTimeuuid:
      return kUuidBytes;
    case TypeKind::kBoolean:
    case TypeKind::kInt:
    case TypeKind::kBigint:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kTimestamp:
      return FixedSizeBytes(type.kind());
    default:
      return 0;
  }
}

base::Status SplitComposite(const DataType& type, std::string_view bytes, std::vector<ValueView>* items) {
  items->clear();
  if (type.is_collection()) return SplitCollection(type, bytes, items);
  return type.kind() == TypeKind::kVector ? SplitVector(type, bytes, items) : SplitFields(type, bytes, items);
}

void AppendComposite(const DataType& type, std::span<const ValueView> items, std::string* out) {
  if (type.is_collection()) {
    codec::AppendBig(static_cast<uint32_t>(items.size() / type.fields().size()), out);
  }
  const bool is_vector = type.kind() == TypeKind::kVector;
  const size_t element_bytes = is_vector ? VectorElementBytes(type.element(0)) : 0;
  for (const ValueView& item : items) {
    if (!is_vector) {
      AppendItem(item, out);
      continue;
    }
    if (element_bytes == 0) AppendVint(codec::UnZigZag(item.bytes.size()), out);
    out->append(item.bytes);
  }
}

void SortItems(const DataType& type, std::vector<ValueView>* items) {
  if (type.kind() != TypeKind::kSet && type.kind() != TypeKind::kMap) return;
  const size_t stride = type.fields().size();
  const DataType& key_type = type.element(0);
  std::vector<size_t> order;
  for (size_t i = 0; i < items->size(); i += stride) order.push_back(i);
  const auto compare = [&](size_t a, size_t b) { return Compare(key_type, (*items)[a].bytes, (*items)[b].bytes); };
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return compare(a, b) < 0; });
  std::vector<ValueView> sorted;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i + 1 < order.size() && compare(order[i], order[i + 1]) == 0) continue;
    for (size_t part = 0; part < stride; ++part) sorted.push_back((*items)[order[i] + part]);
  }
  *items = std::move(sorted);
}

base::Status ValidateComposite(const DataType& type, std::string_view bytes) {
  std::vector<ValueView> items;
  CASSETTE_RETURN_IF_ERROR(SplitComposite(type, bytes, &items));
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].is_null()) {
      CASSETTE_RETURN_IF_ERROR(Validate(ItemType(type, i), items[i].bytes));
    } else if (type.is_collection()) {
      return base::InvalidArgument("null is not supported inside collections");
    }
  }
  return base::Status::Ok();
}

int CompareComposite(const DataType& type, std::string_view a, std::string_view b) {
  std::vector<ValueView> a_items;
  std::vector<ValueView> b_items;
  CASSETTE_ASSERT(SplitComposite(type, a, &a_items).ok());
  CASSETTE_ASSERT(SplitComposite(type, b, &b_items).ok());
  return CompareItems(type, a_items, b_items);
}

}  // namespace cassette::types

// Validation of collections, tuples, user types and vectors: of their frame and of each element.
#include <fmt/format.h>

#include <cstdint>

#include "codec/fixed.h"
#include "types/value.h"

namespace cassette::types {

namespace {

bool ReadInt32(std::string_view* bytes, int32_t* value) {
  if (bytes->size() < 4) return false;
  *value = static_cast<int32_t>(codec::LoadBig<uint32_t>(bytes->data()));
  bytes->remove_prefix(4);
  return true;
}

// A length and its bytes; a negative length is null.
bool ReadElement(std::string_view* bytes, ValueView* element) {
  int32_t length = 0;
  if (!ReadInt32(bytes, &length)) return false;
  *element = ValueView::Null();
  if (length < 0) return true;
  if (bytes->size() < static_cast<size_t>(length)) return false;
  *element = ValueView::Of(bytes->substr(0, static_cast<size_t>(length)));
  bytes->remove_prefix(static_cast<size_t>(length));
  return true;
}

base::Status ValidateCollection(const DataType& type, std::string_view bytes) {
  const std::string_view name = TypeKindName(type.kind());
  if (bytes.empty()) return base::Status::Ok();
  int32_t count = 0;
  if (!ReadInt32(&bytes, &count) || count < 0) {
    return base::InvalidArgument(fmt::format("Not enough bytes to read a {}", name));
  }
  for (int32_t i = 0; i < count; ++i) {
    for (const DataType::Field& field : type.fields()) {
      ValueView element;
      if (!ReadElement(&bytes, &element)) {
        return base::InvalidArgument(fmt::format("Not enough bytes to read a {}", name));
      }
      if (element.is_null()) return base::InvalidArgument("null is not supported inside collections");
      CASSETTE_RETURN_IF_ERROR(Validate(*field.type, element.bytes));
    }
  }
  if (bytes.empty()) return base::Status::Ok();
  return base::InvalidArgument(fmt::format("Unexpected extraneous bytes after {} value", name));
}

base::Status ValidateTuple(const DataType& type, std::string_view bytes) {
  for (size_t i = 0; i < type.fields().size() && !bytes.empty(); ++i) {  // Missing fields at the end are null.
    ValueView element;
    if (!ReadElement(&bytes, &element)) {
      return base::InvalidArgument(fmt::format("Not enough bytes to read {}th component", i));
    }
    if (!element.is_null()) CASSETTE_RETURN_IF_ERROR(Validate(type.element(i), element.bytes));
  }
  if (bytes.empty()) return base::Status::Ok();
  return base::InvalidArgument(type.kind() == TypeKind::kTuple ? "Invalid remaining data after end of tuple value"
                                                               : "Invalid remaining data after end of UDT value");
}

// Elements of a fixed size stand side by side; others have a length each.
base::Status ValidateVector(const DataType& type, std::string_view bytes) {
  const DataType& element_type = type.element(0);
  const size_t element_bytes = FixedSizeBytes(element_type.kind());
  if (element_bytes == 0) return base::Unsupported("vectors of " + element_type.ToString());
  if (bytes.size() != element_bytes * type.dimension()) {
    return base::InvalidArgument(fmt::format("Required {} elements of {} bytes for {}, but got {} bytes",
                                             type.dimension(), element_bytes, type.ToString(), bytes.size()));
  }
  return base::Status::Ok();
}

}  // namespace

base::Status ValidateComposite(const DataType& type, std::string_view bytes) {
  if (type.is_collection()) return ValidateCollection(type, bytes);
  if (type.kind() == TypeKind::kVector) return ValidateVector(type, bytes);
  return ValidateTuple(type, bytes);
}

}  // namespace cassette::types

// Values that are numbers of a fixed width, for paths that see one a row: what value.h answers for every type, these
// answer at once or leave to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "types/data_type.h"

namespace cassette::types {

// FixedSizeBytes (value.h): 1, 2, 4 or 8 for types of PhysicalType::kInt64 and kDouble, else 0.
inline size_t NumberBytes(TypeKind kind) {
  constexpr uint8_t kBytes[] = {0, 0, 8, 0, 1, 8, 0, 8, 4, 4, 0, 8, 0, 0, 0, 0, 0, 4, 8, 2, 1};  // By number.
  const size_t number = static_cast<size_t>(kind);
  return number < sizeof(kBytes) ? kBytes[number] : 0;
}

// A number of its type's size is legal whatever it is; of other values Validate (value.h) knows.
inline bool IsNumberOfItsSize(TypeKind kind, std::string_view bytes) {
  return !bytes.empty() && bytes.size() == NumberBytes(kind);
}

// As DecodeOrdered (value.h), giving the physical value. False, having done nothing, for types that are no signed whole
// numbers of four or eight bytes, for the smallest and the empty value, and for what is malformed: DecodeOrdered has
// the answer then.
bool DecodeOrderedInt64(TypeKind kind, bool descending, std::string_view* bytes, int64_t* value);

}  // namespace cassette::types

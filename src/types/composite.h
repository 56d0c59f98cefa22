// Serialized collections, tuples, user types and vectors, taken apart and put together.
//
// The items of a value, in their order: the elements of a list, set or vector; key, value, key, value of a map; the
// fields of a tuple or user type, null where absent.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "types/data_type.h"
#include "types/value.h"

namespace cassette::types {

// Consumes a length and its bytes (a negative length is null) from the front of `bytes`; false when they end early.
bool ReadItem(std::string_view* bytes, ValueView* item);
void AppendItem(const ValueView& item, std::string* out);

// Replaces `items` by those of `bytes`, which need not be legal values of their types. An empty collection value has
// none. kInvalidArgument when the frame is malformed. Lifetime: views into `bytes`. REQUIRES: !type.is_scalar().
base::Status SplitComposite(const DataType& type, std::string_view bytes, std::vector<ValueView>* items);

// Appends the value that consists of `items`, as they are: sets and maps must be in order, each key once.
// REQUIRES: none is unset; none is null but in a tuple or user type; a vector's have the length that its type asks for.
void AppendComposite(const DataType& type, std::span<const ValueView> items, std::string* out);

// Orders the elements of a set, or the entries of a map, by the element or key, of equal ones the last. Other types are
// left alone.
void SortItems(const DataType& type, std::vector<ValueView>* items);

// The type of item `index`.
const DataType& ItemType(const DataType& type, size_t index);

// Length of every value of the type as a vector's element; 0 when each has its own, which then stands before it.
// (AbstractType.valueLengthIfFixed: not of every type with a size.)
size_t VectorElementBytes(const DataType& type);

}  // namespace cassette::types

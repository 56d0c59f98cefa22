// Appending to rows::MetaColumn, which is a constant for as long as it can be.
#pragma once

#include <cstdint>

#include "rows/row_block.h"

namespace cassette::storage::memtable {

template <typename Number>
void SpellOut(rows::MetaColumn<Number>* column, uint32_t row_count) {
  if (column->is_constant()) column->values.assign(row_count, column->constant);
}

// Adds `value` for `count` rows after the `row_count` there are.
template <typename Number>
void AppendMeta(rows::MetaColumn<Number>* column, uint32_t row_count, Number value, uint32_t count = 1) {
  if (row_count == 0) column->SetConstant(value);
  if (column->is_constant() && column->constant == value) return;
  SpellOut(column, row_count);
  column->values.insert(column->values.end(), count, value);
}

// Adds rows [begin, end) of `from`, last first when `backward`.
template <typename Number>
void AppendMetaRange(rows::MetaColumn<Number>* column, uint32_t row_count, const rows::MetaColumn<Number>& from,
                     uint32_t begin, uint32_t end, bool backward) {
  if (from.is_constant()) return AppendMeta(column, row_count, from.constant, end - begin);
  if (row_count == 0) column->SetConstant(Number{});
  SpellOut(column, row_count);
  const auto first = from.values.begin();
  if (backward) {
    column->values.insert(column->values.end(), std::make_reverse_iterator(first + end),
                          std::make_reverse_iterator(first + begin));
  } else {
    column->values.insert(column->values.end(), first + begin, first + end);
  }
}

}  // namespace cassette::storage::memtable

// Identities of tables and columns.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>

#include "base/strong_type.h"

namespace cassette::schema {

// A table's identity for life: a version 1 or 4 UUID's bytes, as system_schema.tables shows it.
struct TableId {
  std::array<uint8_t, 16> bytes{};
  auto operator<=>(const TableId&) const = default;
  std::string ToString() const;  // 8-4-4-4-12
};

// Identity of a column within its table; never used twice, so that a dropped and re-added column starts empty.
using ColumnId = base::StrongType<uint32_t, struct ColumnIdTag>;
inline constexpr uint32_t kMaxColumnId = 1u << 20;  // Exclusive.

}  // namespace cassette::schema

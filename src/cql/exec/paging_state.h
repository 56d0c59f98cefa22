// The paging state: where a page ended, as opaque bytes for the client (docs/format/paging_state.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/status.h"
#include "schema/schema.h"

namespace cassette::cql::exec {

inline constexpr uint64_t kUnlimited = ~uint64_t{0};

struct PagingState {
  std::string key;  // Of the partition of the last row.
  bool has_clustering = false;
  std::string clustering;                     // Order-preserving bytes of that row.
  uint64_t rows_left = kUnlimited;            // Of LIMIT.
  uint64_t partition_rows_left = kUnlimited;  // Of PER PARTITION LIMIT, in that partition.
};

std::string EncodePagingState(const schema::TableId& table, const PagingState& state);
// kInvalidArgument when the bytes are not ours, damaged, of another version or another table.
base::Result<PagingState> DecodePagingState(const schema::TableId& table, std::string_view bytes);

}  // namespace cassette::cql::exec

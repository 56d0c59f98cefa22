// Rows of the system tables as mutations: what system_schema says of a keyspace, what system.local says of us.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "schema/schema.h"

namespace cassette::catalog {

// Replaces all that system_schema (of virtual keyspaces: system_virtual_schema) says of keyspace `name`: deletions at
// `timestamp_micros - 1` and, when `keyspace` is not null, rows at `timestamp_micros`. `schema` holds the system
// tables. Appends one mutation a table.
void DescribeKeyspace(const schema::Schema& schema, const std::string& name, const schema::Keyspace* keyspace,
                      int64_t timestamp_micros, std::vector<std::string>* mutations);

inline constexpr std::string_view kClusterName = "Cassette";
inline constexpr std::string_view kNodeToken = "-9223372036854775808";  // Of the one node: it owns all.

struct NodeFacts {
  std::string cluster_name;
  std::string host_id;         // 16 bytes
  std::string schema_version;  // 16 bytes
  // Where drivers reach it.
  std::string address = std::string("\x7f\0\0\1", 4);
  int32_t native_port = 9042;
};
// The one row of system.local.
std::string DescribeNode(const schema::Schema& schema, const NodeFacts& facts, int64_t timestamp_micros);

// A row for a system table: serialized values.
struct SystemRow {
  std::string partition_key;
  std::vector<std::string> clustering;
  std::vector<std::pair<std::string, std::string>> cells;  // Column, value.
};

}  // namespace cassette::catalog

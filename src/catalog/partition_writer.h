// PartitionWriter: the mutation of one partition of a system table, by names of columns.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rows/mutation.h"
#include "schema/schema.h"

namespace cassette::catalog {

// Serialized values of system tables.
std::string BooleanValue(bool value);
// Of a set or list, in the order given.
std::string TextSetValue(const std::vector<std::string>& values);

// Thread safety: not thread safe.
class PartitionWriter {
 public:
  // REQUIRES: `schema` holds the table.
  PartitionWriter(const schema::Schema& schema, std::string_view keyspace, std::string_view table, std::string_view key,
                  int64_t timestamp_micros);

  // Deletes what was there before; what this mutation writes stays.
  void DeletePartition();
  void DeleteRow(const std::vector<std::string>& clustering);
  // A row, whose clustering is given in serialized values.
  void BeginRow(const std::vector<std::string>& clustering);
  // REQUIRES: BeginRow was called; the table has the column.
  void Set(std::string_view column_name, std::string_view value);
  void SetNull(std::string_view column_name);
  std::string Finish() const { return std::string(builder_.bytes()); }

 private:
  void Begin(const std::vector<std::string>& clustering);

  schema::TablePtr table_;
  int64_t timestamp_micros_;
  rows::MutationBuilder builder_;
};

}  // namespace cassette::catalog

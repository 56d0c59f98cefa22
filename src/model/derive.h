// Derivation: a question becomes a table. The rules, in order (docs/models.md gives the reasons at length):
//  1. Columns asked by equality are the partition key, in the order of `by`; then the bucket's columns.
//  2. Clustering: the columns of `order`, then `each`, then a range column that is in neither.
//  3. When rule 2 gives none and several columns are asked by equality, the first is the partition key and the others
//     cluster: rows that belong together lie together, and one read still finds one row.
//  4. When that gives none either, the columns to find tell the rows apart and cluster.
//  5. What is left of `find` are regular columns.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "model/model.h"

namespace cassette::model {

struct TableColumn {
  std::string name;
  types::DataType type;
};

struct ClusteringColumn {
  std::string name;
  types::DataType type;
  bool descending = false;
};

struct DerivedTable {
  std::string name;  // The query's.
  std::string keyspace;
  const Query* query = nullptr;  // Lifetime: the model's.
  std::vector<TableColumn> partition_key;
  std::vector<ClusteringColumn> clustering;
  std::vector<TableColumn> regular;
  Bucket bucket = Bucket::kNone;
  std::string bucket_column;         // The time stamp that decides the bucket.
  std::vector<std::string> reasons;  // Why it looks so, a sentence each.

  // Partition key, clustering, regular.
  std::vector<TableColumn> columns() const;
  // Names of the columns that the bucket computes ("year", "week_of_year").
  bool IsBucketColumn(std::string_view column) const;
};

base::Result<std::vector<DerivedTable>> DeriveTables(const Model& model);

// "CREATE TABLE songs_by_session (...);" - without the keyspace; two lines when one would be long.
std::string CreateTableCql(const DerivedTable& table);
// "CREATE TABLE IF NOT EXISTS keyspace.table (...)".
std::string CreateTableIfNotExistsCql(const DerivedTable& table);
std::string CreateKeyspaceCql(const Model& model);
// "INSERT INTO keyspace.table (...) VALUES (?, ...)", columns in the order of table.columns().
std::string InsertCql(const DerivedTable& table);

// The bucket columns' values of a time stamp in milliseconds: ISO year and week; year and month; year, month and day.
std::vector<int32_t> BucketOf(Bucket bucket, int64_t timestamp_ms);
// First millisecond of the bucket after the one that holds `timestamp_ms`.
int64_t NextBucketStart(Bucket bucket, int64_t timestamp_ms);

}  // namespace cassette::model

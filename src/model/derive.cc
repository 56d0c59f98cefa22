#include "model/derive.h"

#include <fmt/format.h>

#include <algorithm>

#include "types/calendar.h"

namespace cassette::model {
namespace {

constexpr size_t kLongLine = 110;

bool Contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<std::string> BucketColumns(Bucket bucket) {
  switch (bucket) {
    case Bucket::kNone:
      return {};
    case Bucket::kDay:
      return {"year", "month", "day"};
    case Bucket::kWeek:
      return {"year", "week_of_year"};
    case Bucket::kMonth:
      return {"year", "month"};
  }
  return {};
}

std::string_view BucketName(Bucket bucket) {
  switch (bucket) {
    case Bucket::kNone:
      return "none";
    case Bucket::kDay:
      return "day";
    case Bucket::kWeek:
      return "ISO week";
    case Bucket::kMonth:
      return "month";
  }
  return "none";
}

std::string Join(const std::vector<std::string>& parts) { return fmt::format("{}", fmt::join(parts, ", ")); }

// Works out one table; the five rules of derive.h, one method each.
class Derivation {
 public:
  Derivation(const Model& model, const Query& query) : model_(model), query_(query) {
    table_.name = query.name;
    table_.keyspace = model.keyspace;
    table_.query = &query;
    table_.bucket = query.bucket;
  }

  DerivedTable Run() {
    CollectEqualsAndRange();
    CollectClustering();
    if (clustering_.empty() && equals_.size() > 1) ClusterByLaterEquals();
    if (clustering_.empty()) ClusterByFind();
    Fill();
    return std::move(table_);
  }

 private:
  void CollectEqualsAndRange() {
    for (const Query::By& by : query_.by) {
      (by.comparison == Comparison::kEquals ? equals_ : ranges_).push_back(by.column);
    }
    if (query_.bucket != Bucket::kNone) table_.bucket_column = ranges_.front();
  }

  void CollectClustering() {
    for (const Query::Order& order : query_.order) {
      if (!Contains(equals_, order.column)) Cluster(order.column, order.descending);
    }
    if (!query_.each.empty() && !Contains(equals_, query_.each)) Cluster(query_.each, false);
    for (const std::string& range : ranges_) Cluster(range, false);
    if (clustering_.empty()) return;
    table_.reasons.push_back(fmt::format("asked by equality: partition key ({})", Join(equals_)));
    table_.reasons.push_back(fmt::format("clusters by {}: {}", Join(Names()), ClusteringReason()));
  }

  std::string ClusteringReason() const {
    std::vector<std::string> why;
    if (!query_.order.empty()) why.push_back("the order asked for");
    if (!query_.each.empty()) why.push_back(fmt::format("one row for each {}", query_.each));
    if (!ranges_.empty()) why.push_back(fmt::format("{} is asked by range", Join(ranges_)));
    return Join(why);
  }

  void ClusterByLaterEquals() {
    for (size_t i = 1; i < equals_.size(); ++i) Cluster(equals_[i], false);
    equals_.resize(1);
    table_.reasons.push_back(
        fmt::format("all of the key is asked by equality: {} is the partition, {} finds the row in it, and rows that "
                    "belong together lie together",
                    equals_.front(), Join(Names())));
  }

  void ClusterByFind() {
    for (const std::string& column : query_.find) {
      if (!Contains(equals_, column)) Cluster(column, false);
    }
    table_.reasons.push_back(fmt::format("asked by equality: partition key ({})", Join(equals_)));
    table_.reasons.push_back(fmt::format("a list of {}: the columns to find tell the rows apart", Join(Names())));
  }

  void Fill() {
    for (const std::string& name : equals_) table_.partition_key.push_back({name, TypeOf(name)});
    const types::DataType int_type(types::TypeKind::kInt);
    for (const std::string& name : BucketColumns(query_.bucket)) table_.partition_key.push_back({name, int_type});
    if (query_.bucket != Bucket::kNone) {
      table_.reasons.push_back(
          fmt::format("bucketed by {} of {}, so that a partition stays bounded; a span reads one "
                      "partition a bucket",
                      BucketName(query_.bucket), table_.bucket_column));
    }
    table_.clustering = clustering_;
    for (const std::string& name : query_.find) {
      if (Contains(equals_, name) || Contains(Names(), name)) continue;
      table_.regular.push_back({name, TypeOf(name)});
    }
  }

  void Cluster(const std::string& column, bool descending) {
    if (!Contains(Names(), column)) clustering_.push_back({column, TypeOf(column), descending});
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const ClusteringColumn& column : clustering_) names.push_back(column.name);
    return names;
  }
  types::DataType TypeOf(const std::string& column) const { return model_.columns.at(column); }

  const Model& model_;
  const Query& query_;
  DerivedTable table_;
  std::vector<std::string> equals_;
  std::vector<std::string> ranges_;
  std::vector<ClusteringColumn> clustering_;
};

base::Status CheckQuery(const Model& model, const Query& query) {
  const auto fail = [&](std::string_view what) {
    return base::InvalidArgument(
        fmt::format("{}:{}:{}: query {}: {}", model.path, query.place.line, query.place.column, query.name, what));
  };
  const auto has_comparison = [&](Comparison comparison) {
    return std::any_of(query.by.begin(), query.by.end(),
                       [&](const Query::By& by) { return by.comparison == comparison; });
  };
  if (!has_comparison(Comparison::kEquals)) {
    return fail("needs at least one column asked by equality: it becomes the partition key");
  }
  if (query.bucket == Bucket::kNone) return base::Status::Ok();
  if (!has_comparison(Comparison::kRange)) return fail("bucket needs a timestamp column asked by range");
  for (const Query::By& by : query.by) {
    if (by.comparison == Comparison::kRange && model.columns.at(by.column).kind() != types::TypeKind::kTimestamp) {
      return fail(fmt::format("bucket needs {} to be a timestamp", by.column));
    }
  }
  for (const std::string& column : BucketColumns(query.bucket)) {
    if (model.columns.contains(column)) return fail(fmt::format("the bucket adds a column {} of its own", column));
  }
  return base::Status::Ok();
}

std::string PrimaryKey(const DerivedTable& table) {
  std::vector<std::string> names;
  for (const TableColumn& column : table.partition_key) names.push_back(column.name);
  std::string key = names.size() > 1 ? fmt::format("({})", Join(names)) : names.front();
  for (const ClusteringColumn& column : table.clustering) key += ", " + column.name;
  return fmt::format("PRIMARY KEY ({})", key);
}

std::string ClusteringOrder(const DerivedTable& table) {
  std::vector<std::string> parts;
  bool any_descending = false;
  for (const ClusteringColumn& column : table.clustering) {
    parts.push_back(fmt::format("{} {}", column.name, column.descending ? "DESC" : "ASC"));
    any_descending |= column.descending;
  }
  return any_descending ? fmt::format(" WITH CLUSTERING ORDER BY ({})", Join(parts)) : std::string();
}

std::string TableBody(const DerivedTable& table) {
  std::vector<std::string> parts;
  for (const TableColumn& column : table.columns()) {
    parts.push_back(fmt::format("{} {}", column.name, column.type.ToString()));
  }
  const std::string columns = Join(parts);
  const std::string key = PrimaryKey(table);
  const bool is_long = table.name.size() + columns.size() + key.size() > kLongLine;
  return fmt::format("{} ({},{}{}){}", table.name, columns, is_long ? "\n  " : " ", key, ClusteringOrder(table));
}

}  // namespace

std::vector<TableColumn> DerivedTable::columns() const {
  std::vector<TableColumn> all = partition_key;
  for (const ClusteringColumn& column : clustering) all.push_back({column.name, column.type});
  all.insert(all.end(), regular.begin(), regular.end());
  return all;
}

bool DerivedTable::IsBucketColumn(std::string_view column) const { return Contains(BucketColumns(bucket), column); }

base::Result<std::vector<DerivedTable>> DeriveTables(const Model& model) {
  std::vector<DerivedTable> tables;
  for (const Query& query : model.queries) {
    CASSETTE_RETURN_IF_ERROR(CheckQuery(model, query));
    tables.push_back(Derivation(model, query).Run());
  }
  return tables;
}

std::string CreateTableCql(const DerivedTable& table) { return fmt::format("CREATE TABLE {};", TableBody(table)); }

std::string CreateTableIfNotExistsCql(const DerivedTable& table) {
  return fmt::format("CREATE TABLE IF NOT EXISTS {}.{}", table.keyspace, TableBody(table));
}

std::string CreateKeyspaceCql(const Model& model) {
  std::vector<std::string> parts;
  for (const auto& [key, value] : model.replication) parts.push_back(fmt::format("'{}': '{}'", key, value));
  return fmt::format("CREATE KEYSPACE IF NOT EXISTS {} WITH replication = {{{}}}", model.keyspace, Join(parts));
}

std::string InsertCql(const DerivedTable& table) {
  std::vector<std::string> names;
  for (const TableColumn& column : table.columns()) names.push_back(column.name);
  const std::vector<std::string> markers(names.size(), "?");
  return fmt::format("INSERT INTO {}.{} ({}) VALUES ({})", table.keyspace, table.name, Join(names), Join(markers));
}

std::vector<int32_t> BucketOf(Bucket bucket, int64_t timestamp_ms) {
  const int64_t days = types::DaysFromMillis(timestamp_ms);
  if (bucket == Bucket::kWeek) {
    const types::IsoWeek week = types::IsoWeekOfDays(days);
    return {static_cast<int32_t>(week.year), week.week};
  }
  const types::CivilDate date = types::CivilFromDays(days);
  const int32_t year = static_cast<int32_t>(date.year);
  if (bucket == Bucket::kMonth) return {year, date.month};
  if (bucket == Bucket::kDay) return {year, date.month, date.day};
  return {};
}

int64_t NextBucketStart(Bucket bucket, int64_t timestamp_ms) {
  CASSETTE_ASSERT(bucket != Bucket::kNone);
  const int64_t days = types::DaysFromMillis(timestamp_ms);
  int64_t next = days + 1;
  if (bucket == Bucket::kWeek) next = types::DaysFromIsoWeek(types::IsoWeekOfDays(days)) + 7;
  if (bucket == Bucket::kMonth) {
    const types::CivilDate date = types::CivilFromDays(days);
    next = days - (date.day - 1) + types::DaysInMonth(date.year, date.month);
  }
  return next * types::kMillisPerDay;
}

}  // namespace cassette::model

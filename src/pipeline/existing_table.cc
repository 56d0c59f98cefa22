#include "pipeline/existing_table.h"

#include <fmt/format.h>

#include <map>
#include <set>
#include <string>
#include <utility>

namespace cassette::pipeline {
namespace {

// "partition key 0 text": a column's part in the table.
using Parts = std::map<std::string, std::string>;

std::string KeyPart(const char* kind, size_t position, const std::string& type) {
  return fmt::format("{} {} {}", kind, position, type);
}

Parts WantedParts(const model::DerivedTable& table) {
  Parts parts;
  for (size_t i = 0; i < table.partition_key.size(); ++i) {
    parts[table.partition_key[i].name] = KeyPart("partition_key", i, table.partition_key[i].type.ToString());
  }
  for (size_t i = 0; i < table.clustering.size(); ++i) {
    const model::ClusteringColumn& column = table.clustering[i];
    parts[column.name] = KeyPart("clustering", i, column.type.ToString()) + (column.descending ? " desc" : " asc");
  }
  for (const model::TableColumn& column : table.regular) parts[column.name] = "regular " + column.type.ToString();
  return parts;
}

base::Result<Parts> FoundParts(session::Session& session, const model::DerivedTable& table) {
  CASSETTE_ASSIGN_OR_RETURN(
      const session::ResultPage page,
      session.Execute(fmt::format("SELECT column_name, kind, position, type, clustering_order FROM "
                                  "system_schema.columns WHERE keyspace_name = '{}' AND table_name = '{}'",
                                  table.keyspace, table.name)));
  Parts parts;
  for (uint64_t row = 0; row < page.row_count(); ++row) {
    const std::string kind = page.Text(row, 1);
    const std::string type = page.Text(row, 3);
    std::string part = kind + " " + type;
    if (kind == "partition_key") part = fmt::format("{} {} {}", kind, page.Text(row, 2), type);
    if (kind == "clustering") part = fmt::format("{} {} {} {}", kind, page.Text(row, 2), type, page.Text(row, 4));
    parts[page.Text(row, 0)] = std::move(part);
  }
  return parts;
}

}  // namespace

base::Status CheckExistingTable(session::Session& session, const model::DerivedTable& table) {
  const auto differs = [&](const std::string& column, const std::string& wanted, const std::string& found) {
    return base::FailedPrecondition(fmt::format(
        "table {}.{} is there and is another one: column {} should be {}, and is {}; --drop makes the table anew",
        table.keyspace, table.name, column, wanted, found));
  };
  CASSETTE_ASSIGN_OR_RETURN(const Parts found, FoundParts(session, table));
  const Parts wanted = WantedParts(table);
  for (const auto& [column, part] : wanted) {
    const auto at = found.find(column);
    if (at == found.end()) return differs(column, part, "missing");
    if (at->second != part) return differs(column, part, at->second);
  }
  for (const auto& [column, part] : found) {
    const bool is_key = part.starts_with("partition_key") || part.starts_with("clustering");
    if (is_key && !wanted.contains(column)) return differs(column, "no part of the key", part);
  }
  return base::Status::Ok();
}

base::Status DropTables(session::Session& session, const std::vector<model::DerivedTable>& tables) {
  std::set<std::pair<std::string, std::string>> dropped;
  std::set<std::string> keyspaces;
  for (const model::DerivedTable& table : tables) {
    dropped.emplace(table.keyspace, table.name);
    keyspaces.insert(table.keyspace);
  }
  for (const std::string& keyspace : keyspaces) {
    CASSETTE_ASSIGN_OR_RETURN(
        const session::ResultPage views,
        session.Execute(fmt::format(
            "SELECT view_name, base_table_name FROM system_schema.views WHERE keyspace_name = '{}'", keyspace)));
    for (uint64_t row = 0; row < views.row_count(); ++row) {
      const std::string base_table = views.Text(row, 1);
      if (!dropped.contains({keyspace, base_table})) continue;
      return base::FailedPrecondition(fmt::format(
          "--drop: table {0}.{1} has the materialized view {0}.{2}, and nothing was dropped; DROP MATERIALIZED VIEW "
          "{0}.{2} first",
          keyspace, base_table, views.Text(row, 0)));
    }
  }
  for (const auto& [keyspace, name] : dropped) {
    CASSETTE_RETURN_IF_ERROR(session.Execute(fmt::format("DROP TABLE IF EXISTS {}.{}", keyspace, name)));
  }
  return base::Status::Ok();
}

}  // namespace cassette::pipeline

#include "cql/exec/warnings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <set>

namespace cassette::cql::exec {
namespace {

// Also by token, or by a part of the key that the rows are filtered by.
bool RestrictsPartitions(const analysis::SelectPlan& plan) {
  const analysis::Where& where = plan.where;
  if (!where.partition_key.empty() || where.token_start || where.token_end) return true;
  for (const analysis::Filter& filter : where.filters) {
    const schema::Column* column = plan.table->FindColumn(plan.columns[filter.column].id);
    if (column != nullptr && column->kind == schema::ColumnKind::kPartitionKey) return true;
  }
  return false;
}

}  // namespace

void WarnOfAggregation(const analysis::SelectPlan& plan, std::vector<std::string>* warnings) {
  if (!RestrictsPartitions(plan)) {
    warnings->emplace_back("Aggregation query used without partition key");
  } else if (plan.where.has_key_in()) {
    warnings->emplace_back("Aggregation query used on multiple partition keys (IN restriction)");
  }
}

void WarnOfManyPartitions(const MutationBatch& mutations, const schema::Schema& schema, uint32_t partitions_max,
                          std::vector<std::string>* warnings) {
  if (mutations.count() + mutations.counters().rows().size() <= partitions_max) return;
  std::set<std::string> keys;
  std::set<std::string> tables;
  mutations.ForEachPartition([&](const schema::TableId& id, std::string_view key) {
    keys.emplace(key);
    const schema::TablePtr table = schema.FindTable(id);
    if (table != nullptr) tables.insert(table->keyspace + "." + table->name);
  });
  if (keys.size() <= partitions_max) return;
  warnings->push_back(
      fmt::format("Unlogged batch covering {} partitions detected against table{} [{}]. You should use a logged batch "
                  "for atomicity, or asynchronous writes for performance.",
                  keys.size(), tables.size() == 1 ? "" : "s", fmt::join(tables, ", ")));
}

}  // namespace cassette::cql::exec

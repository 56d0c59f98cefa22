#include "cql/exec/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <string_view>

#include "codec/murmur3.h"
#include "cql/exec/select.h"
#include "types/identifier.h"
#include "types/value.h"

namespace cassette::cql::exec {
namespace {

using analysis::SelectPlan;

constexpr size_t kMaxListedPartitions = 100;
// Rows that an index may name without a word about it.
constexpr uint64_t kFewEntries = 100;

// Builds the two columns.
class Report {
 public:
  Report() {
    batch_.columns.emplace_back(columnar::PhysicalType::kBytes);
    batch_.columns.emplace_back(columnar::PhysicalType::kBytes);
  }
  void Add(std::string_view property, std::string_view value) {
    batch_.columns[0].AppendBytes(property);
    batch_.columns[1].AppendBytes(value);
    ++batch_.row_count;
  }
  OutputBatch Take() { return std::move(batch_); }

 private:
  OutputBatch batch_;
};

std::string Literal(const types::DataType& type, std::string_view bytes) { return types::ToCqlLiteral(type, bytes); }

std::string DescribeKey(const schema::Table& table, const std::string& key) {
  std::vector<std::string_view> components;
  std::string text;
  if (!rows::SplitPartitionKey(table.partition_key_count(), key, &components).ok()) return "?";
  for (size_t i = 0; i < components.size(); ++i) {
    text += (i == 0 ? "" : ", ") + table.partition_key(i).name + " = " +
            Literal(table.partition_key(i).type, components[i]);
  }
  return fmt::format("{} (token {})", text, codec::Murmur3Token(key));
}

// "metric_name = 'x', collected_at" for a bound's prefix.
std::string DescribePrefix(const schema::Table& table, std::string_view prefix) {
  std::string text;
  for (size_t i = 0; i < table.clustering_count() && !prefix.empty(); ++i) {
    const schema::Column& column = table.clustering(i);
    std::string value;
    if (!types::DecodeOrdered(column.type, column.descending, &prefix, &value).ok()) return "?";
    text += (i == 0 ? "" : ", ") + Literal(column.type, value);
  }
  return "(" + text + ")";
}

std::string DescribeSlice(const schema::Table& table, const rows::ClusteringSlice& slice) {
  const bool is_whole = slice.start == rows::ClusteringBound::Start() && slice.end == rows::ClusteringBound::End();
  if (is_whole) return "all rows";
  if (slice.start.prefix == slice.end.prefix) return "rows of " + DescribePrefix(table, slice.start.prefix);
  const auto side = [](const rows::ClusteringBound& bound) {
    return bound.side == rows::ClusteringBound::Side::kBefore ? "before" : "after";
  };
  const std::string start = slice.start == rows::ClusteringBound::Start()
                                ? "the start"
                                : fmt::format("{} {}", side(slice.start), DescribePrefix(table, slice.start.prefix));
  const std::string end = slice.end == rows::ClusteringBound::End()
                              ? "the end"
                              : fmt::format("{} {}", side(slice.end), DescribePrefix(table, slice.end.prefix));
  return fmt::format("from {} to {}", start, end);
}

void ReportPartitions(const SelectPlan& plan, const BoundSelect& bound, Report* report) {
  const storage::engine::ReadCommand& command = bound.command;
  if (!plan.where.is_scan()) {
    report->Add("partitions", std::to_string(command.keys.size()));
    for (size_t i = 0; i < command.keys.size() && i < kMaxListedPartitions; ++i) {
      report->Add("partition", DescribeKey(*plan.table, command.keys[i]));
    }
    if (command.keys.size() > kMaxListedPartitions) {
      report->Add("partition", fmt::format("... and {} more", command.keys.size() - kMaxListedPartitions));
    }
    return;
  }
  const bool has_range = command.has_start_token || command.has_end_token;
  report->Add("partitions", has_range ? "all in a range of tokens" : "all");
  if (has_range) {
    report->Add("tokens", fmt::format("[{}, {}]", command.has_start_token ? std::to_string(command.start_token) : "min",
                                      command.has_end_token ? std::to_string(command.end_token) : "max"));
  }
}

void ReportSlices(const SelectPlan& plan, const BoundSelect& bound, Report* report) {
  if (plan.table->clustering_count() == 0) return;
  for (size_t i = 0; i < bound.command.slices.size() && i < kMaxListedPartitions; ++i) {
    report->Add("slice", DescribeSlice(*plan.table, bound.command.slices[i]));
  }
  if (bound.command.slices.size() > kMaxListedPartitions) {
    report->Add("slice", fmt::format("... and {} more", bound.command.slices.size() - kMaxListedPartitions));
  }
  if (bound.command.reversed) report->Add("order", "reversed");
}

std::string DescribeFilter(const analysis::Filter& filter) {
  return fmt::format("{} {} {}", filter.name, ToString(filter.comparison),
                     filter.values.size() == 1 && filter.values[0].is_constant()
                         ? Literal(filter.values[0].type, filter.values[0].bytes)
                         : fmt::format("{} value(s)", filter.values.size()));
}

void ReportWork(const storage::engine::ReadStatistics& statistics, uint64_t rows, Report* report) {
  report->Add("rows answered", std::to_string(rows));
  report->Add("rows read", std::to_string(statistics.rows_read));
  report->Add("partitions read", std::to_string(statistics.partitions_read));
  report->Add("memtables read", std::to_string(statistics.memtables_read));
  report->Add("sstables read", std::to_string(statistics.sstables_read));
  report->Add("sstables skipped by key or token", std::to_string(statistics.sstables_skipped_by_filter));
  report->Add("row groups read", std::to_string(statistics.row_groups_read));
  report->Add("row groups skipped", std::to_string(statistics.row_groups_skipped));
  report->Add("tombstones read", std::to_string(statistics.tombstones_read));
}

std::string KeyColumns(const schema::Table& table) {
  std::string names;
  for (size_t i = 0; i < table.partition_key_count(); ++i) {
    names += (i == 0 ? "" : ", ") + table.partition_key(i).name;
  }
  return names;
}

// A column whose value is asked for, that has no index and could have one; null when there is none.
const schema::Column* ColumnToIndex(const SelectPlan& plan) {
  const auto has_no_index = [](const schema::Column& column) {
    return column.type.kind() == types::TypeKind::kCounter || column.type.kind() == types::TypeKind::kDuration;
  };
  const std::vector<schema::Column>& columns = plan.table->columns;
  if (plan.table->is_view() || std::any_of(columns.begin(), columns.end(), has_no_index)) return nullptr;
  for (const analysis::Filter& filter : plan.where.filters) {
    const schema::Column* column = plan.table->FindColumn(filter.name);
    if (filter.comparison == analysis::Comparison::kEqual && !column->type.is_collection()) return column;
  }
  return nullptr;
}

// An index that names more than is answered, or rows of the whole table.
std::string IndexAdvice(const SelectPlan& plan, const std::string& index, uint64_t entries, uint64_t rows) {
  if (entries > kFewEntries && entries / 2 > rows) {
    return fmt::format(
        "index {} names {} rows for {} that are answered: ask by a column that tells more, or keep a table "
        "or view whose key has all columns asked for",
        index, entries, rows);
  }
  if (entries <= kFewEntries || !plan.where.is_scan()) return {};
  return fmt::format(
      "index {} names {} rows all over the table, each of which is looked up: restrict the partition key "
      "({}) too, or keep a view whose partition key is what the query asks by",
      index, entries, KeyColumns(*plan.table));
}

void ReportAdvice(const SelectPlan& plan, const storage::engine::ReadStatistics& statistics,
                  const std::string& index_advice, uint64_t rows, Report* report) {
  bool has_advice = false;
  const auto advise = [&](const std::string& text) {
    report->Add("advice", text);
    has_advice = true;
  };
  if (plan.where.is_scan() && plan.where.indexes.empty() && !plan.where.token_start && !plan.where.token_end) {
    advise(
        fmt::format("reads every partition: restrict the partition key ({}) by = or IN, or keep a second table "
                    "whose partition key is what the query asks by",
                    KeyColumns(*plan.table)));
  }
  if (!index_advice.empty()) advise(index_advice);
  if (const schema::Column* column = plan.where.indexes.empty() ? ColumnToIndex(plan) : nullptr) {
    advise(fmt::format("CREATE INDEX ON {}.{} ({}) would name the rows that have the value",
                       types::MaybeQuote(plan.table->keyspace), types::MaybeQuote(plan.table->name),
                       types::MaybeQuote(column->name)));
  }
  std::set<std::string> filtered;  // A column may have two ends of a span.
  for (const analysis::Filter& filter : plan.where.filters) filtered.insert(filter.name);
  for (const analysis::IndexUse& use : plan.where.indexes) filtered.erase(plan.table->FindColumn(use.column)->name);
  for (const std::string& name : filtered) {
    advise(fmt::format("{} is checked on each row after the read: rows that do not match are read for nothing", name));
  }
  if (!plan.order.empty()) advise("rows of several partitions are sorted in memory: ask for one partition at a time");
  if (statistics.tombstones_read > rows) {
    advise(
        "more tombstones than rows were read: delete whole partitions, or let a time window expire, rather than "
        "rows one by one");
  }
  if (!has_advice) report->Add("advice", "none: reads only what it answers");
}

}  // namespace

base::Status RunExplain(const SelectPlan& plan, storage::engine::Engine& engine, Evaluator& evaluator,
                        SelectScratch* scratch, Answer* answer) {
  const BoundSelect& bound = scratch->bound;
  Report report;
  report.Add("table", plan.table->keyspace + "." + plan.table->name);
  ReportPartitions(plan, bound, &report);
  ReportSlices(plan, bound, &report);
  CASSETTE_ASSIGN_OR_RETURN(const derived::IndexQuery* index, ChooseIndex(bound, engine));
  if (index != nullptr) report.Add("index", index->index);
  for (const analysis::Filter& filter : plan.where.filters) report.Add("filter", DescribeFilter(filter));
  report.Add("allow filtering", plan.allow_filtering ? "yes" : "no");
  storage::engine::ReadStatistics statistics;
  Answer rows;
  derived::IndexStatistics index_statistics;
  CASSETTE_RETURN_IF_ERROR(
      RunSelect(plan, bound, 0, engine, evaluator, {&statistics, &index_statistics}, scratch, &rows));
  uint64_t row_count = 0;
  for (const OutputBatch& batch : rows.batches) row_count += batch.row_count;
  std::string index_advice;
  if (index != nullptr) {
    report.Add("index entries read", std::to_string(index_statistics.entries_read));
    report.Add("index entries removed", std::to_string(index_statistics.entries_removed));
    index_advice = IndexAdvice(plan, index->index, index_statistics.entries_read, row_count);
  }
  ReportWork(statistics, row_count, &report);
  ReportAdvice(plan, statistics, index_advice, row_count, &report);
  answer->kind = Answer::Kind::kRows;
  answer->batches.push_back(report.Take());
  return base::Status::Ok();
}

}  // namespace cassette::cql::exec

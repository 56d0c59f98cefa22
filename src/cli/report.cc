#include "cli/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace cassette::cli {
namespace {

// Past these a partition is slow to read and to compact: Cassandra's own guidance.
constexpr uint64_t kPartitionRowsWarning = 100'000;

using nlohmann::ordered_json;

ordered_json KeysJson(const pipeline::KeyFigures& keys) {
  ordered_json hottest = ordered_json::array();
  for (const pipeline::HotPartition& partition : keys.hottest) {
    hottest.push_back({{"key", partition.key}, {"rows", partition.rows}});
  }
  return {{"rows_written", keys.rows},
          {"rows_distinct", keys.distinct_rows},
          {"rows_overwritten", keys.rows - keys.distinct_rows},
          {"exact", keys.is_exact},
          {"partitions", keys.partitions},
          {"largest_partition_rows", keys.largest_partition_rows},
          {"median_partition_rows", keys.median_partition_rows},
          {"hottest", hottest}};
}

ordered_json QualityJson(const pipeline::Quality& quality) {
  ordered_json all = ordered_json::array();
  for (const auto& [key, count] : quality.counts()) {
    if (count.cells == 0) continue;
    all.push_back({{"kind", pipeline::QualityName(key.first)},
                   {"column", key.second},
                   {"cells", count.cells},
                   {"distinct_values", count.distinct_values.size()},
                   {"first_place", count.first_place},
                   {"first_value", count.first_value}});
  }
  return all;
}

void PrintJson(const ordered_json& json, std::FILE* out) {
  fmt::print(out, "{}\n", json.dump(2, ' ', false, ordered_json::error_handler_t::replace));
}

const StoredBytes* FindStored(const std::vector<StoredBytes>& stored, const std::string& table) {
  for (const StoredBytes& entry : stored) {
    if (entry.table == table) return &entry;
  }
  return nullptr;
}

void PrintTables(const pipeline::RunReport& report, const std::vector<StoredBytes>& stored, OutputFormat format,
                 std::FILE* out) {
  std::vector<std::vector<std::string>> rows;
  for (const pipeline::TableReport& table : report.tables) {
    const StoredBytes* bytes = FindStored(stored, table.table->name);
    const bool plain = format == OutputFormat::kCsv;
    const auto number = [&](uint64_t value) { return plain ? std::to_string(value) : Thousands(value); };
    rows.push_back({table.table->name, number(table.keys.rows), number(table.keys.distinct_rows),
                    number(table.keys.rows - table.keys.distinct_rows), number(table.keys.partitions),
                    number(table.keys.largest_partition_rows), table.is_verified ? number(table.rows_in_table) : "-",
                    bytes == nullptr ? "-"
                    : plain          ? std::to_string(bytes->bytes)
                                     : HumanBytes(bytes->bytes),
                    bytes == nullptr || bytes->rows == 0
                        ? "-"
                        : fmt::format("{:.2f}", static_cast<double>(bytes->bytes) / static_cast<double>(bytes->rows))});
  }
  RowPrinter printer(format, out);
  printer.AddTexts(
      {"table", "written", "distinct", "overwritten", "partitions", "largest", "in table", "stored", "bytes a row"},
      {false, true, true, true, true, true, true, true, true}, rows);
}

void PrintForPeople(const pipeline::RunReport& report, const std::vector<StoredBytes>& stored, bool dry_run,
                    std::FILE* out) {
  if (report.generated) {
    fmt::print(out, "Generated {} samples", Thousands(report.read));
  } else {
    fmt::print(out, "Files: {}", Thousands(report.files));
    if (report.files_skipped > 0) fmt::print(out, " ({} loaded before)", Thousands(report.files_skipped));
    fmt::print(out, "   rows read: {}   left out by the filter: {}   rejected: {}", Thousands(report.read),
               Thousands(report.filtered), Thousands(report.rejected));
    if (report.rows + report.filtered + report.rejected != report.read) {
      fmt::print(out, "   rows given: {}", Thousands(report.rows));
    }
  }
  fmt::print(out, "   in {:.2f} s{}\n\n", report.load_seconds, dry_run ? " (dry run: nothing was written)" : "");
  PrintTables(report, stored, OutputFormat::kTable, out);
  if (report.generated && report.files_skipped > 0) fmt::print(out, "\nThese samples were loaded before.\n");
  for (const std::string& path : report.empty_files) fmt::print(out, "\nNo rows in {}", path);
  if (!report.empty_files.empty()) fmt::print(out, "\n");
  bool heading = false;
  size_t index = 0;
  const std::vector<std::string> sentences = report.quality.Sentences();
  for (const auto& [key, count] : report.quality.counts()) {
    const std::string& sentence = sentences[index++];
    if (count.cells == 0) continue;
    if (!heading) fmt::print(out, "\nWhat is wrong with the files themselves:\n");
    heading = true;
    fmt::print(out, "  {}\n", sentence);
  }
  if (!report.first_rejects.empty()) {
    fmt::print(out, "\nRejected ({}; all in {}):\n", Thousands(report.rejected), report.rejects_path);
    for (const std::string& reject : report.first_rejects) fmt::print(out, "  {}\n", reject);
  }
}

std::string KeyText(const model::DerivedTable& table) {
  std::string partition;
  for (const model::TableColumn& column : table.partition_key) {
    partition += (partition.empty() ? "" : ", ") + column.name;
  }
  std::string clustering;
  for (const model::ClusteringColumn& column : table.clustering) {
    clustering += (clustering.empty() ? "" : ", ") + column.name + (column.descending ? " desc" : "");
  }
  return fmt::format("partition ({}), clustering ({})", partition, clustering);
}

const pipeline::TableReport* FindReport(const pipeline::RunReport* report, const std::string& table) {
  if (report == nullptr) return nullptr;
  for (const pipeline::TableReport& entry : report->tables) {
    if (entry.table->name == table) return &entry;
  }
  return nullptr;
}

std::vector<std::string> Warnings(const model::DerivedTable& table, const pipeline::KeyFigures& keys) {
  std::vector<std::string> warnings;
  if (keys.largest_partition_rows > kPartitionRowsWarning) {
    warnings.push_back(
        fmt::format("the largest partition has {} rows (more than {}): give the query a bucket (day, "
                    "week, month)",
                    Thousands(keys.largest_partition_rows), Thousands(kPartitionRowsWarning)));
  }
  if (keys.distinct_rows < keys.rows && !table.clustering.empty()) {
    warnings.push_back(fmt::format("{} of {} rows fall on a key that another row has: the last one stays",
                                   Thousands(keys.rows - keys.distinct_rows), Thousands(keys.rows)));
  }
  if (keys.partitions > 1 && keys.largest_partition_rows > 20 * std::max<uint64_t>(keys.median_partition_rows, 50)) {
    warnings.push_back(fmt::format("hot key: partition ({}) has {} rows, the median partition {}",
                                   keys.hottest.front().key, Thousands(keys.largest_partition_rows),
                                   Thousands(keys.median_partition_rows)));
  }
  return warnings;
}

ordered_json DesignJson(const model::Model& model, const std::vector<model::DerivedTable>& tables,
                        const pipeline::RunReport* report) {
  ordered_json all = ordered_json::array();
  for (const model::DerivedTable& table : tables) {
    ordered_json entry = {{"query", table.name},
                          {"question", table.query->question},
                          {"cql", model::CreateTableCql(table)},
                          {"reasons", table.reasons}};
    if (const pipeline::TableReport* measured = FindReport(report, table.name)) {
      entry["measured"] = KeysJson(measured->keys);
      entry["warnings"] = Warnings(table, measured->keys);
    }
    all.push_back(std::move(entry));
  }
  return {{"keyspace", model.keyspace}, {"tables", all}};
}

}  // namespace

void PrintReport(const pipeline::RunReport& report, const std::vector<StoredBytes>& stored, bool dry_run,
                 OutputFormat format, std::FILE* out) {
  if (format == OutputFormat::kTable) return PrintForPeople(report, stored, dry_run, out);
  if (format == OutputFormat::kCsv) return PrintTables(report, stored, format, out);
  ordered_json tables = ordered_json::array();
  for (const pipeline::TableReport& table : report.tables) {
    ordered_json entry = {{"table", table.table->name}};
    entry.update(KeysJson(table.keys));
    if (table.is_verified) entry["rows_in_table"] = table.rows_in_table;
    if (const StoredBytes* bytes = FindStored(stored, table.table->name)) entry["stored_bytes"] = bytes->bytes;
    tables.push_back(std::move(entry));
  }
  PrintJson({{"files", report.files},
             {"files_skipped", report.files_skipped},
             {"rows_read", report.read},
             {"rows_filtered", report.filtered},
             {"rows_rejected", report.rejected},
             {"rows", report.rows},
             {"generated", report.generated},
             {"dry_run", dry_run},
             {"seconds", report.load_seconds},
             {"tables", tables},
             {"quality", QualityJson(report.quality)},
             {"empty_files", report.empty_files},
             {"first_rejects", report.first_rejects}},
            out);
}

void PrintDesign(const model::Model& model, const std::vector<model::DerivedTable>& tables,
                 const pipeline::RunReport* report, OutputFormat format, std::FILE* out) {
  if (format == OutputFormat::kJson) return PrintJson(DesignJson(model, tables, report), out);
  if (format == OutputFormat::kCsv) {
    std::vector<std::vector<std::string>> rows;
    for (const model::DerivedTable& table : tables)
      rows.push_back({table.name, KeyText(table), model::CreateTableCql(table)});
    RowPrinter(format, out).AddTexts({"query", "key", "cql"}, {false, false, false}, rows);
    return;
  }
  int number = 1;
  for (const model::DerivedTable& table : tables) {
    fmt::print(out, "{}Q{}  {}\n", number == 1 ? "" : "\n", number,
               table.query->question.empty() ? table.name : table.query->question);
    ++number;
    fmt::print(out, "{}\n", model::CreateTableCql(table));
    for (const std::string& reason : table.reasons) fmt::print(out, "  why: {}\n", reason);
    const pipeline::TableReport* measured = FindReport(report, table.name);
    if (measured == nullptr) continue;
    const pipeline::KeyFigures& keys = measured->keys;
    fmt::print(out, "  measured: {} rows in, {} distinct, {} partitions, largest {} rows{}, median {}\n",
               Thousands(keys.rows), Thousands(keys.distinct_rows), Thousands(keys.partitions),
               Thousands(keys.largest_partition_rows),
               keys.hottest.empty() ? "" : fmt::format(" ({})", keys.hottest.front().key),
               Thousands(keys.median_partition_rows));
    for (const std::string& warning : Warnings(table, keys)) fmt::print(out, "  warning: {}\n", warning);
  }
}

}  // namespace cassette::cli

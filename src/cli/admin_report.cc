#include "cli/admin_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "storage/engine/engine.h"
#include "storage/sstable/sstable_reader.h"

namespace cassette::cli {
namespace {

using storage::engine::CompactionStatistics;
using storage::engine::EngineStatistics;
using storage::engine::LatencyStatistics;
using storage::engine::TableStatistics;
using storage::sstable::ColumnDescription;
using storage::sstable::SstableDescription;

std::string Milliseconds(double seconds) { return fmt::format("{:.4f}", seconds * 1e3); }

double PerOne(uint64_t part, uint64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// What makes an encoding the smallest of those tried.
const char* ReasonOf(const std::string& encoding) {
  if (encoding == "constant") return "one value";
  if (encoding == "run-length") return "runs of equal values";
  if (encoding == "frame-of-reference") return "a narrow range";
  if (encoding == "delta") return "small steps";
  if (encoding == "delta-of-delta") return "even steps";
  if (encoding == "alp") return "decimals with few places";
  if (encoding == "alp-rd") return "real doubles with like exponents";
  if (encoding == "dictionary") return "few distinct values";
  if (encoding == "fsst") return "like parts of strings";
  if (encoding == "zstd") return "nothing else fits";
  if (encoding == "sparse") return "places without a value";
  return "nothing is smaller";
}

std::string EncodingsOf(const ColumnDescription& column) {
  std::string text;
  for (const auto& [encoding, count] : column.encodings) {
    text += fmt::format("{}{} {} ({})", text.empty() ? "" : ", ", count, encoding, ReasonOf(encoding));
  }
  if (column.shared_streams > 0) {
    text += fmt::format("{}{} stored once with an earlier group", text.empty() ? "" : ", ", column.shared_streams);
  }
  if (column.constant_streams > 0) {
    text += fmt::format("{}{} a number in the index", text.empty() ? "" : ", ", column.constant_streams);
  }
  return text;
}

}  // namespace

std::string AdminReport::Number(uint64_t value) const {
  return format_ == OutputFormat::kTable ? Thousands(value) : std::to_string(value);
}

std::string AdminReport::Bytes(uint64_t value) const {
  return format_ == OutputFormat::kTable ? HumanBytes(value) : std::to_string(value);
}

void AdminReport::Status(const EngineStatistics& statistics) const {
  uint64_t sstables = 0;
  uint64_t pending = 0;
  for (const TableStatistics& table : statistics.tables) {
    sstables += table.sstable_count;
    pending += table.pending_compactions;
  }
  PrintFigures({{{"directory", statistics.directory, false},
                 {"tables", Number(statistics.tables.size())},
                 {"SSTables", Number(sstables)},
                 {"space used", Bytes(statistics.sstable_bytes)},
                 {"memtables", Bytes(statistics.memtable_bytes)},
                 {"commit log", Bytes(statistics.commitlog_bytes)},
                 {"segments", Number(statistics.commitlog_segments)},
                 {"cache", Bytes(statistics.cache_bytes)},
                 {"cache hit rate", fmt::format("{:.3f}", PerOne(statistics.cache_hits,
                                                                 statistics.cache_hits + statistics.cache_misses))},
                 {"pending compactions", Number(pending)},
                 {"replayed", Number(statistics.replayed_mutations)}}});
}

void AdminReport::TableStats(const std::vector<TableStatistics>& tables) const {
  std::vector<std::vector<Figure>> entries;
  for (const TableStatistics& table : tables) {
    const uint64_t looked = table.sstables_read + table.sstables_skipped;
    entries.push_back({{"keyspace", table.table->keyspace, false},
                       {"table", table.table->name, false},
                       {"SSTables", Number(table.sstable_count)},
                       {"space used", Bytes(table.sstable_bytes)},
                       {"rows", Number(table.sstable_rows)},
                       {"tombstones", Number(table.sstable_tombstones)},
                       {"partitions (estimate)", Number(table.partitions_estimate)},
                       {"mean partition", Bytes(table.mean_partition_bytes)},
                       {"largest partition", Number(table.max_partition_rows)},
                       {"memtable rows", Number(table.memtable_rows)},
                       {"memtable size", Bytes(table.memtable_bytes)},
                       {"memtable switches", Number(table.flushes)},
                       {"pending flushes", Number(table.pending_flushes)},
                       {"pending compactions", Number(table.pending_compactions)},
                       {"local reads", Number(table.reads)},
                       {"local read latency (ms)", Milliseconds(table.read_latency.mean_seconds)},
                       {"local read latency, p99 (ms)", Milliseconds(table.read_latency.p99_seconds)},
                       {"local writes", Number(table.writes)},
                       {"local write latency (ms)", Milliseconds(table.write_latency.mean_seconds)},
                       {"local write latency, p99 (ms)", Milliseconds(table.write_latency.p99_seconds)},
                       {"SSTables per read", fmt::format("{:.2f}", PerOne(table.sstables_read, table.reads))},
                       {"filter hit rate", fmt::format("{:.3f}", PerOne(table.sstables_skipped, looked))},
                       {"tombstones per read", fmt::format("{:.2f}", PerOne(table.tombstones_read, table.reads))}});
  }
  PrintFigures(entries);
}

void AdminReport::CompactionStats(const std::vector<TableStatistics>& tables,
                                  const std::vector<CompactionStatistics>& running) const {
  std::vector<std::vector<std::string>> rows;
  for (const TableStatistics& table : tables) {
    rows.push_back({table.table->keyspace, table.table->name, "pending", Number(table.pending_compactions), "0", "0",
                    Number(table.compactions)});
  }
  for (const CompactionStatistics& compaction : running) {
    const uint64_t percent = compaction.rows == 0 ? 0 : compaction.rows_read * 100 / compaction.rows;
    rows.push_back({compaction.table->keyspace, compaction.table->name, "running: " + compaction.reason,
                    Number(compaction.sstables), Bytes(compaction.bytes), std::to_string(percent), "0"});
  }
  PrintRows({"keyspace", "table", "state", "tasks", "bytes", "percent done", "completed"}, 3, rows);
}

void AdminReport::Sstable(const SstableDescription& description) const {
  const auto& statistics = description.statistics;
  if (format_ == OutputFormat::kTable) {
    PrintFigures({{{"table", description.table_name, false},
                   {"format version", Number(description.format_version)},
                   {"written by", statistics.created_by, false},
                   {"rows", Number(statistics.row_count)},
                   {"partitions", Number(statistics.partition_count)},
                   {"largest partition", Number(statistics.max_partition_rows)},
                   {"tombstones", Number(statistics.tombstone_count)},
                   {"row groups", Number(statistics.group_count)},
                   {"row groups of one partition", Number(description.single_partition_groups)},
                   {"row groups with nothing dead", Number(description.all_live_groups)},
                   {"rows per group", fmt::format("{} to {}", Number(description.rows_per_group_min),
                                                  Number(description.rows_per_group_max))},
                   {"tokens", fmt::format("{} to {}", statistics.min_token, statistics.max_token)},
                   {"bytes", Bytes(statistics.file_bytes)},
                   {"bytes of vectors", Bytes(statistics.data_bytes)},
                   {"bytes saved by sharing vectors", Bytes(statistics.shared_bytes)},
                   {"bytes of the index", Bytes(statistics.index_bytes)},
                   {"bytes of the key filter", Bytes(statistics.filter_bytes)},
                   {"bytes of deletions and static rows", Bytes(statistics.head_bytes)}}});
    fmt::print("\n");
  }
  std::vector<std::vector<std::string>> rows;
  for (const ColumnDescription& column : description.columns) {
    const uint64_t bytes = column.stored_bytes + column.inline_bytes;
    rows.push_back({column.name, EncodingsOf(column), Number(column.streams), Bytes(bytes),
                    fmt::format("{:.3f}", PerOne(bytes, statistics.row_count))});
  }
  PrintRows(
      {"column", "encodings, of how many vectors, and why each was the smallest", "vectors", "bytes", "bytes per row"},
      2, rows);
}

void AdminReport::PrintFigures(const std::vector<std::vector<Figure>>& entries) const {
  if (format_ == OutputFormat::kTable) {
    size_t width = 0;
    for (const auto& entry : entries) {
      for (const Figure& figure : entry) width = std::max(width, figure.name.size());
    }
    for (size_t i = 0; i < entries.size(); ++i) {
      if (i > 0) fmt::print("\n");
      for (const Figure& figure : entries[i]) fmt::print("{:<{}}  {}\n", figure.name + ":", width + 1, figure.value);
    }
    return;
  }
  std::vector<std::string> headings;
  std::vector<std::vector<std::string>> rows;
  size_t text_columns = 0;
  for (const auto& entry : entries) {
    std::vector<std::string> row;
    for (const Figure& figure : entry) {
      if (rows.empty()) {
        headings.push_back(figure.name);
        text_columns += !figure.is_number;
      }
      row.push_back(figure.value);
    }
    rows.push_back(std::move(row));
  }
  PrintRows(headings, text_columns, rows);
}

void AdminReport::PrintRows(const std::vector<std::string>& headings, size_t text_columns,
                            const std::vector<std::vector<std::string>>& rows) const {
  std::vector<bool> numbers(headings.size(), true);
  for (size_t i = 0; i < text_columns; ++i) numbers[i] = false;
  RowPrinter printer(format_, stdout);
  printer.AddTexts(headings, numbers, rows);
  if (format_ == OutputFormat::kJson) printer.Finish();
}

}  // namespace cassette::cli

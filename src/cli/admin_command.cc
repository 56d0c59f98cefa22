#include <fmt/format.h>

#include <cstdio>

#include "cli/command.h"
#include "cli/output.h"
#include "storage/engine/engine.h"

namespace cassette::cli {
namespace {

using storage::engine::Engine;
using storage::engine::EngineStatistics;
using storage::engine::TableStatistics;

// What nodetool does, on a directory.
class AdminCommand final : public Command {
 public:
  Parser Register(const Parser& parent) override {
    const Parser parser = parent.Sub("admin", "flush, compact, snapshot, status, tablestats, verify",
                                     "\nExample:\n  cassette admin tablestats music --on music-data");
    parser.RequireSub();
    flush_ = AddTableVerb(parser, "flush", "write memtables to SSTables", "cassette admin flush music");
    compact_ = AddTableVerb(parser, "compact", "merge a table's SSTables into one",
                            "cassette admin compact music.users_by_song");
    stats_ = AddTableVerb(parser, "tablestats", "rows, bytes and SSTables of tables", "cassette admin tablestats");
    status_ =
        parser.Sub("status", "the directory and its sizes", "\nExample:\n  cassette admin status --on music-data");
    verify_ = parser.Sub("verify", "read every byte and check every checksum",
                         "\nExample:\n  cassette admin verify --on music-data");
    snapshot_ = parser.Sub("snapshot", "hard links of all SSTables under snapshots/NAME",
                           "\nExample:\n  cassette admin snapshot before-upgrade --on music-data");
    snapshot_.Required("NAME", &name_, "the snapshot's name");
    return parser;
  }

  base::Status Run(const Environment& environment) override {
    CASSETTE_ASSIGN_OR_RETURN(format_, ParseOutputFormat(environment.settings->Text("format")));
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<Place> place, Place::Open(environment));
    if (place->database() == nullptr) return base::Unsupported("admin works on a directory, not on a cluster");
    base::Status status = RunOn(place->database()->engine());
    const base::Status closed = place->Close();
    return status.ok() ? closed : status;
  }

 private:
  Parser AddTableVerb(const Parser& parent, const char* verb, const char* help, const char* example) {
    const Parser parser = parent.Sub(verb, help, fmt::format("\nExample:\n  {}", example));
    parser.Optional("TABLE", &name_, "keyspace or keyspace.table; all of them when not given");
    return parser;
  }

  base::Status RunOn(Engine& engine) {
    if (flush_.chosen()) return ForTables(engine, [&](const schema::TableId& id) { return engine.Flush(&id); });
    if (compact_.chosen()) return ForTables(engine, [&](const schema::TableId& id) { return engine.Compact(&id); });
    if (stats_.chosen()) return TableStats(engine);
    if (status_.chosen()) return PrintStatus(engine.Statistics());
    if (snapshot_.chosen()) {
      CASSETTE_RETURN_IF_ERROR(engine.Snapshot(name_));
      fmt::print("snapshot {} made\n", name_);
      return base::Status::Ok();
    }
    return Verify(engine);
  }

  // Durable tables that `name_` names: "music" is a keyspace, "music.users_by_song" a table, nothing is all.
  base::Result<std::vector<schema::TablePtr>> ChosenTables(Engine& engine) const {
    std::vector<schema::TablePtr> chosen;
    for (const auto& [keyspace_name, keyspace] : engine.schema()->keyspaces) {
      for (const auto& [table_name, table] : keyspace->tables) {
        if (table->is_memory_only) continue;
        if (name_.empty() || name_ == keyspace_name || name_ == keyspace_name + "." + table_name)
          chosen.push_back(table);
      }
    }
    if (chosen.empty() && !name_.empty()) return base::NotFound(fmt::format("no keyspace or table '{}'", name_));
    return chosen;
  }

  template <typename Work>
  base::Status ForTables(Engine& engine, const Work& work) {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<schema::TablePtr> tables, ChosenTables(engine));
    for (const schema::TablePtr& table : tables) CASSETTE_RETURN_IF_ERROR(work(table->id));
    fmt::print("{} {} done\n", tables.size(), tables.size() == 1 ? "table" : "tables");
    return base::Status::Ok();
  }

  base::Status TableStats(Engine& engine) {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<schema::TablePtr> tables, ChosenTables(engine));
    const EngineStatistics statistics = engine.Statistics();
    std::vector<std::vector<std::string>> rows;
    for (const schema::TablePtr& table : tables) {
      for (const TableStatistics& figures : statistics.tables) {
        if (figures.table->id != table->id) continue;
        rows.push_back({table->keyspace, table->name, Number(figures.sstable_count), Bytes(figures.sstable_bytes),
                        Number(figures.sstable_rows), Number(figures.sstable_tombstones), Number(figures.memtable_rows),
                        Bytes(figures.memtable_bytes), Number(figures.partitions_estimate),
                        Number(figures.max_partition_rows), Number(figures.pending_compactions)});
      }
    }
    Print({"keyspace", "table", "SSTables", "space used", "rows", "tombstones", "memtable rows", "memtable size",
           "partitions (estimate)", "largest partition", "pending compactions"},
          2, rows);
    return base::Status::Ok();
  }

  base::Status PrintStatus(const EngineStatistics& statistics) {
    uint64_t sstables = 0;
    for (const TableStatistics& table : statistics.tables) sstables += table.sstable_count;
    Print({"directory", "tables", "SSTables", "space used", "memtables", "commit log", "segments", "cache", "replayed"},
          1,
          {{statistics.directory, Number(statistics.tables.size()), Number(sstables), Bytes(statistics.sstable_bytes),
            Bytes(statistics.memtable_bytes), Bytes(statistics.commitlog_bytes), Number(statistics.commitlog_segments),
            Bytes(statistics.cache_bytes), Number(statistics.replayed_mutations)}});
    return base::Status::Ok();
  }

  base::Status Verify(Engine& engine) {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<storage::engine::VerifyFinding> findings, engine.Verify());
    if (findings.empty()) {
      fmt::print("all files are sound\n");
      return base::Status::Ok();
    }
    for (const storage::engine::VerifyFinding& finding : findings)
      fmt::print("{}: {}\n", finding.file, finding.message);
    return base::Corruption(fmt::format("{} damaged {}", findings.size(), findings.size() == 1 ? "place" : "places"));
  }

  std::string Number(uint64_t value) const {
    return format_ == OutputFormat::kTable ? Thousands(value) : std::to_string(value);
  }
  std::string Bytes(uint64_t value) const {
    return format_ == OutputFormat::kTable ? HumanBytes(value) : std::to_string(value);
  }
  void Print(const std::vector<std::string>& headings, size_t text_columns,
             const std::vector<std::vector<std::string>>& rows) const {
    std::vector<bool> numbers(headings.size(), true);
    for (size_t i = 0; i < text_columns; ++i) numbers[i] = false;
    RowPrinter printer(format_, stdout);
    printer.AddTexts(headings, numbers, rows);
    if (format_ == OutputFormat::kJson) printer.Finish();
  }

  OutputFormat format_ = OutputFormat::kTable;
  Parser flush_{nullptr};
  Parser compact_{nullptr};
  Parser stats_{nullptr};
  Parser status_{nullptr};
  Parser snapshot_{nullptr};
  Parser verify_{nullptr};
  std::string name_;
};

}  // namespace

std::unique_ptr<Command> MakeAdminCommand() { return std::make_unique<AdminCommand>(); }

}  // namespace cassette::cli

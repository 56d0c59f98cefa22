#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "cli/admin_report.h"
#include "cli/command.h"
#include "storage/engine/engine.h"
#include "storage/sstable/sstable_reader.h"

namespace cassette::cli {
namespace {

using storage::engine::Engine;
using storage::engine::TableStatistics;

// What nodetool does, on a directory.
class AdminCommand final : public Command {
 public:
  Parser Register(const Parser& parent) override {
    const Parser parser = parent.Sub("admin",
                                     "flush, compact, snapshot, status, tablestats, compactionstats, "
                                     "describe-sstable, verify, scrub",
                                     "\nExample:\n  cassette admin tablestats music --on music-data");
    parser.RequireSub();
    flush_ = AddTableVerb(parser, "flush", "write memtables to SSTables", "cassette admin flush music");
    compact_ = AddTableVerb(parser, "compact", "merge a table's SSTables into one",
                            "cassette admin compact music.users_by_song");
    stats_ = AddTableVerb(parser, "tablestats", "what nodetool tablestats says of tables", "cassette admin tablestats");
    compactions_ =
        AddTableVerb(parser, "compactionstats", "compactions that run and that wait", "cassette admin compactionstats");
    describe_ = parser.Sub("describe-sstable", "row groups, and of each column its encodings and bytes",
                           "\nExample:\n  cassette admin describe-sstable cassette-data/sstables/0000000001.sst");
    describe_.Required("FILE", &name_, "an SSTable");
    status_ =
        parser.Sub("status", "the directory and its sizes", "\nExample:\n  cassette admin status --on music-data");
    verify_ = parser.Sub("verify", "read every byte of every file and check it",
                         "\nExample:\n  cassette admin verify --on music-data");
    scrub_ = parser.Sub("scrub", "make a damaged directory one that opens, with all that is readable",
                        "\nExample:\n  cassette admin scrub --on music-data");
    snapshot_ = parser.Sub("snapshot", "hard links of all SSTables under snapshots/NAME",
                           "\nExample:\n  cassette admin snapshot before-upgrade --on music-data");
    snapshot_.Required("NAME", &name_, "the snapshot's name");
    return parser;
  }

  base::Status Run(const Environment& environment) override {
    CASSETTE_ASSIGN_OR_RETURN(const OutputFormat format, ParseOutputFormat(environment.settings->Text("format")));
    report_ = AdminReport(format);
    if (describe_.chosen()) return Describe(environment);
    if (verify_.chosen()) return Verify(environment);
    if (scrub_.chosen()) return Scrub(environment);
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
    if (stats_.chosen()) return ForChosen(engine, [&](const auto& tables) { report_.TableStats(tables); });
    if (compactions_.chosen()) {
      return ForChosen(engine,
                       [&](const auto& tables) { report_.CompactionStats(tables, engine.Statistics().compactions); });
    }
    if (snapshot_.chosen()) {
      CASSETTE_RETURN_IF_ERROR(engine.Snapshot(name_));
      fmt::print("snapshot {} made\n", name_);
      return base::Status::Ok();
    }
    CASSETTE_ASSERT(status_.chosen());
    report_.Status(engine.Statistics());
    return base::Status::Ok();
  }

  // Durable tables that `name_` names: "music" is a keyspace, "music.users_by_song" a table, nothing is all of the
  // user's.
  base::Result<std::vector<schema::TablePtr>> ChosenTables(Engine& engine) const {
    std::vector<schema::TablePtr> chosen;
    for (const auto& [keyspace_name, keyspace] : engine.schema()->keyspaces) {
      if (name_.empty() && keyspace_name == "system_auth") continue;
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

  // The statistics of the tables that `name_` names.
  template <typename Print>
  base::Status ForChosen(Engine& engine, const Print& print) {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<schema::TablePtr> tables, ChosenTables(engine));
    const storage::engine::EngineStatistics statistics = engine.Statistics();
    std::vector<TableStatistics> chosen;
    for (const TableStatistics& figures : statistics.tables) {
      const auto is_it = [&](const schema::TablePtr& table) { return table->id == figures.table->id; };
      if (std::any_of(tables.begin(), tables.end(), is_it)) chosen.push_back(figures);
    }
    print(chosen);
    return base::Status::Ok();
  }

  base::Status Describe(const Environment& environment) {
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<storage::sstable::SstableReader> reader,
                              storage::sstable::SstableReader::Open(*environment.file_system, name_, nullptr, nullptr));
    CASSETTE_ASSIGN_OR_RETURN(const storage::sstable::SstableDescription description, reader->Describe());
    report_.Sstable(description);
    return base::Status::Ok();
  }

  // These two work on a directory that cannot be opened, too.
  static storage::engine::EngineEnvironment EngineEnvironmentOf(const Environment& environment) {
    return {environment.file_system, environment.clock, environment.logger, 0, nullptr};
  }

  base::Status Verify(const Environment& environment) {
    const std::string& directory = environment.settings->Text("on");
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<storage::engine::VerifyFinding> findings,
                              Engine::VerifyDirectory(directory, EngineEnvironmentOf(environment)));
    if (findings.empty()) {
      fmt::print("all files are sound\n");
      return base::Status::Ok();
    }
    for (const storage::engine::VerifyFinding& finding : findings) fmt::print("{}\n", finding.message);
    return base::Corruption(fmt::format("{} damaged {}; `cassette admin scrub` keeps what is readable", findings.size(),
                                        findings.size() == 1 ? "file" : "files"));
  }

  base::Status Scrub(const Environment& environment) {
    CASSETTE_ASSIGN_OR_RETURN(const session::LocalOptions options, LocalOptionsOf(*environment.settings));
    CASSETTE_ASSIGN_OR_RETURN(
        const storage::engine::ScrubReport report,
        Engine::Scrub(environment.settings->Text("on"), options.engine, EngineEnvironmentOf(environment)));
    for (const std::string& note : report.notes) fmt::print("{}\n", note);
    if (report.notes.empty()) {
      fmt::print("{} SSTables are sound, nothing was changed\n", report.sstables_checked);
    } else {
      fmt::print("{} SSTables checked, {} rewritten with {} rows, {} rows lost, {} mutations of the log recovered\n",
                 report.sstables_checked, report.sstables_rewritten, report.rows_kept, report.rows_dropped,
                 report.mutations_recovered);
    }
    return base::Status::Ok();
  }

  AdminReport report_{OutputFormat::kTable};
  Parser flush_{nullptr};
  Parser compact_{nullptr};
  Parser stats_{nullptr};
  Parser status_{nullptr};
  Parser compactions_{nullptr};
  Parser describe_{nullptr};
  Parser scrub_{nullptr};
  Parser snapshot_{nullptr};
  Parser verify_{nullptr};
  std::string name_;
};

}  // namespace

std::unique_ptr<Command> MakeAdminCommand() { return std::make_unique<AdminCommand>(); }

}  // namespace cassette::cli

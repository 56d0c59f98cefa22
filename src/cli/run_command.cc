#include <fmt/format.h>

#include <cstdio>

#include "cli/command.h"
#include "cli/model_file.h"
#include "cli/progress_bar.h"
#include "cli/report.h"
#include "storage/engine/engine.h"

namespace cassette::cli {
namespace {

class RunCommand final : public Command {
 public:
  Parser Register(const Parser& parent) override {
    const Parser parser =
        parent.Sub("run", "create a model's tables, load them, verify, report",
                   "\nExample:\n  cassette run models/music.yaml --source ../shared/data/sparkify --on music-data");
    parser.Required("MODEL", &model_path_, "the model file");
    parser.Option("--source", &options_.source, "directory or file to read instead of what the model says");
    parser.Flag("--dry-run", &options_.dry_run, "read, check and count; write nothing");
    parser.Flag("--drop", &options_.drop, "drop the model's tables first");
    parser.Flag("--resume", &options_.resume, "each file is a step of its own; go on behind the last one loaded");
    parser.Option("--max-rejects", &options_.rejects_max, "stop past so many rejected rows");
    parser.Option("--rejects", &options_.rejects_path, "where rejected rows go, with place and reason");
    return parser;
  }

  base::Status Run(const Environment& environment) override {
    CASSETTE_ASSIGN_OR_RETURN(const OutputFormat format, ParseOutputFormat(environment.settings->Text("format")));
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t threads, environment.settings->Number("threads", 1, kMaxThreads));
    options_.threads = static_cast<uint32_t>(threads);
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<ModelFile> file,
                              ReadModelFile(*environment.file_system, model_path_));
    std::unique_ptr<Place> place;
    if (!options_.dry_run) {
      CASSETTE_ASSIGN_OR_RETURN(place, Place::Open(environment));
    }
    pipeline::RunReport report;
    ProgressBar bar(*environment.clock, "loading");
    const pipeline::RunEnvironment run_environment{environment.file_system, environment.clock,
                                                   place ? &place->session() : nullptr};
    base::Status status = pipeline::Run(
        file->model, file->tables, options_, run_environment,
        [&](const pipeline::Progress& progress) { bar.Update(progress); }, &report);
    bar.Finish();
    std::vector<StoredBytes> stored;
    if (place && place->database() != nullptr) stored = StoredIn(*place->database(), file->model.keyspace);
    if (status.ok()) {
      PrintReport(report, stored, options_.dry_run, format, stdout);
    } else {
      for (const std::string& reject : report.first_rejects) fmt::print(stderr, "rejected: {}\n", reject);
    }
    if (place) {
      const base::Status closed = place->Close();
      if (status.ok()) status = closed;
    }
    return status;
  }

 private:
  static std::vector<StoredBytes> StoredIn(session::LocalDatabase& database, const std::string& keyspace) {
    std::vector<StoredBytes> stored;
    const storage::engine::EngineStatistics all = database.engine().Statistics();
    for (const storage::engine::TableStatistics& table : all.tables) {
      if (table.table->keyspace == keyspace)
        stored.push_back({table.table->name, table.sstable_rows, table.sstable_bytes});
    }
    return stored;
  }

  std::string model_path_;
  pipeline::RunOptions options_;
};

}  // namespace

std::unique_ptr<Command> MakeRunCommand() { return std::make_unique<RunCommand>(); }

}  // namespace cassette::cli

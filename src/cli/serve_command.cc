#include <fmt/format.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <vector>

#include "cli/command.h"
#include "cli/model_file.h"
#include "cli/service_manager.h"
#include "cql/parser/split.h"
#include "io/file_system.h"
#include "io/mem_file_system.h"
#include "server/server.h"

namespace cassette::cli {
namespace {

constexpr uint64_t kMaxScriptBytes = 256 << 20;

// Statements of `path`; the failure names file and line.
base::Status RunScript(const std::string& path, io::FileSystem& file_system, session::Session& session) {
  CASSETTE_ASSIGN_OR_RETURN(const std::string script, io::ReadFile(file_system, path, kMaxScriptBytes));
  for (const cql::parser::StatementText& statement : cql::parser::SplitStatements(script)) {
    const base::Status status = session.Execute(statement.text).status();
    if (status.ok()) continue;
    const auto line = 1 + std::count(script.begin(), script.begin() + statement.position.offset, '\n');
    return status.WithContext(fmt::format("{}:{}: ", path, line));
  }
  return base::Status::Ok();
}

// The keyspace and tables of a model, where they are not there yet.
base::Status CreateModelTables(const ModelFile& file, session::Session& session) {
  CASSETTE_RETURN_IF_ERROR(session.Execute(model::CreateKeyspaceCql(file.model)).status());
  for (const model::DerivedTable& table : file.tables) {
    CASSETTE_RETURN_IF_ERROR(session.Execute(model::CreateTableIfNotExistsCql(table)).status());
  }
  return base::Status::Ok();
}

size_t CountUserTables(session::LocalDatabase& database) {
  size_t count = 0;
  for (const auto& [name, keyspace] : database.engine().schema()->keyspaces) {
    if (!name.starts_with("system")) count += keyspace->tables.size();
  }
  return count;
}

class ServeCommand final : public Command {
 public:
  Parser Register(const Parser& parent) override {
    const Parser parser = parent.Sub("serve", "be a Cassandra server: the native protocol, for every driver",
                                     "\nExamples:\n  cassette serve --on data\n"
                                     "  cassette serve --memory --init schema.cql --listen 127.0.0.1:19042");
    parser.Flag("--memory", &in_memory_, "keep nothing: the data ends with the process");
    parser.Option(
        "--init", [this](const std::string& path) { init_paths_.push_back(path); },
        "run the statements of this file first (again: further files)");
    parser.Flag("--settings", &prints_settings_, "print the table of all settings of a server, and end");
    parser.Option("--init-model", &model_path_, "create the tables of this model first, where they are not there");
    return parser;
  }

  base::Status Run(const Environment& environment) override {
    const int64_t begin_nanos = environment.clock->SteadyNanos();
    if (prints_settings_) {
      fmt::print("{}", SettingsTable("serve"));
      return base::Status::Ok();
    }
    PrepareService();
    CASSETTE_ASSIGN_OR_RETURN(const server::Options options, ServerOptionsOf(*environment.settings));
    io::MemFileSystem memory(false);
    std::unique_ptr<Place> place;
    if (in_memory_) {
      CASSETTE_ASSIGN_OR_RETURN(place, Place::OpenInMemory(environment, memory));
    } else {
      CASSETTE_ASSIGN_OR_RETURN(place, Place::Open(environment));
    }
    const base::Status served = Serve(environment, *place, options, begin_nanos);
    const base::Status closed = place->Close();
    return served.ok() ? closed : served;
  }

 private:
  base::Status Serve(const Environment& environment, Place& place, const server::Options& options,
                     int64_t begin_nanos) {
    CASSETTE_RETURN_IF_ERROR(Prepare(environment, place.session()));
    CASSETTE_ASSIGN_OR_RETURN(
        const std::unique_ptr<server::Server> server,
        server::Server::Start(options, {place.database(), environment.clock, environment.logger}));
    const int64_t ready_millis = (environment.clock->SteadyNanos() - begin_nanos) / 1'000'000;
    fmt::print("cassette 0.1.0 ready on {} ({}; {} tables; {} ms)\n", server->endpoint().ToString(),
               in_memory_ ? "in memory" : environment.settings->Text("on"), CountUserTables(*place.database()),
               ready_millis);
    std::fflush(stdout);
    NotifyServiceManager("READY=1");
    while (WaitForSignal() == SIGHUP) {
      const base::Status reloaded = server->ReloadCertificates();
      if (!reloaded.ok()) environment.logger->Error("certificates are not reloaded: {}", reloaded.message());
    }
    NotifyServiceManager("STOPPING=1");
    server->Stop();
    return base::Status::Ok();
  }

  base::Status Prepare(const Environment& environment, session::Session& session) const {
    if (!model_path_.empty()) {
      CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<ModelFile> file,
                                ReadModelFile(*environment.file_system, model_path_));
      CASSETTE_RETURN_IF_ERROR(CreateModelTables(*file, session));
    }
    for (const std::string& path : init_paths_) {
      CASSETTE_RETURN_IF_ERROR(RunScript(path, *environment.file_system, session));
    }
    return base::Status::Ok();
  }

  bool in_memory_ = false;
  bool prints_settings_ = false;
  std::vector<std::string> init_paths_;
  std::string model_path_;
};

}  // namespace

std::unique_ptr<Command> MakeServeCommand() { return std::make_unique<ServeCommand>(); }

}  // namespace cassette::cli

#include "cli/program.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <memory>
#include <system_error>
#include <vector>

#include "base/clock.h"
#include "cli/command.h"
#include "cli/logger.h"
#include "cli/output.h"
#include "cli/place.h"
#include "cli/settings.h"
#include "io/posix_file_system.h"

namespace cassette::cli {
namespace {

constexpr char kDescription[] =
    "Cassette: the Cassandra data model in one small program.\n"
    "Ask the questions first; the tables, the load and the answers follow.";

constexpr char kFooter[] =
    "\nExamples:\n"
    "  cassette generate music events/\n"
    "  cassette design models/music.yaml --source events/\n"
    "  cassette run models/music.yaml --source events/\n"
    "  cassette query models/music.yaml songs_by_session session_id=338 item_in_session=4\n"
    "  cassette shell -e \"SELECT * FROM music.users_by_song LIMIT 3\"\n"
    "\nEvery setting can also stand in a YAML file (--config FILE or CASSETTE_CONFIG) or in the environment\n"
    "(CASSETTE_LOG_LEVEL=info); the command line wins, then the environment, then the file.";

int Fail(const base::Status& status, int exit_status) {
  fmt::print(stderr, "cassette: {}\n", status.message());
  return exit_status;
}

bool IsUsageError(const base::Status& status) { return status.code() == base::Code::kInvalidArgument; }

// What every command may use, so that a wrong value is the command line's fault, whoever would have met it first.
base::Status CheckSettings(const Settings& settings) {
  CASSETTE_RETURN_IF_ERROR(ParseOutputFormat(settings.Text("format")).status());
  CASSETTE_RETURN_IF_ERROR(settings.Number("threads", 1, kMaxThreads).status());
  CASSETTE_RETURN_IF_ERROR(ServerOptionsOf(settings).status());
  return LocalOptionsOf(settings).status();
}

int RunChosen(Command& command, const std::string& config_path, const std::map<std::string, std::string>& given) {
  io::PosixFileSystem file_system;
  base::SystemClock clock;
  base::Result<Settings> settings = Settings::Load(file_system, config_path, given);
  if (!settings.ok()) return Fail(settings.status(), IsUsageError(settings.status()) ? 2 : 1);
  if (const base::Status wrong = CheckSettings(*settings); !wrong.ok()) return Fail(wrong, 2);
  base::Result<std::unique_ptr<base::Logger>> logger =
      MakeLogger(settings->Text("log_level"), settings->Text("log_file"));
  if (!logger.ok()) return Fail(logger.status(), IsUsageError(logger.status()) ? 2 : 1);
  const Environment environment{&file_system, &clock, logger->get(), &*settings};
  base::Status status;
  try {
    status = command.Run(environment);
  } catch (const std::system_error& error) {  // fmt::print's, when nothing more can be written.
    status = base::IoError(error.what());
  }
  const bool is_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (status.ok() && !is_written) status = base::IoError("standard output: not all of it could be written");
  return status.ok() ? 0 : Fail(status, 1);
}

}  // namespace

int RunProgram(int argc, char** argv) {
  CLI::App app(kDescription, "cassette");
  app.footer(kFooter);
  app.set_version_flag("--version", "cassette 0.1.0 (CQL 3.4.7, as Apache Cassandra 5.0)");
  app.require_subcommand(1);
  app.fallthrough();  // Settings may stand behind the sub-command too.

  std::string config_path;
  app.add_option("--config", config_path, "settings from this YAML file");
  std::map<std::string, std::string> given;
  for (const SettingRow& row : SettingRows()) {
    if (row.command[0] != '\0') continue;
    app.add_option_function<std::string>(
           OptionName(row), [&given, name = row.name](const std::string& value) { given[name] = value; }, row.help)
        ->default_str(row.default_value)
        ->group("Settings");
  }

  std::vector<std::unique_ptr<Command>> commands;
  std::vector<Parser> parsers;
  for (auto* make : {MakeRunCommand, MakeQueryCommand, MakeDesignCommand, MakeShellCommand, MakeServeCommand,
                     MakeGenerateCommand, MakeBenchCommand, MakeAdminCommand}) {
    commands.push_back(make());
    parsers.push_back(commands.back()->Register(Parser(&app)));
    for (const SettingRow& row : SettingRows()) {
      if (row.command != parsers.back().name()) continue;
      const std::string help = fmt::format("{} [{}]", row.help, row.default_value);
      const auto give = [&given, name = row.name](const std::string& value) { given[name] = value; };
      if (std::string_view(row.default_value) == "false") {
        parsers.back().Switch(OptionName(row), give, help);
      } else {
        parsers.back().Option(OptionName(row), give, help);
      }
    }
  }
  try {  // CLI11 reports by exception; they end here.
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error);
    // A missing sub-command is often a misspelt one, which CLI11 does not name.
    const std::vector<std::string> unknown = app.remaining(true);
    if (error.get_name() == "RequiredError" && !unknown.empty())
      fmt::print(stderr, "cassette: not understood: {}\n", fmt::join(unknown, " "));
    return 2;
  }
  for (size_t i = 0; i < commands.size(); ++i) {
    if (parsers[i].chosen()) return RunChosen(*commands[i], config_path, given);
  }
  return 2;
}

}  // namespace cassette::cli

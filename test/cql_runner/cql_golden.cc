// cql_golden [--mode MODE] [--page-rows N] [--bless] [--verbose] FILE-OR-DIRECTORY...
//
// Runs golden CQL files on LocalSession and reports what differs; exit status 1 when something does. --bless rewrites
// the files with what LocalSession answers: only for files tagged cassette-only, since Cassandra decides the others
// (scripts/oracle/run_golden.py --bless).
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "cql_runner/golden_file.h"
#include "cql_runner/golden_place.h"

namespace cassette::cql_runner {
namespace {

namespace fs = std::filesystem;

struct Options {
  Mode mode = Mode::kPlain;
  int32_t page_rows = 0;  // 0: what the mode says.

  int32_t PageRows() const { return page_rows > 0 ? page_rows : mode == Mode::kPages ? kPageRows : 0; }
  bool bless = false;
  bool verbose = false;
  std::vector<fs::path> paths;
};

// How one file went. Failed: it could not be run to its end.
struct Outcome {
  size_t statements = 0;
  size_t differences = 0;
  bool failed = false;
};

bool ParseArguments(int count, char** arguments, Options* options) {
  for (int i = 1; i < count; ++i) {
    const std::string argument = arguments[i];
    if (argument == "--bless") {
      options->bless = true;
    } else if (argument == "--verbose") {
      options->verbose = true;
    } else if (argument == "--mode" && i + 1 < count) {
      const auto mode = ModeOf(arguments[++i]);
      if (!mode.has_value()) return false;
      options->mode = *mode;
    } else if (argument == "--page-rows" && i + 1 < count) {
      options->page_rows = std::atoi(arguments[++i]);
      if (options->page_rows <= 0) return false;
    } else if (argument.starts_with("-")) {
      return false;
    } else {
      options->paths.emplace_back(argument);
    }
  }
  return !options->paths.empty();
}

std::vector<fs::path> FilesOf(const std::vector<fs::path>& paths) {
  std::vector<fs::path> files;
  for (const fs::path& path : paths) {
    if (!fs::is_directory(path)) {
      files.push_back(path);
      continue;
    }
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
      if (entry.path().extension() == ".cql") files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string ReadText(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The path below test/cql, which names the keyspace; the file's own name when it lies elsewhere.
std::string RelativePath(const fs::path& path) {
  const std::string absolute = fs::absolute(path).lexically_normal().string();
  constexpr std::string_view kRoot = "/test/cql/";
  const size_t root = absolute.rfind(kRoot);
  return root == std::string::npos ? path.filename().string() : absolute.substr(root + kRoot.size());
}

void PrintDifference(const GoldenFile& file, const Step& step, const Lines& actual) {
  fmt::print("{}:{}: {}\n", file.path(), step.line, step.statement);
  for (const std::string& line : step.expected) fmt::print("  expected {}\n", line);
  for (const std::string& line : actual) fmt::print("  found    {}\n", line);
  if (actual.empty()) fmt::print("  found    nothing\n");
}

base::Result<Outcome> RunSteps(const Options& options, const GoldenFile& file) {
  CASSETTE_ASSIGN_OR_RETURN(const auto place,
                            GoldenPlace::Open(options.mode, options.PageRows(), KeyspaceOf(RelativePath(file.path()))));
  Outcome outcome;
  std::vector<Lines> actual;
  for (const Step& step : file.steps()) {
    CASSETTE_ASSIGN_OR_RETURN(Lines answer, place->Run(step));
    ++outcome.statements;
    if (!options.bless && !Matches(step.expected, answer)) {
      ++outcome.differences;
      PrintDifference(file, step, answer);
    }
    actual.push_back(std::move(answer));
  }
  if (options.bless) std::ofstream(file.path(), std::ios::binary) << file.WithExpectations(actual);
  return outcome;
}

Outcome RunFile(const Options& options, const fs::path& path) {
  const auto file = GoldenFile::Parse(path.string(), ReadText(path));
  base::Status failure = file.status();
  if (file.ok()) {
    if (options.bless && !file->HasTag("cassette-only")) {
      fmt::print("{}: not blessed: only files tagged cassette-only are\n", path.string());
      return {0, 0, true};
    }
    if (file->HasTag("plain-only") && options.mode != Mode::kPlain) return {};
    const auto outcome = RunSteps(options, *file);
    if (outcome.ok()) {
      if (options.verbose) fmt::print("{}: {} statements\n", path.string(), outcome->statements);
      return *outcome;
    }
    failure = outcome.status();
  }
  fmt::print("{}: {}\n", path.string(), failure.ToString());
  return {0, 0, true};
}

int Run(const Options& options) {
  Outcome total;
  size_t failed = 0;
  const auto files = FilesOf(options.paths);
  for (const fs::path& path : files) {
    const Outcome outcome = RunFile(options, path);
    total.statements += outcome.statements;
    total.differences += outcome.differences;
    failed += outcome.failed ? 1 : 0;
  }
  fmt::print("{} files, {} statements, {} differ, {} files failed\n", files.size(), total.statements, total.differences,
             failed);
  return total.differences > 0 || failed > 0 || files.empty() ? 1 : 0;
}

}  // namespace
}  // namespace cassette::cql_runner

int main(int count, char** arguments) {
  cassette::cql_runner::Options options;
  if (!cassette::cql_runner::ParseArguments(count, arguments, &options)) {
    fmt::print(
        stderr,
        "usage: cql_golden [--mode plain|pages|flush|reopen|tiny|compact|size_tiered|time_window|leveled|unified] "
        "[--page-rows N] [--bless] [--verbose] FILE-OR-DIRECTORY...\n");
    return 2;
  }
  return cassette::cql_runner::Run(options);
}

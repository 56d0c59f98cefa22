#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "bench/workload.h"
#include "cli/command.h"
#include "cli/output.h"
#include "io/file_system.h"

namespace cassette::cli {
namespace {

class BenchCommand final : public Command {
 public:
  Parser Register(const Parser& parent) override {
    std::string help = "\nWorkloads:\n";
    for (const bench::Workload& workload : bench::Workloads()) {
      help += fmt::format("  {:<12}{}\n", workload.name, workload.help);
    }
    const Parser parser = parent.Sub("bench", "measure what this machine does, beside what is asked for",
                                     help + "\nExample:\n  cassette bench insert --scale 0.5");
    options_.data = "../shared/data";
    parser.Optional("WORKLOAD", &workload_, "one of those below; all of them when not given");
    parser.Option("--scale", &options_.scale, "so many times the usual rows");
    parser.Option("--directory", &options_.directory, "where to put the data while it runs");
    parser.Option("--against", &options_.against, "wire: a server that runs already, instead of one of our own");
    parser.Option("--data", &options_.data, "real series, where they are");
    return parser;
  }

  base::Status Run(const Environment& environment) override {
    CASSETTE_ASSIGN_OR_RETURN(const OutputFormat format, ParseOutputFormat(environment.settings->Text("format")));
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t threads, environment.settings->Number("threads", 1, kMaxThreads));
    options_.threads = static_cast<uint32_t>(threads);
    if (options_.directory.empty()) {
      const char* temporary = std::getenv("TMPDIR");
      options_.directory = temporary ? temporary : "/tmp";
    }
    // A folder of its own, for it is removed.
    const std::string parent = options_.directory;
    CASSETTE_ASSIGN_OR_RETURN(const bool had_parent, environment.file_system->Exists(parent));
    options_.directory = fmt::format("{}/cassette-bench-{}", parent, getpid());
    std::vector<std::vector<std::string>> rows;
    const bench::BenchEnvironment bench_environment{environment.file_system, environment.clock, environment.logger};
    const base::Status status =
        bench::RunWorkloads(workload_, options_, bench_environment, [&](const bench::Figure& figure) {
          rows.push_back(RowOf(figure));
          if (isatty(STDERR_FILENO) == 1)
            fmt::print(stderr, "{}: {} {}\n", rows.back()[0], rows.back()[1], rows.back()[2]);
        });
    (void)environment.file_system->RemoveTree(options_.directory);
    if (!had_parent) (void)environment.file_system->RemoveDir(parent);
    if (!rows.empty()) {
      RowPrinter printer(format, stdout);
      printer.AddTexts({"workload", "figure", "unit", "target", "of target", "CPU ns/op", "RocksDB's", "note"},
                       {false, true, false, true, true, true, true, false}, rows);
      if (format == OutputFormat::kJson) printer.Finish();
    }
    return status;
  }

 private:
  static std::string Rounded(double value) {
    return value >= 1000 ? std::to_string(static_cast<uint64_t>(value)) : fmt::format("{:.2f}", value);
  }

  static std::vector<std::string> RowOf(const bench::Figure& figure) {
    const double share = figure.lower_is_better ? figure.target / figure.value : figure.value / figure.target;
    return {figure.name,
            Rounded(figure.value),
            figure.unit,
            figure.target == 0 ? "0" : Rounded(figure.target),
            figure.target == 0 ? "0" : fmt::format("{:.2f}", share),
            fmt::format("{:.0f}", figure.cpu_ns_per_operation),
            fmt::format("{:.0f}", figure.rocksdb_ns_per_operation),
            figure.note};
  }

  std::string workload_;
  bench::BenchOptions options_;
};

}  // namespace

std::unique_ptr<Command> MakeBenchCommand() { return std::make_unique<BenchCommand>(); }

}  // namespace cassette::cli

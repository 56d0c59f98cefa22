#include <fmt/format.h>

#include <cstdio>

#include "cli/command.h"
#include "cli/model_file.h"
#include "cli/progress_bar.h"
#include "cli/report.h"
#include "model/chebotko.h"

namespace cassette::cli {
namespace {

class DesignCommand final : public Command {
 public:
  Parser Register(const Parser& parent) override {
    const Parser parser =
        parent.Sub("design", "derive a model's tables, say why, and measure them on the rows",
                   "\nExample:\n  cassette design models/music.yaml --source ../shared/data/sparkify --svg music.svg");
    parser.Required("MODEL", &model_path_, "the model file");
    parser.Option("--source", &source_, "directory or file to measure on");
    parser.Option("--svg", &svg_path_, "write the Chebotko diagram to this file");
    return parser;
  }

  base::Status Run(const Environment& environment) override {
    CASSETTE_ASSIGN_OR_RETURN(const OutputFormat format, ParseOutputFormat(environment.settings->Text("format")));
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<ModelFile> file,
                              ReadModelFile(*environment.file_system, model_path_));
    if (!svg_path_.empty()) {
      CASSETTE_RETURN_IF_ERROR(
          io::WriteFileAtomically(*environment.file_system, svg_path_, model::ChebotkoSvg(file->model, file->tables)));
    }
    if (source_.empty()) {
      PrintDesign(file->model, file->tables, nullptr, format, stdout);
      return base::Status::Ok();
    }
    pipeline::RunOptions options;
    options.source = source_;
    options.dry_run = true;
    options.rejects_max = UINT64_MAX;
    options.rejects_path = "/dev/null";
    CASSETTE_ASSIGN_OR_RETURN(const uint64_t threads, environment.settings->Number("threads", 1, kMaxThreads));
    options.threads = static_cast<uint32_t>(threads);
    pipeline::RunReport report;
    ProgressBar bar(*environment.clock, "measuring");
    const pipeline::RunEnvironment run_environment{environment.file_system, environment.clock, nullptr};
    const base::Status status = pipeline::Run(
        file->model, file->tables, options, run_environment,
        [&](const pipeline::Progress& progress) { bar.Update(progress); }, &report);
    bar.Finish();
    CASSETTE_RETURN_IF_ERROR(status);
    PrintDesign(file->model, file->tables, &report, format, stdout);
    return base::Status::Ok();
  }

 private:
  std::string model_path_;
  std::string source_;
  std::string svg_path_;
};

}  // namespace

std::unique_ptr<Command> MakeDesignCommand() { return std::make_unique<DesignCommand>(); }

}  // namespace cassette::cli

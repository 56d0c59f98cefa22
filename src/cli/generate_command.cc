#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "cli/command.h"
#include "cli/output.h"
#include "io/file_system.h"
#include "netmon/network_generator.h"
#include "samples/music_generator.h"
#include "types/calendar.h"

namespace cassette::cli {
namespace {

constexpr size_t kFlushBytes = 1 << 20;

class GenerateCommand final : public Command {
 public:
  CLI::App* Register(CLI::App& parent) override {
    CLI::App* app = parent.add_subcommand("generate", "sample files, the same for the same seed");
    app->require_subcommand(1);
    app->footer(
        "\nExamples:\n  cassette generate music events/ --files 30\n"
        "  cassette generate network metrics.csv --resources 10 --days 7");
    music_app_ = app->add_subcommand("music", "daily event files of a music service, quirks included");
    music_app_->footer("\nExample:\n  cassette generate music events/ --files 30 --seed 1");
    music_app_->add_option("DIRECTORY", path_, "where the files go")->required();
    music_app_->add_option("--files", music_.files, "days, one file each")->capture_default_str();
    music_app_->add_option("--rows", music_.rows_per_file, "rows a file, on average")->capture_default_str();
    music_app_->add_option("--seed", music_.seed, "another seed, other files")->capture_default_str();
    network_app_ = app->add_subcommand("network", "samples of network resources as one CSV file");
    network_app_->footer("\nExample:\n  cassette generate network metrics.csv --resources 10 --days 7");
    network_app_->add_option("FILE", path_, "the CSV file: resource, metric_name, collected_at, value")->required();
    for (const char* key : {"resources", "metrics", "every", "from", "days", "weeks", "seed"}) {
      network_app_->add_option_function<std::string>(std::string("--") + key,
                                                     [this, key](const std::string& value) { network_[key] = value; });
    }
    return app;
  }

  base::Status Run(const Environment& environment) override {
    return music_app_->parsed() ? RunMusic(environment) : RunNetwork(environment);
  }

 private:
  base::Status RunMusic(const Environment& environment) {
    CASSETTE_ASSIGN_OR_RETURN(const samples::MusicFigures figures,
                              samples::GenerateMusic(*environment.file_system, path_, music_));
    fmt::print("{} files in {}: {} rows, {} songs heard, {}\n", music_.files, path_, Thousands(figures.rows),
               Thousands(figures.songs), HumanBytes(figures.bytes));
    return base::Status::Ok();
  }

  base::Status RunNetwork(const Environment& environment) {
    network_.try_emplace("from", "2024-12-30");
    network_.try_emplace("resources", "10");
    CASSETTE_ASSIGN_OR_RETURN(const netmon::NetworkSettings settings, netmon::ParseNetworkSettings(network_));
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<io::WritableFile> file,
                              environment.file_system->CreateWritable(path_));
    netmon::NetworkGenerator generator(settings, 0, settings.resources);
    netmon::SampleBatch batch;
    std::string text = "resource,metric_name,collected_at,value\n";
    uint64_t rows = 0;
    while (generator.Next(&batch)) {
      for (uint32_t i = 0; i < batch.row_count; ++i) {
        fmt::format_to(std::back_inserter(text), "{},{},", batch.resource.bytes(i), batch.metric_name.bytes(i));
        types::AppendTimestampIso(batch.collected_at.int64(i), &text);
        fmt::format_to(std::back_inserter(text), ",{}\n", batch.value.number(i));
      }
      rows += batch.row_count;
      if (text.size() < kFlushBytes) continue;
      CASSETTE_RETURN_IF_ERROR(file->Append(text));
      text.clear();
    }
    CASSETTE_RETURN_IF_ERROR(file->Append(text));
    CASSETTE_RETURN_IF_ERROR(file->Close());
    fmt::print("{}: {} samples\n", path_, Thousands(rows));
    return base::Status::Ok();
  }

  CLI::App* music_app_ = nullptr;
  CLI::App* network_app_ = nullptr;
  std::string path_;
  samples::MusicSettings music_;
  std::map<std::string, std::string> network_;
};

}  // namespace

std::unique_ptr<Command> MakeGenerateCommand() { return std::make_unique<GenerateCommand>(); }

}  // namespace cassette::cli

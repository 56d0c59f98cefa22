#include <fmt/format.h>

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
  Parser Register(const Parser& parent) override {
    const Parser parser = parent.Sub("generate", "sample files, the same for the same seed",
                                     "\nExamples:\n  cassette generate music events/ --files 30\n"
                                     "  cassette generate network metrics.csv --resources 10 --days 7");
    parser.RequireSub();
    music_parser_ = parser.Sub("music", "daily event files of a music service, quirks included",
                               "\nExample:\n  cassette generate music events/ --files 30 --seed 1");
    music_parser_.Required("DIRECTORY", &path_, "where the files go");
    music_parser_.Option("--files", &music_.files, "days, one file each");
    music_parser_.Option("--rows", &music_.rows_per_file, "rows a file, on average");
    music_parser_.Option("--seed", &music_.seed, "another seed, other files");
    const Parser network = parser.Sub("network", "samples of network resources as one CSV file",
                                      "\nExample:\n  cassette generate network metrics.csv --resources 10 --days 7");
    network.Required("FILE", &path_, "the CSV file: resource, metric_name, collected_at, value");
    for (const char* key : {"resources", "metrics", "every", "from", "days", "weeks", "seed"}) {
      network.Option(
          std::string("--") + key, [this, key](const std::string& value) { network_[key] = value; },
          "as in a model's source");
    }
    return parser;
  }

  base::Status Run(const Environment& environment) override {
    return music_parser_.chosen() ? RunMusic(environment) : RunNetwork(environment);
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

  Parser music_parser_{nullptr};
  std::string path_;
  samples::MusicSettings music_;
  std::map<std::string, std::string> network_;
};

}  // namespace

std::unique_ptr<Command> MakeGenerateCommand() { return std::make_unique<GenerateCommand>(); }

}  // namespace cassette::cli

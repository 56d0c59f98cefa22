#include <fmt/format.h>

#include <cstdio>

#include "cli/command.h"
#include "cli/model_file.h"
#include "cli/output.h"
#include "model/answer.h"

namespace cassette::cli {
namespace {

class QueryCommand final : public Command {
 public:
  Parser Register(const Parser& parent) override {
    const Parser parser =
        parent.Sub("query", "answer a model's question by its name",
                   "\nExamples:\n"
                   "  cassette query models/music.yaml songs_by_session session_id=338 item_in_session=4\n"
                   "  cassette query models/network.yaml metrics_by_resource_week resource=router-000 \\\n"
                   "    'collected_at>=2025-12-28 23:00Z' 'collected_at<2025-12-29 01:00Z'");
    parser.Required("MODEL", &model_path_, "the model file");
    parser.Required("NAME", &name_, "the question");
    parser.Rest("ARGUMENTS", &arguments_, "column=value, 'column>=value' and the like");
    parser.Flag("--explain", &explain_, "say which partitions are read and how, instead of the rows");
    parser.Flag("--cql", &cql_, "print the statements, do not run them");
    return parser;
  }

  base::Status Run(const Environment& environment) override {
    CASSETTE_ASSIGN_OR_RETURN(const OutputFormat format, ParseOutputFormat(environment.settings->Text("format")));
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<ModelFile> file,
                              ReadModelFile(*environment.file_system, model_path_));
    CASSETTE_ASSIGN_OR_RETURN(const model::DerivedTable* table, FindTable(*file));
    std::vector<model::Argument> arguments;
    for (const std::string& text : arguments_) {
      CASSETTE_ASSIGN_OR_RETURN(model::Argument argument, model::ParseArgument(text));
      arguments.push_back(std::move(argument));
    }
    CASSETTE_ASSIGN_OR_RETURN(model::AnswerPlan plan, model::PlanAnswer(*table, arguments));
    if (cql_) {
      for (const std::string& statement : plan.statements) fmt::print("{};\n", statement);
      return base::Status::Ok();
    }
    if (explain_) {
      for (std::string& statement : plan.statements) statement.insert(0, "EXPLAIN ");
    }
    CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<Place> place, Place::Open(environment));
    RowPrinter printer(format, stdout);
    base::Status status = model::RunAnswer(place->session(), plan, [&](const session::ResultPage& page) {
      printer.Add(page);
      return base::Status::Ok();
    });
    printer.Finish();
    if (status.ok() && format == OutputFormat::kTable) {
      fmt::print(stderr, "{} {} read\n", plan.partitions, plan.partitions == 1 ? "partition" : "partitions");
    }
    const base::Status closed = place->Close();
    return status.ok() ? closed : status;
  }

 private:
  base::Result<const model::DerivedTable*> FindTable(const ModelFile& file) const {
    std::vector<std::string> names;
    for (const model::DerivedTable& table : file.tables) {
      if (table.name == name_) return &table;
      names.push_back(table.name);
    }
    return base::NotFound(
        fmt::format("{} has no question '{}'; there are: {}", model_path_, name_, fmt::join(names, ", ")));
  }

  std::string model_path_;
  std::string name_;
  std::vector<std::string> arguments_;
  bool explain_ = false;
  bool cql_ = false;
};

}  // namespace

std::unique_ptr<Command> MakeQueryCommand() { return std::make_unique<QueryCommand>(); }

}  // namespace cassette::cli

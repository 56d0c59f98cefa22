// A run's report, for people (table) and programs (json, csv).
#pragma once

#include <cstdio>
#include <optional>

#include "cli/output.h"
#include "pipeline/run.h"

namespace cassette::cli {

// What the place says of a table's bytes, when it can.
struct StoredBytes {
  std::string table;
  uint64_t rows = 0;
  uint64_t bytes = 0;
};

void PrintReport(const pipeline::RunReport& report, const std::vector<StoredBytes>& stored, bool dry_run,
                 OutputFormat format, std::FILE* out);

// Tables with their questions, keys, reasons and CQL; with measured sizes where `report` is not null.
void PrintDesign(const model::Model& model, const std::vector<model::DerivedTable>& tables,
                 const pipeline::RunReport* report, OutputFormat format, std::FILE* out);

}  // namespace cassette::cli

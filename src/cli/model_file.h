// A model read from a file, with its tables: what run, query and design begin with.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "io/file_system.h"
#include "model/derive.h"
#include "model/model.h"

namespace cassette::cli {

// Lifetime: `tables` point into `model`; move the two together (they are on the heap).
struct ModelFile {
  model::Model model;
  std::vector<model::DerivedTable> tables;
};

inline constexpr uint64_t kMaxModelBytes = 1 << 20;

inline base::Result<std::unique_ptr<ModelFile>> ReadModelFile(io::FileSystem& file_system, const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(file_system, path, kMaxModelBytes));
  auto file = std::make_unique<ModelFile>();
  CASSETTE_ASSIGN_OR_RETURN(file->model, model::ParseModel(text, path));
  CASSETTE_ASSIGN_OR_RETURN(file->tables, model::DeriveTables(file->model));
  return file;
}

}  // namespace cassette::cli

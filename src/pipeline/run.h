// Run: a model's rows into its tables, from files or a generator: create, load, verify, report.
//
// Without `resume` a run is all or nothing: rows become visible in one step at its end, and a run that fails leaves no
// table behind that it created. With `resume` each file is its own step, and a later run goes on behind the last.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/status.h"
#include "model/derive.h"
#include "model/model.h"
#include "pipeline/key_tracker.h"
#include "pipeline/quality.h"
#include "session/session.h"

namespace cassette::io {
class FileSystem;
}

namespace cassette::pipeline {

inline constexpr uint64_t kDefaultMaxRejects = 100;

struct RunOptions {
  std::string source;    // Directory or file; empty: what the model says.
  bool dry_run = false;  // Read, check and count; write nothing. The session is not used.
  bool drop = false;     // Drop the tables first.
  bool resume = false;
  bool verify = true;  // Count the rows of each table afterwards.
  uint64_t rejects_max = kDefaultMaxRejects;
  std::string rejects_path = "cassette.rejects.csv";
  uint32_t threads = 2;
};

// What a run says while it works. Called from many threads, at most once a batch.
struct Progress {
  uint64_t rows = 0;
  uint64_t done = 0;  // Bytes of files, or samples.
  uint64_t total = 0;
  bool operator==(const Progress&) const = default;
};
using ProgressSink = std::function<void(const Progress&)>;

struct TableReport {
  const model::DerivedTable* table = nullptr;
  KeyFigures keys;
  bool is_verified = false;
  uint64_t rows_in_table = 0;  // Counted by a SELECT after the load.
};

struct RunReport {
  uint64_t files = 0;
  uint64_t files_skipped = 0;            // Loaded by an earlier run.
  std::vector<std::string> empty_files;  // No byte, or a header alone.
  uint64_t read = 0;
  uint64_t filtered = 0;
  uint64_t rejected = 0;
  uint64_t rows = 0;  // Offered to each table.
  bool generated = false;
  std::vector<std::string> first_rejects;
  std::string rejects_path;
  Quality quality;
  std::vector<TableReport> tables;
  double load_seconds = 0;
  double verify_seconds = 0;
};

// Lifetime: everything outlives the call. `session` may be null when options.dry_run.
struct RunEnvironment {
  io::FileSystem* file_system = nullptr;
  base::Clock* clock = nullptr;
  session::Session* session = nullptr;
};

// kResourceExhausted past the rejects; otherwise what stopped it. `report` is filled as far as it went.
base::Status Run(const model::Model& model, const std::vector<model::DerivedTable>& tables, const RunOptions& options,
                 const RunEnvironment& environment, const ProgressSink& progress, RunReport* report);

}  // namespace cassette::pipeline

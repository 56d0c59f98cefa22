// Golden CQL files: CQL with the expected output in `-->` lines (docs/testing-cql.md). The Python twin of this reader
// is scripts/oracle/golden_file.py.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace cassette::cql_runner {

using Lines = std::vector<std::string>;

// One statement and what is expected of it.
struct Step {
  std::string statement;    // Its lines, with the ';'.
  size_t line = 0;          // Of its first line, from 1.
  Lines expected;           // Without "-->" and outer blanks.
  double wait_seconds = 0;  // Before the statement.
  // Who logs in before the statement, and the password; empty: who is there already.
  std::string login_role;
  std::string login_password;
};

// A file, in memory. Value type.
class GoldenFile {
 public:
  // Fails with kInvalidArgument ("path:line: ...") on a file without name, description or tags, a statement without
  // end, or output before the first statement.
  static base::Result<GoldenFile> Parse(const std::string& path, std::string_view text);

  const std::string& path() const { return path_; }
  const std::string& name() const { return name_; }
  bool HasTag(std::string_view tag) const;
  const std::vector<Step>& steps() const { return steps_; }

  // The file with `actual[i]` as the expected output of step i. REQUIRES: actual.size() == steps().size().
  std::string WithExpectations(const std::vector<Lines>& actual) const;

 private:
  // A part of the file that stays as it is; `step` says whose output follows it.
  struct Block {
    Lines lines;
    std::optional<size_t> step;
  };

  base::Status Read(std::string_view text);
  // Takes what is said of the next statement.
  base::Status TakeComment(const std::string& line, Step* next);
  base::Status Check() const;

  std::string path_;
  std::string name_;
  std::string description_;
  Lines tags_;
  std::vector<Step> steps_;
  std::vector<Block> blocks_;
};

// Whether an answer is as expected: errors by code, everything else word for word.
bool Matches(const Lines& expected, const Lines& actual);

// The keyspace that a file runs in: "types/int.cql" gives "types_int". `relative_path` is relative to test/cql.
std::string KeyspaceOf(std::string_view relative_path);

}  // namespace cassette::cql_runner

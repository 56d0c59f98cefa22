// Quality: what is wrong with the files themselves though every field parses. Reported, never swallowed.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"

namespace cassette::pipeline {

// Where the e or E of a number stands; its size when it has none.
size_t ExponentAt(std::string_view text);

// A number such as 1.54112E+12 for a count of milliseconds: digits were dropped on the way. True when its integer value
// has more digits than the text shows; `*error` receives half the last shown digit's weight.
bool LostPrecision(std::string_view text, double* error);

// True when `text` was encoded to UTF-8 once more than it should be: read as Latin-1 its characters are valid UTF-8
// again, with at least one character outside ASCII.
bool IsEncodedTwice(std::string_view text);

bool HasBlanksAround(std::string_view text);

// True when an integer's text does not survive as a double (beyond 2^53).
bool IsRoundedAsDouble(std::string_view text, double value);

enum class QualityKind : uint8_t { kLostPrecision, kEncodedTwice, kBlanksAround, kRoundedInteger };

// Counts of one kind in one column. Thread safety: not thread safe; one a worker, merged at the end.
struct QualityCount {
  uint64_t cells = 0;
  std::string first_place;  // file:line:column
  std::string first_value;
  double error = 0;                                  // kLostPrecision: in the column's unit; 0: none yet.
  absl::flat_hash_set<std::string> distinct_values;  // kLostPrecision; at most kMaxDistinct.

  static constexpr size_t kMaxDistinct = 100'000;
  // A column is written in one way, and zeros at a number's end are dropped (1.5411E+12 for 1.54110E+12): the finest
  // error met is that of all.
  void AddError(double other);
  void Merge(const QualityCount& other);
};

class Quality {
 public:
  QualityCount& At(QualityKind kind, const std::string& column) { return counts_[{kind, column}]; }
  void Merge(const Quality& other);
  const std::map<std::pair<QualityKind, std::string>, QualityCount>& counts() const { return counts_; }
  // A sentence for each, for people.
  std::vector<std::string> Sentences() const;

 private:
  std::map<std::pair<QualityKind, std::string>, QualityCount> counts_;
};

std::string_view QualityName(QualityKind kind);

}  // namespace cassette::pipeline

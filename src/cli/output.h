// How results look: a table for people, JSON or CSV for programs. Results go to standard output, nothing else does.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "base/status.h"
#include "session/session.h"

namespace cassette::cli {

enum class OutputFormat : uint8_t { kTable, kJson, kCsv };

base::Result<OutputFormat> ParseOutputFormat(const std::string& name);

// Prints rows page by page under one heading. Columns are those of the first page.
// Thread safety: not thread safe. Lifetime: `out` outlives it.
class RowPrinter {
 public:
  RowPrinter(OutputFormat format, std::FILE* out) : format_(format), out_(out) {}

  void Add(const session::ResultPage& page);
  // Plain texts instead of a page: headings and cells; numbers[i] tells which columns are numbers (right-aligned, and
  // unquoted in JSON).
  void AddTexts(const std::vector<std::string>& headings, const std::vector<bool>& numbers,
                const std::vector<std::vector<std::string>>& rows);
  // Closes the JSON array; prints "(N rows)" below a table. Nothing when nothing was added.
  void Finish();

  uint64_t rows() const { return rows_; }

 private:
  bool IsJsonBoolean(const types::DataType& type) const {
    return format_ == OutputFormat::kJson && type.kind() == types::TypeKind::kBoolean;
  }
  void PrintTable(const std::vector<std::string>& headings, const std::vector<bool>& numbers,
                  const std::vector<std::vector<std::string>>& rows);
  void PrintJson(const std::vector<std::string>& headings, const std::vector<bool>& numbers,
                 const std::vector<std::vector<std::string>>& rows);
  void PrintCsv(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows);

  const OutputFormat format_;
  std::FILE* const out_;
  bool started_ = false;
  uint64_t rows_ = 0;
};

std::string JsonQuoted(std::string_view text);
// Code points that a terminal shows, wide ones counted twice.
size_t DisplayWidth(std::string_view text);
// "105,120,000".
std::string Thousands(uint64_t number);
// "1.5 MB"
std::string HumanBytes(uint64_t bytes);

}  // namespace cassette::cli

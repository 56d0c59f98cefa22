// AdminReport: what `cassette admin` prints of an engine, in Cassandra's words.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "cli/output.h"

namespace cassette::storage::engine {
struct CompactionStatistics;
struct EngineStatistics;
struct TableStatistics;
}  // namespace cassette::storage::engine
namespace cassette::storage::sstable {
struct SstableDescription;
}

namespace cassette::cli {

// Thread safety: not thread safe.
class AdminReport {
 public:
  explicit AdminReport(OutputFormat format) : format_(format) {}

  void Status(const storage::engine::EngineStatistics& statistics) const;
  void TableStats(const std::vector<storage::engine::TableStatistics>& tables) const;
  void CompactionStats(const std::vector<storage::engine::TableStatistics>& tables,
                       const std::vector<storage::engine::CompactionStatistics>& running) const;
  void Sstable(const storage::sstable::SstableDescription& description) const;

 private:
  // One figure: how it is called and what it is.
  struct Figure {
    std::string name;
    std::string value;
    bool is_number = true;
  };

  std::string Number(uint64_t value) const;
  std::string Bytes(uint64_t value) const;
  // As a table for people "name: value" lines, a paragraph an entry; else a row an entry.
  void PrintFigures(const std::vector<std::vector<Figure>>& entries) const;
  void PrintRows(const std::vector<std::string>& headings, size_t text_columns,
                 const std::vector<std::vector<std::string>>& rows) const;

  OutputFormat format_;
};

}  // namespace cassette::cli

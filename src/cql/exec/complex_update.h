// ComplexUpdate: what the assignments of one statement do to one complex column of one row: elements set, added,
// removed; a list's by what it had before.
#pragma once

#include <cstdint>
#include <forward_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/evaluate.h"
#include "cql/exec/list_paths.h"
#include "rows/complex_cells.h"
#include "storage/engine/engine.h"

namespace cassette::cql::exec {

// The times that all cells of one statement have.
struct CellTimes {
  int64_t timestamp_micros;
  int32_t ttl_seconds;
  int64_t expires_at_seconds;
  int64_t now_seconds;
  int64_t range_timestamp_micros;  // Of deletions of partitions and ranges.
};

// What lists need beside values: places for new elements, and what stood there before.
// Lifetime: all of it outlives the execution.
struct ListServices {
  storage::engine::Engine* engine = nullptr;
  ListPaths* paths = nullptr;
  base::Random* random = nullptr;
  int64_t now_micros = 0;
};

// A row of a table, or (`is_static`) a partition's static row. Lifetime: views.
struct RowPlace {
  const schema::TablePtr* table = nullptr;
  std::string_view key;
  std::string_view clustering;
  bool is_static = false;
};

// The read of that row and of no other; its columns are to be added.
storage::engine::ReadCommand ReadOneRow(const schema::TablePtr& table, std::string_view key,
                                        std::string_view clustering, bool is_static, int64_t now_seconds);

// Reuse one: memory is kept. Thread safety: not thread safe.
class ComplexUpdate {
 public:
  // Starts anew, for a column of `type` that belongs to `place`. Lifetime: both until Finish.
  void Begin(const schema::Column& column, const RowPlace& place, const CellTimes& times, const ListServices& services);
  // kInvalidArgument in Cassandra's words. Lifetime: what the evaluator gives must live until Finish.
  base::Status Add(const analysis::Assignment& assignment, Evaluator& evaluator);
  // The cell that does it all; null when there is nothing to do. Lifetime: until the next Begin.
  const rows::CellView* Finish();

 private:
  using Values = std::vector<types::ValueView>;

  // The column's own cells or elements with paths.
  void Put(std::string_view path, std::string_view value);
  void Remove(std::string_view path);
  void Delete(int64_t timestamp_micros);
  std::string_view Keep(std::string bytes);

  base::Status AddElements(const types::ValueView& value, bool before);
  void AddFields(const types::ValueView& value);
  base::Status DiscardElements(const types::ValueView& value);
  base::Status SetElement(const types::ValueView& key, const types::ValueView& value);
  base::Status DeleteElement(const types::ValueView& key);
  // The path of the element at `index`; kInvalidArgument, with what was `attempted`, when there is none.
  base::Result<std::string_view> PathOfIndex(const types::ValueView& index, const char* attempted);
  // The list as it stands after what was added so far, which Cassandra calls the pending mutations: path, element,
  // path, element... Lifetime: until the next Begin.
  base::Result<Values> CurrentList();
  base::Status ReadList();
  // What was added, in the order of paths, one for each.
  const std::vector<rows::ComplexCell>& ReconciledCells();
  int ComparePaths(std::string_view a, std::string_view b) const;

  const schema::Column* column_ = nullptr;
  types::DataType path_type_;
  RowPlace place_;
  CellTimes times_{};
  const ListServices* services_ = nullptr;
  rows::DeletionTime deletion_;
  std::vector<rows::ComplexCell> cells_;
  std::forward_list<std::string> kept_;
  bool has_list_ = false;
  std::string list_bytes_;
  Values list_;  // As it was read: path, element, path, element...
  rows::ComplexBuilder builder_;
  rows::CellView view_;
};

}  // namespace cassette::cql::exec

// Filters on row batches: what WHERE asks beyond what the read itself can leave out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/exec/evaluate.h"
#include "rows/row_batch.h"
#include "rows/row_block.h"
#include "schema/schema.h"

namespace cassette::cql::exec {

// Thread safety: const methods may be called from many threads.
class RowFilter {
 public:
  // Binds the filters of `plan`. kInvalidArgument for null and unset values.
  static base::Result<RowFilter> Bind(const analysis::SelectPlan& plan, Evaluator& evaluator);

  bool empty() const { return filters_.empty(); }
  // What zone maps may rule out of `command`, whose columns are those of the filter's plan.
  std::vector<rows::ComponentRange> ComponentRanges(const schema::Table& table,
                                                    const std::vector<rows::RequestedColumn>& columns) const;
  // Leaves in `selection` (ascending rows of `batch`) those that pass.
  void Apply(const rows::RowBatch& batch, std::vector<uint32_t>* selection) const;

 private:
  // How values compare without being serialized.
  enum class Path : uint8_t { kInteger, kNumber, kMemory, kGeneric };
  struct Bound {
    uint32_t column = 0;
    analysis::Comparison comparison = analysis::Comparison::kEqual;
    types::DataType type;
    Path path = Path::kGeneric;
    std::vector<std::string> values;  // Serialized.
    std::vector<int64_t> integers;    // kInteger
    std::vector<double> numbers;      // kNumber
  };

  static Path PathOf(const types::DataType& type);
  static base::Status Prepare(Bound* bound);
  static bool Holds(const Bound& bound, std::string_view bytes);
  static bool Matches(const Bound& bound, const columnar::Vector& vector, uint32_t row);
  static int CompareTo(const Bound& bound, const columnar::Vector& vector, uint32_t row, size_t value);

  std::vector<Bound> filters_;
};

}  // namespace cassette::cql::exec

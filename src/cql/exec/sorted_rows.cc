#include "cql/exec/sorted_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace cassette::cql::exec {

base::Status SortedRows::Add(OutputBatch output, std::vector<columnar::Vector> keys) {
  if (places_.size() + output.row_count > kMaxSortedRows) {
    return base::ResourceExhausted(
        fmt::format("ORDER BY over several partitions holds its rows in memory, at most {} of them; name fewer "
                    "partitions, or sort in the application",
                    kMaxSortedRows));
  }
  const uint32_t number = static_cast<uint32_t>(outputs_.size());
  for (uint32_t row = 0; row < output.row_count; ++row) places_.push_back({number, row});
  outputs_.push_back(std::move(output));
  keys_.push_back(std::move(keys));
  return base::Status::Ok();
}

bool SortedRows::Before(const Place& a, const Place& b) const {
  for (size_t i = 0; i < plan_.order.size(); ++i) {
    const columnar::Vector& left = keys_[a.batch][i];
    const columnar::Vector& right = keys_[b.batch][i];
    const bool left_is_null = left.is_null(a.row);
    const bool right_is_null = right.is_null(b.row);
    int order = 0;
    if (left_is_null || right_is_null) {
      order = static_cast<int>(right_is_null) - static_cast<int>(left_is_null);
    } else {
      const types::DataType& type = plan_.table->FindColumn(plan_.columns[plan_.order[i].column].id)->type;
      order = left.CompareRows(type, a.row, right, b.row);
    }
    if (order != 0) return plan_.order[i].descending ? order > 0 : order < 0;
  }
  return false;
}

std::vector<OutputBatch> SortedRows::Finish(uint64_t limit) {
  std::stable_sort(places_.begin(), places_.end(), [this](const Place& a, const Place& b) { return Before(a, b); });
  if (places_.size() > limit) places_.resize(limit);
  std::vector<OutputBatch> result;
  for (const Place& place : places_) {
    if (result.empty() || result.back().row_count == columnar::kMaxVectorRows) {
      result.emplace_back();
      for (const analysis::Term& term : plan_.selection) result.back().columns.emplace_back(term.type.physical());
    }
    OutputBatch& output = result.back();
    for (size_t i = 0; i < output.columns.size(); ++i) {
      output.columns[i].AppendFrom(outputs_[place.batch].columns[i], place.row);
    }
    ++output.row_count;
  }
  return result;
}

}  // namespace cassette::cql::exec

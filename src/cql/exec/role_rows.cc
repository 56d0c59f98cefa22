#include "cql/exec/role_rows.h"

#include <algorithm>
#include <utility>

#include "catalog/roles.h"
#include "columnar/vector.h"

namespace cassette::cql::exec {

void AppendRoleRows(const analysis::RolePlan& plan, const catalog::RoleAnswer& answer, Answer* out) {
  const auto columns = catalog::ListColumns(plan.statement);
  if (columns.empty()) return;
  // As Cassandra: where there is no permission, not even a result without rows.
  if (answer.rows.empty() && std::holds_alternative<catalog::ListPermissions>(plan.statement)) return;
  out->kind = Answer::Kind::kRows;
  for (size_t begin = 0; begin < answer.rows.size(); begin += columnar::kMaxVectorRows) {
    const size_t end = std::min<size_t>(answer.rows.size(), begin + columnar::kMaxVectorRows);
    OutputBatch batch;
    batch.row_count = static_cast<uint32_t>(end - begin);
    for (size_t i = 0; i < columns.size(); ++i) {
      columnar::Vector& vector = batch.columns.emplace_back(columns[i].second.physical());
      for (size_t row = begin; row < end; ++row) vector.AppendValue(columns[i].second, answer.rows[row][i]);
    }
    out->batches.push_back(std::move(batch));
  }
}

}  // namespace cassette::cql::exec

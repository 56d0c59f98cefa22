#include "cql/analysis/plan.h"

namespace cassette::cql::analysis {

const char* ToString(Comparison comparison) {
  switch (comparison) {
    case Comparison::kEqual:
      return "=";
    case Comparison::kLess:
      return "<";
    case Comparison::kLessOrEqual:
      return "<=";
    case Comparison::kGreater:
      return ">";
    case Comparison::kGreaterOrEqual:
      return ">=";
    case Comparison::kIn:
      return "IN";
    case Comparison::kContains:
      return "CONTAINS";
    case Comparison::kContainsKey:
      return "CONTAINS KEY";
    case Comparison::kEntry:
      return "[] =";
  }
  return "";
}

bool Where::has_key_in() const {
  for (const KeyRestriction& restriction : partition_key) {
    if (restriction.is_in) return true;
  }
  return false;
}

bool Where::has_clustering_slice() const {
  return !clustering.empty() && clustering.back().kind == ClusteringRestriction::Kind::kSlice;
}

size_t Where::clustering_columns() const {
  return clustering.empty() ? 0 : clustering.back().first + clustering.back().columns;
}

base::Status CheckBatchPart(BatchKind kind, const ModificationPlan& first, const ModificationPlan& part) {
  if (kind == BatchKind::kCounter && !part.is_counter) {
    return base::InvalidArgument("Cannot include non-counter statement in a counter batch");
  }
  if (kind == BatchKind::kLogged && part.is_counter) {
    return base::InvalidArgument("Cannot include a counter statement in a logged batch");
  }
  if (first.is_counter == part.is_counter) return base::Status::Ok();
  return base::InvalidArgument("Counter and non-counter mutations cannot exist in the same batch");
}

}  // namespace cassette::cql::analysis

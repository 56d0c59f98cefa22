// The whole clause (StatementRestrictions).
#include "cql/analysis/where_analysis.h"

#include <fmt/format.h>

#include <algorithm>

namespace cassette::cql::analysis {
namespace {

constexpr char kAllowFiltering[] =
    "Cannot execute this query as it might involve data filtering and thus may have unpredictable performance. "
    "If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING";

std::string Join(const std::vector<const schema::Column*>& columns) {
  std::string names;
  for (const schema::Column* column : columns) names += (names.empty() ? "" : ", ") + column->name;
  return names;
}

// Which index of a collection answers that it holds something.
schema::IndexTarget TargetOf(Comparison comparison) {
  switch (comparison) {
    case Comparison::kContainsKey:
      return schema::IndexTarget::kKeys;
    case Comparison::kEntry:
      return schema::IndexTarget::kEntries;
    default:
      return schema::IndexTarget::kValues;
  }
}

}  // namespace

const char* WhereAnalysis::kind_name() const {
  switch (kind_) {
    case StatementKind::kSelect:
      return "SELECT";
    case StatementKind::kInsert:
      return "INSERT";
    case StatementKind::kUpdate:
      return "UPDATE";
    case StatementKind::kDelete:
      break;
  }
  return "DELETE";
}

bool WhereAnalysis::partition_key_needs_filtering() const {
  return !partition_key_.empty() && (partition_key_.column_count() < table_.partition_key_count() ||
                                     partition_key_.has_slice() || partition_key_.has_contains());
}

bool WhereAnalysis::has_regular() const {
  for (const Restriction* restriction : others_.InOrder()) {
    if (restriction->columns.front()->kind == schema::ColumnKind::kRegular) return true;
  }
  return false;
}

std::vector<const schema::Column*> WhereAnalysis::other_columns() const {
  std::vector<const schema::Column*> columns;
  for (const Restriction* restriction : others_.InOrder()) columns.push_back(restriction->columns.front());
  return columns;
}

bool WhereAnalysis::is_restricted_by_equal(const schema::Column& column) const {
  const RestrictionSet& set = column.kind == schema::ColumnKind::kPartitionKey ? partition_key_
                              : column.kind == schema::ColumnKind::kClustering ? clustering_
                                                                               : others_;
  const Restriction* restriction = set.Find(column);
  return restriction != nullptr && restriction->kind == Restriction::Kind::kEqual;
}

bool WhereAnalysis::needs_filtering() const {
  if (allow_filtering_ || !(is_key_range_ || uses_index_)) return false;
  return filter_restrictions_ > 1 || (filter_restrictions_ == 1 && index_count_ == 0) ||
         (filter_restrictions_ == 0 && !clustering_.empty());
}

std::vector<IndexUse> WhereAnalysis::IndexesFor(const Restriction& restriction) const {
  std::vector<IndexUse> uses;
  if (kind_ != StatementKind::kSelect || restriction.is_tuple) return uses;
  for (const schema::Index& index : table_.indexes) {
    if (index.column != restriction.columns.front()->id) continue;
    const bool is_whole = index.target == schema::IndexTarget::kColumn || index.target == schema::IndexTarget::kFull;
    if (is_whole && restriction.kind == Restriction::Kind::kEqual) {
      uses.push_back({index.name, index.column, std::nullopt, restriction.values.front()});
    }
    for (const Restriction::Holding& holding : restriction.holdings) {
      if (index.target != TargetOf(holding.comparison)) continue;
      const bool has_key = holding.comparison == Comparison::kEntry;
      uses.push_back({index.name, index.column, has_key ? std::optional(holding.values.front()) : std::nullopt,
                      holding.values.back()});
    }
  }
  return uses;
}

bool WhereAnalysis::HasIndex(const RestrictionSet& restrictions) const {
  if (table_.indexes.empty()) return false;
  const std::vector<const Restriction*> all = restrictions.InOrder();
  return std::any_of(all.begin(), all.end(), [&](const Restriction* one) { return !IndexesFor(*one).empty(); });
}

base::Status WhereAnalysis::FinishIndexes(Where* where) {
  const std::pair<const RestrictionSet*, bool> sets[] = {
      {&partition_key_, filters_partition_key_}, {&clustering_, filters_clustering_}, {&others_, true}};
  filter_restrictions_ = 0;
  for (const auto& [set, is_filtered] : sets) {
    if (!is_filtered) continue;
    for (const Restriction* restriction : set->InOrder()) {
      filter_restrictions_ += std::max<size_t>(1, restriction->holdings.size());
      if (!uses_index_) continue;
      for (IndexUse& use : IndexesFor(*restriction)) where->indexes.push_back(std::move(use));
    }
  }
  index_count_ = where->indexes.size();
  if (uses_index_ && partition_key_.has_in()) {
    return base::InvalidArgument("Select on indexed columns and with IN clause for the PRIMARY KEY are not supported");
  }
  return base::Status::Ok();
}

base::Result<Where> WhereAnalysis::Finish(bool only_statics) {
  Where where;
  has_index_ = HasIndex(partition_key_) || HasIndex(clustering_) || HasIndex(others_);
  CASSETTE_RETURN_IF_ERROR(FinishPartitionKey(&where));
  if (only_statics && !clustering_.empty()) {
    if (kind_ == StatementKind::kDelete || kind_ == StatementKind::kUpdate) {
      return base::InvalidArgument(
          fmt::format("Invalid restrictions on clustering columns since the {} statement modifies only static columns",
                      kind_name()));
    }
    if (kind_ == StatementKind::kSelect) {
      return base::InvalidArgument("Cannot restrict clustering columns when selecting only static columns");
    }
  }
  CASSETTE_RETURN_IF_ERROR(FinishClustering(only_statics, &where));
  CASSETTE_RETURN_IF_ERROR(FinishOthers(&where));
  CASSETTE_RETURN_IF_ERROR(FinishIndexes(&where));
  return where;
}

base::Status WhereAnalysis::FinishPartitionKey(Where* where) {
  const bool is_select = kind_ == StatementKind::kSelect;
  if (!is_select) {
    if (on_token_) {
      return base::InvalidArgument(
          fmt::format("The token function cannot be used in WHERE clauses for {} statements", kind_name()));
    }
    std::vector<const schema::Column*> missing;
    for (size_t i = 0; i < table_.partition_key_count(); ++i) {
      if (partition_key_.Find(table_.partition_key(i)) == nullptr) missing.push_back(&table_.partition_key(i));
    }
    if (!missing.empty()) {
      return base::InvalidArgument(fmt::format("Some partition key parts are missing: {}", Join(missing)));
    }
    if (partition_key_.has_slice()) {
      return base::InvalidArgument(fmt::format(
          "Only EQ and IN relation are supported on the partition key (unless you use the token() function) "
          "for {} statements",
          kind_name()));
    }
  }
  is_key_range_ = on_token_ || partition_key_.empty();
  uses_index_ = has_index_ && !on_token_ && partition_key_.empty();
  where->token_start = token_start_;
  where->token_end = token_end_;
  if (partition_key_needs_filtering()) {
    if (!allow_filtering_ && !has_index_) return base::InvalidArgument(kAllowFiltering);
    is_key_range_ = true;
    uses_index_ = has_index_;
    filters_partition_key_ = true;
    for (const Restriction* restriction : partition_key_.InOrder()) {
      CASSETTE_RETURN_IF_ERROR(AddFilters(*restriction, where));
    }
    return base::Status::Ok();
  }
  for (const Restriction* restriction : partition_key_.InOrder()) {
    KeyRestriction key;
    key.column = restriction->columns.front()->name;
    key.is_in = restriction->kind == Restriction::Kind::kIn;
    key.in_marker = restriction->in_marker;
    key.values = restriction->values;
    where->partition_key.push_back(std::move(key));
  }
  return base::Status::Ok();
}

base::Status WhereAnalysis::FinishClustering(bool only_statics, Where* where) {
  const bool allows_slices = kind_ == StatementKind::kSelect || kind_ == StatementKind::kDelete;
  if (!allows_slices && clustering_.has_slice()) {
    return base::InvalidArgument(
        fmt::format("Slice restrictions are not supported on the clustering columns in {} statements", kind_name()));
  }
  if (!allows_slices && !only_statics && clustering_.column_count() != table_.clustering_count()) {
    std::vector<const schema::Column*> missing;
    for (size_t i = 0; i < table_.clustering_count(); ++i) {
      if (clustering_.Find(table_.clustering(i)) == nullptr) missing.push_back(&table_.clustering(i));
    }
    return base::InvalidArgument(fmt::format("Some clustering keys are missing: {}", Join(missing)));
  }
  uint32_t position = 0;
  const Restriction* slice = nullptr;
  for (const Restriction* restriction : clustering_.InOrder()) {
    const bool is_contains = restriction->kind == Restriction::Kind::kContains;
    if (is_contains && !allow_filtering_ && !has_index_) {
      return base::InvalidArgument(
          "Clustering columns can only be restricted with CONTAINS with a secondary index or filtering");
    }
    if (is_contains || slice != nullptr || restriction->first_position() != position) {
      uses_index_ = uses_index_ || has_index_;
      filters_clustering_ = true;
      if (!allow_filtering_ && !has_index_) {
        return base::InvalidArgument(
            fmt::format("PRIMARY KEY column \"{}\" cannot be restricted as preceding column \"{}\" is not restricted",
                        restriction->columns.front()->name, table_.clustering(position).name));
      }
      CASSETTE_RETURN_IF_ERROR(AddFilters(*restriction, where));
      continue;
    }
    ClusteringRestriction clustering;
    clustering.kind = static_cast<ClusteringRestriction::Kind>(restriction->kind);
    clustering.first = position;
    clustering.columns = restriction->columns.size();
    clustering.is_tuple = restriction->is_tuple;
    clustering.in_marker = restriction->in_marker;
    clustering.values = restriction->values;
    clustering.start = restriction->start;
    clustering.end = restriction->end;
    where->clustering.push_back(std::move(clustering));
    if (restriction->kind == Restriction::Kind::kSlice) {
      slice = restriction;
    } else {
      position += static_cast<uint32_t>(restriction->columns.size());
    }
  }
  uses_index_ = uses_index_ || (is_key_range_ && HasIndex(clustering_));
  filters_clustering_ = filters_clustering_ || uses_index_;
  return base::Status::Ok();
}

base::Status WhereAnalysis::FinishOthers(Where* where) {
  if (others_.empty()) return base::Status::Ok();
  if (kind_ != StatementKind::kSelect) {
    return base::InvalidArgument(
        fmt::format("Non PRIMARY KEY columns found in where clause: {} ", Join(other_columns())));
  }
  if (!allow_filtering_ && !has_index_) return base::InvalidArgument(kAllowFiltering);
  uses_index_ = uses_index_ || has_index_;
  for (const Restriction* restriction : others_.InOrder()) CASSETTE_RETURN_IF_ERROR(AddFilters(*restriction, where));
  return base::Status::Ok();
}

void WhereAnalysis::AddFilter(const schema::Column& column, Comparison comparison, std::vector<Term> values,
                              bool in_marker, Where* where) {
  Filter filter;
  filter.name = column.name;
  filter.comparison = comparison;
  filter.in_marker = in_marker;
  filter.values = std::move(values);
  where->filters.push_back(std::move(filter));
  filter_columns_.push_back(&column);
}

base::Status WhereAnalysis::AddFilters(const Restriction& restriction, Where* where) {
  if (restriction.kind == Restriction::Kind::kContains) {
    for (const Restriction::Holding& holding : restriction.holdings) {
      AddFilter(*restriction.columns.front(), holding.comparison, holding.values, false, where);
    }
    return base::Status::Ok();
  }
  if (restriction.kind == Restriction::Kind::kSlice) {
    if (restriction.is_tuple) {
      return base::InvalidArgument("Multi-column slice restrictions cannot be used for filtering.");
    }
    const schema::Column& column = *restriction.columns.front();
    if (restriction.start) {
      AddFilter(column, restriction.start->inclusive ? Comparison::kGreaterOrEqual : Comparison::kGreater,
                {restriction.start->term}, false, where);
    }
    if (restriction.end) {
      AddFilter(column, restriction.end->inclusive ? Comparison::kLessOrEqual : Comparison::kLess,
                {restriction.end->term}, false, where);
    }
    return base::Status::Ok();
  }
  if (!restriction.is_tuple) {
    const bool is_in = restriction.kind == Restriction::Kind::kIn;
    AddFilter(*restriction.columns.front(), is_in ? Comparison::kIn : Comparison::kEqual, restriction.values,
              restriction.in_marker, where);
    return base::Status::Ok();
  }
  const bool is_spelled_out =
      restriction.kind == Restriction::Kind::kEqual && restriction.values[0].kind == Term::Kind::kComposite;
  if (!is_spelled_out) return base::InvalidArgument("Multicolumn IN filters are not supported");
  for (size_t i = 0; i < restriction.columns.size(); ++i) {
    AddFilter(*restriction.columns[i], Comparison::kEqual, {restriction.values[0].arguments[i]}, false, where);
  }
  return base::Status::Ok();
}

}  // namespace cassette::cql::analysis

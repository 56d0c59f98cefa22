#include "cql/analysis/select_analysis.h"

#include <fmt/format.h>

#include <algorithm>

#include "cql/analysis/json_analysis.h"

namespace cassette::cql::analysis {
namespace {

using types::DataType;
using types::TypeKind;

bool IsPlain(const Term& term) {
  return term.kind == Term::Kind::kColumn || term.kind == Term::Kind::kWriteTime ||
         term.kind == Term::Kind::kTimeToLive;
}

}  // namespace

SelectAnalysis::SelectAnalysis(const parser::SelectStatement& statement, const AnalysisContext& context,
                               schema::TablePtr table, Plan* plan)
    : statement_(statement),
      context_(context),
      plan_(plan),
      binder_(context, table.get(), &plan->markers),
      where_(*table, StatementKind::kSelect, statement.allow_filtering, binder_) {
  select_.table = std::move(table);
}

uint32_t SelectAnalysis::RequestColumn(const schema::Column& column, bool with_write_time, bool with_ttl) {
  for (uint32_t i = 0; i < select_.columns.size(); ++i) {
    rows::RequestedColumn& requested = select_.columns[i];
    if (requested.id != column.id) continue;
    requested.with_write_time = requested.with_write_time || with_write_time;
    requested.with_ttl = requested.with_ttl || with_ttl;
    return i;
  }
  select_.columns.push_back({column.id, with_write_time, with_ttl});
  return static_cast<uint32_t>(select_.columns.size() - 1);
}

uint32_t SelectAnalysis::AddAggregate(Aggregate aggregate) {
  select_.aggregates.push_back(std::move(aggregate));
  return static_cast<uint32_t>(select_.aggregates.size() - 1);
}

base::Result<SelectPlan> SelectAnalysis::Run() {
  select_.allow_filtering = statement_.allow_filtering;
  select_.distinct = statement_.distinct;
  CASSETTE_RETURN_IF_ERROR(AnalyzeSelection());
  for (const parser::Relation& relation : statement_.where) CASSETTE_RETURN_IF_ERROR(where_.AddRelation(relation));
  CASSETTE_ASSIGN_OR_RETURN(select_.where, where_.Finish(SelectsOnlyStatics()));
  select_.static_rows = !where_.has_clustering() && !where_.has_regular();
  if (select_.distinct) CASSETTE_RETURN_IF_ERROR(AnalyzeDistinct());
  CASSETTE_RETURN_IF_ERROR(AnalyzeGroupBy());
  CASSETTE_RETURN_IF_ERROR(AnalyzeOrderBy());
  if (where_.needs_filtering()) {
    return base::InvalidArgument(
        "Cannot execute this query as it might involve data filtering and thus may have unpredictable performance. "
        "If you want to execute this query despite the performance unpredictability, use ALLOW FILTERING");
  }
  CASSETTE_RETURN_IF_ERROR(AnalyzeLimits());
  if (statement_.json) SelectAsJson(&select_, &plan_->result);
  RequestHiddenColumns();
  select_.is_plain = std::all_of(select_.selection.begin(), select_.selection.end(), IsPlain);
  return std::move(select_);
}

void SelectAnalysis::SelectAll() {
  for (const schema::Column& column : select_.table->columns) {
    const uint32_t index = RequestColumn(column, false, false);
    select_.selection.push_back(Term::Of(Term::Kind::kColumn, column.type, index));
    plan_->result.push_back({select_.table->keyspace, select_.table->name, column.name, column.type});
  }
}

base::Status SelectAnalysis::AnalyzeSelection() {
  if (statement_.selectors.empty()) {
    SelectAll();
    return base::Status::Ok();
  }
  for (const parser::Selector& selector : statement_.selectors) {
    CASSETTE_ASSIGN_OR_RETURN(BoundTerm bound, binder_.BindSelector(selector.expression, *this));
    std::string name = selector.alias ? selector.alias->name : std::move(bound.name);
    plan_->result.push_back({select_.table->keyspace, select_.table->name, std::move(name), bound.term.type});
    select_.selection.push_back(std::move(bound.term));
  }
  return base::Status::Ok();
}

void SelectAnalysis::CollectColumns(const parser::Expression& expression,
                                    std::vector<const schema::Column*>* columns) const {
  if (const auto* reference = expression.As<parser::ColumnReference>()) {
    const schema::Column* column = select_.table->FindColumn(reference->column.name);
    if (column != nullptr) columns->push_back(column);
  } else if (const auto* call = expression.As<parser::FunctionCall>()) {
    for (const parser::Expression& argument : call->arguments) CollectColumns(argument, columns);
  } else if (const auto* cast = expression.As<parser::Cast>()) {
    CollectColumns(*cast->operand, columns);
  } else if (const auto* hint = expression.As<parser::TypeHint>()) {
    CollectColumns(*hint->operand, columns);
  } else if (const auto* operation = expression.As<parser::Operation>()) {
    CollectColumns(*operation->left, columns);
    CollectColumns(*operation->right, columns);
  } else if (const auto* negation = expression.As<parser::Negation>()) {
    CollectColumns(*negation->operand, columns);
  } else if (const auto* metadata = expression.As<parser::CellMetadata>()) {
    CollectColumns(*metadata->operand, columns);
  } else if (const auto* tuple = expression.As<parser::TupleLiteral>()) {
    for (const parser::Expression& element : tuple->elements) CollectColumns(element, columns);
  } else if (const auto* field = expression.As<parser::FieldSelection>()) {
    CollectColumns(*field->operand, columns);
  } else if (const auto* element = expression.As<parser::ElementSelection>()) {
    CollectColumns(*element->operand, columns);
  } else if (const auto* slice = expression.As<parser::SliceSelection>()) {
    CollectColumns(*slice->operand, columns);
  }
}

base::Status NotOfDistinct(const schema::Column& column) {
  return base::InvalidArgument(fmt::format(
      "SELECT DISTINCT queries must only request partition key columns and/or static columns (not {})", column.name));
}

bool SelectAnalysis::SelectsOnlyStatics() const {
  if (!select_.table->has_statics() || statement_.selectors.empty()) return false;
  bool has_static = false;
  for (const rows::RequestedColumn& requested : select_.columns) {
    const schema::ColumnKind kind = select_.table->FindColumn(requested.id)->kind;
    if (kind == schema::ColumnKind::kStatic) has_static = true;
    if (kind == schema::ColumnKind::kClustering || kind == schema::ColumnKind::kRegular) return false;
  }
  return has_static;
}

base::Status SelectAnalysis::AnalyzeDistinct() const {
  const std::vector<const schema::Column*> others = where_.other_columns();
  const bool only_statics = std::all_of(others.begin(), others.end(), [](const schema::Column* column) {
    return column->kind == schema::ColumnKind::kStatic;
  });
  if (where_.has_clustering() || !only_statics) {
    return base::InvalidArgument(
        "SELECT DISTINCT with WHERE clause only supports restriction by partition key and/or static columns.");
  }
  if (statement_.per_partition_limit) {
    return base::InvalidArgument("PER PARTITION LIMIT is not allowed with SELECT DISTINCT queries");
  }
  const schema::Table& table = *select_.table;
  size_t key_columns = 0;
  for (const rows::RequestedColumn& requested : select_.columns) {
    const schema::Column& column = *table.FindColumn(requested.id);
    key_columns += column.kind == schema::ColumnKind::kPartitionKey;
    if (column.kind == schema::ColumnKind::kClustering || column.kind == schema::ColumnKind::kRegular) {
      return NotOfDistinct(column);
    }
  }
  if (!where_.is_key_range() || key_columns == table.partition_key_count()) return base::Status::Ok();
  for (size_t i = 0; i < table.partition_key_count(); ++i) {
    const schema::ColumnId id = table.partition_key(i).id;
    const bool is_selected = std::any_of(select_.columns.begin(), select_.columns.end(),
                                         [id](const rows::RequestedColumn& requested) { return requested.id == id; });
    if (is_selected) continue;
    return base::InvalidArgument(
        fmt::format("SELECT DISTINCT queries must request all the partition key columns (missing {})",
                    table.partition_key(i).name));
  }
  return base::Status::Ok();
}

base::Result<const schema::Column*> SelectAnalysis::GroupedColumn(const parser::Expression& expression) {
  if (const auto* reference = expression.As<parser::ColumnReference>()) {
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder_.FindColumn(reference->column));
    if (column->kind != schema::ColumnKind::kPartitionKey && column->kind != schema::ColumnKind::kClustering) {
      return binder_.Fail(
          expression.position,
          fmt::format("Group by is currently only supported on the columns of the PRIMARY KEY, got {}", column->name));
    }
    if (select_.grouping.last) {
      return binder_.Fail(expression.position,
                          "Functions are only supported on the last element of the GROUP BY clause");
    }
    return column;
  }
  if (!expression.Is<parser::FunctionCall>()) {
    return binder_.Fail(expression.position,
                        "GROUP BY takes columns of the PRIMARY KEY, and functions of its last one");
  }
  const size_t aggregates = select_.aggregates.size();
  CASSETTE_ASSIGN_OR_RETURN(BoundTerm bound, binder_.BindSelector(expression, *this));
  if (select_.aggregates.size() != aggregates) {
    return binder_.Fail(
        expression.position,
        fmt::format("Aggregate functions are not supported within the GROUP BY clause, got: {}", bound.name));
  }
  std::vector<const schema::Column*> columns;
  CollectColumns(expression, &columns);
  if (columns.empty()) {
    return binder_.Fail(expression.position, "GROUP BY functions must have one clustering column name as parameter");
  }
  if (columns.size() > 1) {
    return binder_.Fail(expression.position, "GROUP BY functions accept only one clustering column as parameter");
  }
  if (columns[0]->kind != schema::ColumnKind::kClustering) {
    return binder_.Fail(
        expression.position,
        fmt::format("Group by functions are only supported on clustering columns, got {}", columns[0]->name));
  }
  select_.grouping.last = std::move(bound.term);
  return columns[0];
}

base::Status SelectAnalysis::AnalyzeGroupBy() {
  const schema::Table& table = *select_.table;
  select_.is_aggregate = !select_.aggregates.empty() || !statement_.group_by.empty();
  const size_t partition_columns = table.partition_key_count();
  const size_t key_columns = partition_columns + table.clustering_count();
  size_t next = 0;
  for (const parser::Expression& expression : statement_.group_by) {
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, GroupedColumn(expression));
    while (true) {
      const bool is_skippable =
          next < key_columns && (&table.columns[next] == column || where_.is_restricted_by_equal(table.columns[next]));
      if (!is_skippable) {
        return binder_.Fail(expression.position,
                            "Group by currently only support groups of columns following their declared order in the "
                            "PRIMARY KEY");
      }
      if (&table.columns[next++] == column) break;
    }
  }
  if (statement_.group_by.empty()) return base::Status::Ok();
  if (next < partition_columns) {
    return base::InvalidArgument("Group by is not supported on only a part of the partition key");
  }
  select_.grouping.by_partition = true;
  select_.grouping.clustering_columns = next - partition_columns;
  if (select_.grouping.clustering_columns > 0 && select_.distinct) {
    return base::InvalidArgument("Grouping on clustering columns is not allowed for SELECT DISTINCT queries");
  }
  return base::Status::Ok();
}

base::Status SelectAnalysis::AnalyzeOrderBy() {
  if (statement_.order_by.empty()) return base::Status::Ok();
  if (where_.uses_index()) {
    return base::InvalidArgument("ORDER BY with 2ndary indexes is not supported, except for ANN queries.");
  }
  if (where_.is_key_range()) {
    return base::InvalidArgument("ORDER BY is only supported when the partition key is restricted by an EQ or an IN.");
  }
  const schema::Table& table = *select_.table;
  std::optional<bool> reversed;
  size_t next = 0;
  for (const parser::Ordering& ordering : statement_.order_by) {
    if (ordering.ann_of) return base::Unsupported("ANN ordering is not supported yet (docs/cql/differences.md)");
    CASSETTE_ASSIGN_OR_RETURN(const schema::Column* column, binder_.FindColumn(ordering.column));
    if (column->kind != schema::ColumnKind::kClustering) {
      return binder_.Fail(ordering.column.position,
                          fmt::format("Order by is currently only supported on the clustered columns of the PRIMARY "
                                      "KEY, got {}",
                                      column->name));
    }
    const bool is_repeated = next == column->position + 1u;
    while (!is_repeated && next != column->position) {
      if (next > column->position || !where_.is_restricted_by_equal(table.clustering(next))) {
        return binder_.Fail(
            ordering.column.position,
            "Order by currently only supports the ordering of columns following their declared order in "
            "the PRIMARY KEY");
      }
      ++next;
    }
    if (!is_repeated) ++next;
    const bool is_reversed = ordering.descending != column->descending;
    if (reversed && *reversed != is_reversed && !is_repeated) {
      return binder_.Fail(ordering.column.position, "Unsupported order by relation");
    }
    reversed = is_reversed;
    if (select_.where.has_key_in()) {
      if (select_.distinct) return NotOfDistinct(*column);
      const uint32_t index = RequestColumn(*column, false, false);
      select_.order.push_back({index, ordering.descending});
    }
  }
  select_.reversed = *reversed;
  return base::Status::Ok();
}

base::Status SelectAnalysis::AnalyzeLimits() {
  if (statement_.per_partition_limit) {
    if (select_.is_aggregate && statement_.group_by.empty()) {
      return base::InvalidArgument("PER PARTITION LIMIT is not allowed with aggregate queries.");
    }
    CASSETTE_ASSIGN_OR_RETURN(
        Term term, binder_.Bind(*statement_.per_partition_limit, {"[per_partition_limit]", DataType(TypeKind::kInt)}));
    select_.per_partition_limit = std::move(term);
  }
  if (statement_.limit) {
    CASSETTE_ASSIGN_OR_RETURN(Term term, binder_.Bind(*statement_.limit, {"[limit]", DataType(TypeKind::kInt)}));
    select_.limit = std::move(term);
  }
  return base::Status::Ok();
}

// Columns that the answer does not show, but filters, groups and pages need.
void SelectAnalysis::RequestHiddenColumns() {
  for (size_t i = 0; i < select_.where.filters.size(); ++i) {
    select_.where.filters[i].column = RequestColumn(*where_.filter_columns()[i], false, false);
  }
  if (select_.distinct) return;
  for (size_t i = 0; i < select_.table->clustering_count(); ++i) {
    select_.clustering_indexes.push_back(RequestColumn(select_.table->clustering(i), false, false));
  }
}

base::Result<SelectPlan> AnalyzeSelect(const parser::SelectStatement& statement, const AnalysisContext& context,
                                       Plan* plan) {
  CASSETTE_ASSIGN_OR_RETURN(schema::TablePtr table, FindTable(statement.table, context));
  return SelectAnalysis(statement, context, std::move(table), plan).Run();
}

}  // namespace cassette::cql::analysis

#include "catalog/view_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>

#include "catalog/table_change.h"
#include "types/identifier.h"

namespace cassette::catalog {
namespace {

using schema::ColumnKind;
using types::DataType;
using types::TypeKind;

bool ContainsDuration(const DataType& type) {
  if (type.kind() == TypeKind::kDuration) return true;
  return std::any_of(type.fields().begin(), type.fields().end(),
                     [](const DataType::Field& field) { return ContainsDuration(*field.type); });
}

bool IsKey(const schema::Column& column) {
  return column.kind == ColumnKind::kPartitionKey || column.kind == ColumnKind::kClustering;
}

base::Status NoSuchView(const std::string& keyspace, const std::string& view) {
  return base::InvalidArgument(fmt::format("Materialized view '{}.{}' doesn't exist", keyspace, view));
}

// What a view is made of, checked step by step in Cassandra's order.
class ViewMaker {
 public:
  ViewMaker(const schema::Table& base, const CreateView& change, const schema::TableId& id)
      : base_(base), change_(change) {
    view_.id = id;
    view_.keyspace = change.keyspace;
    view_.name = change.view;
    view_.role = schema::TableRole::kView;
    view_.base = base.id;
    view_.view.where_clause = change.where_clause;
    view_.view.include_all_columns = change.columns.empty();
  }

  base::Result<schema::Table> Make() {
    CASSETTE_RETURN_IF_ERROR(CheckBase());
    CASSETTE_RETURN_IF_ERROR(Select());
    CASSETTE_RETURN_IF_ERROR(CheckKey());
    CASSETTE_RETURN_IF_ERROR(CheckWhere());
    CASSETTE_RETURN_IF_ERROR(ApplyOptions());
    AddColumns();
    view_.next_column_id = base_.next_column_id;
    view_.Finish();
    return std::move(view_);
  }

 private:
  base::Status CheckBase() const {
    for (const schema::Column& column : base_.columns) {
      if (column.type.kind() == TypeKind::kCounter) {
        return base::InvalidArgument("Materialized views are not supported on counter tables");
      }
    }
    if (base_.is_view()) {
      return base::InvalidArgument("Materialized views cannot be created against other materialized views");
    }
    if (base_.options.gc_grace_seconds == 0) {
      return base::InvalidArgument(
          fmt::format("Cannot create materialized view '{}' for base table '{}' with gc_grace_seconds of 0", view_.name,
                      base_.name));
    }
    return base::Status::Ok();
  }

  base::Status Select() {
    for (const std::string& name : change_.columns) {
      if (base_.FindColumn(name) == nullptr) {
        return base::InvalidArgument(
            fmt::format("Undefined column name {} in table {}.{}", name, base_.keyspace, base_.name));
      }
      selected_.insert(name);
    }
    for (const schema::Column& column : base_.columns) {
      if (change_.columns.empty()) selected_.insert(column.name);
      if (!selected_.contains(column.name)) continue;
      if (column.kind == ColumnKind::kStatic) {
        return base::InvalidArgument(
            fmt::format("Cannot include static column '{}' in materialized view '{}'", column.name, view_.name));
      }
    }
    return base::Status::Ok();
  }

  base::Status CheckKeyColumn(const std::string& name) {
    const schema::Column* column = base_.FindColumn(name);
    if (column == nullptr || !selected_.contains(name)) {
      return base::InvalidArgument(
          fmt::format("Unknown column '{}' referenced in PRIMARY KEY for materialized view '{}'", name, view_.name));
    }
    if (!key_.insert(name).second) {
      return base::InvalidArgument(
          fmt::format("Duplicate column '{}' in PRIMARY KEY clause for materialized view '{}'", name, view_.name));
    }
    if (column->type.is_multi_cell()) {
      return base::InvalidArgument(fmt::format("Invalid non-frozen {} type '{}' for PRIMARY KEY column '{}'",
                                               column->type.is_collection() ? "collection" : "user-defined",
                                               column->type.ToString(), name));
    }
    if (ContainsDuration(column->type)) {
      return base::InvalidArgument(fmt::format("duration type is not supported for PRIMARY KEY column '{}'", name));
    }
    return base::Status::Ok();
  }

  base::Status CheckKey() {
    for (const std::string& name : change_.partition_key) CASSETTE_RETURN_IF_ERROR(CheckKeyColumn(name));
    for (const std::string& name : change_.clustering) CASSETTE_RETURN_IF_ERROR(CheckKeyColumn(name));
    std::vector<std::string> ordered;
    for (const auto& [name, descending] : change_.clustering_order) ordered.push_back(name);
    if (!ordered.empty() && ordered != change_.clustering) {
      return base::InvalidArgument(
          "Clustering key columns must exactly match columns in CLUSTERING ORDER BY directive");
    }
    std::string missing;
    for (const schema::Column& column : base_.columns) {
      if (IsKey(column) && !key_.contains(column.name)) missing += (missing.empty() ? "" : ", ") + column.name;
    }
    if (!missing.empty()) {
      return base::InvalidArgument(
          fmt::format("Cannot create materialized view '{}' without primary key columns {} from base table '{}'",
                      view_.name, missing, base_.name));
    }
    std::string others;
    for (const std::string& name : key_) {
      const schema::Column& column = *base_.FindColumn(name);
      if (IsKey(column)) continue;
      others += (others.empty() ? "" : ", ") + name;
      if (view_.view.key_column != schema::ColumnId(0)) {
        return base::InvalidArgument(fmt::format(
            "Cannot include more than one non-primary key column in materialized view primary key (got {})", others));
      }
      view_.view.key_column = column.id;
    }
    return base::Status::Ok();
  }

  base::Status CheckWhere() {
    std::set<std::string> restricted(change_.not_null.begin(), change_.not_null.end());
    std::string illegal;
    for (const CreateView::Filter& filter : change_.filters) {
      const schema::Column* const found = base_.FindColumn(filter.column);
      if (found == nullptr) return base::InvalidArgument("Undefined column name " + filter.column);
      const schema::Column& column = *found;
      restricted.insert(filter.column);
      // A tuple's other columns come after it.
      const bool is_tuple = filter.comparison < schema::ViewFilter::Comparison::kIn;
      for (size_t i = 1; is_tuple && i < filter.values.size(); ++i) {
        restricted.insert(base_.clustering(column.position + i).name);
      }
      if (!IsKey(column)) illegal += (illegal.empty() ? "" : ", ") + filter.column;
      view_.view.filters.push_back({column.id, filter.comparison, filter.values});
    }
    std::string missing;
    for (const std::string& name : key_) {
      if (!restricted.contains(name)) missing += (missing.empty() ? "" : ", ") + name;
    }
    if (!missing.empty()) {
      return base::InvalidArgument(
          fmt::format("Primary key columns {} must be restricted with 'IS NOT NULL' or otherwise", missing));
    }
    if (!illegal.empty()) {
      return base::InvalidArgument(fmt::format(
          "Non-primary key columns can only be restricted with 'IS NOT NULL' (got: {} restricted illegally)", illegal));
    }
    return base::Status::Ok();
  }

  base::Status ApplyOptions() {
    std::optional<schema::TableId> id;
    CASSETTE_RETURN_IF_ERROR(ApplyNewTableProperties(change_.properties, &view_.options, &id));
    if (id) view_.id = *id;
    if (view_.options.default_time_to_live_seconds != 0) {
      return base::InvalidArgument(
          "Cannot set default_time_to_live for a materialized view. Data in a materialized view always expire at the "
          "same time than the corresponding data in the parent table.");
    }
    if (!IsLegalName(view_.name)) {
      return base::ConfigError(
          fmt::format("{}.{}: Table name must not be empty or not contain non-alphanumeric-underscore characters "
                      "(got \"{}\")",
                      view_.keyspace, view_.name, view_.name));
    }
    return base::Status::Ok();
  }

  void AddColumn(const schema::Column& from, ColumnKind kind, size_t position, bool descending) {
    schema::Column column = from;  // With its id.
    column.kind = kind;
    column.position = static_cast<uint32_t>(position);
    column.descending = descending;
    view_.columns.push_back(std::move(column));
  }

  void AddColumns() {
    for (size_t i = 0; i < change_.partition_key.size(); ++i) {
      const schema::Column& column = *base_.FindColumn(change_.partition_key[i]);
      AddColumn(column, ColumnKind::kPartitionKey, i, column.descending);
    }
    for (size_t i = 0; i < change_.clustering.size(); ++i) {
      const schema::Column& column = *base_.FindColumn(change_.clustering[i]);
      const bool is_ordered = !change_.clustering_order.empty();
      AddColumn(column, ColumnKind::kClustering, i,
                is_ordered ? change_.clustering_order[i].second : column.descending);
    }
    for (const schema::Column& column : base_.columns) {
      if (selected_.contains(column.name) && !key_.contains(column.name)) {
        AddColumn(column, ColumnKind::kRegular, 0, false);
      }
    }
  }

  const schema::Table& base_;
  const CreateView& change_;
  schema::Table view_;
  std::set<std::string> selected_;
  std::set<std::string> key_;
};

// Adds the columns that the base table has got.
void AddNewColumns(const schema::Table& before, const schema::Table& after, schema::Table* view) {
  for (const schema::Column& column : after.columns) {
    if (before.FindColumn(column.id) != nullptr || column.kind != ColumnKind::kRegular) continue;
    view->columns.push_back(column);
  }
}

// Whether [begin, end) is a name on the left side of a relation, or one of several in parentheses there.
bool IsNameOfRelation(std::string_view clause, size_t begin, size_t end) {
  const char behind = end < clause.size() ? clause[end] : '\0';
  if (behind == ',' || behind == ')') {
    const size_t parenthesis = clause.find_last_of('(', begin);
    if (parenthesis == std::string_view::npos) return false;
    if (parenthesis + 1 != begin && clause.substr(begin - 2, 2) != ", ") return false;
    begin = parenthesis;
  } else if (behind != ' ') {
    return false;
  }
  return begin == 0 || clause.substr(0, begin).ends_with(" AND ");
}

// "a IS NOT NULL AND (b, c) > (1, 2)" with `from` called `to`. Names stand before their operators, values behind.
std::string RenamedClause(const std::string& clause, const std::string& from, const std::string& to) {
  const std::string old_name = types::MaybeQuote(from);
  const std::string new_name = types::MaybeQuote(to);
  std::string result = clause;
  for (size_t at = 0; (at = result.find(old_name, at)) != std::string::npos;) {
    if (IsNameOfRelation(result, at, at + old_name.size())) {
      result.replace(at, old_name.size(), new_name);
      at += new_name.size();
    } else {
      ++at;
    }
  }
  return result;
}

void RenameColumns(const schema::Table& before, const schema::Table& after, schema::Table* view) {
  for (schema::Column& column : view->columns) {
    const schema::Column* old_column = before.FindColumn(column.id);
    const schema::Column* new_column = after.FindColumn(column.id);
    if (old_column == nullptr || new_column == nullptr || old_column->name == new_column->name) continue;
    column.name = new_column->name;
    view->view.where_clause = RenamedClause(view->view.where_clause, old_column->name, new_column->name);
  }
}

}  // namespace

base::Result<ViewChangeResult> ApplyCreateView(const schema::Schema& current, const CreateView& change,
                                               const schema::TableId& new_table_id) {
  if (current.FindKeyspace(change.keyspace) == nullptr) {
    return base::InvalidArgument(fmt::format("Keyspace '{}' doesn't exist", change.keyspace));
  }
  const schema::TablePtr base = current.FindTable(change.keyspace, change.table);
  if (base == nullptr || base->role == schema::TableRole::kIndex) {
    return base::InvalidArgument(fmt::format("Base table '{}' doesn't exist", change.table));
  }
  if (const schema::TablePtr other = current.FindTable(change.keyspace, change.view)) {
    if (!other->is_view()) {
      return base::InvalidArgument(
          fmt::format("Cannot create materialized view '{}' - a table with the same name already exists", change.view));
    }
    if (change.if_not_exists) return ViewChangeResult{current, false};
    return base::AlreadyExists(
        fmt::format("Cannot add already existing table \"{}\" to keyspace \"{}\"", change.view, change.keyspace));
  }
  CASSETTE_ASSIGN_OR_RETURN(schema::Table view, ViewMaker(*base, change, new_table_id).Make());
  if (current.FindTable(view.id) != nullptr) {
    return base::ConfigError(fmt::format("Table id {} is in use already", view.id.ToString()));
  }
  schema::Table after = *base;
  after.views.push_back(view.id);
  return ViewChangeResult{current.WithTable(std::move(view)).WithTable(std::move(after)), true};
}

base::Result<ViewChangeResult> ApplyAlterView(const schema::Schema& current, const AlterView& change) {
  const schema::TablePtr view = current.FindTable(change.keyspace, change.view);
  if (view == nullptr || !view->is_view()) {
    if (change.if_exists) return ViewChangeResult{current, false};
    return NoSuchView(change.keyspace, change.view);
  }
  schema::Table after = *view;
  std::optional<schema::TableId> id;
  CASSETTE_RETURN_IF_ERROR(ApplyTableProperties(change.properties, &after.options, &id));
  if (id) return base::ConfigError("Cannot alter table id.");
  if (after.options.gc_grace_seconds == 0) {
    return base::InvalidArgument(
        "Cannot alter gc_grace_seconds of a materialized view to 0, since this value is used to TTL undelivered "
        "updates. Setting gc_grace_seconds too low might cause undelivered updates to expire before being replayed.");
  }
  if (after.options.default_time_to_live_seconds != 0) {
    return base::InvalidArgument(
        "Forbidden default_time_to_live detected for a materialized view. Data in a materialized view always expire at "
        "the same time than the corresponding data in the parent table. default_time_to_live must be set to zero.");
  }
  return ViewChangeResult{current.WithTable(std::move(after)), true};
}

base::Result<ViewChangeResult> ApplyDropView(const schema::Schema& current, const DropView& change) {
  const schema::TablePtr view = current.FindTable(change.keyspace, change.view);
  if (view == nullptr || !view->is_view()) {
    if (change.if_exists) return ViewChangeResult{current, false};
    return NoSuchView(change.keyspace, change.view);
  }
  schema::Schema after = current.WithoutTable(change.keyspace, change.view);
  if (const schema::TablePtr base = current.FindTable(view->base)) {
    schema::Table without = *base;
    std::erase(without.views, view->id);
    after = after.WithTable(std::move(without));
  }
  return ViewChangeResult{std::move(after), true};
}

base::Result<schema::Schema> WithTableAndViews(const schema::Schema& current, const schema::Table& before,
                                               schema::Table after) {
  for (const schema::Column& column : before.columns) {
    if (after.FindColumn(column.id) != nullptr || before.views.empty()) continue;
    return base::InvalidArgument(
        fmt::format("Cannot drop column {} on base table {} with materialized views", column.name, before.name));
  }
  if (!before.views.empty() && after.options.gc_grace_seconds == 0) {
    return base::InvalidArgument(
        "Cannot alter gc_grace_seconds of the base table of a materialized view to 0, since this value is used to TTL "
        "undelivered updates. Setting gc_grace_seconds too low might cause undelivered updates to expire before being "
        "replayed.");
  }
  schema::Schema next = current;
  for (const schema::TableId& id : before.views) {
    const schema::TablePtr view = current.FindTable(id);
    if (view == nullptr) continue;
    schema::Table changed = *view;
    if (changed.view.include_all_columns) AddNewColumns(before, after, &changed);
    RenameColumns(before, after, &changed);
    changed.next_column_id = after.next_column_id;
    changed.Finish();
    next = next.WithTable(std::move(changed));
  }
  return next.WithTable(std::move(after));
}

std::string ViewsOf(const schema::Schema& schema, const schema::Table& table) {
  std::string names;
  for (const schema::TableId& id : table.views) {
    const schema::TablePtr view = schema.FindTable(id);
    if (view != nullptr) names += (names.empty() ? "" : ", ") + view->name;
  }
  return names;
}

}  // namespace cassette::catalog

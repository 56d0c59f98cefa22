#include "cql/analysis/json_analysis.h"

#include <memory>
#include <utility>

#include "cql/functions/json_functions.h"
#include "types/json.h"

namespace cassette::cql::analysis {
namespace {

using types::DataType;
using types::TypeKind;

constexpr const char* kJsonName = "[json]";

// The text stands in the statement: it is read now. REQUIRES: what it does not name is null.
base::Result<std::vector<ColumnValue>> BindText(const std::string& text, const JsonRow& row,
                                                const schema::Table& table) {
  CASSETTE_ASSIGN_OR_RETURN(std::vector<types::JsonField> fields, types::FieldsFromJson(text, row.receivers));
  std::vector<ColumnValue> values;
  for (size_t i = 0; i < fields.size(); ++i) {
    const schema::Column& column = table.columns[i];
    values.push_back({&column, fields[i].is_null ? Term::Null(column.type)
                                                 : Term::Constant(column.type, std::move(fields[i].bytes))});
  }
  return values;
}

}  // namespace

base::Result<std::vector<ColumnValue>> BindInsertJson(const parser::InsertStatement& statement,
                                                      const schema::Table& table, TermBinder& binder) {
  CASSETTE_ASSERT(statement.json.has_value());
  auto row = std::make_shared<JsonRow>();
  row->default_unset = statement.json_default_unset;
  for (const schema::Column& column : table.columns) row->receivers.push_back({column.name, column.type});
  const auto* literal = statement.json->As<parser::Literal>();
  if (literal != nullptr && !row->default_unset) return BindText(literal->text, *row, table);
  CASSETTE_ASSIGN_OR_RETURN(const Term text, binder.Bind(*statement.json, {kJsonName, DataType(TypeKind::kText)}));
  std::vector<ColumnValue> values;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    Term field = Term::Of(Term::Kind::kJsonField, table.columns[i].type, static_cast<uint32_t>(i));
    field.json = row;
    field.arguments.push_back(text);
    values.push_back({&table.columns[i], std::move(field)});
  }
  return values;
}

void SelectAsJson(SelectPlan* select, std::vector<ColumnSpec>* result) {
  std::vector<types::JsonReceiver> columns;
  for (const ColumnSpec& column : *result) columns.push_back({column.name, column.type});
  Term json;
  json.kind = Term::Kind::kCall;
  json.type = DataType(TypeKind::kText);
  json.function = functions::MakeJsonRow(columns);
  json.arguments = std::move(select->selection);
  select->selection.clear();
  select->selection.push_back(std::move(json));
  result->clear();
  result->push_back({select->table->keyspace, select->table->name, kJsonName, DataType(TypeKind::kText)});
}

}  // namespace cassette::cql::analysis

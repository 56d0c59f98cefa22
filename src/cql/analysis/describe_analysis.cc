// DESCRIBE.
#include "cql/analysis/statement_analysis.h"

namespace cassette::cql::analysis {
namespace {

using catalog::DescribeRequest;
using types::DataType;
using types::TypeKind;

DescribeRequest::Kind KindOf(parser::DescribeStatement::Kind kind) {
  using From = parser::DescribeStatement::Kind;
  using To = DescribeRequest::Kind;
  switch (kind) {
    case From::kCluster:
      return To::kCluster;
    case From::kSchema:
      return To::kSchema;
    case From::kKeyspaces:
      return To::kKeyspaces;
    case From::kKeyspace:
      return To::kKeyspace;
    case From::kTables:
      return To::kTables;
    case From::kTable:
      return To::kTable;
    case From::kIndex:
      return To::kIndex;
    case From::kView:
      return To::kView;
    case From::kTypes:
      return To::kTypes;
    case From::kType:
      return To::kType;
    case From::kFunctions:
      return To::kFunctions;
    case From::kFunction:
      return To::kFunction;
    case From::kAggregates:
      return To::kAggregates;
    case From::kAggregate:
      return To::kAggregate;
    case From::kGeneric:
      break;
  }
  return To::kGeneric;
}

void AddColumn(const char* name, const DataType& type, Plan* plan) {
  plan->result.push_back({"system", "describe", name, type});
}

void AddColumns(const DescribeRequest& request, Plan* plan) {
  const DataType text(TypeKind::kText);
  if (request.kind == DescribeRequest::Kind::kCluster) {
    for (const char* name : {"cluster", "partitioner", "snitch"}) AddColumn(name, text, plan);
    if (request.used.empty()) return;
    AddColumn("range_ownership", DataType::Map(text, DataType::List(text, true), true), plan);
    return;
  }
  for (const char* name : {"keyspace_name", "type", "name"}) AddColumn(name, text, plan);
  if (catalog::HasCreateStatements(request.kind)) AddColumn("create_statement", text, plan);
}

}  // namespace

DescribePlan AnalyzeDescribe(const parser::DescribeStatement& statement, const AnalysisContext& context, Plan* plan) {
  DescribeRequest request;
  request.kind = KindOf(statement.kind);
  if (statement.name) {
    request.name = statement.name->name.name;
    if (statement.name->keyspace) request.keyspace = statement.name->keyspace->name;
  }
  request.used = context.keyspace;
  request.full = statement.full;
  request.only = statement.only;
  request.with_internals = statement.with_internals;
  AddColumns(request, plan);
  return {std::move(request)};
}

}  // namespace cassette::cql::analysis

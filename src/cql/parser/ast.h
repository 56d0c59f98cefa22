// A CQL statement as a tree: every statement of CQL 3.4.7 (Cassandra 5.0) and our EXPLAIN.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "cql/parser/ast_auth.h"
#include "cql/parser/ast_base.h"
#include "cql/parser/ast_data.h"
#include "cql/parser/ast_expression.h"
#include "cql/parser/ast_schema.h"

namespace cassette::cql::parser {

using StatementNode =
    std::variant<SelectStatement, InsertStatement, UpdateStatement, DeleteStatement, BatchStatement, TruncateStatement,
                 ExplainStatement, UseStatement, CreateKeyspaceStatement, AlterKeyspaceStatement, DropKeyspaceStatement,
                 CreateTableStatement, AlterTableStatement, DropTableStatement, CreateTypeStatement, AlterTypeStatement,
                 DropTypeStatement, CreateIndexStatement, DropIndexStatement, CreateViewStatement, AlterViewStatement,
                 DropViewStatement, CreateFunctionStatement, CreateAggregateStatement, DropFunctionStatement,
                 CreateTriggerStatement, DropTriggerStatement, DescribeStatement, CreateRoleStatement,
                 AlterRoleStatement, DropRoleStatement, ListRolesStatement, GrantPermissionsStatement,
                 RevokePermissionsStatement, ListPermissionsStatement, GrantRoleStatement, RevokeRoleStatement,
                 AddIdentityStatement, DropIdentityStatement>;

// A whole statement. Thread safety: immutable after parsing; may be read from many threads. Move-only.
struct Statement {
  StatementNode node;
  // Every `?` and `:name` in the order of the text; markers[i].index == i. One name may stand several times.
  std::vector<BindMarker> markers;

  template <typename T>
  const T* As() const {
    return std::get_if<T>(&node);
  }
};

// The statement's name for messages, as Cassandra's users know it: "CREATE MATERIALIZED VIEW", "SELECT".
std::string_view StatementName(const StatementNode& node);

// Where the statement begins in the text.
SourcePosition PositionOf(const StatementNode& node);

}  // namespace cassette::cql::parser

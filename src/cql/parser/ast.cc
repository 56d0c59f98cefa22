#include "cql/parser/ast.h"

namespace cassette::cql::parser {
namespace {

struct Namer {
  std::string_view operator()(const SelectStatement&) const { return "SELECT"; }
  std::string_view operator()(const InsertStatement&) const { return "INSERT"; }
  std::string_view operator()(const UpdateStatement&) const { return "UPDATE"; }
  std::string_view operator()(const DeleteStatement&) const { return "DELETE"; }
  std::string_view operator()(const BatchStatement&) const { return "BATCH"; }
  std::string_view operator()(const TruncateStatement&) const { return "TRUNCATE"; }
  std::string_view operator()(const ExplainStatement&) const { return "EXPLAIN"; }
  std::string_view operator()(const UseStatement&) const { return "USE"; }
  std::string_view operator()(const CreateKeyspaceStatement&) const { return "CREATE KEYSPACE"; }
  std::string_view operator()(const AlterKeyspaceStatement&) const { return "ALTER KEYSPACE"; }
  std::string_view operator()(const DropKeyspaceStatement&) const { return "DROP KEYSPACE"; }
  std::string_view operator()(const CreateTableStatement&) const { return "CREATE TABLE"; }
  std::string_view operator()(const AlterTableStatement&) const { return "ALTER TABLE"; }
  std::string_view operator()(const DropTableStatement&) const { return "DROP TABLE"; }
  std::string_view operator()(const CreateTypeStatement&) const { return "CREATE TYPE"; }
  std::string_view operator()(const AlterTypeStatement&) const { return "ALTER TYPE"; }
  std::string_view operator()(const DropTypeStatement&) const { return "DROP TYPE"; }
  std::string_view operator()(const CreateIndexStatement&) const { return "CREATE INDEX"; }
  std::string_view operator()(const DropIndexStatement&) const { return "DROP INDEX"; }
  std::string_view operator()(const CreateViewStatement&) const { return "CREATE MATERIALIZED VIEW"; }
  std::string_view operator()(const AlterViewStatement&) const { return "ALTER MATERIALIZED VIEW"; }
  std::string_view operator()(const DropViewStatement&) const { return "DROP MATERIALIZED VIEW"; }
  std::string_view operator()(const CreateFunctionStatement&) const { return "CREATE FUNCTION"; }
  std::string_view operator()(const CreateAggregateStatement&) const { return "CREATE AGGREGATE"; }
  std::string_view operator()(const DropFunctionStatement& drop) const {
    return drop.aggregate ? "DROP AGGREGATE" : "DROP FUNCTION";
  }
  std::string_view operator()(const CreateTriggerStatement&) const { return "CREATE TRIGGER"; }
  std::string_view operator()(const DropTriggerStatement&) const { return "DROP TRIGGER"; }
  std::string_view operator()(const DescribeStatement&) const { return "DESCRIBE"; }
  std::string_view operator()(const CreateRoleStatement& create) const {
    return create.user ? "CREATE USER" : "CREATE ROLE";
  }
  std::string_view operator()(const AlterRoleStatement& alter) const {
    return alter.user ? "ALTER USER" : "ALTER ROLE";
  }
  std::string_view operator()(const DropRoleStatement& drop) const { return drop.user ? "DROP USER" : "DROP ROLE"; }
  std::string_view operator()(const ListRolesStatement& list) const { return list.users ? "LIST USERS" : "LIST ROLES"; }
  std::string_view operator()(const GrantPermissionsStatement&) const { return "GRANT"; }
  std::string_view operator()(const RevokePermissionsStatement&) const { return "REVOKE"; }
  std::string_view operator()(const ListPermissionsStatement&) const { return "LIST PERMISSIONS"; }
  std::string_view operator()(const GrantRoleStatement&) const { return "GRANT"; }
  std::string_view operator()(const RevokeRoleStatement&) const { return "REVOKE"; }
  std::string_view operator()(const AddIdentityStatement&) const { return "ADD IDENTITY"; }
  std::string_view operator()(const DropIdentityStatement&) const { return "DROP IDENTITY"; }
};

}  // namespace

std::string_view StatementName(const StatementNode& node) { return std::visit(Namer{}, node); }

SourcePosition PositionOf(const StatementNode& node) {
  return std::visit([](const auto& statement) { return statement.position; }, node);
}

}  // namespace cassette::cql::parser

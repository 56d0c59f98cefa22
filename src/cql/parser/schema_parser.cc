// CREATE, ALTER and DROP of everything but tables and views; USE.
#include "cql/parser/schema_parser.h"

#include <utility>

#include "cql/parser/alter_parser.h"
#include "cql/parser/auth_parser.h"
#include "cql/parser/expression_parser.h"
#include "cql/parser/names.h"

namespace cassette::cql::parser {
namespace {

CreateKeyspaceStatement ParseCreateKeyspace(TokenReader& in, SourcePosition position) {
  CreateKeyspaceStatement create;
  create.position = position;
  in.Take();
  create.if_not_exists = ParseIfNotExists(in);
  create.keyspace = ParseKeyspace(in);
  in.Expect(Keyword::kWith);
  create.properties = ParseProperties(in);
  return create;
}

CreateTypeStatement ParseCreateType(TokenReader& in, SourcePosition position) {
  CreateTypeStatement create;
  create.position = position;
  in.Expect(Keyword::kType);
  create.if_not_exists = ParseIfNotExists(in);
  create.type = ParseQualifiedName(in, "a type name", NameKind::kUserType);
  in.Expect(TokenKind::kLeftParenthesis);
  do {
    const bool nothing = !create.fields.empty() && (in.Is(TokenKind::kComma) || in.Is(TokenKind::kRightParenthesis));
    if (nothing) continue;
    Identifier field = ParseName(in, "a field name");
    create.fields.emplace_back(std::move(field), ParseType(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
  return create;
}

IndexTarget ParseIndexTarget(TokenReader& in) {
  static constexpr std::pair<Keyword, IndexTarget::Kind> kFunctions[] = {
      {Keyword::kValues, IndexTarget::Kind::kValues},
      {Keyword::kKeys, IndexTarget::Kind::kKeys},
      {Keyword::kEntries, IndexTarget::Kind::kEntries},
      {Keyword::kFull, IndexTarget::Kind::kFull}};
  IndexTarget target;
  for (const auto& [keyword, kind] : kFunctions) {
    if (!in.Is(keyword) || in.Peek().kind != TokenKind::kLeftParenthesis) continue;
    in.Take();
    in.Take();
    target.kind = kind;
    target.column = ParseColumn(in);
    in.Expect(TokenKind::kRightParenthesis);
    return target;
  }
  target.column = ParseColumn(in);
  return target;
}

CreateIndexStatement ParseCreateIndex(TokenReader& in, SourcePosition position) {
  CreateIndexStatement create;
  create.position = position;
  create.custom = in.Accept(Keyword::kCustom);
  in.Expect(Keyword::kIndex);
  create.if_not_exists = ParseIfNotExists(in);
  if (!in.At(Keyword::kOn)) create.name = ParseName(in, "an index name");
  in.Expect(Keyword::kOn);
  create.table = ParseTable(in);
  in.Expect(TokenKind::kLeftParenthesis);
  if (!in.Accept(TokenKind::kRightParenthesis)) {
    do {
      create.targets.push_back(ParseIndexTarget(in));
    } while (in.Accept(TokenKind::kComma));
    in.Expect(TokenKind::kRightParenthesis);
  }
  if (in.Accept(Keyword::kUsing)) create.using_class = ParseString(in);
  if (in.Accept(Keyword::kWith)) create.properties = ParseProperties(in);
  return create;
}

CreateTriggerStatement ParseCreateTrigger(TokenReader& in, SourcePosition position) {
  CreateTriggerStatement create;
  create.position = position;
  in.Expect(Keyword::kTrigger);
  create.if_not_exists = ParseIfNotExists(in);
  create.trigger = ParseName(in, "a trigger name");
  in.Expect(Keyword::kOn);
  create.table = ParseTable(in);
  in.Expect(Keyword::kUsing);
  create.using_class = ParseString(in);
  return create;
}

CreateFunctionStatement ParseCreateFunction(TokenReader& in, CreateFunctionStatement create) {
  in.Expect(Keyword::kFunction);
  create.if_not_exists = ParseIfNotExists(in);
  create.function = ParseFunctionName(in);
  in.Expect(TokenKind::kLeftParenthesis);
  if (!in.Accept(TokenKind::kRightParenthesis)) {
    do {
      Identifier name = ParseName(in, "an argument name");
      create.arguments.emplace_back(std::move(name), ParseType(in));
    } while (in.Accept(TokenKind::kComma));
    in.Expect(TokenKind::kRightParenthesis);
  }
  create.called_on_null_input = in.Accept(Keyword::kCalled);
  if (!create.called_on_null_input) {
    in.Expect(Keyword::kReturns);
    in.Expect(Keyword::kNull);
  }
  in.Expect(Keyword::kOn);
  in.Expect(Keyword::kNull);
  in.Expect(Keyword::kInput);
  in.Expect(Keyword::kReturns);
  create.returns = ParseType(in);
  in.Expect(Keyword::kLanguage);
  if (in.At(TokenKind::kIdentifier)) create.language = ParseName(in, "a language").name;
  in.Expect(Keyword::kAs);
  create.body = ParseString(in);
  return create;
}

CreateAggregateStatement ParseCreateAggregate(TokenReader& in, CreateAggregateStatement create) {
  in.Expect(Keyword::kAggregate);
  create.if_not_exists = ParseIfNotExists(in);
  create.aggregate = ParseFunctionName(in);
  create.arguments = ParseTypeList(in);
  in.Expect(Keyword::kSfunc);
  create.state_function = ParseName(in, "a function name", NameKind::kFunction);
  in.Expect(Keyword::kStype);
  create.state_type = ParseType(in);
  if (in.Accept(Keyword::kFinalfunc)) create.final_function = ParseName(in, "a function name", NameKind::kFunction);
  if (in.Accept(Keyword::kInitcond)) create.initial_condition = ParseTerm(in);
  return create;
}

AlterKeyspaceStatement ParseAlterKeyspace(TokenReader& in, SourcePosition position) {
  AlterKeyspaceStatement alter;
  alter.position = position;
  in.Take();
  alter.if_exists = ParseIfExists(in);
  alter.keyspace = ParseKeyspace(in);
  in.Expect(Keyword::kWith);
  alter.properties = ParseProperties(in);
  return alter;
}

AlterTypeStatement ParseAlterType(TokenReader& in, SourcePosition position) {
  AlterTypeStatement alter;
  alter.position = position;
  in.Expect(Keyword::kType);
  alter.if_exists = ParseIfExists(in);
  alter.type = ParseQualifiedName(in, "a type name", NameKind::kUserType);
  if (in.Accept(Keyword::kAlter)) {
    AlterTypeStatement::AlterField change;
    change.field = ParseName(in, "a field name");
    in.Expect(Keyword::kType);
    change.type = ParseType(in);
    alter.change = std::move(change);
  } else if (in.Accept(Keyword::kAdd)) {
    AlterTypeStatement::AddField change;
    change.if_not_exists = ParseIfNotExists(in);
    change.field = ParseName(in, "a field name");
    change.type = ParseType(in);
    alter.change = std::move(change);
  } else {
    AlterTypeStatement::RenameFields change;
    in.Expect(Keyword::kRename);
    change.if_exists = ParseIfExists(in);
    change.names = ParseRenames(in, "a field name");
    alter.change = std::move(change);
  }
  return alter;
}

AlterViewStatement ParseAlterView(TokenReader& in, SourcePosition position) {
  AlterViewStatement alter;
  alter.position = position;
  in.Expect(Keyword::kMaterialized);
  in.Expect(Keyword::kView);
  alter.if_exists = ParseIfExists(in);
  alter.view = ParseTable(in);
  in.Expect(Keyword::kWith);
  alter.properties = ParseProperties(in);
  return alter;
}

DropFunctionStatement ParseDropFunction(TokenReader& in, SourcePosition position) {
  DropFunctionStatement drop;
  drop.position = position;
  drop.aggregate = in.Is(Keyword::kAggregate);
  in.Take();
  drop.if_exists = ParseIfExists(in);
  drop.function = ParseFunctionName(in);
  if (in.At(TokenKind::kLeftParenthesis)) drop.arguments = ParseTypeList(in);
  return drop;
}

DropTriggerStatement ParseDropTrigger(TokenReader& in, SourcePosition position) {
  DropTriggerStatement drop;
  drop.position = position;
  in.Expect(Keyword::kTrigger);
  drop.if_exists = ParseIfExists(in);
  drop.trigger = ParseName(in, "a trigger name");
  in.Expect(Keyword::kOn);
  drop.table = ParseTable(in);
  return drop;
}

// DROP x [IF EXISTS] name for the kinds that have nothing else. The keyword of the kind is current.
template <typename Drop>
Drop ParseSimpleDrop(TokenReader& in, SourcePosition position, QualifiedName Drop::* name, std::string_view what,
                     NameKind kind = NameKind::kIdentifier) {
  Drop drop;
  drop.position = position;
  in.Take();
  drop.if_exists = ParseIfExists(in);
  drop.*name = ParseQualifiedName(in, what, kind);
  return drop;
}

DropKeyspaceStatement ParseDropKeyspace(TokenReader& in, SourcePosition position) {
  DropKeyspaceStatement drop;
  drop.position = position;
  in.Take();
  drop.if_exists = ParseIfExists(in);
  drop.keyspace = ParseKeyspace(in);
  return drop;
}

StatementNode Failed(TokenReader& in) {
  in.Fail();
  return UseStatement{};
}

}  // namespace

std::vector<std::pair<Identifier, Identifier>> ParseRenames(TokenReader& in, std::string_view what) {
  std::vector<std::pair<Identifier, Identifier>> names;
  do {
    Identifier from = ParseName(in, what);
    in.Expect(Keyword::kTo);
    names.emplace_back(std::move(from), ParseName(in, what));
  } while (in.Accept(Keyword::kAnd));
  return names;
}

StatementNode ParseCreateFunctionOrAggregate(TokenReader& in, SourcePosition position) {
  bool or_replace = in.Accept(Keyword::kOr);
  if (or_replace) in.Expect(Keyword::kReplace);
  if (in.At(Keyword::kAggregate)) {
    CreateAggregateStatement create;
    create.position = position;
    create.or_replace = or_replace;
    return ParseCreateAggregate(in, std::move(create));
  }
  CreateFunctionStatement create;
  create.position = position;
  create.or_replace = or_replace;
  return ParseCreateFunction(in, std::move(create));
}

StatementNode ParseCreate(TokenReader& in) {
  const SourcePosition position = in.position();
  in.Expect(Keyword::kCreate);
  if (in.At(Keyword::kKeyspace) || in.At(Keyword::kSchema)) return ParseCreateKeyspace(in, position);
  if (in.At(Keyword::kTable)) return ParseCreateTable(in, position);
  if (in.At(Keyword::kType)) return ParseCreateType(in, position);
  if (in.At(Keyword::kIndex) || in.At(Keyword::kCustom)) return ParseCreateIndex(in, position);
  if (in.At(Keyword::kMaterialized)) return ParseCreateView(in, position);
  if (in.At(Keyword::kOr) || in.At(Keyword::kFunction) || in.At(Keyword::kAggregate)) {
    return ParseCreateFunctionOrAggregate(in, position);
  }
  if (in.At(Keyword::kTrigger)) return ParseCreateTrigger(in, position);
  if (in.At(Keyword::kRole) || in.At(Keyword::kUser)) return ParseCreateRole(in, position);
  return Failed(in);
}

StatementNode ParseAlter(TokenReader& in) {
  const SourcePosition position = in.position();
  in.Expect(Keyword::kAlter);
  if (in.At(Keyword::kKeyspace) || in.At(Keyword::kSchema)) return ParseAlterKeyspace(in, position);
  if (in.At(Keyword::kTable)) return ParseAlterTable(in, position);
  if (in.At(Keyword::kType)) return ParseAlterType(in, position);
  if (in.At(Keyword::kMaterialized)) return ParseAlterView(in, position);
  if (in.At(Keyword::kRole) || in.At(Keyword::kUser)) return ParseAlterRole(in, position);
  return Failed(in);
}

StatementNode ParseDrop(TokenReader& in) {
  const SourcePosition position = in.position();
  in.Expect(Keyword::kDrop);
  if (in.At(Keyword::kKeyspace) || in.At(Keyword::kSchema)) return ParseDropKeyspace(in, position);
  if (in.At(Keyword::kTable)) return ParseSimpleDrop(in, position, &DropTableStatement::table, "a table name");
  if (in.At(Keyword::kType)) {
    return ParseSimpleDrop(in, position, &DropTypeStatement::type, "a type name", NameKind::kUserType);
  }
  if (in.At(Keyword::kIndex)) return ParseSimpleDrop(in, position, &DropIndexStatement::index, "an index name");
  if (in.Accept(Keyword::kMaterialized)) {
    if (!in.At(Keyword::kView)) return Failed(in);
    return ParseSimpleDrop(in, position, &DropViewStatement::view, "a view name");
  }
  if (in.At(Keyword::kFunction) || in.At(Keyword::kAggregate)) return ParseDropFunction(in, position);
  if (in.At(Keyword::kTrigger)) return ParseDropTrigger(in, position);
  if (in.At(Keyword::kRole) || in.At(Keyword::kUser)) return ParseDropRole(in, position);
  if (in.At(Keyword::kIdentity)) return ParseDropIdentity(in, position);
  return Failed(in);
}

UseStatement ParseUse(TokenReader& in) {
  UseStatement use;
  use.position = in.position();
  in.Expect(Keyword::kUse);
  use.keyspace = ParseKeyspace(in);
  return use;
}

}  // namespace cassette::cql::parser

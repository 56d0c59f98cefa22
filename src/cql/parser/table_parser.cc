// CREATE TABLE, CREATE MATERIALIZED VIEW, ALTER TABLE.
#include <utility>

#include "cql/parser/alter_parser.h"
#include "cql/parser/data_parser.h"
#include "cql/parser/expression_parser.h"
#include "cql/parser/names.h"
#include "cql/parser/schema_parser.h"

namespace cassette::cql::parser {
namespace {

// The parentheses after PRIMARY KEY: (a, b) or ((a, b), c). `position` is that of PRIMARY.
PrimaryKey ParsePrimaryKey(TokenReader& in, SourcePosition position) {
  PrimaryKey key;
  key.position = position;
  in.Expect(TokenKind::kLeftParenthesis);
  if (in.Accept(TokenKind::kLeftParenthesis)) {
    do {
      key.partition_key.push_back(ParseName(in, "a column name"));
    } while (in.Accept(TokenKind::kComma));
    in.Expect(TokenKind::kRightParenthesis);
  } else {
    key.partition_key.push_back(ParseName(in, "a column name"));
  }
  while (in.Accept(TokenKind::kComma)) key.clustering.push_back(ParseName(in, "a column name"));
  in.Expect(TokenKind::kRightParenthesis);
  return key;
}

void ParseClusteringOrder(TokenReader& in, TableOptions& options) {
  in.Expect(Keyword::kOrder);
  in.Expect(Keyword::kBy);
  in.Expect(TokenKind::kLeftParenthesis);
  do {
    ClusteringOrder order;
    order.column = ParseName(in, "a column name");
    order.descending = !in.Accept(Keyword::kAsc);
    if (order.descending) in.Expect(Keyword::kDesc);
    options.clustering_order.push_back(std::move(order));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
}

// What may follow the definition of a table or view. CLUSTERING and COMPACT are names of properties, too.
TableOptions ParseTableOptions(TokenReader& in) {
  TableOptions options;
  if (!in.Accept(Keyword::kWith)) return options;
  do {
    if (in.At(Keyword::kClustering) && in.Peek().keyword == Keyword::kOrder) {
      in.Take();
      ParseClusteringOrder(in, options);
    } else if (in.Is(Keyword::kCompact) && in.Peek().keyword == Keyword::kStorage) {
      in.Take();
      in.Take();
      options.compact_storage = true;
    } else {
      ParseProperty(in, options.properties);
    }
  } while (in.Accept(Keyword::kAnd));
  return options;
}

void ParseTableElement(TokenReader& in, CreateTableStatement& create) {
  const SourcePosition position = in.position();
  if (in.Accept(Keyword::kPrimary)) {
    in.Expect(Keyword::kKey);
    create.primary_keys.push_back(ParsePrimaryKey(in, position));
    return;
  }
  create.columns.push_back(ParseColumnDefinition(in));
  const SourcePosition primary = in.position();
  if (!in.Accept(Keyword::kPrimary)) return;
  in.Expect(Keyword::kKey);
  PrimaryKey key;
  key.position = primary;
  key.partition_key.push_back(create.columns.back().name);
  create.primary_keys.push_back(std::move(key));
}

template <typename Item, typename ParseItem>
std::vector<Item> ParseOneOrList(TokenReader& in, ParseItem parse_item) {
  std::vector<Item> items;
  if (!in.Accept(TokenKind::kLeftParenthesis)) {
    items.push_back(parse_item(in));
    return items;
  }
  do {
    items.push_back(parse_item(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
  return items;
}

AlterTableStatement::DropColumns ParseDropColumns(TokenReader& in) {
  AlterTableStatement::DropColumns drop;
  drop.if_exists = ParseIfExists(in);
  drop.columns = ParseOneOrList<Identifier>(in, [](TokenReader& reader) { return ParseName(reader, "a column name"); });
  if (in.Accept(Keyword::kUsing)) {
    in.Expect(Keyword::kTimestamp);
    if (in.At(TokenKind::kInteger)) {
      drop.timestamp = std::string(in.Raw(in.Take()));
    } else {
      in.Fail();
    }
  }
  return drop;
}

// After ALTER: column TYPE type, or a mask.
void ParseAlterColumn(TokenReader& in, AlterTableStatement& alter) {
  AlterTableStatement::AlterMask mask;
  mask.if_exists = ParseIfExists(in);
  mask.column = ParseColumn(in);
  if (!mask.if_exists && in.Accept(Keyword::kType)) {
    alter.change = AlterTableStatement::AlterType{std::move(mask.column), ParseType(in)};
    return;
  }
  if (in.Accept(Keyword::kDrop)) {
    in.Expect(Keyword::kMasked);
  } else {
    mask.mask = ParseColumnMask(in);
    if (!mask.mask.has_value()) in.Fail();
  }
  alter.change = std::move(mask);
}

}  // namespace

std::optional<ColumnMask> ParseColumnMask(TokenReader& in) {
  if (!in.Accept(Keyword::kMasked)) return std::nullopt;
  ColumnMask mask;
  in.Expect(Keyword::kWith);
  const Token next = in.Peek();
  if (in.Is(Keyword::kDefault) && next.kind != TokenKind::kLeftParenthesis && next.kind != TokenKind::kDot) {
    mask.function.name.position = in.position();
    mask.function.name.name = "mask_default";
    in.Take();
    return mask;
  }
  mask.function = ParseFunctionName(in);
  in.Expect(TokenKind::kLeftParenthesis);
  if (in.Accept(TokenKind::kRightParenthesis)) return mask;
  do {
    mask.arguments.push_back(ParseTerm(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
  return mask;
}

ColumnDefinition ParseColumnDefinition(TokenReader& in) {
  ColumnDefinition column;
  column.name = ParseName(in, "a column name");
  column.type = ParseType(in);
  column.is_static = in.Accept(Keyword::kStatic);
  column.mask = ParseColumnMask(in);
  return column;
}

CreateTableStatement ParseCreateTable(TokenReader& in, SourcePosition position) {
  CreateTableStatement create;
  create.position = position;
  in.Expect(Keyword::kTable);
  create.if_not_exists = ParseIfNotExists(in);
  create.table = ParseTable(in);
  in.Expect(TokenKind::kLeftParenthesis);
  ParseTableElement(in, create);
  while (in.Accept(TokenKind::kComma)) {
    const bool nothing = in.Is(TokenKind::kComma) || in.Is(TokenKind::kRightParenthesis);
    if (!nothing) ParseTableElement(in, create);
  }
  in.Expect(TokenKind::kRightParenthesis);
  create.options = ParseTableOptions(in);
  return create;
}

CreateViewStatement ParseCreateView(TokenReader& in, SourcePosition position) {
  CreateViewStatement create;
  create.position = position;
  in.Expect(Keyword::kMaterialized);
  in.Expect(Keyword::kView);
  create.if_not_exists = ParseIfNotExists(in);
  create.view = ParseTable(in);
  in.Expect(Keyword::kAs);
  in.Expect(Keyword::kSelect);
  create.selectors = ParseSelectors(in);
  in.Expect(Keyword::kFrom);
  create.base_table = ParseTable(in);
  if (in.Accept(Keyword::kWhere)) create.where = ParseWhere(in);
  const SourcePosition primary = in.position();
  in.Expect(Keyword::kPrimary);
  in.Expect(Keyword::kKey);
  create.primary_key = ParsePrimaryKey(in, primary);
  const SourcePosition options = in.position();
  create.options = ParseTableOptions(in);
  if (create.options.compact_storage) in.FailWith(options, "a view cannot have COMPACT STORAGE");
  return create;
}

AlterTableStatement ParseAlterTable(TokenReader& in, SourcePosition position) {
  AlterTableStatement alter;
  alter.position = position;
  in.Expect(Keyword::kTable);
  alter.if_exists = ParseIfExists(in);
  alter.table = ParseTable(in);
  if (in.Accept(Keyword::kAlter)) {
    ParseAlterColumn(in, alter);
  } else if (in.Accept(Keyword::kAdd)) {
    AlterTableStatement::AddColumns add;
    add.if_not_exists = ParseIfNotExists(in);
    add.columns = ParseOneOrList<ColumnDefinition>(in, ParseColumnDefinition);
    alter.change = std::move(add);
  } else if (in.Accept(Keyword::kDrop)) {
    if (in.Is(Keyword::kCompact) && in.Peek().keyword == Keyword::kStorage) {
      in.Take();
      in.Take();
      alter.change = AlterTableStatement::DropCompactStorage{};
    } else {
      alter.change = ParseDropColumns(in);
    }
  } else if (in.Accept(Keyword::kRename)) {
    AlterTableStatement::RenameColumns rename;
    rename.if_exists = ParseIfExists(in);
    rename.names = ParseRenames(in, "a column name");
    alter.change = std::move(rename);
  } else if (in.Expect(Keyword::kWith)) {
    alter.change = AlterTableStatement::SetOptions{ParseProperties(in)};
  }
  return alter;
}

}  // namespace cassette::cql::parser

// The grammar's names and type names: identifiers, keyspace.table, ks.function, types.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "cql/parser/ast_base.h"
#include "cql/parser/token_reader.h"

namespace cassette::cql::parser {

// Which words a name may be; Parser.g's ident, allowedFunctionName and non_type_ident.
enum class NameKind : uint8_t { kIdentifier, kFunction, kUserType };

// Whether `token` can be such a name.
bool CanBeName(const Token& token, NameKind kind = NameKind::kIdentifier);

// The name that stands here; fails otherwise, calling it `what` ("a column name").
Identifier ParseName(TokenReader& in, std::string_view what, NameKind kind = NameKind::kIdentifier);

// A column name in DML, where the empty quoted name is legal too ("cident").
Identifier ParseColumn(TokenReader& in);

// name or ks.name, calling the last part `what`. Bind markers get their own message.
QualifiedName ParseQualifiedName(TokenReader& in, std::string_view what, NameKind kind = NameKind::kIdentifier);
QualifiedName ParseTable(TokenReader& in);
QualifiedName ParseFunctionName(TokenReader& in);
Identifier ParseKeyspace(TokenReader& in);

// A role: a name or a string.
Identifier ParseRole(TokenReader& in);

// The text of a string literal.
std::string ParseString(TokenReader& in);

TypeName ParseType(TokenReader& in);
// One of the native types, as CAST wants it.
TypeName ParseNativeType(TokenReader& in);
// `(type, type)`, perhaps empty.
std::vector<TypeName> ParseTypeList(TokenReader& in);

// IF NOT EXISTS, IF EXISTS: whether it stands here.
bool ParseIfNotExists(TokenReader& in);
bool ParseIfExists(TokenReader& in);

}  // namespace cassette::cql::parser

#include "cql/parser/names.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "cql/parser/constant.h"

namespace cassette::cql::parser {
namespace {

std::string Lowered(std::string_view word) {
  std::string result(word);
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return result;
}

bool KeywordCanBeName(Keyword keyword, NameKind kind) {
  const KeywordClass keyword_class = ClassOf(keyword);
  switch (kind) {
    case NameKind::kIdentifier:
      return keyword_class != KeywordClass::kReserved;
    case NameKind::kFunction:
      return keyword_class == KeywordClass::kUnreserved || keyword_class == KeywordClass::kNativeType ||
             keyword == Keyword::kToken || keyword == Keyword::kCount;
    case NameKind::kUserType:
      return keyword_class == KeywordClass::kUnreserved || keyword == Keyword::kKey;
  }
  return false;
}

// Names that Cassandra keeps for types to come.
constexpr std::string_view kReservedTypeNames[] = {"byte",     "complex", "enum",     "date",
                                                   "interval", "macaddr", "bitstring"};

Identifier TakeName(TokenReader& in) {
  const Token token = in.Take();
  Identifier result;
  result.position = {token.offset};
  result.quoted = token.kind == TokenKind::kQuotedName || token.kind == TokenKind::kEmptyQuotedName;
  result.name = result.quoted ? Unquoted(in.text(), token) : Lowered(in.Raw(token));
  return result;
}

bool FailOnMarker(TokenReader& in, std::string_view what) {
  if (!in.Is(TokenKind::kQuestionMark)) return false;
  in.FailWith(in.position(), fmt::format("a bind marker cannot stand for {}", what));
  return true;
}

TypeName MakeType(TypeName::Kind kind, SourcePosition position) {
  TypeName type;
  type.kind = kind;
  type.position = position;
  return type;
}

// frozen<list<...>> freezes the outermost type only; what has no parts cannot be frozen.
void CheckFreezable(TokenReader& in, const TypeName& type) {
  if (type.kind == TypeName::Kind::kNative || type.kind == TypeName::Kind::kCustom) {
    in.FailWith(type.position,
                fmt::format("frozen<> is only for collections, tuples and user types, not for {}", ToString(type)));
  }
}

void ParseDimension(TokenReader& in, TypeName& type) {
  in.Expect(TokenKind::kComma);
  const Token token = in.current();
  if (!in.Expect(TokenKind::kInteger)) return;
  const std::string_view digits = in.Raw(token);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), type.dimension);
  if (error != std::errc()) in.FailWith({token.offset}, "the dimension of a vector is a 32-bit integer");
}

// list<..>, map<..> and the like. REQUIRES: the keyword is current, '<' follows.
TypeName ParseParameterized(TokenReader& in, TypeName::Kind kind) {
  TypeName type = MakeType(kind, in.position());
  in.Take();
  in.Expect(TokenKind::kLess);
  type.parameters.push_back(ParseType(in));
  switch (kind) {
    case TypeName::Kind::kMap:
      in.Expect(TokenKind::kComma);
      type.parameters.push_back(ParseType(in));
      break;
    case TypeName::Kind::kTuple:
      while (in.Accept(TokenKind::kComma)) type.parameters.push_back(ParseType(in));
      break;
    case TypeName::Kind::kVector:
      ParseDimension(in, type);
      break;
    case TypeName::Kind::kFrozen:
      CheckFreezable(in, type.parameters.front());
      break;
    default:
      break;
  }
  in.Expect(TokenKind::kGreater);
  return type;
}

std::optional<TypeName::Kind> ParameterizedKind(Keyword keyword) {
  switch (keyword) {
    case Keyword::kList:
      return TypeName::Kind::kList;
    case Keyword::kSet:
      return TypeName::Kind::kSet;
    case Keyword::kMap:
      return TypeName::Kind::kMap;
    case Keyword::kTuple:
      return TypeName::Kind::kTuple;
    case Keyword::kVector:
      return TypeName::Kind::kVector;
    case Keyword::kFrozen:
      return TypeName::Kind::kFrozen;
    default:
      return std::nullopt;
  }
}

TypeName ParseUserType(TokenReader& in) {
  TypeName type = MakeType(TypeName::Kind::kUser, in.position());
  QualifiedName name = ParseQualifiedName(in, "a type", NameKind::kUserType);
  type.keyspace = std::move(name.keyspace);
  type.name = std::move(name.name.name);
  return type;
}

}  // namespace

bool CanBeName(const Token& token, NameKind kind) {
  switch (token.kind) {
    case TokenKind::kIdentifier:
    case TokenKind::kQuotedName:
      return true;
    case TokenKind::kKeyword:
      return KeywordCanBeName(token.keyword, kind);
    default:
      return false;
  }
}

Identifier ParseName(TokenReader& in, std::string_view what, NameKind kind) {
  if (!CanBeName(in.current(), kind)) {
    in.Expected(what);
    in.Fail();
    return {};
  }
  Identifier name = TakeName(in);
  if (kind == NameKind::kUserType && !name.quoted &&
      std::find(std::begin(kReservedTypeNames), std::end(kReservedTypeNames), name.name) !=
          std::end(kReservedTypeNames)) {
    in.FailWith(name.position, fmt::format("{} is a reserved name of a type", name.name));
  }
  return name;
}

Identifier ParseColumn(TokenReader& in) {
  if (in.Is(TokenKind::kEmptyQuotedName)) return TakeName(in);
  return ParseName(in, "a column name");
}

QualifiedName ParseQualifiedName(TokenReader& in, std::string_view what, NameKind kind) {
  QualifiedName result;
  if (FailOnMarker(in, what)) return result;
  if (CanBeName(in.current()) && in.Peek().kind == TokenKind::kDot) {
    result.keyspace = TakeName(in);
    in.Take();
    if (FailOnMarker(in, what)) return result;
  }
  result.name = ParseName(in, what, kind);
  return result;
}

QualifiedName ParseTable(TokenReader& in) { return ParseQualifiedName(in, "a table name"); }

QualifiedName ParseFunctionName(TokenReader& in) {
  return ParseQualifiedName(in, "a function name", NameKind::kFunction);
}

Identifier ParseKeyspace(TokenReader& in) {
  if (FailOnMarker(in, "a keyspace name")) return {};
  return ParseName(in, "a keyspace name");
}

Identifier ParseRole(TokenReader& in) {
  if (FailOnMarker(in, "a role name")) return {};
  if (in.Is(TokenKind::kString) || in.Is(TokenKind::kDollarString)) {
    Identifier role;
    role.position = in.position();
    role.quoted = true;
    role.name = Unquoted(in.text(), in.Take());
    return role;
  }
  return ParseName(in, "a role name");
}

std::string ParseString(TokenReader& in) {
  if (!in.Is(TokenKind::kDollarString) && !in.At(TokenKind::kString)) {
    in.Fail();
    return "";
  }
  return Unquoted(in.text(), in.Take());
}

TypeName ParseNativeType(TokenReader& in) {
  if (!in.Is(TokenKind::kKeyword) || ClassOf(in.current().keyword) != KeywordClass::kNativeType) {
    in.Expected("a native type (int, text, ...)");
    in.Fail();
    return {};
  }
  TypeName type = MakeType(TypeName::Kind::kNative, in.position());
  type.name = Lowered(in.Raw(in.Take()));
  return type;
}

TypeName ParseType(TokenReader& in) {
  TokenReader::Nesting nesting(in);
  if (!nesting.ok()) return {};
  if (in.Is(TokenKind::kString) || in.Is(TokenKind::kDollarString)) {
    TypeName type = MakeType(TypeName::Kind::kCustom, in.position());
    type.name = ParseString(in);
    return type;
  }
  if (in.Is(TokenKind::kKeyword)) {
    const TokenKind next = in.Peek().kind;
    const auto kind = ParameterizedKind(in.current().keyword);
    if (kind.has_value() && (next == TokenKind::kLess || in.Is(Keyword::kSet))) return ParseParameterized(in, *kind);
    if (ClassOf(in.current().keyword) == KeywordClass::kNativeType && next != TokenKind::kDot) {
      return ParseNativeType(in);
    }
  }
  return ParseUserType(in);
}

std::vector<TypeName> ParseTypeList(TokenReader& in) {
  std::vector<TypeName> types;
  in.Expect(TokenKind::kLeftParenthesis);
  if (in.Accept(TokenKind::kRightParenthesis)) return types;
  do {
    types.push_back(ParseType(in));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightParenthesis);
  return types;
}

bool ParseIfNotExists(TokenReader& in) {
  if (!in.Accept(Keyword::kIf)) return false;
  in.Expect(Keyword::kNot);
  in.Expect(Keyword::kExists);
  return true;
}

bool ParseIfExists(TokenReader& in) {
  if (!in.Accept(Keyword::kIf)) return false;
  in.Expect(Keyword::kExists);
  return true;
}

}  // namespace cassette::cql::parser

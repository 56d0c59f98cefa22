// WITH name = value: the properties of keyspaces, tables, views and indexes.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "cql/parser/expression_parser.h"
#include "cql/parser/names.h"
#include "cql/parser/schema_parser.h"

namespace cassette::cql::parser {
namespace {

// A constant of a property map.
std::string ParseMapConstant(TokenReader& in, std::string_view what) {
  const SourcePosition position = in.position();
  if (in.Is(TokenKind::kQuestionMark) || in.Is(TokenKind::kColon)) {
    in.FailWith(position, "bind markers are not possible in statements on the schema");
    return "";
  }
  auto constant = AcceptConstant(in);
  if (constant.has_value()) return std::move(constant->text);
  in.Expected(what);
  in.Fail();
  return "";
}

PropertyValue ParsePropertyValue(TokenReader& in) {
  PropertyValue value;
  value.is_map = in.Is(TokenKind::kLeftBrace);
  if (value.is_map) {
    value.map = ParseConstantMap(in);
    return value;
  }
  auto constant = AcceptConstant(in);
  if (constant.has_value()) {
    value.text = std::move(constant->text);
  } else if (in.Is(TokenKind::kKeyword) && CanBeName(in.current())) {
    value.text = std::string(in.Raw(in.Take()));
  } else {
    in.Expected("a constant");
    in.Expected("a map of constants");
    in.Fail();
  }
  return value;
}

}  // namespace

std::vector<std::pair<std::string, std::string>> ParseConstantMap(TokenReader& in) {
  std::vector<std::pair<std::string, std::string>> map;
  in.Expect(TokenKind::kLeftBrace);
  if (in.Accept(TokenKind::kRightBrace)) return map;
  do {
    const SourcePosition position = in.position();
    std::string key = ParseMapConstant(in, "a constant as key");
    in.Expect(TokenKind::kColon);
    std::string value = ParseMapConstant(in, "a constant as value");
    if (std::any_of(map.begin(), map.end(), [&](const auto& entry) { return entry.first == key; })) {
      in.FailWith(position, fmt::format("'{}' is given twice", key));
    }
    map.emplace_back(std::move(key), std::move(value));
  } while (in.Accept(TokenKind::kComma));
  in.Expect(TokenKind::kRightBrace);
  return map;
}

void ParseProperty(TokenReader& in, std::vector<Property>& properties) {
  Property property;
  property.name = ParseName(in, "the name of a property");
  in.Expect(TokenKind::kEqual);
  property.value = ParsePropertyValue(in);
  for (const Property& earlier : properties) {
    if (earlier.name == property.name) {
      in.FailWith(property.name.position, fmt::format("property {} is given twice", property.name.name));
    }
  }
  properties.push_back(std::move(property));
}

std::vector<Property> ParseProperties(TokenReader& in) {
  std::vector<Property> properties;
  do {
    ParseProperty(in, properties);
  } while (in.Accept(Keyword::kAnd));
  return properties;
}

}  // namespace cassette::cql::parser

// ToText and ToCqlLiteral of collections, tuples, user types and vectors.
#include <fmt/format.h>

#include "base/assert.h"
#include "types/composite.h"
#include "types/identifier.h"

namespace cassette::types {

namespace {

// Whether the text of a value is a string in CQL.
bool IsQuoted(TypeKind kind) {
  switch (kind) {
    case TypeKind::kAscii:
    case TypeKind::kText:
    case TypeKind::kTimestamp:
    case TypeKind::kDate:
    case TypeKind::kTime:
    case TypeKind::kInet:
      return true;
    default:
      return false;
  }
}

std::string ItemText(const DataType& type, const ValueView& item, bool is_literal) {
  if (item.is_null()) return "null";
  if (is_literal) return ToCqlLiteral(type, item.bytes);
  return IsQuoted(type.kind()) ? QuoteString(ToText(type, item.bytes)) : ToText(type, item.bytes);
}

std::string_view Brackets(TypeKind kind) {
  switch (kind) {
    case TypeKind::kList:
    case TypeKind::kVector:
      return "[]";
    case TypeKind::kTuple:
      return "()";
    default:
      return "{}";
  }
}

// The parts of `text` between colons, escapes kept.
std::vector<std::string> SplitAtColons(std::string_view text) {
  std::vector<std::string> parts(1);
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ':') {
      parts.emplace_back();
      continue;
    }
    parts.back().push_back(text[i]);
    if (text[i] == '\\' && i + 1 < text.size()) parts.back().push_back(text[++i]);
  }
  return parts;
}

std::string WithoutEscapes(std::string_view part) {
  std::string plain;
  for (size_t i = 0; i < part.size(); ++i) {
    const bool is_escape = part[i] == '\\' && i + 1 < part.size() && (part[i + 1] == ':' || part[i + 1] == '@');
    plain.push_back(is_escape ? part[++i] : part[i]);
  }
  return plain;
}

}  // namespace

base::Result<std::string> TupleFromText(const DataType& type, std::string_view text) {
  const std::vector<std::string> parts = SplitAtColons(text);
  if (parts.size() > type.fields().size()) {
    return base::InvalidArgument(fmt::format("Invalid tuple literal: too many elements. Type {} expects {} but got {}",
                                             type.ToString(), type.fields().size(), parts.size()));
  }
  std::string result;
  for (size_t i = 0; i < parts.size(); ++i) {
    if (parts[i] == "@") {
      AppendItem(ValueView::Null(), &result);
      continue;
    }
    CASSETTE_ASSIGN_OR_RETURN(const std::string value, FromText(type.element(i), WithoutEscapes(parts[i])));
    AppendItem(ValueView::Of(value), &result);
  }
  return result;
}

std::string CompositeToText(const DataType& type, std::string_view bytes, bool is_literal) {
  std::vector<ValueView> items;
  CASSETTE_ASSERT(SplitComposite(type, bytes, &items).ok());
  const std::string_view brackets = Brackets(type.kind());
  std::string text(1, brackets[0]);
  for (size_t i = 0; i < items.size(); ++i) {
    const bool is_map_value = type.kind() == TypeKind::kMap && i % 2 == 1;
    if (i > 0) text += is_map_value ? ": " : ", ";
    if (type.kind() == TypeKind::kUdt) text += MaybeQuote(type.fields()[i].name) + ": ";
    text += ItemText(ItemType(type, i), items[i], is_literal);
  }
  text += brackets[1];
  return text;
}

}  // namespace cassette::types

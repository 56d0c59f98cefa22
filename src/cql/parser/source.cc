#include "cql/parser/source.h"

#include <algorithm>

#include <fmt/format.h>

namespace cassette::cql::parser {
namespace {

bool IsContinuation(char c) { return (static_cast<uint8_t>(c) & 0xC0) == 0x80; }

size_t CountCharacters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !IsContinuation(c); }));
}

size_t LineStart(std::string_view text, size_t offset) {
  const size_t newline = offset == 0 ? std::string_view::npos : text.rfind('\n', offset - 1);
  return newline == std::string_view::npos ? 0 : newline + 1;
}

size_t ClampedOffset(std::string_view text, SourcePosition position) {
  return std::min<size_t>(position.offset, text.size());
}

// Control characters, tabs among them, would move the caret away from its place.
std::string Visible(std::string_view text) {
  std::string result(text);
  for (char& c : result) {
    if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return result;
}

}  // namespace

LineColumn LineColumnOf(std::string_view text, SourcePosition position) {
  const size_t offset = ClampedOffset(text, position);
  const std::string_view before = text.substr(0, offset);
  LineColumn place;
  place.line = static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n')) + 1;
  place.column = static_cast<uint32_t>(CountCharacters(before.substr(LineStart(text, offset)))) + 1;
  return place;
}

std::string DescribePlace(std::string_view text, SourcePosition position) {
  const LineColumn place = LineColumnOf(text, position);
  return fmt::format("line {}:{}", place.line, place.column);
}

std::string CaretLines(std::string_view text, SourcePosition position) {
  const size_t offset = ClampedOffset(text, position);
  size_t begin = LineStart(text, offset);
  size_t end = std::min(text.find('\n', offset), text.size());
  std::string_view front = "", back = "";
  if (offset - begin > kCaretLineColumnsMax / 2) {
    begin = offset - kCaretLineColumnsMax / 2;
    while (begin < offset && IsContinuation(text[begin])) ++begin;
    front = "...";
  }
  if (end - begin > kCaretLineColumnsMax) {
    end = begin + kCaretLineColumnsMax;
    while (end > offset && IsContinuation(text[end])) --end;
    back = "...";
  }
  const size_t caret = front.size() + CountCharacters(text.substr(begin, offset - begin));
  return fmt::format("\n  {}{}{}\n  {:>{}}", front, Visible(text.substr(begin, end - begin)), back, "^", caret + 1);
}

std::string MessageAt(std::string_view text, SourcePosition position, std::string_view message) {
  return fmt::format("{}: {}{}", DescribePlace(text, position), message, CaretLines(text, position));
}

}  // namespace cassette::cql::parser

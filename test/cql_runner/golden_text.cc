#include "cql_runner/golden_text.h"

#include <fmt/format.h>

#include "types/value.h"

namespace cassette::cql_runner {
namespace {

constexpr size_t kErrorLengthMax = 200;

// A value in a collection: in quotes where a CQL literal has them.
std::string ElementText(const types::DataType& type, std::optional<std::string_view> bytes) {
  if (!bytes.has_value()) return "null";
  const std::string text = ValueText(type, *bytes);
  switch (type.kind()) {
    case types::TypeKind::kAscii:
    case types::TypeKind::kText:
    case types::TypeKind::kTimestamp:
    case types::TypeKind::kDate:
    case types::TypeKind::kTime:
    case types::TypeKind::kInet:
      break;
    default:
      return text;
  }
  std::string quoted = "'";
  for (char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + "'";
}

uint32_t TakeLength(std::string_view* bytes) {
  uint32_t length = 0;
  for (size_t i = 0; i < 4 && !bytes->empty(); ++i) {
    length = length << 8 | static_cast<uint8_t>(bytes->front());
    bytes->remove_prefix(1);
  }
  return length;
}

std::optional<std::string_view> TakeElement(std::string_view* bytes) {
  const auto length = static_cast<int32_t>(TakeLength(bytes));
  if (length < 0) return std::nullopt;
  const std::string_view element = bytes->substr(0, static_cast<size_t>(length));
  bytes->remove_prefix(element.size());
  return element;
}

std::string CollectionText(const types::DataType& type, std::string_view bytes) {
  const bool map = type.kind() == types::TypeKind::kMap;
  std::string text;
  for (uint32_t count = TakeLength(&bytes); count > 0 && !bytes.empty(); --count) {
    if (!text.empty()) text += ", ";
    text += ElementText(type.element(0), TakeElement(&bytes));
    if (map) text += ": " + ElementText(type.element(1), TakeElement(&bytes));
  }
  return type.kind() == types::TypeKind::kList ? "[" + text + "]" : "{" + text + "}";
}

// As Python's str.strip() of the line that scripts/oracle writes.
std::string Stripped(const std::string& line) {
  const size_t begin = line.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return line.substr(begin, line.find_last_not_of(' ') - begin + 1);
}

}  // namespace

std::string ValueText(const types::DataType& type, std::string_view bytes) {
  switch (type.kind()) {
    case types::TypeKind::kList:
    case types::TypeKind::kSet:
    case types::TypeKind::kMap:
      return CollectionText(type, bytes);
    default:
      return types::ToText(type, bytes);
  }
}

std::string Escaped(std::string_view text) {
  std::string result;
  for (char c : text) {
    switch (c) {
      case '\\':
        result += "\\\\";
        break;
      case '|':
        result += "\\|";
        break;
      case '\n':
        result += "\\n";
        break;
      case '\r':
        result += "\\r";
        break;
      case '\t':
        result += "\\t";
        break;
      default:
        if (static_cast<uint8_t>(c) < 0x20 || c == 0x7F) {
          result += fmt::format("\\x{:02x}", static_cast<uint8_t>(c));
        } else {
          result += c;
        }
    }
  }
  return result;
}

Lines ErrorLines(const base::Status& status) {
  std::string_view message = status.message();
  message = message.substr(0, message.find('\n'));
  const std::string line = fmt::format("error 0x{:04x} {}", base::CqlErrorCode(status.code()), Escaped(message));
  return {Stripped(line.substr(0, kErrorLengthMax))};
}

Lines AnswerLines(const session::ResultPage& page) {
  Lines lines;
  if (page.kind != session::ResultPage::Kind::kRows) return lines;
  std::string header;
  for (const session::ColumnSpec& column : page.columns) {
    header += (&column == &page.columns.front() ? "" : " | ") + Escaped(column.name);
  }
  lines.push_back(Stripped(header));
  for (uint64_t row = 0; row < page.row_count(); ++row) {
    std::string line;
    for (size_t c = 0; c < page.columns.size(); ++c) {
      const auto value = page.Value(row, c);
      if (c > 0) line += " | ";
      line += value.has_value() ? Escaped(ValueText(page.columns[c].type, *value)) : "null";
    }
    lines.push_back(Stripped(line));
  }
  return lines;
}

}  // namespace cassette::cql_runner

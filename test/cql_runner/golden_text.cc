#include "cql_runner/golden_text.h"

#include <fmt/format.h>

#include "types/value.h"

namespace cassette::cql_runner {
namespace {

constexpr size_t kErrorLengthMax = 200;

// As Python's str.strip() of the line that scripts/oracle writes.
std::string Stripped(const std::string& line) {
  const size_t begin = line.find_first_not_of(' ');
  if (begin == std::string::npos) return "";
  return line.substr(begin, line.find_last_not_of(' ') - begin + 1);
}

}  // namespace

std::string ValueText(const types::DataType& type, std::string_view bytes) { return types::ToText(type, bytes); }

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

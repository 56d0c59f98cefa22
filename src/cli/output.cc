#include "cli/output.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace cassette::cli {
namespace {

// What stands for null between AddTexts' cells: no text can be it, since NUL is not printed by any type.
const std::string kNullCell("\0null", 5);

bool IsNumber(const types::DataType& type) {
  using types::TypeKind;
  switch (type.kind()) {
    case TypeKind::kBigint:
    case TypeKind::kCounter:
    case TypeKind::kDecimal:
    case TypeKind::kDouble:
    case TypeKind::kFloat:
    case TypeKind::kInt:
    case TypeKind::kVarint:
    case TypeKind::kSmallint:
    case TypeKind::kTinyint:
      return true;
    default:
      return false;
  }
}

bool IsJsonNumber(std::string_view text) { return text != "NaN" && text != "Infinity" && text != "-Infinity"; }

std::string CsvQuoted(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"') out += '"';
    out += c;
  }
  return out + '"';
}

// Line ends and tabs would break a table's lines.
std::string OneLine(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out += c;
    }
  }
  return out;
}

void Write(std::FILE* out, std::string_view text) { std::fwrite(text.data(), 1, text.size(), out); }

}  // namespace

base::Result<OutputFormat> ParseOutputFormat(const std::string& name) {
  if (name == "table") return OutputFormat::kTable;
  if (name == "json") return OutputFormat::kJson;
  if (name == "csv") return OutputFormat::kCsv;
  return base::InvalidArgument(fmt::format("format: '{}' is none of table, json, csv", name));
}

std::string JsonQuoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

size_t DisplayWidth(std::string_view text) {
  size_t width = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if ((c & 0xc0) == 0x80) continue;  // Continuation of a code point.
    ++width;
    // Three-byte code points from U+1100 that East Asian terminals show in two columns; and emoji.
    const bool is_wide = (c >= 0xe3 && c <= 0xed) || c == 0xf0;
    width += is_wide;
  }
  return width;
}

std::string Thousands(uint64_t number) {
  std::string digits = std::to_string(number);
  for (ptrdiff_t at = static_cast<ptrdiff_t>(digits.size()) - 3; at > 0; at -= 3) {
    digits.insert(static_cast<size_t>(at), ",");
  }
  return digits;
}

std::string HumanBytes(uint64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "KB", "MB", "GB", "TB"};
  double value = static_cast<double>(bytes);
  size_t unit = 0;
  while (value >= 1000 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", value, kUnits[unit]);
}

void RowPrinter::Add(const session::ResultPage& page) {
  std::vector<std::string> headings;
  std::vector<bool> numbers;
  for (const session::ColumnSpec& column : page.columns) {
    headings.push_back(column.name);
    numbers.push_back(IsNumber(column.type) || IsJsonBoolean(column.type));
  }
  std::vector<std::vector<std::string>> rows;
  for (const session::ResultBatch& batch : page.batches) {
    for (uint32_t row = 0; row < batch.row_count; ++row) {
      std::vector<std::string> cells;
      for (size_t c = 0; c < batch.columns.size(); ++c) {
        const columnar::Vector& vector = batch.columns[c];
        std::string serialized;
        if (!vector.is_null(row)) vector.AppendSerialized(page.columns[c].type, row, &serialized);
        const bool is_json_boolean = IsJsonBoolean(page.columns[c].type) && !vector.is_null(row);
        cells.push_back(vector.is_null(row) ? kNullCell
                        : is_json_boolean   ? (vector.int64(row) != 0 ? "true" : "false")
                                            : types::ToText(page.columns[c].type, serialized));
      }
      rows.push_back(std::move(cells));
    }
  }
  AddTexts(headings, numbers, rows);
}

void RowPrinter::AddTexts(const std::vector<std::string>& headings, const std::vector<bool>& numbers,
                          const std::vector<std::vector<std::string>>& rows) {
  switch (format_) {
    case OutputFormat::kTable:
      PrintTable(headings, numbers, rows);
      break;
    case OutputFormat::kJson:
      PrintJson(headings, numbers, rows);
      break;
    case OutputFormat::kCsv:
      PrintCsv(headings, rows);
      break;
  }
  started_ = true;
  rows_ += rows.size();
}

void RowPrinter::PrintTable(const std::vector<std::string>& headings, const std::vector<bool>& numbers,
                            const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const std::string& heading : headings) widths.push_back(DisplayWidth(heading));
  std::vector<std::vector<std::string>> cells;
  for (const std::vector<std::string>& row : rows) {
    cells.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      cells.back().push_back(row[i] == kNullCell ? "null" : OneLine(row[i]));
      widths[i] = std::max(widths[i], DisplayWidth(cells.back()[i]));
    }
  }
  std::string text;
  const auto pad = [](std::string_view cell, size_t width, bool right) {
    const std::string blanks(width - DisplayWidth(cell), ' ');
    return right ? blanks + std::string(cell) : std::string(cell) + blanks;
  };
  if (!started_) {
    for (size_t i = 0; i < headings.size(); ++i) text += (i ? " | " : " ") + pad(headings[i], widths[i], false);
    text += "\n";
    for (size_t i = 0; i < headings.size(); ++i) text += (i ? "+" : "") + std::string(widths[i] + 2, '-');
    text += "\n";
  }
  for (const std::vector<std::string>& row : cells) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) line += (i ? " | " : " ") + pad(row[i], widths[i], numbers[i]);
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  }
  Write(out_, text);
}

void RowPrinter::PrintJson(const std::vector<std::string>& headings, const std::vector<bool>& numbers,
                           const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  if (!started_) text += "[";
  bool first = rows_ == 0;
  for (const std::vector<std::string>& row : rows) {
    text += first ? "\n  {" : ",\n  {";
    first = false;
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ", ";
      text += JsonQuoted(headings[i]) + ": ";
      text += row[i] == kNullCell ? "null" : numbers[i] && IsJsonNumber(row[i]) ? row[i] : JsonQuoted(row[i]);
    }
    text += "}";
  }
  Write(out_, text);
}

void RowPrinter::PrintCsv(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows) {
  std::string text;
  if (!started_) {
    for (size_t i = 0; i < headings.size(); ++i) text += (i ? "," : "") + CsvQuoted(headings[i]);
    text += "\n";
  }
  for (const std::vector<std::string>& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ",";
      if (row[i] != kNullCell) text += CsvQuoted(row[i]);
    }
    text += "\n";
  }
  Write(out_, text);
}

void RowPrinter::Finish() {
  if (!started_) return;
  if (format_ == OutputFormat::kJson) Write(out_, rows_ == 0 ? "]\n" : "\n]\n");
  if (format_ == OutputFormat::kTable)
    Write(out_, fmt::format("\n({} {})\n", Thousands(rows_), rows_ == 1 ? "row" : "rows"));
}

}  // namespace cassette::cli

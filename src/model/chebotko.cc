#include "model/chebotko.h"

#include <fmt/format.h>

#include <algorithm>

namespace cassette::model {
namespace {

constexpr int kBoxWidth = 320;
constexpr int kGap = 60;
constexpr int kRowHeight = 26;
constexpr int kTop = 90;  // Room for the question and the arrow.
constexpr int kMargin = 30;

std::string Escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

struct Row {
  std::string name;
  std::string type;
  std::string mark;  // K, C with an arrow, or nothing.
};

std::vector<Row> RowsOf(const DerivedTable& table) {
  std::vector<Row> rows;
  for (const TableColumn& column : table.partition_key) rows.push_back({column.name, column.type.ToString(), "K"});
  for (const ClusteringColumn& column : table.clustering) {
    rows.push_back({column.name, column.type.ToString(), column.descending ? "C↓" : "C↑"});
  }
  for (const TableColumn& column : table.regular) rows.push_back({column.name, column.type.ToString(), ""});
  return rows;
}

std::string Text(int x, int y, std::string_view style, std::string_view text) {
  return fmt::format("  <text x=\"{}\" y=\"{}\" class=\"{}\">{}</text>\n", x, y, style, Escape(text));
}

// The question in lines of at most `width` characters, broken at blanks.
std::vector<std::string> Wrap(std::string_view text, size_t width) {
  std::vector<std::string> lines;
  while (text.size() > width) {
    const size_t blank = text.rfind(' ', width);
    const size_t cut = blank == std::string_view::npos || blank == 0 ? width : blank;
    lines.emplace_back(text.substr(0, cut));
    text.remove_prefix(std::min(text.size(), cut + (cut == blank ? 1 : 0)));
  }
  lines.emplace_back(text);
  return lines;
}

std::string Box(const DerivedTable& table, int number, int x) {
  const std::vector<Row> rows = RowsOf(table);
  std::string svg;
  const std::string question = table.query->question.empty() ? table.name : table.query->question;
  int y = 36;
  for (const std::string& line : Wrap(fmt::format("Q{}: {}", number, question), 46)) {
    svg += Text(x, y, "question", line);
    y += 16;
  }
  const int middle = x + kBoxWidth / 2;
  svg += fmt::format("  <path class=\"arrow\" d=\"M{} {} L{} {}\" marker-end=\"url(#head)\"/>\n", middle, y - 8, middle,
                     kTop - 2);
  svg += fmt::format("  <rect class=\"box\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", x, kTop, kBoxWidth,
                     kRowHeight * static_cast<int>(rows.size() + 1));
  svg += fmt::format("  <rect class=\"title\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>\n", x, kTop, kBoxWidth,
                     kRowHeight);
  svg += Text(x + 10, kTop + 18, "name", table.name);
  int row_y = kTop + kRowHeight + 18;
  for (const Row& row : rows) {
    svg += Text(x + 10, row_y, row.mark.empty() ? "column" : "key", row.name);
    svg += Text(x + 190, row_y, "type", row.type);
    svg += Text(x + 290, row_y, "mark", row.mark);
    row_y += kRowHeight;
  }
  return svg;
}

}  // namespace

std::string ChebotkoSvg(const Model& model, const std::vector<DerivedTable>& tables) {
  size_t most_rows = 0;
  for (const DerivedTable& table : tables) most_rows = std::max(most_rows, RowsOf(table).size());
  const int count = static_cast<int>(tables.size());
  const int width = 2 * kMargin + count * kBoxWidth + (count - 1) * kGap;
  const int height = kTop + kRowHeight * static_cast<int>(most_rows + 1) + kMargin;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\">\n"
      "  <title>Chebotko diagram of keyspace {2}</title>\n"
      "  <style>\n"
      "    text {{ font: 13px sans-serif; fill: #1d2733; }}\n"
      "    .question {{ font-style: italic; }}\n"
      "    .name {{ font-weight: bold; fill: #ffffff; }}\n"
      "    .key {{ font-weight: bold; }}\n"
      "    .type {{ fill: #5a6b7b; }}\n"
      "    .mark {{ font-weight: bold; fill: #9a3412; }}\n"
      "    .box {{ fill: #ffffff; stroke: #33475b; stroke-width: 1.5; }}\n"
      "    .title {{ fill: #33475b; }}\n"
      "    .arrow {{ stroke: #33475b; stroke-width: 1.5; fill: none; }}\n"
      "  </style>\n"
      "  <defs><marker id=\"head\" viewBox=\"0 0 10 10\" refX=\"9\" refY=\"5\" markerWidth=\"8\" markerHeight=\"8\" "
      "orient=\"auto\"><path d=\"M0 0 L10 5 L0 10 z\" fill=\"#33475b\"/></marker></defs>\n"
      "  <rect width=\"{0}\" height=\"{1}\" fill=\"#f7f9fb\"/>\n",
      width, height, Escape(model.keyspace));
  int x = kMargin;
  int number = 1;
  for (const DerivedTable& table : tables) {
    svg += Box(table, number++, x);
    x += kBoxWidth + kGap;
  }
  return svg + "</svg>\n";
}

}  // namespace cassette::model

#include "cli/output.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace cassette::cli {
namespace {

using testing::HasSubstr;
using types::TypeKind;

// What `work` prints to a FILE.
template <typename Work>
std::string Printed(const Work& work) {
  char* text = nullptr;
  size_t size = 0;
  std::FILE* const out = open_memstream(&text, &size);
  work(out);
  std::fclose(out);
  std::string printed(text, size);
  std::free(text);
  return printed;
}

// Columns t (text), n (int), b (boolean), d (double): one full row, one of nulls.
session::ResultPage MakePage(const std::string& text) {
  session::ResultPage page;
  page.kind = session::ResultPage::Kind::kRows;
  page.columns = {{"k", "t", "t", types::DataType(TypeKind::kText)},
                  {"k", "t", "n", types::DataType(TypeKind::kInt)},
                  {"k", "t", "b", types::DataType(TypeKind::kBoolean)},
                  {"k", "t", "d", types::DataType(TypeKind::kDouble)}};
  session::ResultBatch batch;
  batch.row_count = 2;
  for (const session::ColumnSpec& column : page.columns) batch.columns.emplace_back(column.type.physical());
  batch.columns[0].AppendBytes(text);
  batch.columns[1].AppendInt64(-5);
  batch.columns[2].AppendInt64(1);
  batch.columns[3].AppendDouble(2.5);
  for (columnar::Vector& vector : batch.columns) vector.AppendState(columnar::CellState::kAbsent);
  page.batches.push_back(std::move(batch));
  return page;
}

std::string PrintedPage(OutputFormat format, const std::string& text) {
  return Printed([&](std::FILE* out) {
    RowPrinter printer(format, out);
    printer.Add(MakePage(text));
    printer.Finish();
  });
}

TEST(RowPrinter, TableAlignsNumbersRightAndShowsNulls) {
  EXPECT_EQ(PrintedPage(OutputFormat::kTable, "x"),
            " t    | n    | b    | d   \n"
            "------+------+------+------\n"
            " x    |   -5 | true |  2.5\n"
            " null | null | null | null\n"
            "\n(2 rows)\n");
}

TEST(RowPrinter, TableCountsWhatATerminalShows) {
  const std::string printed = PrintedPage(OutputFormat::kTable, "日本");
  EXPECT_THAT(printed, HasSubstr(" 日本 |   -5 |"));
  EXPECT_THAT(PrintedPage(OutputFormat::kTable, "Café!"), HasSubstr(" Café! |   -5 |"));
}

TEST(RowPrinter, TableKeepsARowOnOneLine) {
  EXPECT_THAT(PrintedPage(OutputFormat::kTable, "a\nb\tc\r"), HasSubstr(" a\\nb\\tc\\r |"));
}

TEST(RowPrinter, JsonTellsNullsNumbersAndBooleansFromText) {
  const std::string printed = PrintedPage(OutputFormat::kJson, "say \"x\"\n\\ é");
  EXPECT_THAT(printed, HasSubstr(R"("t": "say \"x\"\n\\ é", "n": -5, "b": true, "d": 2.5)"));
  EXPECT_THAT(printed, HasSubstr(R"("t": null, "n": null, "b": null, "d": null)"));
}

TEST(RowPrinter, TheTextNullIsNotNull) {
  EXPECT_THAT(PrintedPage(OutputFormat::kJson, "null"), HasSubstr(R"("t": "null")"));
  EXPECT_THAT(PrintedPage(OutputFormat::kCsv, "null"), HasSubstr("\nnull,-5,"));
}

TEST(RowPrinter, CsvQuotesWhatNeedsItAndLeavesNullsEmpty) {
  EXPECT_EQ(PrintedPage(OutputFormat::kCsv, "a,\"b\"\nc"), "t,n,b,d\n\"a,\"\"b\"\"\nc\",-5,true,2.5\n,,,\n");
}

TEST(RowPrinter, PagesFollowEachOtherUnderOneHeading) {
  const std::string printed = Printed([](std::FILE* out) {
    RowPrinter printer(OutputFormat::kCsv, out);
    printer.Add(MakePage("a"));
    printer.Add(MakePage("b"));
    printer.Finish();
    EXPECT_EQ(printer.rows(), 4u);
  });
  EXPECT_EQ(printed, "t,n,b,d\na,-5,true,2.5\n,,,\nb,-5,true,2.5\n,,,\n");
}

TEST(RowPrinter, NothingAddedPrintsNothingInATable) {
  EXPECT_EQ(Printed([](std::FILE* out) { RowPrinter(OutputFormat::kTable, out).Finish(); }), "");
}

TEST(ParseOutputFormat, NamesTheThree) {
  EXPECT_EQ(*ParseOutputFormat("csv"), OutputFormat::kCsv);
  EXPECT_EQ(ParseOutputFormat("xml").status().message(), "format: 'xml' is none of table, json, csv");
}

TEST(JsonQuoted, ReplacesBytesThatAreNoUtf8) {
  EXPECT_EQ(JsonQuoted("a\"\x01"), "\"a\\\"\\u0001\"");
  EXPECT_EQ(JsonQuoted("\xff"), "\"\xef\xbf\xbd\"");
}

TEST(DisplayWidth, CountsCodePointsAndWideOnesTwice) {
  EXPECT_EQ(DisplayWidth(""), 0u);
  EXPECT_EQ(DisplayWidth("abc"), 3u);
  EXPECT_EQ(DisplayWidth("é"), 1u);
  EXPECT_EQ(DisplayWidth("日本"), 4u);
  EXPECT_EQ(DisplayWidth("🎵"), 2u);
}

TEST(Thousands, SeparatesByCommas) {
  EXPECT_EQ(Thousands(0), "0");
  EXPECT_EQ(Thousands(999), "999");
  EXPECT_EQ(Thousands(1000), "1,000");
  EXPECT_EQ(Thousands(105'120'000), "105,120,000");
  EXPECT_EQ(Thousands(UINT64_MAX), "18,446,744,073,709,551,615");
}

TEST(HumanBytes, TakesTheLargestUnitThatFits) {
  EXPECT_EQ(HumanBytes(0), "0 B");
  EXPECT_EQ(HumanBytes(999), "999 B");
  EXPECT_EQ(HumanBytes(1000), "1.0 KB");
  EXPECT_EQ(HumanBytes(1'540'000), "1.5 MB");
  EXPECT_EQ(HumanBytes(2'500'000'000'000'000), "2500.0 TB");
}

}  // namespace
}  // namespace cassette::cli

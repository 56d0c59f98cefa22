#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "base/random.h"
#include "io/mem_file_system.h"
#include "pipeline/byte_stream.h"
#include "pipeline/csv_reader.h"
#include "pipeline/file_list.h"
#include "pipeline/json_lines_reader.h"
#include "pipeline/quality.h"

namespace cassette::pipeline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Gives `bytes` in pieces of `piece_bytes`, so that every boundary is met.
class TextStream final : public ByteStream {
 public:
  TextStream(std::string bytes, size_t piece_bytes) : bytes_(std::move(bytes)), piece_bytes_(piece_bytes) {}
  base::Result<size_t> Read(std::span<char> target) override {
    const size_t count = std::min({target.size(), piece_bytes_, bytes_.size() - at_});
    bytes_.copy(target.data(), count, at_);
    at_ += count;
    return count;
  }
  uint64_t consumed_bytes() const override { return at_; }

 private:
  const std::string bytes_;
  const size_t piece_bytes_;
  size_t at_ = 0;
};

// "line:a|b|c" or "line:column!reason" for each record.
std::vector<std::string> ReadCsv(const std::string& text, size_t piece_bytes = 1 << 20) {
  base::Result<std::unique_ptr<CsvReader>> reader =
      CsvReader::Open(std::make_unique<TextStream>(text, piece_bytes), "f.csv");
  if (!reader.ok()) return {std::string(reader.status().message())};
  std::vector<std::string> out;
  Record record;
  while (*(*reader)->Next(&record)) {
    if (record.error.empty()) {
      out.push_back(fmt::format("{}:{}", record.line, fmt::join(record.fields, "|")));
    } else {
      out.push_back(fmt::format("{}:{}!{}", record.line, record.error_column, record.error));
    }
  }
  return out;
}

TEST(CsvReader, ReadsQuotesCommasAndLineBreaksWithin) {
  EXPECT_THAT(ReadCsv("a,b\n1,\"x, \"\"y\"\"\"\n\"two\nlines\",3\n4,\n"),
              ElementsAre("2:1|x, \"y\"", "3:two\nlines|3", "5:4|"));
}

TEST(CsvReader, TakesLfCrlfCrAndNoLineEndAtTheEnd) {
  for (const char* end : {"\n", "\r\n", "\r"}) {
    const std::string e = end;
    for (const size_t piece : {1, 2, 3, 7, 1000}) {
      EXPECT_THAT(ReadCsv("a,b" + e + "1,2" + e + e + "3,4", piece), ElementsAre("2:1|2", "4:3|4")) << piece;
    }
  }
}

TEST(CsvReader, SkipsTheByteOrderMark) {
  base::Result<std::unique_ptr<CsvReader>> reader = CsvReader::Open(std::make_unique<TextStream>("\xef\xbb\xbf"
                                                                                                 "a,b\n1,2\n",
                                                                                                 1),
                                                                    "f.csv");
  ASSERT_TRUE(reader.ok());
  EXPECT_THAT((*reader)->header(), ElementsAre("a", "b"));
}

TEST(CsvReader, AStrayQuoteCostsOneLine) {
  EXPECT_THAT(ReadCsv("a,b\n1,2\nx\"y,3\n4,5\n"),
              ElementsAre("2:1|2", "3:2!a quote is opened and never closed", "4:4|5"));
  EXPECT_THAT(ReadCsv("a,b\nx\"y\",3\n4,5\n"),
              ElementsAre("2:2!a quote within a field that does not begin with one", "3:4|5"));
  EXPECT_THAT(ReadCsv("a,b\n\"1,2\n3,4\n5,6\n"),
              ElementsAre("2:1!a quote is opened and never closed", "3:3|4", "4:5|6"));
  EXPECT_THAT(ReadCsv("a,b\n\"1\"x,2\n3,4\n"), ElementsAre("2:4!text after the closing quote", "3:3|4"));
}

TEST(CsvReader, RefusesAHeaderThatNamesAColumnTwice) {
  EXPECT_THAT(ReadCsv("a,b,a\n1,2,3\n"), ElementsAre("f.csv:1:5: the header names column 'a' twice"));
}

TEST(CsvReader, EmptyAndHeaderOnly) {
  EXPECT_TRUE((*CsvReader::Open(std::make_unique<TextStream>("", 10), "f.csv"))->is_empty());
  EXPECT_THAT(ReadCsv("a,b\n"), ElementsAre());
  EXPECT_THAT(ReadCsv("a,b"), ElementsAre());
}

TEST(CsvReader, ALineOfAHundredMegabytesIsOneReject) {
  std::string text = "a,b\n1,2\n";
  text.append(100 << 20, 'x');
  text += "\n3,4\n";
  EXPECT_THAT(ReadCsv(text), ElementsAre("2:1|2", "3:1!record of more than 4194304 bytes", "4:3|4"));
}

TEST(CsvReader, ARecordOfExactlyTheBoundIsRead) {
  const std::string field(kMaxRecordBytes - 2, 'x');
  EXPECT_THAT(ReadCsv("a,b\n" + field + ",1\n2,3\n"), ElementsAre("2:" + field + "|1", "3:2|3"));
  EXPECT_THAT(ReadCsv("a,b\n" + field + ",12\n2,3\n"), ElementsAre(HasSubstr("2:1!record of more"), "3:2|3"));
}

TEST(CsvReader, AQuoteIsRememberedHoweverFarItsFieldEnds) {
  for (const size_t size : {1, 61, 64, 65, 200, 70'000, 300'000}) {
    const std::string field(size, 'x');
    EXPECT_THAT(ReadCsv("a,b\n\"" + field + ",\",1\n2," + field + "\n\"\"\"" + field + "\",\"" + field + "\""),
                ElementsAre("2:" + field + ",|1", "3:2|" + field, "4:\"" + field + "|" + field))
        << size;
  }
}

TEST(CsvReader, PiecesDoNotMatter) {
  base::Random random(11);
  for (int round = 0; round < 300; ++round) {
    std::string text = "a,b\n";
    for (int i = 0; i < 200; ++i) text += ",\"\n\rxy"[random.Below(7)];
    const std::vector<std::string> whole = ReadCsv(text);
    EXPECT_EQ(whole, ReadCsv(text, 1)) << text;
    EXPECT_EQ(whole, ReadCsv(text, 1 + random.Below(80))) << text;
  }
}

TEST(JsonLines, GivesFieldsByName) {
  JsonLinesReader reader(
      std::make_unique<TextStream>("{\"b\": 2.5, \"a\": \"x\"}\n\n{\"a\": null}\n[1]\n{\"c\":1}\n{", 3), {"a", "b"});
  Record record;
  ASSERT_TRUE(*reader.Next(&record));
  EXPECT_THAT(record.fields, ElementsAre("x", "2.5"));
  ASSERT_TRUE(*reader.Next(&record));
  EXPECT_EQ(record.line, 3u);
  EXPECT_THAT(record.fields, ElementsAre("", ""));
  ASSERT_TRUE(*reader.Next(&record));
  EXPECT_THAT(record.error, HasSubstr("found array"));
  ASSERT_TRUE(*reader.Next(&record));
  EXPECT_THAT(record.error, HasSubstr("unknown member 'c'"));
  ASSERT_TRUE(*reader.Next(&record));
  EXPECT_THAT(record.error, HasSubstr("no JSON"));
  EXPECT_FALSE(*reader.Next(&record));
}

// What JsonLinesReader makes of one line: its fields, or why it is refused.
std::vector<std::string> ReadJson(const std::string& line) {
  JsonLinesReader reader(std::make_unique<TextStream>(line, 1000), {"a", "b"});
  Record record;
  if (!*reader.Next(&record)) return {"no record"};
  if (!record.error.empty()) return {record.error};
  return {record.fields.begin(), record.fields.end()};
}

TEST(JsonLines, NumbersKeepTheirText) {
  EXPECT_THAT(ReadJson(R"({"a": 1.54112E+12, "b": 1541120000000})"), ElementsAre("1.54112E+12", "1541120000000"));
  EXPECT_THAT(ReadJson(R"({"a": 0.12345678901234567890, "b": 2.50})"), ElementsAre("0.12345678901234567890", "2.50"));
  EXPECT_THAT(ReadJson(R"({"a": -9223372036854775808, "b": 18446744073709551615})"),
              ElementsAre("-9223372036854775808", "18446744073709551615"));
  EXPECT_THAT(ReadJson(R"({"a": 123456789012345678901234567890, "b": true})"),
              ElementsAre("123456789012345678901234567890", "true"));
}

TEST(JsonLines, RefusesWhatIsNoObjectOfSingleValues) {
  EXPECT_THAT(ReadJson("7.5"), ElementsAre("expected a JSON object, found number"));
  EXPECT_THAT(ReadJson("null"), ElementsAre("expected a JSON object, found null"));
  EXPECT_THAT(ReadJson(R"([{"a": 1}])"), ElementsAre("expected a JSON object, found array"));
  EXPECT_THAT(ReadJson(R"({"a": {"c": [1]}, "b": 2})"),
              ElementsAre("member 'a': expected a single value, found object"));
  EXPECT_THAT(ReadJson(R"({"b": [1]})"), ElementsAre("member 'b': expected a single value, found array"));
  EXPECT_THAT(ReadJson(R"({"c": {"a": 1}, "a": 1})"), ElementsAre("unknown member 'c'"));
  EXPECT_THAT(ReadJson(R"({"a": 1} x)"), ElementsAre("expected a JSON object, found text that is no JSON"));
  EXPECT_THAT(ReadJson(R"({"c": 1, "a")"), ElementsAre("expected a JSON object, found text that is no JSON"));
  EXPECT_THAT(ReadJson(R"({"a": 1, "a": "x"})"), ElementsAre("x", ""));
}

std::string Gzip(const std::string& text) {
  z_stream state = {};
  deflateInit2(&state, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string packed(deflateBound(&state, text.size()), '\0');
  state.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  state.avail_in = static_cast<uInt>(text.size());
  state.next_out = reinterpret_cast<Bytef*>(packed.data());
  state.avail_out = static_cast<uInt>(packed.size());
  deflate(&state, Z_FINISH);
  packed.resize(packed.size() - state.avail_out);
  deflateEnd(&state);
  return packed;
}

base::Result<std::string> ReadAll(io::FileSystem& file_system, const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(const std::unique_ptr<ByteStream> stream, OpenByteStream(file_system, path));
  std::string text;
  char piece[1000];
  for (;;) {
    CASSETTE_ASSIGN_OR_RETURN(const size_t count, stream->Read(piece));
    if (count == 0) return text;
    text.append(piece, count);
  }
}

TEST(ByteStream, UnpacksGzipOfSeveralMembersAndNoticesAnEarlyEnd) {
  io::MemFileSystem file_system;
  std::string text;
  for (int i = 0; i < 5000; ++i) text += fmt::format("line {}\n", i * 7919);
  const std::string packed = Gzip(text);
  ASSERT_TRUE(io::WriteFileAtomically(file_system, "/two.gz", packed + packed).ok());
  EXPECT_EQ(*ReadAll(file_system, "/two.gz"), text + text);
  ASSERT_TRUE(io::WriteFileAtomically(file_system, "/cut.gz", packed.substr(0, packed.size() / 2)).ok());
  EXPECT_THAT(ReadAll(file_system, "/cut.gz").status().message(), HasSubstr("/cut.gz: gzip data ends early"));
  std::string damaged = packed;
  damaged[packed.size() / 2] ^= 0x55;
  ASSERT_TRUE(io::WriteFileAtomically(file_system, "/bad.gz", damaged).ok());
  EXPECT_FALSE(ReadAll(file_system, "/bad.gz").ok());
  ASSERT_TRUE(io::WriteFileAtomically(file_system, "/tiny", "ab").ok());
  EXPECT_EQ(*ReadAll(file_system, "/tiny"), "ab");
}

TEST(ByteStream, RefusesADirectory) {
  io::MemFileSystem file_system;
  ASSERT_TRUE(file_system.CreateDir("/d").ok());
  EXPECT_THAT(OpenByteStream(file_system, "/d").status().message(), HasSubstr("expected a file, found a directory"));
}

TEST(MatchesPattern, StarsStayWithinAFolderUnlessDoubled) {
  EXPECT_TRUE(MatchesPattern("**/*-events.csv", "2018-11-01-events.csv"));
  EXPECT_TRUE(MatchesPattern("**/*-events.csv", "a/b/2018-11-01-events.csv"));
  EXPECT_FALSE(MatchesPattern("*-events.csv", "a/2018-11-01-events.csv"));
  EXPECT_TRUE(MatchesPattern("a?/*.csv", "ab/c.csv"));
  EXPECT_FALSE(MatchesPattern("*.csv", "c.csv.gz"));
}

TEST(Quality, FindsLostPrecisionWithItsSize) {
  double error = 0;
  EXPECT_TRUE(LostPrecision("1.54112E+12", &error));
  EXPECT_DOUBLE_EQ(error, 5e6);
  EXPECT_FALSE(LostPrecision("1.541120000123E+12", &error));
  EXPECT_FALSE(LostPrecision("1541120000123", &error));
}

TEST(Quality, FindsTextEncodedTwice) {
  EXPECT_TRUE(IsEncodedTwice("Caf\xc3\x83\xc2\xa9"));
  EXPECT_FALSE(IsEncodedTwice("Caf\xc3\xa9"));
  EXPECT_FALSE(IsEncodedTwice("plain"));
  EXPECT_FALSE(IsEncodedTwice("\xe6\x97\xa5"));
}

TEST(Quality, FindsBlanksAndRoundedIntegers) {
  EXPECT_TRUE(HasBlanksAround(" x"));
  EXPECT_TRUE(HasBlanksAround("x\xc2\xa0"));
  EXPECT_FALSE(HasBlanksAround("a b"));
  EXPECT_TRUE(IsRoundedAsDouble("9007199254740993", 9007199254740993.0));
  EXPECT_FALSE(IsRoundedAsDouble("9007199254740994", 9007199254740994.0));
  EXPECT_FALSE(IsRoundedAsDouble("5", 5));
}

}  // namespace
}  // namespace cassette::pipeline

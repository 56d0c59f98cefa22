#include "cql/parser/parser.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace cassette::cql::parser {
namespace {

using ::testing::HasSubstr;

std::vector<std::string> LinesOf(const std::string& path) {
  std::ifstream file(path);
  EXPECT_TRUE(file.is_open()) << path;
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

Statement Parsed(std::string_view text) {
  auto result = ParseStatement(text);
  EXPECT_TRUE(result.ok()) << text << "\n" << result.status().ToString();
  return result.ok() ? std::move(result).value() : Statement{UseStatement{}, {}};
}

std::string ErrorOf(std::string_view text) {
  const auto result = ParseStatement(text);
  EXPECT_FALSE(result.ok()) << text;
  if (result.ok()) return "";
  EXPECT_EQ(result.status().code(), base::Code::kSyntaxError);
  return std::string(result.status().message());
}

TEST(Parser, AcceptsWhatCassandraAccepts) {
  const auto lines = LinesOf("testdata/accepted.cql");
  EXPECT_GT(lines.size(), 2000u);
  for (const std::string& line : lines) {
    const auto result = ParseStatement(line);
    EXPECT_TRUE(result.ok()) << line << "\n" << result.status().message();
  }
}

TEST(Parser, RefusesWhatCassandraRefuses) {
  const auto lines = LinesOf("testdata/refused.cql");
  EXPECT_GT(lines.size(), 1000u);
  for (const std::string& line : lines) EXPECT_THAT(ErrorOf(line), HasSubstr("line 1:"));
}

TEST(Parser, AcceptsALittleMoreThanCassandra) {
  Parsed("SELECT * FROM t -- a comment may end the text");
  Parsed("SELECT * FROM t // so may this");
  Parsed("CREATE SCHEMA ks WITH replication = {'class': 'SimpleStrategy'}");  // As its documentation says.
  Parsed("INSERT INTO t (a) VALUES (-nano())");
  Parsed("DESCRIBE tables.t");
}

TEST(Parser, SelectHasAllItsParts) {
  const Statement statement = Parsed(
      "SELECT DISTINCT a, \"B\" AS c, count(*), ks.f(a, 1) FROM ks.t WHERE k = ? AND c IN (1, 2) AND (d, e) > (3, 4) "
      "AND "
      "token(k) <= :end GROUP BY k ORDER BY d DESC, e PER PARTITION LIMIT 2 LIMIT ? ALLOW FILTERING;");
  const SelectStatement* select = statement.As<SelectStatement>();
  ASSERT_NE(select, nullptr);
  EXPECT_TRUE(select->distinct);
  EXPECT_FALSE(select->json);
  EXPECT_EQ(select->table.keyspace->name, "ks");
  EXPECT_EQ(select->table.name.name, "t");
  ASSERT_EQ(select->selectors.size(), 4u);
  EXPECT_EQ(select->selectors[1].expression.As<ColumnReference>()->column.name, "B");
  EXPECT_EQ(select->selectors[1].alias->name, "c");
  EXPECT_TRUE(select->selectors[2].expression.Is<CountRows>());
  EXPECT_EQ(select->selectors[3].expression.As<FunctionCall>()->arguments.size(), 2u);
  ASSERT_EQ(select->where.size(), 4u);
  EXPECT_EQ(select->where[0].op, Operator::kEqual);
  EXPECT_TRUE(select->where[1].in_list);
  EXPECT_EQ(select->where[1].values.size(), 2u);
  EXPECT_EQ(select->where[2].target, Relation::Target::kTuple);
  EXPECT_EQ(select->where[2].columns.size(), 2u);
  EXPECT_EQ(select->where[3].target, Relation::Target::kToken);
  EXPECT_EQ(select->group_by.size(), 1u);
  ASSERT_EQ(select->order_by.size(), 2u);
  EXPECT_TRUE(select->order_by[0].descending);
  EXPECT_FALSE(select->order_by[1].descending);
  EXPECT_EQ(select->per_partition_limit->As<Literal>()->text, "2");
  EXPECT_EQ(select->limit->As<BindMarker>()->index, 2);
  EXPECT_TRUE(select->allow_filtering);
  ASSERT_EQ(statement.markers.size(), 3u);
  EXPECT_FALSE(statement.markers[0].name.has_value());
  EXPECT_EQ(statement.markers[1].name->name, "end");
}

TEST(Parser, InMayHaveAListOrAMarker) {
  const Statement statement = Parsed("SELECT * FROM t WHERE a IN ? AND b IN () AND (c, d) IN ((1, 2)) AND (e, f) IN ?");
  const auto& where = statement.As<SelectStatement>()->where;
  EXPECT_FALSE(where[0].in_list);
  EXPECT_TRUE(where[0].values[0].Is<BindMarker>());
  EXPECT_TRUE(where[1].in_list);
  EXPECT_TRUE(where[1].values.empty());
  EXPECT_TRUE(where[2].in_list);
  EXPECT_TRUE(where[2].values[0].Is<TupleLiteral>());
  EXPECT_FALSE(where[3].in_list);
}

TEST(Parser, InsertKeepsLiteralsAsWritten) {
  const Statement statement = Parsed(
      "INSERT INTO t (a, b, c, d, e, f, g, h) VALUES (-12, 1.50, 'it''s', 0xAb, TRUE, null, 1h30m, -Infinity) "
      "IF NOT EXISTS USING TTL 10 AND TIMESTAMP 5");
  const InsertStatement* insert = statement.As<InsertStatement>();
  ASSERT_NE(insert, nullptr);
  const std::pair<Literal::Kind, std::string> expected[] = {
      {Literal::Kind::kInteger, "-12"},    {Literal::Kind::kFloat, "1.50"},     {Literal::Kind::kString, "it's"},
      {Literal::Kind::kBlob, "0xAb"},      {Literal::Kind::kBoolean, "true"},   {Literal::Kind::kNull, ""},
      {Literal::Kind::kDuration, "1h30m"}, {Literal::Kind::kFloat, "-Infinity"}};
  ASSERT_EQ(insert->values.size(), std::size(expected));
  for (size_t i = 0; i < std::size(expected); ++i) {
    EXPECT_EQ(insert->values[i].As<Literal>()->kind, expected[i].first);
    EXPECT_EQ(insert->values[i].As<Literal>()->text, expected[i].second);
  }
  EXPECT_TRUE(insert->if_not_exists);
  EXPECT_EQ(insert->using_clause.timestamp->As<Literal>()->text, "5");
  EXPECT_EQ(insert->using_clause.time_to_live->As<Literal>()->text, "10");
}

TEST(Parser, UpdateKnowsEachKindOfAssignment) {
  const Statement statement = Parsed(
      "UPDATE t USING TIMESTAMP ? SET a = 1, b = b + 2, c = c - 3, d = d -4, e = [1] + e, f[1] = 2, g.h = 3, i += 4, "
      "j -= 5 WHERE k = 1 IF a = 2 AND b[1] IN (1, 2) AND c.d > 3");
  const UpdateStatement* update = statement.As<UpdateStatement>();
  ASSERT_NE(update, nullptr);
  using Kind = Assignment::Kind;
  const Kind kinds[] = {Kind::kSet,        Kind::kAdd,      Kind::kSubtract, Kind::kAdd,     Kind::kPrepend,
                        Kind::kSetElement, Kind::kSetField, Kind::kAdd,      Kind::kSubtract};
  ASSERT_EQ(update->assignments.size(), std::size(kinds));
  for (size_t i = 0; i < std::size(kinds); ++i) EXPECT_EQ(update->assignments[i].kind, kinds[i]) << i;
  EXPECT_EQ(update->assignments[3].value.As<Literal>()->text, "-4");
  ASSERT_EQ(update->conditions.size(), 3u);
  EXPECT_TRUE(update->conditions[1].key.has_value());
  EXPECT_EQ(update->conditions[2].field->name, "d");
}

TEST(Parser, ABatchHoldsItsStatements) {
  const Statement statement = Parsed(
      "BEGIN UNLOGGED BATCH USING TIMESTAMP 7 INSERT INTO t (a) VALUES (?); UPDATE t SET a = 1 WHERE k = ? IF EXISTS "
      "DELETE a, b[1] FROM t USING TIMESTAMP 1 WHERE k = 1; APPLY BATCH");
  const BatchStatement* batch = statement.As<BatchStatement>();
  ASSERT_NE(batch, nullptr);
  EXPECT_EQ(batch->kind, BatchStatement::Kind::kUnlogged);
  ASSERT_EQ(batch->statements.size(), 3u);
  EXPECT_TRUE(std::get<UpdateStatement>(batch->statements[1]).if_exists);
  EXPECT_EQ(std::get<DeleteStatement>(batch->statements[2]).deletions.size(), 2u);
  EXPECT_EQ(statement.markers.size(), 2u);
}

TEST(Parser, CreateTableKeepsKeysAndOptionsApart) {
  const Statement statement = Parsed(
      "CREATE TABLE IF NOT EXISTS metrics_by_resource_week (resource text, year int, \"Week\" int, s text STATIC, "
      "collected_at timestamp, v frozen<map<text, list<int>>>, PRIMARY KEY ((resource, year), \"Week\", collected_at)) "
      "WITH "
      "CLUSTERING ORDER BY (\"Week\" ASC, collected_at DESC) AND comment = 'x' AND compaction = {'class': 'C', 'n': "
      "4}");
  const CreateTableStatement* create = statement.As<CreateTableStatement>();
  ASSERT_NE(create, nullptr);
  EXPECT_TRUE(create->if_not_exists);
  ASSERT_EQ(create->columns.size(), 6u);
  EXPECT_TRUE(create->columns[3].is_static);
  EXPECT_EQ(ToString(create->columns[5].type), "frozen<map<text, list<int>>>");
  ASSERT_EQ(create->primary_keys.size(), 1u);
  EXPECT_EQ(create->primary_keys[0].partition_key.size(), 2u);
  EXPECT_EQ(create->primary_keys[0].clustering[0].name, "Week");
  ASSERT_EQ(create->options.clustering_order.size(), 2u);
  EXPECT_TRUE(create->options.clustering_order[1].descending);
  ASSERT_EQ(create->options.properties.size(), 2u);
  EXPECT_EQ(create->options.properties[0].value.text, "x");
  ASSERT_TRUE(create->options.properties[1].value.is_map);
  EXPECT_EQ(create->options.properties[1].value.map[1], (std::pair<std::string, std::string>("n", "4")));
}

TEST(Parser, NamesAreLowerCaseUnlessQuoted) {
  const Statement statement = Parsed("SELECT Foo, \"Foo\", \"a\"\"b\", TTL FROM \"Ks\".Tables");
  const SelectStatement* select = statement.As<SelectStatement>();
  EXPECT_EQ(select->selectors[0].expression.As<ColumnReference>()->column.name, "foo");
  EXPECT_EQ(select->selectors[1].expression.As<ColumnReference>()->column.name, "Foo");
  EXPECT_EQ(select->selectors[2].expression.As<ColumnReference>()->column.name, "a\"b");
  EXPECT_EQ(select->selectors[3].expression.As<ColumnReference>()->column.name, "ttl");
  EXPECT_EQ(select->table.keyspace->name, "Ks");
  EXPECT_EQ(select->table.name.name, "tables");
}

TEST(Parser, JsonAndDistinctAreColumnsWhereNothingFollows) {
  EXPECT_TRUE(Parsed("SELECT JSON a FROM t").As<SelectStatement>()->json);
  EXPECT_TRUE(Parsed("SELECT JSON DISTINCT a FROM t").As<SelectStatement>()->distinct);
  EXPECT_FALSE(Parsed("SELECT json FROM t").As<SelectStatement>()->json);
  EXPECT_FALSE(Parsed("SELECT json AS j FROM t").As<SelectStatement>()->json);
  EXPECT_FALSE(Parsed("SELECT distinct, a FROM t").As<SelectStatement>()->distinct);
}

TEST(Parser, ExplainIsOurOwn) {
  EXPECT_EQ(Parsed("EXPLAIN SELECT * FROM t WHERE k = ?").As<ExplainStatement>()->select.where.size(), 1u);
  EXPECT_THAT(ErrorOf("EXPLAIN INSERT INTO t (a) VALUES (1)"), HasSubstr("line 1:1: found 'EXPLAIN'"));
}

TEST(Parser, EveryStatementHasANameAndAPlace) {
  const Statement statement = Parsed("  DROP MATERIALIZED VIEW IF EXISTS ks.v");
  EXPECT_EQ(StatementName(statement.node), "DROP MATERIALIZED VIEW");
  EXPECT_EQ(PositionOf(statement.node).offset, 2u);
}

TEST(ParserError, NamesPlaceFindingAndExpectation) {
  EXPECT_EQ(ErrorOf("SELECT a b FROM t"),
            "line 1:10: found 'b', expected '.', '[', an operator, AS, ',' or FROM\n"
            "  SELECT a b FROM t\n"
            "           ^");
  EXPECT_EQ(ErrorOf("SELECT *\n  FROM t\n  WERE k = 1"),
            "line 3:3: found 'WERE', expected WHERE, GROUP, ORDER, PER, LIMIT, ALLOW, ';' or the end of the statement\n"
            "    WERE k = 1\n"
            "    ^");
}

TEST(ParserError, HintsAtWhatWasMeant) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"CREATE TABLE t (order int PRIMARY KEY)", "ORDER is a reserved word"},
      {"SELECT * FROM t WHERE a = \"x\"", "text stands in single quotes"},
      {"INSERT INTO t (a) VALUES (hello)", "text stands in single quotes"},
      {"SELECT 'a' AS 'b' FROM t", "names stand in double quotes"},
      {"SELECT a -1 FROM t", "put a blank between"},
      {"INSERT INTO t (a) VALUES ('abc", "no closing quote"},
      {"SELECT /* a FROM t", "'*/' is missing"},
      {"SELECT _a FROM t", "begins with a letter"},
      {"UPDATE t SET a = 1, a = 2 WHERE k = 1", "column a is set twice"},
      {"UPDATE t SET a = b + 1 WHERE k = 1", "only a = a + value"},
      {"CREATE KEYSPACE k WITH a = 1 AND a = 2", "property a is given twice"},
      {"CREATE KEYSPACE k WITH a = {'b': 1, 'b': 2}", "'b' is given twice"},
      {"SELECT * FROM ?", "a bind marker cannot stand for a table name"},
      {"", "found the end of the statement, expected a statement"},
  };
  for (const auto& [text, hint] : cases) EXPECT_THAT(ErrorOf(text), HasSubstr(hint)) << text;
}

TEST(ParserError, CountsCharactersNotBytes) {
  EXPECT_EQ(ErrorOf("SELECT '\xC3\xA4\xE2\x82\xAC' b FROM t"),
            "line 1:13: found 'b', expected '.', '[', an operator, AS, ',' or FROM\n"
            "  SELECT '\xC3\xA4\xE2\x82\xAC' b FROM t\n"
            "              ^");
}

TEST(ParserError, CutsLongLines) {
  const std::string message =
      ErrorOf("SELECT " + std::string(10'000, 'a') + " FROM t WHERE + " + std::string(10'000, 'b'));
  EXPECT_LT(message.size(), 400u);
  EXPECT_THAT(message, HasSubstr("line 1:10022"));
}

std::string Nested(size_t depth) {
  return "INSERT INTO t (a) VALUES (" + std::string(depth, '[') + "1" + std::string(depth, ']') + ")";
}

TEST(ParserBound, NestingHasADepth) {
  Parsed(Nested(kNestingDepthMax - 1));
  EXPECT_THAT(ErrorOf(Nested(kNestingDepthMax)), HasSubstr("nested more than 250 levels deep"));
  EXPECT_THAT(ErrorOf(Nested(1'000'000)), HasSubstr("nested more than"));
}

TEST(ParserBound, ChainsOfOperatorsAreDeepTreesToo) {
  const auto chain = [](std::string_view part, size_t count) {
    std::string text = "SELECT a";
    for (size_t i = 0; i < count; ++i) text += part;
    return text + " FROM t";
  };
  Parsed(chain(" + a", kNestingDepthMax - 1));
  for (std::string_view part : {" + a", " * a", " - (a + a)", ".f", "[1]"}) {
    EXPECT_THAT(ErrorOf(chain(part, 100'000)), HasSubstr("nested more than")) << part;
  }
}

TEST(ParserBound, NothingRecursesWithoutADepth) {
  const auto repeat = [](std::string_view part) {
    std::string text;
    for (int i = 0; i < 100'000; ++i) text += part;
    return text;
  };
  for (const std::string& text :
       {"SELECT " + repeat("- ") + "a FROM t", "SELECT " + repeat("(int) ") + "a FROM t",
        "SELECT " + repeat("f(") + "a FROM t", "SELECT " + repeat("(") + "a FROM t",
        "SELECT " + repeat("{") + "a FROM t", "SELECT * FROM t WHERE " + repeat("(") + "a = 1",
        "CREATE TABLE t (a " + repeat("list<") + "int", "SELECT " + repeat("CAST(") + "a FROM t",
        "INSERT INTO t (a) VALUES (" + repeat("(int)") + "1)"}) {
    EXPECT_THAT(ErrorOf(text), HasSubstr("nested more than")) << text.substr(0, 40);
  }
}

TEST(ParserBound, AStatementHasSoManyMarkers) {
  const auto markers = [](size_t count) {
    std::string text = "SELECT * FROM t WHERE a IN (?";
    for (size_t i = 1; i < count; ++i) text += ",?";
    return text + ")";
  };
  EXPECT_EQ(Parsed(markers(kBindMarkersMax)).markers.size(), kBindMarkersMax);
  EXPECT_THAT(ErrorOf(markers(kBindMarkersMax + 1)), HasSubstr("at most 65535 bind markers"));
}

TEST(ParserBound, AStatementHasSoManyBytes) {
  const std::string head = "INSERT INTO t (a) VALUES ('";
  Parsed(head + std::string(kStatementBytesMax - head.size() - 2, 'x') + "')");
  EXPECT_THAT(ErrorOf(head + std::string(kStatementBytesMax - head.size() - 1, 'x') + "')"), HasSubstr("at most"));
}

// Expressions printed and parsed again print the same.
TEST(Print, ExpressionsSurviveARoundTrip) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"a+b*c-d/e%f", "a + b * c - d / e % f"},
      {"(a + b) * 2", "(a + b) * 2"},
      {"- - a", "- - a"},
      {"-(a+b)", "- (a + b)"},
      {"a - - b", "a - - b"},
      {"count( * )", "COUNT(*)"},
      {"Writetime(a.b)", "writetime(a.b)"},
      {"ttl(a[1..2])", "ttl(a[1 .. 2])"},
      {"a[..2]", "a[.. 2]"},
      {"a[1 ..]", "a[1 ..]"},
      {"(list<int>)[1,2]", "(list<int>) [1, 2]"},
      {"cast(a as text)", "CAST(a AS text)"},
      {"\"A\"", "\"A\""},
      {"\"order\"", "\"order\""},
      {"{1:'a''b', 2:?}", "{1: 'a''b', 2: ?}"},
      {"{a, :Name}", "{a, :name}"},
      {"token(a, b)", "token(a, b)"},
      {"$$it's$$", "'it''s'"},
      {"Ks.\"F\"(NULL, nan)", "ks.\"F\"(null, NaN)"},
  };
  for (const auto& [text, printed] : cases) {
    const Statement statement = Parsed("SELECT " + std::string(text) + " FROM t");
    ASSERT_EQ(statement.As<SelectStatement>()->selectors.size(), 1u) << text;
    EXPECT_EQ(ToString(statement.As<SelectStatement>()->selectors[0].expression), printed);
    const Statement again = Parsed("SELECT " + std::string(printed) + " FROM t");
    EXPECT_EQ(ToString(again.As<SelectStatement>()->selectors[0].expression), printed);
  }
}

TEST(Print, TypesAreWrittenAsCassandraWritesThem) {
  const Statement statement =
      Parsed("CREATE TABLE t (a MAP<Text,Frozen<set<INT>>>, b tuple<int,ks.\"U\">, c vector<float,3>, d 'x.Y')");
  const auto& columns = statement.As<CreateTableStatement>()->columns;
  EXPECT_EQ(ToString(columns[0].type), "map<text, frozen<set<int>>>");
  EXPECT_EQ(ToString(columns[1].type), "tuple<int, ks.\"U\">");
  EXPECT_EQ(ToString(columns[2].type), "vector<float, 3>");
  EXPECT_EQ(ToString(columns[3].type), "'x.Y'");
}

// Whatever one does to a right statement, the parser answers, and an error's place is in the text.
TEST(ParserRandom, SurvivesMutations) {
  const uint64_t seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937_64 random(seed);
  const auto lines = LinesOf("testdata/accepted.cql");
  for (int i = 0; i < 20'000; ++i) {
    std::string text = lines[random() % lines.size()];
    for (uint64_t edits = 1 + random() % 3; edits > 0 && !text.empty(); --edits) {
      const size_t place = random() % text.size();
      switch (random() % 4) {
        case 0:
          text.erase(place, 1 + random() % 5);
          break;
        case 1:
          text[place] = static_cast<char>(random() % 256);
          break;
        case 2:
          text.insert(place, 1, "()[]{}'\"?:;,.-+*/ <>=$"[random() % 22]);
          break;
        default:
          text.insert(place, text.substr(random() % text.size(), random() % 20));
          break;
      }
    }
    const auto result = ParseStatement(text);
    if (!result.ok()) {
      EXPECT_EQ(result.status().code(), base::Code::kSyntaxError);
      EXPECT_THAT(std::string(result.status().message()), HasSubstr("line "));
    }
  }
}

}  // namespace
}  // namespace cassette::cql::parser

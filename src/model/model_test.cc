#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "cql/parser/keyword.h"
#include "model/answer.h"
#include "model/chebotko.h"
#include "model/derive.h"
#include "model/model.h"
#include "types/calendar.h"

namespace cassette::model {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::string ReadShipped(const std::string& name) {
  std::ifstream file("../../models/" + name);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Model Parse(const std::string& yaml) {
  base::Result<Model> model = ParseModel(yaml, "m.yaml");
  EXPECT_TRUE(model.ok()) << model.status().ToString();
  return std::move(model).value();
}

std::vector<std::string> TablesOf(const Model& model) {
  base::Result<std::vector<DerivedTable>> tables = DeriveTables(model);
  EXPECT_TRUE(tables.ok()) << tables.status().ToString();
  std::vector<std::string> cql;
  for (const DerivedTable& table : *tables) cql.push_back(CreateTableCql(table));
  return cql;
}

TEST(Derive, MusicGivesTheThreeClassicTables) {
  EXPECT_THAT(
      TablesOf(Parse(ReadShipped("music.yaml"))),
      ElementsAre("CREATE TABLE songs_by_session (session_id int, item_in_session int, artist text, song_title text, "
                  "length double,\n  PRIMARY KEY (session_id, item_in_session));",
                  "CREATE TABLE songs_by_user_session (user_id int, session_id int, item_in_session int, artist text, "
                  "song_title text, first_name text, last_name text,\n"
                  "  PRIMARY KEY ((user_id, session_id), item_in_session));",
                  "CREATE TABLE users_by_song (song_title text, user_id int, first_name text, last_name text, "
                  "PRIMARY KEY (song_title, user_id));"));
}

TEST(Derive, NetworkGivesTheTwoClassicTables) {
  EXPECT_THAT(
      TablesOf(Parse(ReadShipped("network.yaml"))),
      ElementsAre("CREATE TABLE metrics_by_resource_week (resource text, year int, week_of_year int, metric_name text, "
                  "collected_at timestamp, value double,\n"
                  "  PRIMARY KEY ((resource, year, week_of_year), metric_name, collected_at)) "
                  "WITH CLUSTERING ORDER BY (metric_name ASC, collected_at DESC);",
                  "CREATE TABLE metrics_by_resource_list (resource text, metric_name text, "
                  "PRIMARY KEY (resource, metric_name));"));
}

constexpr char kHead[] =
    "keyspace: k\nsource:\n  files: '*.csv'\n  columns:\n    a: {type: int}\n    b: {}\n    t: {type: timestamp}\n";

std::string ErrorOf(const std::string& yaml) {
  const base::Result<Model> model = ParseModel(yaml, "m.yaml");
  if (!model.ok()) return std::string(model.status().message());
  return std::string(DeriveTables(*model).status().message());
}

TEST(ParseModel, MistakesNameThePlaceTheKeyAndTheAllowedOnes) {
  EXPECT_THAT(ErrorOf("keyspce: k\n"), AllOf(HasSubstr("m.yaml:1:1"), HasSubstr("'keyspce'"), HasSubstr("keyspace, ")));
  EXPECT_THAT(ErrorOf("source: {}\n"), HasSubstr("'keyspace' is missing"));
  EXPECT_THAT(ErrorOf("keyspace: k\nsource:\n  files: '*'\n  colums: {}\n"),
              AllOf(HasSubstr("m.yaml:4:3"), HasSubstr("'colums'"), HasSubstr("columns")));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "queries:\n  q: {find: [x], by: {a: equals}}\n"),
              AllOf(HasSubstr("m.yaml:9:"), HasSubstr("'x'"), HasSubstr("a, b, t")));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "queries:\n  q: {find: [b], by: {a: near}}\n"),
              HasSubstr("allowed: equals, range"));
  EXPECT_THAT(ErrorOf("keyspace: [\n"), HasSubstr("m.yaml:"));
  EXPECT_THAT(ErrorOf("keyspace: k\nsource:\n  files: '*'\n  columns:\n    a: {type: number}\n"),
              AllOf(HasSubstr("m.yaml:5:"), HasSubstr("number")));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "queries:\n  q: {find: [b], by: {t: range}}\n"),
              HasSubstr("at least one column asked by equality"));
  EXPECT_THAT(ErrorOf(std::string(kHead) + "queries:\n  q: {find: [b], by: {a: equals}, bucket: week}\n"),
              HasSubstr("bucket needs a timestamp"));
  EXPECT_THAT(ErrorOf("keyspace: k\nkeyspace: l\n"), HasSubstr("twice"));
  EXPECT_THAT(ErrorOf("just text"), HasSubstr("must be a map"));
  EXPECT_THAT(ErrorOf(""), HasSubstr("must be a map"));
}

TEST(ParseModel, ReadsConditionsAndRules) {
  const Model model = Parse(
      "keyspace: k\nsource:\n  files: '*.csv'\n  columns:\n    a: {type: int, required: true, "
      "minimum: 0}\n    b: {}\n  keep: [b != '', a <= 5]\nqueries:\n  q: {find: [b], by: {a: "
      "equals}}\n");
  ASSERT_EQ(model.source.keep.size(), 2u);
  EXPECT_EQ(model.source.keep[0].op, Condition::Operator::kNotEqual);
  EXPECT_EQ(model.source.keep[0].value, "");
  EXPECT_EQ(model.source.keep[1].op, Condition::Operator::kLessOrEqual);
  EXPECT_TRUE(model.source.columns[0].required);
  EXPECT_EQ(model.source.columns[0].minimum, 0);
}

int64_t Millis(const char* text) { return *types::ParseTimestamp(text); }

TEST(BucketOf, PairsTheIsoWeekWithTheIsoYear) {
  EXPECT_THAT(BucketOf(Bucket::kWeek, Millis("2024-12-30 00:00:00Z")), ElementsAre(2025, 1));
  EXPECT_THAT(BucketOf(Bucket::kWeek, Millis("2027-01-03 23:59:59Z")), ElementsAre(2026, 53));
  EXPECT_THAT(BucketOf(Bucket::kMonth, Millis("2024-02-29 00:00:00Z")), ElementsAre(2024, 2));
  EXPECT_THAT(BucketOf(Bucket::kDay, Millis("1969-12-31 23:00:00Z")), ElementsAre(1969, 12, 31));
}

TEST(NextBucketStart, IsTheFirstMillisecondOfTheNext) {
  EXPECT_EQ(NextBucketStart(Bucket::kWeek, Millis("2024-12-31 10:00:00Z")), Millis("2025-01-06 00:00:00Z"));
  EXPECT_EQ(NextBucketStart(Bucket::kWeek, Millis("2025-01-06 00:00:00Z")), Millis("2025-01-13 00:00:00Z"));
  EXPECT_EQ(NextBucketStart(Bucket::kMonth, Millis("2024-12-31 10:00:00Z")), Millis("2025-01-01 00:00:00Z"));
  EXPECT_EQ(NextBucketStart(Bucket::kDay, Millis("2024-02-28 10:00:00Z")), Millis("2024-02-29 00:00:00Z"));
}

base::Result<AnswerPlan> PlanWeek(const std::vector<std::string>& texts) {
  static const Model model = Parse(ReadShipped("network.yaml"));
  static const std::vector<DerivedTable> tables = *DeriveTables(model);
  std::vector<Argument> arguments;
  for (const std::string& text : texts) arguments.push_back(*ParseArgument(text));
  return PlanAnswer(tables[0], arguments);
}

TEST(PlanAnswer, ReadsOnePartitionAWeekThatTheSpanTouches) {
  const base::Result<AnswerPlan> plan =
      PlanWeek({"resource=r'1", "collected_at>=2025-12-28 23:55:00Z", "collected_at<2025-12-29 00:05:00Z"});
  ASSERT_TRUE(plan.ok()) << plan.status().ToString();
  EXPECT_EQ(plan->partitions, 2u);
  EXPECT_THAT(plan->statements[0], AllOf(HasSubstr("resource = 'r''1' AND year = 2025 AND week_of_year = 52"),
                                         HasSubstr("SELECT metric_name, collected_at, value FROM")));
  EXPECT_THAT(plan->statements[1], HasSubstr("year = 2026 AND week_of_year = 1"));
}

TEST(PlanAnswer, TheEndsOfTheSpanDecide) {
  EXPECT_EQ(PlanWeek({"resource=r", "collected_at>=2025-01-06", "collected_at<2025-01-13"})->partitions, 1u);
  EXPECT_EQ(PlanWeek({"resource=r", "collected_at>=2025-01-06", "collected_at<=2025-01-13"})->partitions, 2u);
  EXPECT_EQ(PlanWeek({"resource=r", "collected_at>2025-01-13", "collected_at<2025-01-06"})->partitions, 0u);
}

TEST(PlanAnswer, FiltersOnlyWhereTheSpanCutsABucket) {
  const base::Result<AnswerPlan> plan =
      PlanWeek({"resource=r", "collected_at>=2025-01-05 12:00:00Z", "collected_at<=2025-01-21"});
  ASSERT_EQ(plan->statements.size(), 4u);
  EXPECT_THAT(plan->statements[0], HasSubstr("ALLOW FILTERING"));
  EXPECT_THAT(plan->statements[1], testing::EndsWith("week_of_year = 2"));
  EXPECT_THAT(plan->statements[2], testing::EndsWith("week_of_year = 3"));
  EXPECT_THAT(plan->statements[3], HasSubstr("ALLOW FILTERING"));
}

// Statements of a table of one question by `by`, whose other keys are `more`.
std::vector<std::string> StatementsOf(const std::string& by, const std::string& more,
                                      const std::vector<std::string>& texts) {
  const Model model = Parse(
      "keyspace: k\nsource:\n  files: '*'\n  columns: {a: {}, t: {type: timestamp}, u: {type: timestamp}, v: {}}\n"
      "queries:\n  q: {find: [v], by: {" +
      by + "}" + more + "}\n");
  const std::vector<DerivedTable> tables = *DeriveTables(model);
  std::vector<Argument> arguments;
  for (const std::string& text : texts) arguments.push_back(*ParseArgument(text));
  const base::Result<AnswerPlan> plan = PlanAnswer(tables[0], arguments);
  EXPECT_TRUE(plan.ok()) << plan.status().ToString();
  return plan.ok() ? plan->statements : std::vector<std::string>();
}

TEST(PlanAnswer, AWholeBucketKeepsTheRangesOfOtherColumns) {
  EXPECT_THAT(StatementsOf("a: equals, t: range, u: range", ", bucket: day",
                           {"a=x", "t>=2025-01-01", "t<2025-01-02 12:00Z", "u>=2025-02-01"}),
              ElementsAre("SELECT t, u, v FROM k.q WHERE a = 'x' AND year = 2025 AND month = 1 AND day = 1 AND "
                          "u >= '2025-02-01T00:00:00.000Z' ALLOW FILTERING",
                          "SELECT t, u, v FROM k.q WHERE a = 'x' AND year = 2025 AND month = 1 AND day = 2 AND "
                          "t >= '2025-01-01T00:00:00.000Z' AND t < '2025-01-02T12:00:00.000Z' AND "
                          "u >= '2025-02-01T00:00:00.000Z' ALLOW FILTERING"));
}

TEST(PlanAnswer, RangesOfTwoClusteringColumnsFilter) {
  using testing::Each;
  using testing::EndsWith;
  using testing::Not;
  const std::string by = "a: equals, t: range, u: range";
  EXPECT_THAT(StatementsOf(by, "", {"a=x", "t>=2025-01-01", "u>=2025-02-01"}), Each(EndsWith(" ALLOW FILTERING")));
  EXPECT_THAT(StatementsOf(by, "", {"a=x", "u>=2025-02-01"}), Each(EndsWith(" ALLOW FILTERING")));
  EXPECT_THAT(StatementsOf(by, "", {"a=x", "t>=2025-01-01", "t<2025-02-01"}), Each(Not(HasSubstr("FILTERING"))));
  // A time that is given as such leaves the next column in order.
  EXPECT_THAT(StatementsOf(by, "", {"a=x", "t=2025-01-01", "u>=2025-02-01"}), Each(Not(HasSubstr("FILTERING"))));
  // `order` decides which column comes first.
  EXPECT_THAT(StatementsOf(by, ", order: u", {"a=x", "u>=2025-02-01"}), Each(Not(HasSubstr("FILTERING"))));
}

TEST(PlanAnswer, SaysWhatIsMissingOrUnknown) {
  EXPECT_THAT(PlanWeek({"collected_at>=2025-01-06", "collected_at<2025-01-13"}).status().message(),
              HasSubstr("'resource' is missing"));
  EXPECT_THAT(PlanWeek({"resource=r"}).status().message(), HasSubstr("both ends"));
  EXPECT_THAT(PlanWeek({"resource=r", "metric=x"}).status().message(), HasSubstr("takes resource=VALUE"));
  EXPECT_THAT(PlanWeek({"resource=r", "collected_at>=yesterday", "collected_at<2025-01-13"}).status().message(),
              HasSubstr("collected_at: "));
  EXPECT_THAT(PlanWeek({"resource=r", "collected_at>=0001-01-01", "collected_at<2025-01-13"}).status().message(),
              HasSubstr("more than 10000 partitions"));
}

TEST(ParseArgument, SplitsAtTheOperator) {
  const base::Result<Argument> argument = ParseArgument("song_title=a>=b");
  ASSERT_TRUE(argument.ok());
  EXPECT_EQ(argument->op, "=");
  EXPECT_EQ(argument->value, "a>=b");
  EXPECT_EQ(ParseArgument("t>=5")->op, ">=");
  EXPECT_FALSE(ParseArgument("nothing").ok());
  EXPECT_FALSE(ParseArgument("=5").ok());
}

TEST(Chebotko, MarksKeysAndEscapesText) {
  const Model model = Parse(ReadShipped("network.yaml"));
  const std::string svg = ChebotkoSvg(model, *DeriveTables(model));
  EXPECT_THAT(svg,
              AllOf(HasSubstr("metrics_by_resource_week"), HasSubstr("C↓"), HasSubstr(">K<"), HasSubstr("</svg>")));
}

TEST(ParseModel, RefusesAKeepWhoseValueIsNotOfTheColumnsType) {
  const base::Result<Model> model = ParseModel(
      "keyspace: k\n"
      "source:\n"
      "  files: '*'\n"
      "  columns: {a: {type: int}}\n"
      "  keep: a > many\n"
      "queries: {q: {find: [a], by: {a: equals}}}\n",
      "m.yaml");
  EXPECT_EQ(model.status().message(), "m.yaml:5:9: keep: 'many' is no int, which column a is");
}

std::string ErrorOfSource(const std::string& source) {
  return ErrorOf("keyspace: k\nsource:\n" + source + "queries: {q: {find: [a], by: {a: equals}}}\n");
}

TEST(ParseModel, RefusesAColumnThatAFormatGivesTwice) {
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns:\n    A: {as: a}\n    B: {as: a}\n"),
            "m.yaml:6:5: source gives column a twice; first at 5:5");
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns: {a: {}}\n  set:\n    a: '{file}'\n"),
            "m.yaml:6:5: source gives column a twice; first at 4:13");
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns: {a: {}}\n  set: {b: x}\n  unpivot: {names: b, values: c}\n"),
            "m.yaml:6:20: source gives column b twice; first at 5:9");
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns: {a: {}, v: {type: double}}\n  unpivot: {names: n, values: v}\n"),
            "m.yaml:5:31: source gives column v twice; first at 4:20");
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns: {a: {}}\n  unpivot: {names: n, values: n}\n"),
            "m.yaml:5:31: source gives column n twice; first at 5:20");
  // Another format may give the same columns: that is what formats are for.
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns: {a: {}}\nformats: {other: {files: '*', columns: {a: {}}}}\n"), "");
}

TEST(ParseModel, RefusesAKeyThatStandsTwiceInAMap) {
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns:\n    a: {}\n    a: {as: b}\n"),
            "m.yaml:6:5: key 'a' stands twice in columns; first at 5:5");
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns: {a: {}}\n  set: {b: x, b: y}\n"),
            "m.yaml:5:15: key 'b' stands twice in set; first at 5:9");
  EXPECT_EQ(ErrorOf(std::string(kHead) + "queries:\n  q: {find: [b], by: {a: equals, a: range}}\n"),
            "m.yaml:9:34: key 'a' stands twice in by; first at 9:23");
}

TEST(ParseModel, RefusesNamesThatCqlReserves) {
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns:\n    order: {type: int}\n"),
            "m.yaml:5:5: column 'order' is a reserved word of CQL; rename it with 'as'");
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns:\n    a: {}\n    b: {as: token}\n"),
            "m.yaml:6:13: as 'token' is a reserved word of CQL; choose another name");
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns: {a: {}}\n  set: {to: x}\n"),
            "m.yaml:5:9: set 'to' is a reserved word of CQL; choose another name");
  EXPECT_EQ(ErrorOf("keyspace: schema\n"),
            "m.yaml:1:11: keyspace 'schema' is a reserved word of CQL; choose another name");
  EXPECT_EQ(ErrorOf(std::string(kHead) + "queries:\n  limit: {find: [b], by: {a: equals}}\n"),
            "m.yaml:9:3: query 'limit' is a reserved word of CQL; choose another name");
  // Renamed, any header will do; and not every keyword is reserved.
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns: {order: {as: a}, timestamp: {}, key: {}, count: {}}\n"), "");
}

// The model has a list of its own, as it may not know the parser; the test may.
TEST(ParseModel, ReservesTheWordsThatTheParserDoes) {
  namespace parser = cql::parser;
#define CASSETTE_EXPECT_RESERVED(enumerator, spelling, word_class)                            \
  EXPECT_EQ(ErrorOf("keyspace: '" spelling "'\n").find("reserved word") != std::string::npos, \
            parser::KeywordClass::word_class == parser::KeywordClass::kReserved)              \
      << (spelling);
  CASSETTE_CQL_KEYWORDS(CASSETTE_EXPECT_RESERVED)
#undef CASSETTE_EXPECT_RESERVED
}

TEST(ParseModel, RefusesLimitsOfWhatIsNoNumber) {
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns:\n    a: {minimum: 0}\n"),
            "m.yaml:5:18: column 'a': minimum is for numbers and times; text is neither");
  EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns:\n    a: {maximum: 0, type: boolean}\n"),
            "m.yaml:5:18: column 'a': maximum is for numbers and times; boolean is neither");
  for (const std::string type : {"ascii", "blob", "uuid", "timeuuid", "inet", "duration", "varchar"}) {
    EXPECT_THAT(ErrorOfSource("  files: '*'\n  columns: {a: {maximum: 0, type: " + type + "}}\n"),
                HasSubstr("maximum is for numbers and times"));
  }
  for (const std::string type : {"tinyint", "smallint", "int", "bigint", "counter", "varint", "float", "double",
                                 "decimal", "timestamp", "date", "time"}) {
    EXPECT_EQ(ErrorOfSource("  files: '*'\n  columns: {a: {minimum: 0, maximum: 1, type: " + type + "}}\n"), "");
  }
}

}  // namespace
}  // namespace cassette::model

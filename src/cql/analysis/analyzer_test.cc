#include "cql/analysis/analyzer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cql/parser/parser.h"

namespace cassette::cql::analysis {
namespace {

using ::testing::HasSubstr;
using types::DataType;
using types::TypeKind;

schema::Table MakeTable() {
  schema::Table table;
  table.keyspace = "ks";
  table.name = "t";
  const auto add = [&table](const char* name, DataType type, schema::ColumnKind kind, uint32_t position,
                            bool descending = false) {
    schema::Column column;
    column.id = schema::ColumnId(table.next_column_id++);
    column.name = name;
    column.type = std::move(type);
    column.kind = kind;
    column.position = position;
    column.descending = descending;
    table.columns.push_back(std::move(column));
  };
  add("a", DataType(TypeKind::kInt), schema::ColumnKind::kPartitionKey, 0);
  add("b", DataType(TypeKind::kText), schema::ColumnKind::kPartitionKey, 1);
  add("c", DataType(TypeKind::kInt), schema::ColumnKind::kClustering, 0);
  add("d", DataType(TypeKind::kTimestamp), schema::ColumnKind::kClustering, 1, true);
  add("s", DataType(TypeKind::kText), schema::ColumnKind::kStatic, 0);
  add("v", DataType(TypeKind::kDouble), schema::ColumnKind::kRegular, 0);
  add("w", DataType::List(DataType(TypeKind::kInt), true), schema::ColumnKind::kRegular, 0);
  table.Finish();
  return table;
}

class AnalyzerTest : public ::testing::Test {
 protected:
  AnalyzerTest() {
    schema::Keyspace keyspace;
    keyspace.name = "ks";
    schema_ = schema_.WithKeyspace(keyspace).WithTable(MakeTable());
  }

  base::Result<Plan> TryAnalyze(std::string_view text) {
    CASSETTE_ASSIGN_OR_RETURN(const parser::Statement statement, parser::ParseStatement(text));
    return Analyze(statement, {schema_, functions_, "ks", text});
  }
  Plan MustAnalyze(std::string_view text) {
    base::Result<Plan> plan = TryAnalyze(text);
    EXPECT_TRUE(plan.ok()) << text << "\n" << plan.status().ToString();
    return plan.ok() ? *std::move(plan) : Plan();
  }
  std::string Failure(std::string_view text) {
    const base::Result<Plan> plan = TryAnalyze(text);
    EXPECT_FALSE(plan.ok()) << text;
    return plan.ok() ? "ok" : plan.status().ToString();
  }
  std::string WhereFailure(const std::string& where) { return Failure("SELECT * FROM t WHERE " + where); }

  schema::Schema schema_;
  functions::FunctionRegistry functions_;
};

TEST_F(AnalyzerTest, TellsPartitionsSlicesAndFiltersApart) {
  const Plan plan = MustAnalyze(
      "SELECT v FROM t WHERE a = 1 AND b IN ('x', 'y') AND c = 2 AND d > '2024-01-01' AND v < 3 ALLOW FILTERING");
  const SelectPlan& select = *plan.As<SelectPlan>();
  ASSERT_EQ(select.where.partition_key.size(), 2u);
  EXPECT_FALSE(select.where.partition_key[0].is_in);
  EXPECT_TRUE(select.where.partition_key[1].is_in);
  ASSERT_EQ(select.where.clustering.size(), 2u);
  EXPECT_EQ(select.where.clustering[1].kind, ClusteringRestriction::Kind::kSlice);
  ASSERT_EQ(select.where.filters.size(), 1u);
  EXPECT_EQ(select.where.filters[0].comparison, Comparison::kLess);
  EXPECT_TRUE(select.is_plain);
  EXPECT_FALSE(select.static_rows);
}

TEST_F(AnalyzerTest, NamesAndTypesMarkersByWhatTheyAreFor) {
  const Plan plan =
      MustAnalyze("SELECT v FROM t WHERE a = ? AND b IN ? AND (c, d) > (?, ?) PER PARTITION LIMIT ? LIMIT :most");
  std::string text;
  for (const ColumnSpec& marker : plan.markers) text += marker.name + " " + marker.type.ToString() + "; ";
  EXPECT_EQ(text, "a int; in(b) frozen<list<text>>; c int; d timestamp; [per_partition_limit] int; most int; ");
}

TEST_F(AnalyzerTest, HeadsColumnsAsCassandraDoes) {
  const Plan plan = MustAnalyze(
      "SELECT a, v AS value, count(*), max(v), writetime(v), ttl(s), cast(v AS text), v + 1, token(a, b), to_date(d) "
      "FROM t");
  std::string names;
  for (const ColumnSpec& column : plan.result) names += column.name + "; ";
  EXPECT_EQ(names,
            "a; value; count; system.max(v); writetime(v); ttl(s); cast(v as text); v + 1; system.token(a, b); "
            "system.to_date(d); ");
}

TEST_F(AnalyzerTest, KnowsTheFastPathOfAnInsert) {
  const Plan insert = MustAnalyze("INSERT INTO t (a, b, c, d, v) VALUES (?, ?, ?, ?, ?)");
  EXPECT_TRUE(insert.As<ModificationPlan>()->is_single_row);
  const Plan statics = MustAnalyze("INSERT INTO t (a, b, s) VALUES (1, 'x', 'y')");
  EXPECT_TRUE(statics.As<ModificationPlan>()->is_single_row);
  EXPECT_FALSE(statics.As<ModificationPlan>()->touches_rows);
  const Plan range = MustAnalyze("DELETE FROM t WHERE a = 1 AND b = 'x' AND c > 1");
  EXPECT_FALSE(range.As<ModificationPlan>()->is_single_row);
}

TEST_F(AnalyzerTest, ReversesForOrderBy) {
  EXPECT_FALSE(MustAnalyze("SELECT * FROM t WHERE a = 1 AND b = '' ORDER BY c, d DESC").As<SelectPlan>()->reversed);
  EXPECT_TRUE(MustAnalyze("SELECT * FROM t WHERE a = 1 AND b = '' ORDER BY c DESC, d").As<SelectPlan>()->reversed);
  EXPECT_TRUE(
      MustAnalyze("SELECT * FROM t WHERE a = 1 AND b = '' AND c = 1 ORDER BY d ASC").As<SelectPlan>()->reversed);
}

TEST_F(AnalyzerTest, RefusesUnknownNamesAndShowsThePlace) {
  const std::string message = Failure("SELECT nosuch FROM t");
  EXPECT_THAT(message,
              HasSubstr("line 1:8: Undefined column name nosuch in table ks.t (its columns: a, b, c, d, s, v, w)"));
  EXPECT_THAT(message, HasSubstr("^"));
  EXPECT_THAT(Failure("SELECT * FROM x"), HasSubstr("table x does not exist"));
  EXPECT_THAT(Failure("SELECT * FROM kx.x"), HasSubstr("keyspace kx does not exist"));
  EXPECT_THAT(Failure("SELECT nosuch(v) FROM t"), HasSubstr("nosuch"));
}

struct IllegalWhere {
  const char* where;
  const char* message;
};

TEST_F(AnalyzerTest, RefusesIllegalWheresInCassandrasWords) {
  const IllegalWhere rows[] = {
      {"a = 1", "use ALLOW FILTERING"},
      {"v = 1", "use ALLOW FILTERING"},
      {"a > 1 AND b = 'x'", "use ALLOW FILTERING"},
      {"c = 1", "use ALLOW FILTERING"},
      {"a = 1 AND b = 'x' AND d = 0", "PRIMARY KEY column \"d\" cannot be restricted as preceding column \"c\" is not"},
      {"a = 1 AND b = 'x' AND c > 1 AND d = 0", "Clustering column \"d\" cannot be restricted (preceding column \"c\""},
      {"a = 1 AND a = 2 AND b = 'x'", "a cannot be restricted by more than one relation if it includes an Equal"},
      {"a IN (1, 2) AND a = 2 AND b = 'x'", "a cannot be restricted by more than one relation if it includes a IN"},
      {"a = 1 AND b = 'x' AND c > 1 AND c > 2", "More than one restriction was found for the start bound on c"},
      {"a = 1 AND b = 'x' AND c > 1 AND c = 2", "cannot be restricted by both an equality and an inequality relation"},
      {"a = 1 AND b = 'x' AND c != 1", "Unsupported \"!=\" relation"},
      {"a = 1 AND b = 'x' AND c LIKE 'x'", "LIKE restriction is only supported on properly indexed columns"},
      {"a = 1 AND b = 'x' AND c CONTAINS 1", "Cannot use CONTAINS on non-collection column c"},
      {"a = 'one' AND b = 'x'", "Invalid STRING constant (one) for \"a\" of type int"},
      {"a = 99999999999 AND b = 'x'", "Unable to make int from '99999999999'"},
      {"(a, b) = (1, 'x')", "Multi-column relations can only be applied to clustering columns but was applied to: a"},
      {"a = 1 AND b = 'x' AND (d, c) = (0, 1)", "Clustering columns must appear in the PRIMARY KEY order"},
      {"a = 1 AND b = 'x' AND (c, d) = (0)", "Expected 2 elements in value tuple, but got 1"},
      {"token(a) > 1", "must be applied to all partition key components or none"},
      {"token(b, a) > 1", "must be in the partition key order: a, b"},
      {"token(a, b) > 1 AND token(a, b) > 2", "More than one restriction was found for the start bound on a, b"},
      {"token(a, b) = 1 AND token(a, b) > 2", "if it includes an Equal"},
  };
  for (const IllegalWhere& row : rows) {
    const std::string failure = WhereFailure(row.where);
    EXPECT_THAT(failure, HasSubstr(row.message)) << row.where;
    EXPECT_THAT(failure, HasSubstr("invalid argument")) << row.where;
  }
}

TEST_F(AnalyzerTest, RefusesIllegalSelects) {
  const IllegalWhere rows[] = {
      {"SELECT * FROM t ORDER BY c",
       "ORDER BY is only supported when the partition key is restricted by an EQ or an IN."},
      {"SELECT * FROM t WHERE a = 1 AND b = '' ORDER BY v", "Order by is currently only supported on the clustered"},
      {"SELECT * FROM t WHERE a = 1 AND b = '' ORDER BY d", "following their declared order in the PRIMARY KEY"},
      {"SELECT * FROM t WHERE a = 1 AND b = '' ORDER BY c, d", "Unsupported order by relation"},
      {"SELECT DISTINCT c FROM t", "must only request partition key columns and/or static columns (not c)"},
      {"SELECT DISTINCT a FROM t", "must request all the partition key columns (missing b)"},
      {"SELECT DISTINCT a, b FROM t PER PARTITION LIMIT 1", "PER PARTITION LIMIT is not allowed with SELECT DISTINCT"},
      {"SELECT count(*) FROM t PER PARTITION LIMIT 1", "PER PARTITION LIMIT is not allowed with aggregate queries"},
      {"SELECT s FROM t WHERE a = 1 AND b = '' AND c = 1",
       "Cannot restrict clustering columns when selecting only static"},
      {"SELECT a FROM t GROUP BY v", "Group by is currently only supported on the columns of the PRIMARY KEY, got v"},
      {"SELECT a FROM t GROUP BY a", "Group by is not supported on only a part of the partition key"},
      {"SELECT a FROM t GROUP BY a, b, d", "following their declared order in the PRIMARY KEY"},
      {"SELECT writetime(a) FROM t", "Cannot use selection function writetime on PRIMARY KEY part a"},
      {"SELECT 1 FROM t", "Cannot infer type for term 1 in selection clause"},
      {"SELECT sum(max(v)) FROM t", "aggregate functions cannot be used as arguments of aggregate functions"},
  };
  for (const IllegalWhere& row : rows) EXPECT_THAT(Failure(row.where), HasSubstr(row.message)) << row.where;
}

TEST_F(AnalyzerTest, RefusesIllegalModifications) {
  const IllegalWhere rows[] = {
      {"INSERT INTO t (a, b, v) VALUES (1, 'x', 1)", "Some clustering keys are missing: c, d"},
      {"INSERT INTO t (a, c, d, v) VALUES (1, 1, 0, 1)", "Some partition key parts are missing: b"},
      {"INSERT INTO t (a, b) VALUES (1)", "Unmatched column names/values"},
      {"INSERT INTO t (a, a) VALUES (1, 1)", "The column names contains duplicates"},
      {"INSERT INTO t (a, b, c, d, v) VALUES (1, 'x', 1, 0, 'v')",
       "Invalid STRING constant (v) for \"v\" of type double"},
      {"UPDATE t SET a = 1 WHERE a = 1 AND b = 'x'", "PRIMARY KEY part a found in SET part"},
      {"UPDATE t SET v = 1 WHERE a = 1 AND b = 'x' AND c > 1",
       "Slice restrictions are not supported on the clustering"},
      {"UPDATE t SET v = 1 WHERE a = 1 AND b = 'x' AND c = 1", "Some clustering keys are missing: d"},
      {"UPDATE t SET s = '' WHERE a = 1 AND b = 'x' AND c = 1 AND d = 0",
       "Invalid restrictions on clustering columns since the UPDATE statement modifies only static columns"},
      {"UPDATE t SET v = v + 1 WHERE a = 1 AND b = 'x' AND c = 1 AND d = 0", "for non counter column v"},
      {"UPDATE t SET v = 1 WHERE a = 1 AND b = 'x' AND c = 1 AND d = 0 AND s = ''",
       "Non PRIMARY KEY columns found in where clause: s"},
      {"UPDATE t SET v = 1 WHERE token(a, b) = 1", "The token function cannot be used in WHERE clauses for UPDATE"},
      {"DELETE a FROM t WHERE a = 1 AND b = 'x'",
       "Invalid identifier a for deletion (should not be a PRIMARY KEY part)"},
      {"DELETE v FROM t WHERE a = 1 AND b = 'x' AND c = 1", "Range deletions are not supported for specific columns"},
      {"DELETE FROM t WHERE a = 1", "Some partition key parts are missing: b"},
      {"DELETE FROM t WHERE a > 1 AND b = 'x'", "Only EQ and IN relation are supported on the partition key"},
      {"BEGIN BATCH USING TTL 1 INSERT INTO t (a, b, s) VALUES (1, 'x', 'y'); APPLY BATCH", "Global TTL"},
      {"BEGIN BATCH USING TIMESTAMP 1 INSERT INTO t (a, b, s) VALUES (1, 'x', 'y') USING TIMESTAMP 2; APPLY BATCH",
       "Timestamp must be set either on BATCH or individual statements"},
  };
  for (const IllegalWhere& row : rows) EXPECT_THAT(Failure(row.where), HasSubstr(row.message)) << row.where;
}

TEST_F(AnalyzerTest, SaysOfWhatComesLaterThatItIsNotThereYet) {
  for (const char* text : {"CREATE FUNCTION f (a int) CALLED ON NULL INPUT RETURNS int LANGUAGE java AS 'return a;'"}) {
    const std::string failure = Failure(text);
    EXPECT_THAT(failure, HasSubstr("unsupported: ")) << text;
    EXPECT_THAT(failure, HasSubstr("docs/cql/differences.md")) << text;
  }
}

TEST_F(AnalyzerTest, NeedsAKeyspace) {
  const std::string text = "SELECT * FROM t";
  const base::Result<parser::Statement> statement = parser::ParseStatement(text);
  ASSERT_TRUE(statement.ok());
  const base::Result<Plan> plan = Analyze(*statement, {schema_, functions_, "", text});
  ASSERT_FALSE(plan.ok());
  EXPECT_THAT(plan.status().ToString(), HasSubstr("No keyspace has been specified"));
}

}  // namespace
}  // namespace cassette::cql::analysis

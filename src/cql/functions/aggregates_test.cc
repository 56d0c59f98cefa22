#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "cql/functions/function_testing.h"

namespace cassette::cql::functions {
namespace {

using columnar::CellState;
using columnar::Vector;
using types::DataType;
using types::TypeKind;
using types::ValueView;

const FunctionRegistry& Registry() {
  static const FunctionRegistry kRegistry;
  return kRegistry;
}

std::shared_ptr<const Function> Find(std::string_view name, const DataType& type) {
  const Argument argument = Argument::Typed(type, "c");
  const auto function = Registry().Resolve(name, {&argument, 1}, nullptr);
  CASSETTE_ASSERT(function.ok());
  return *function;
}

std::string Finish(const Function& function, AggregateState* state) {
  std::string out = "what was there before";
  const base::Result<bool> is_null = state->Finish(&out);
  return PrintValue(function.return_type(), is_null, out);
}

// The aggregate of values of one type, row by row.
std::string Aggregate(std::string_view name, std::string_view type_name, std::vector<std::string_view> texts) {
  const DataType type = *types::ScalarTypeByName(type_name);
  const auto function = Find(name, type);
  const auto state = function->as_aggregate()->NewState();
  for (std::string_view text : texts) {
    const TestValue value = ParseValue(std::string(type_name) + ":" + std::string(text));
    const ValueView view = ViewOf(value);
    const base::Status status = state->Add({&view, 1});
    if (!status.ok()) return "error: " + std::string(status.message());
  }
  return Finish(*function, state.get());
}

TEST(Aggregates, ComputeAsCassandraDoes) {
  struct Case {
    std::string_view name;
    std::string_view type;
    std::vector<std::string_view> values;
    std::string_view result;
  };
  const Case cases[] = {
      {"sum", "tinyint", {"100", "100"}, "tinyint:-56"},
      {"sum", "int", {}, "int:0"},
      {"sum", "int", {"null", "", "5"}, "int:5"},
      {"sum", "bigint", {"9223372036854775807", "1"}, "bigint:-9223372036854775808"},
      {"sum", "counter", {"1", "2"}, "counter:3"},
      {"sum", "varint", {"9223372036854775807", "1"}, "varint:9223372036854775808"},
      {"sum", "decimal", {"1.5", "2.25"}, "decimal:3.75"},
      {"sum", "decimal", {}, "decimal:0"},
      {"sum", "double", {"0.1", "0.2", "0.3"}, "double:0.6"},
      {"sum", "double", {"1e308", "1e308", "-1e308"}, "double:Infinity"},
      {"sum", "double", {"Infinity", "1"}, "double:Infinity"},
      {"sum", "float", {"1.5", "2.5"}, "float:4.0"},
      {"avg", "int", {"1", "2"}, "int:1"},
      {"avg", "int", {"-1", "-2"}, "int:-1"},
      {"avg", "int", {}, "int:0"},
      {"avg", "tinyint", {"127", "127"}, "tinyint:127"},
      {"avg", "bigint", {"9223372036854775807", "9223372036854775807"}, "bigint:9223372036854775807"},
      {"avg", "varint", {"1", "2"}, "varint:1"},
      {"avg", "varint", {}, "varint:0"},
      {"avg", "decimal", {"1", "2"}, "decimal:1"},
      {"avg", "decimal", {"1.0", "2.0"}, "decimal:1.5"},
      {"avg", "double", {"1", "2"}, "double:1.5"},
      {"avg", "double", {}, "double:0.0"},
      {"avg", "double", {"1.7e308", "1.7e308"}, "double:1.7E308"},
      {"avg", "float", {"1", "2"}, "float:1.5"},
      {"min", "int", {"3", "null", "1", "2"}, "int:1"},
      {"max", "int", {"3", "null", "1", "2"}, "int:3"},
      {"max", "int", {}, "int:null"},
      {"min", "int", {"3", ""}, "int:"},
      {"max", "int", {"", "3"}, "int:3"},
      {"max", "int", {""}, "int:"},
      {"max", "double", {"1", "NaN", "Infinity"}, "double:NaN"},
      {"min", "double", {"0.0", "-0.0"}, "double:-0.0"},
      {"min", "double", {"-1", "-2"}, "double:-2.0"},
      {"max", "float", {"-1", "-2"}, "float:-1.0"},
      {"min", "float", {"1", "-2.5"}, "float:-2.5"},
      {"max", "text", {"b", "a", "\xc3\xbc"}, "text:\xc3\xbc"},
      {"min", "text", {"b", ""}, "text:"},
      {"max", "timestamp", {"2024-01-01", "1969-01-01"}, "timestamp:2024-01-01 00:00:00.000000+0000"},
      {"min", "date", {"2024-01-01", "1969-01-01"}, "date:1969-01-01"},
      {"max", "decimal", {"1.5", "1.50"}, "decimal:1.5"},
      {"max", "boolean", {"false", "true"}, "boolean:true"},
      {"count", "int", {"1", "null", ""}, "bigint:2"},
      {"count", "text", {}, "bigint:0"},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(Aggregate(c.name, c.type, c.values), c.result)
        << c.name << " " << c.type << " " << testing::PrintToString(c.values);
  }
}

TEST(Aggregates, CountRows) {
  const auto function = Registry().Resolve("count", {}, nullptr);
  ASSERT_TRUE(function.ok());
  const auto state = (*function)->as_aggregate()->NewState();
  state->AddRows(1000);
  EXPECT_TRUE(state->Add({}).ok());
  EXPECT_EQ(Finish(**function, state.get()), "bigint:1001");
}

TEST(Aggregates, StartAnewAfterReset) {
  for (std::string_view name : {"sum", "avg", "min", "max", "count"}) {
    for (TypeKind kind : {TypeKind::kInt, TypeKind::kDouble, TypeKind::kVarint, TypeKind::kDecimal}) {
      const auto function = Find(name, DataType(kind));
      const auto state = function->as_aggregate()->NewState();
      const std::string untouched = Finish(*function, state.get());
      const TestValue value = ParseValue(DataType(kind).ToString() + ":7");
      const ValueView view = ViewOf(value);
      EXPECT_TRUE(state->Add({&view, 1}).ok());
      EXPECT_NE(Finish(*function, state.get()), untouched);
      state->Reset();
      EXPECT_EQ(Finish(*function, state.get()), untouched);
    }
  }
}

std::string RandomText(TypeKind kind, base::Random* random) {
  const uint64_t number = random->Below(1000);
  if (kind == TypeKind::kText) return "t" + std::to_string(number);
  if (kind == TypeKind::kTinyint) return std::to_string(static_cast<int>(number % 256) - 128);
  const bool fraction = kind == TypeKind::kDouble || kind == TypeKind::kFloat || kind == TypeKind::kDecimal;
  return (random->Below(2) == 0 ? "-" : "") + std::to_string(number) + (fraction ? ".25" : "");
}

// What each row of a vector is as a value: absent, deleted, empty or a value.
struct RandomColumn {
  Vector values;
  std::vector<TestValue> rows;
};

RandomColumn MakeColumn(const DataType& type, bool with_states, base::Random* random) {
  RandomColumn column{Vector(type.physical()), {}};
  for (int i = 0; i < 200; ++i) {
    const bool may_be_empty = types::Validate(type, "").ok();
    const uint64_t dice = with_states ? random->Below(10) : 9;
    if (dice < 2) {
      column.values.AppendState(dice == 0 ? CellState::kAbsent : CellState::kTombstone);
      column.rows.push_back({type, true, ""});
    } else if (dice == 2 && may_be_empty) {
      column.values.AppendValue(type, "");
      column.rows.push_back({type, false, ""});
    } else {
      column.rows.push_back({type, false, *types::FromText(type, RandomText(type.kind(), random))});
      column.values.AppendValue(type, column.rows.back().bytes);
    }
  }
  return column;
}

std::string ByRows(const Function& function, const RandomColumn& column, const std::vector<uint32_t>* selection) {
  const auto state = function.as_aggregate()->NewState();
  for (uint32_t i = 0; i < (selection != nullptr ? selection->size() : column.rows.size()); ++i) {
    const ValueView view = ViewOf(column.rows[selection != nullptr ? (*selection)[i] : i]);
    EXPECT_TRUE(state->Add({&view, 1}).ok());
  }
  return Finish(function, state.get());
}

std::string ByVector(const Function& function, const RandomColumn& column, const std::vector<uint32_t>* selection) {
  const auto state = function.as_aggregate()->NewState();
  EXPECT_TRUE(state->AddVector(column.values, selection).ok());
  return Finish(function, state.get());
}

TEST(Aggregates, OfVectorsAgreeWithThoseOfRows) {
  constexpr uint64_t kSeed = 99;
  SCOPED_TRACE(testing::Message() << "seed " << kSeed);
  base::Random random(kSeed);
  for (TypeKind kind : {TypeKind::kTinyint, TypeKind::kInt, TypeKind::kBigint, TypeKind::kFloat, TypeKind::kDouble,
                        TypeKind::kVarint, TypeKind::kDecimal, TypeKind::kText}) {
    for (std::string_view name : {"sum", "avg", "min", "max", "count"}) {
      if (kind == TypeKind::kText && (name == "sum" || name == "avg")) continue;
      const DataType type(kind);
      const auto function = Find(name, type);
      for (bool with_states : {false, true}) {
        const RandomColumn column = MakeColumn(type, with_states, &random);
        std::vector<uint32_t> selection;
        for (uint32_t row = 0; row < column.rows.size(); row += 1 + static_cast<uint32_t>(random.Below(4))) {
          selection.push_back(row);
        }
        EXPECT_EQ(ByVector(*function, column, nullptr), ByRows(*function, column, nullptr)) << name << type.ToString();
        EXPECT_EQ(ByVector(*function, column, &selection), ByRows(*function, column, &selection))
            << name << type.ToString();
      }
    }
  }
}

TEST(Aggregates, OfConstantVectorsCountEachRow) {
  const DataType bigint(TypeKind::kBigint);
  Vector values(bigint.physical());
  values.AppendInt64(int64_t{1} << 40);
  values.MakeConstant(1000);
  const auto sum = Find("sum", bigint);
  const auto state = sum->as_aggregate()->NewState();
  EXPECT_TRUE(state->AddVector(values, nullptr).ok());
  const std::vector<uint32_t> selection = {1, 5};
  EXPECT_TRUE(state->AddVector(values, &selection).ok());
  EXPECT_EQ(Finish(*sum, state.get()), "bigint:" + std::to_string(1002 * (int64_t{1} << 40)));
}

TEST(Aggregates, SumExtremesOfAVectorWithoutOverflow) {
  const DataType bigint(TypeKind::kBigint);
  Vector values(bigint.physical());
  for (int i = 0; i < 500; ++i) {
    values.AppendInt64(INT64_MIN);
    values.AppendInt64(INT64_MAX);
  }
  const auto average = Find("avg", bigint);
  const auto state = average->as_aggregate()->NewState();
  EXPECT_TRUE(state->AddVector(values, nullptr).ok());
  EXPECT_EQ(Finish(*average, state.get()), "bigint:0");
  state->Reset();
  Vector large(bigint.physical());
  for (int i = 0; i < 1000; ++i) large.AppendInt64(INT64_MIN);
  EXPECT_TRUE(state->AddVector(large, nullptr).ok());
  EXPECT_EQ(Finish(*average, state.get()), "bigint:" + std::to_string(INT64_MIN));
}

}  // namespace
}  // namespace cassette::cql::functions

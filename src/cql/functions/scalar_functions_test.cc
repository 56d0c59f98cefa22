#include <gtest/gtest.h>

#include <cmath>

#include "base/random.h"
#include "cql/functions/decimal_math.h"
#include "cql/functions/function_testing.h"
#include "types/uuid.h"

namespace cassette::cql::functions {
namespace {

using types::DataType;
using types::TypeKind;

const FunctionRegistry& Registry() {
  static const FunctionRegistry kRegistry;
  return kRegistry;
}

struct CallCase {
  std::string_view name;
  std::vector<std::string_view> arguments;
  std::string_view result;
};

void Check(const std::vector<CallCase>& cases) {
  for (const CallCase& c : cases) {
    EXPECT_EQ(Call(Registry(), c.name, c.arguments), c.result) << c.name << " " << testing::PrintToString(c.arguments);
  }
}

std::string Operate(ArithmeticOperator op, std::string_view left, std::string_view right) {
  const TestValue a = ParseValue(left);
  const TestValue b = ParseValue(right);
  const auto function =
      Registry().ResolveOperator(op, Argument::Typed(a.type, "a"), Argument::Typed(b.type, "b"), nullptr);
  if (!function.ok()) return "error: " + std::string(function.status().message());
  return Evaluate(**function, {a, b});
}

std::string Cast(std::string_view value, std::string_view type) {
  const TestValue from = ParseValue(value);
  const auto function = Registry().ResolveCast(from.type, *types::ScalarTypeByName(type));
  if (!function.ok()) return "error: " + std::string(function.status().message());
  return Evaluate(**function, {from});
}

TEST(Arithmetic, GivesTheWiderType) {
  struct Case {
    ArithmeticOperator op;
    std::string_view left;
    std::string_view right;
    std::string_view result;
  };
  using enum ArithmeticOperator;
  const Case cases[] = {
      {kAdd, "int:1", "bigint:2", "bigint:3"},
      {kAdd, "tinyint:100", "tinyint:100", "tinyint:-56"},
      {kAdd, "tinyint:100", "smallint:100", "smallint:200"},
      {kAdd, "int:2147483647", "int:1", "int:-2147483648"},
      {kMultiply, "bigint:9223372036854775807", "bigint:2", "bigint:-2"},
      {kDivide, "int:7", "int:-2", "int:-3"},
      {kModulo, "int:-7", "int:2", "int:-1"},
      {kDivide, "int:-2147483648", "int:-1", "int:-2147483648"},
      {kDivide, "bigint:-9223372036854775808", "bigint:-1", "bigint:-9223372036854775808"},
      {kModulo, "bigint:-9223372036854775808", "int:-1", "bigint:0"},
      {kDivide, "int:1", "int:0", "error: the operation 'int / int' failed: / by zero"},
      {kModulo, "bigint:1", "int:0", "error: the operation 'bigint % int' failed: / by zero"},
      {kAdd, "int:1", "float:1.5", "float:2.5"},
      {kAdd, "bigint:1", "float:1.5", "double:2.5"},
      {kDivide, "double:1", "double:0", "double:Infinity"},
      {kModulo, "double:7.5", "double:2", "double:1.5"},
      {kAdd, "int:1", "varint:18446744073709551616", "varint:18446744073709551617"},
      {kDivide, "varint:7", "varint:-2", "varint:-3"},
      {kModulo, "varint:-7", "varint:2", "varint:-1"},
      {kDivide, "varint:7", "int:0", "error: the operation 'varint / int' failed: BigInteger divide by zero"},
      {kAdd, "varint:1", "double:2", "decimal:3.0"},
      {kAdd, "int:1", "decimal:2", "decimal:3.0"},
      {kSubtract, "decimal:1.50", "decimal:0.5", "decimal:1.00"},
      {kMultiply, "decimal:1.5", "varint:2", "decimal:3.0"},
      {kDivide, "decimal:1", "decimal:3", "decimal:0.33333333333333333333333333333333"},
      {kDivide, "decimal:10", "decimal:4", "decimal:2.5"},
      {kDivide, "decimal:100", "decimal:1", "decimal:1E+2"},
      {kModulo, "decimal:7.5", "decimal:2", "decimal:1.5"},
      {kDivide, "decimal:1", "decimal:0", "error: the operation 'decimal / decimal' failed: / by zero"},
      {kAdd, "double:NaN", "decimal:1",
       "error: the operation 'double + decimal' failed: A NaN cannot be converted into a decimal"},
      {kAdd, "counter:1", "int:1", "bigint:2"},
      {kAdd, "int:null", "int:1", "int:null"},
      {kAdd, "int:", "int:1", "int:null"},
      {kAdd, "text:a", "text:b", "text:ab"},
      {kAdd, "ascii:a", "ascii:b", "ascii:ab"},
      {kAdd, "ascii:a", "text:", "text:a"},
      {kAdd, "timestamp:2024-01-31", "duration:1mo1h", "timestamp:2024-02-29 01:00:00.000000+0000"},
      {kSubtract, "timestamp:2024-03-31", "duration:1mo", "timestamp:2024-02-29 00:00:00.000000+0000"},
      {kAdd, "date:2024-01-31", "duration:1d", "date:2024-02-01"},
      {kSubtract, "date:2024-01-01", "duration:1y1d", "date:2022-12-31"},
      {kAdd, "date:2024-01-31", "duration:1h",
       "error: the operation 'date + duration' failed: The duration must have a day precision. Was: 1h"},
      {kAdd, "timestamp:2024-01-31", "duration:1us",
       "error: the operation 'timestamp + duration' failed: The duration must have a millisecond precision. Was: 1us"},
      {kAdd, "boolean:true", "int:1", "error: the '+' operation is not supported between a and b"},
      {kSubtract, "text:a", "text:b", "error: the '-' operation is not supported between a and b"},
  };
  for (const Case& c : cases) EXPECT_EQ(Operate(c.op, c.left, c.right), c.result) << c.left << " and " << c.right;
}

TEST(Negation, KeepsTheType) {
  const auto negate = [](std::string_view text) {
    const TestValue value = ParseValue(text);
    const auto function = Registry().ResolveNegation(Argument::Typed(value.type, "a"), nullptr);
    return function.ok() ? Evaluate(**function, {value}) : std::string(function.status().message());
  };
  EXPECT_EQ(negate("int:5"), "int:-5");
  EXPECT_EQ(negate("tinyint:-128"), "tinyint:-128");
  EXPECT_EQ(negate("double:0"), "double:-0.0");
  EXPECT_EQ(negate("float:1.5"), "float:-1.5");
  EXPECT_EQ(negate("decimal:1.50"), "decimal:-1.50");
  EXPECT_EQ(negate("varint:-3"), "varint:3");
  EXPECT_EQ(negate("int:null"), "int:null");
}

TEST(Math, ComputesAsJavaDoes) {
  Check({
      {"abs", {"int:-5"}, "int:5"},
      {"abs", {"tinyint:-128"}, "tinyint:-128"},
      {"abs", {"double:-0.0"}, "double:0.0"},
      {"abs", {"decimal:-1.50"}, "decimal:1.50"},
      {"abs", {"varint:-18446744073709551616"}, "varint:18446744073709551616"},
      {"exp", {"int:2"}, "int:7"},
      {"exp", {"int:100"}, "int:2147483647"},
      {"exp", {"tinyint:5"}, "tinyint:-108"},
      {"exp", {"double:0"}, "double:1.0"},
      {"exp", {"decimal:1"}, "decimal:2.7182818284590452353602874713527"},
      {"exp", {"decimal:-10.5"}, "decimal:0.000027536449349747157857411097102426"},
      {"exp", {"varint:3"}, "varint:20"},
      {"log", {"int:0"}, "int:-2147483648"},
      {"log", {"int:-1"}, "int:0"},
      {"log", {"int:100"}, "int:4"},
      {"log", {"double:1"}, "double:0.0"},
      {"log", {"decimal:2"}, "decimal:0.69314718055994530941723212145818"},
      {"log", {"decimal:123456.789"}, "decimal:11.723646487185880981139958983910"},
      {"log", {"decimal:1.0000000000000000000000000000000001"}, "decimal:9.9999999999999999999999999999999995E-35"},
      {"log", {"decimal:0"}, "error: Natural log of number zero or less"},
      {"log10", {"bigint:1000"}, "bigint:3"},
      {"log10", {"decimal:1000"}, "decimal:3.0000000000000000000000000000000"},
      {"log10", {"decimal:-1"}, "error: Log10 of number zero or less"},
      {"log10", {"varint:1000000000000000000000000"}, "varint:24"},
      {"round", {"double:2.5"}, "double:3.0"},
      {"round", {"double:-2.5"}, "double:-2.0"},
      {"round", {"double:0.49999999999999994"}, "double:0.0"},
      {"round", {"double:1e300"}, "double:9.223372036854776E18"},
      {"round", {"float:1e20"}, "float:2.1474836E9"},
      {"round", {"decimal:-2.5"}, "decimal:-3"},
      {"round", {"decimal:2.4"}, "decimal:2"},
      {"round", {"int:7"}, "int:7"},
      {"round", {"int:null"}, "int:null"},
  });
}

TEST(Math, RefusesDecimalsBeyondItsBounds) {
  EXPECT_TRUE(Exp(types::Decimal(types::BigInteger(kMaxExponent))).ok());
  EXPECT_FALSE(Exp(types::Decimal(types::BigInteger(kMaxExponent + 1))).ok());
  EXPECT_FALSE(Log(types::Decimal(types::BigInteger::PowerOfTen(kMaxMathDigits))).ok());
}

TEST(Casts, ConvertNumbersAsJavaDoes) {
  struct Case {
    std::string_view value;
    std::string_view type;
    std::string_view result;
  };
  const Case cases[] = {
      {"int:300", "tinyint", "tinyint:44"},
      {"bigint:4294967297", "int", "int:1"},
      {"double:1e20", "bigint", "bigint:9223372036854775807"},
      {"double:1e20", "int", "int:2147483647"},
      {"double:70000.9", "smallint", "smallint:4464"},
      {"double:NaN", "int", "int:0"},
      {"float:0.1", "double", "double:0.10000000149011612"},
      {"float:0.1", "decimal", "decimal:0.1"},
      {"double:0.1", "decimal", "decimal:0.1"},
      {"double:NaN", "decimal", "error: A NaN cannot be converted into a decimal"},
      {"int:5", "decimal", "decimal:5"},
      {"varint:18446744073709551617", "int", "int:1"},
      {"varint:18446744073709551617", "decimal", "decimal:18446744073709551617"},
      {"varint:18446744073709551616", "double", "double:1.8446744073709552E19"},
      {"varint:16777217", "float", "float:1.6777216E7"},
      {"decimal:-1.9", "int", "int:-1"},
      {"decimal:1E+30", "varint", "varint:5076944270305263616"},
      {"decimal:1E+400", "double", "double:Infinity"},
      {"counter:5", "bigint", "bigint:5"},
      {"int:5", "text", "text:5"},
      {"double:1e10", "text", "text:1.0E10"},
      {"decimal:1E+3", "ascii", "ascii:1E+3"},
      {"boolean:true", "text", "text:true"},
      {"inet:fe80::1", "text", "text:fe80:0:0:0:0:0:0:1"},
      {"inet:10.0.0.1", "ascii", "ascii:10.0.0.1"},
      {"timestamp:2024-01-01 01:02:03.004", "text", "text:2024-01-01T01:02:03.004Z"},
      {"date:2024-01-01", "text", "text:2024-01-01"},
      {"time:01:02:03", "text", "text:01:02:03.000000000"},
      {"uuid:123e4567-e89b-42d3-a456-426614174000", "text", "text:123e4567-e89b-42d3-a456-426614174000"},
      {"ascii:x", "text", "text:x"},
      {"ascii:", "text", "text:"},
      {"timestamp:2024-01-01 01:02:03", "date", "date:2024-01-01"},
      {"timestamp:1969-12-31 23:59:59", "date", "date:1970-01-01"},
      {"timestamp:1969-12-30 23:59:59", "date", "date:1969-12-31"},
      {"date:2024-01-01", "timestamp", "timestamp:2024-01-01 00:00:00.000000+0000"},
      {"timeuuid:50554d6e-29bb-11e5-b345-feff819cdc9f", "date", "date:2015-07-14"},
      {"timeuuid:50554d6e-29bb-11e5-b345-feff819cdc9f", "timestamp", "timestamp:2015-07-14 00:00:18.805000+0000"},
      {"int:null", "text", "text:null"},
      {"int:", "text", "text:null"},
      {"int:5", "int", "int:5"},
      {"text:", "text", "text:"},
      {"int:5", "blob", "error: int cannot be cast to blob"},
      {"text:5", "boolean", "error: text cannot be cast to boolean"},
  };
  for (const Case& c : cases) EXPECT_EQ(Cast(c.value, c.type), c.result) << c.value << " as " << c.type;
}

TEST(Casts, AreResolvedByCassandrasRules) {
  EXPECT_TRUE(
      Cast("blob:0x00", "int")
          .starts_with(
              "error: Invalid call to function cast_as_int, none of its type signatures match (known type signatures: "
              "system.cast_as_int : (tinyint) -> int, "));
  // A bigint and a varint take every timestamp.
  EXPECT_TRUE(Cast("timestamp:0", "int").starts_with("error: Ambiguous call to function cast_as_int"));
}

TEST(BlobConversions, CheckWhatTheyMake) {
  Check({
      {"int_as_blob", {"int:1"}, "blob:0x00000001"},
      {"intasblob", {"int:1"}, "blob:0x00000001"},
      {"varcharasblob", {"text:a"}, "blob:0x61"},
      {"blob_as_int", {"blob:0x00000001"}, "int:1"},
      {"blobastext", {"blob:0x6162"}, "text:ab"},
      {"blob_as_text", {"blob:"}, "text:"},
      {"blob_as_int", {"blob:null"}, "int:null"},
      {"blob_as_int",
       {"blob:0x0001"},
       "error: In call to function system.blob_as_int, value 0x0001 is not a valid binary representation for type int"},
      {"blobasint", {"int:7"}, "int:7"},
  });
}

TEST(TimeFunctions, ConvertAmongTemporalTypes) {
  Check({
      {"to_date", {"timestamp:2024-01-01 12:00"}, "date:2024-01-01"},
      {"todate", {"timeuuid:50554d6e-29bb-11e5-b345-feff819cdc9f"}, "date:2015-07-14"},
      {"to_timestamp", {"date:2024-01-01"}, "timestamp:2024-01-01 00:00:00.000000+0000"},
      {"totimestamp", {"timeuuid:50554d6e-29bb-11e5-b345-feff819cdc9f"}, "timestamp:2015-07-14 00:00:18.805000+0000"},
      {"to_unix_timestamp", {"timestamp:5"}, "bigint:5"},
      {"tounixtimestamp", {"date:1970-01-02"}, "bigint:86400000"},
      {"min_timeuuid", {"timestamp:1436832018805"}, "timeuuid:50552a50-29bb-11e5-8080-808080808080"},
      {"maxtimeuuid", {"timestamp:1436832018805"}, "timeuuid:5055515f-29bb-11e5-7f7f-7f7f7f7f7f7f"},
      {"to_date", {"timestamp:null"}, "date:null"},
      {"dateof", {"timeuuid:50554d6e-29bb-11e5-b345-feff819cdc9f"}, "error: Unknown function 'dateof'"},
  });
}

TEST(TimeFunctions, FloorTimes) {
  Check({
      {"floor", {"timestamp:2024-05-17 13:47:11", "duration:1h"}, "timestamp:2024-05-17 13:00:00.000000+0000"},
      {"floor", {"timestamp:2024-05-17 13:47:11", "duration:1mo"}, "timestamp:2024-05-01 00:00:00.000000+0000"},
      {"floor",
       {"timestamp:2024-05-17", "duration:2d", "timestamp:2024-05-02"},
       "timestamp:2024-05-16 00:00:00.000000+0000"},
      {"floor",
       {"timestamp:2024-05-17", "duration:1mo5d", "timestamp:2024-01-01"},
       "timestamp:2024-04-16 00:00:00.000000+0000"},
      {"floor", {"timestamp:2024-05-17", "duration:0d"}, "timestamp:2024-05-17 00:00:00.000000+0000"},
      {"floor",
       {"timeuuid:50554d6e-29bb-11e5-b345-feff819cdc9f", "duration:1d"},
       "timestamp:2015-07-14 00:00:00.000000+0000"},
      {"floor", {"date:2024-05-17", "duration:1y"}, "date:2024-01-01"},
      {"floor",
       {"date:2024-05-17", "duration:1h"},
       "error: The floor on date values cannot be computed for the 1h duration as precision is below 1 day"},
      {"floor",
       {"timestamp:2024-05-17", "duration:1us"},
       "error: The floor cannot be computed for the 1us duration as precision is below 1 millisecond"},
      {"floor",
       {"timestamp:2024-05-17", "duration:-1d"},
       "error: Negative durations are not supported by the floor function"},
      {"floor",
       {"timestamp:2024-05-17", "duration:1d", "timestamp:2025-01-01"},
       "error: The floor function starting time is greater than the provided time"},
      {"floor", {"time:13:47:11", "duration:5m"}, "time:13:45:00.000000000"},
      {"floor",
       {"time:13:47:11", "duration:2d"},
       "error: For time values, the floor can only be computed for durations smaller that a day"},
  });
}

TEST(Now, TakesItsTimeFromTheContext) {
  base::Random random(1);
  const EvalContext context{1704067200123456, &random};
  EXPECT_EQ(Call(Registry(), "current_timestamp", {}, context), "timestamp:2024-01-01 00:00:00.123000+0000");
  EXPECT_EQ(Call(Registry(), "currentdate", {}, context), "date:2024-01-01");
  EXPECT_EQ(Call(Registry(), "current_time", {}, context), "time:00:00:00.123456000");
  const std::string first = Call(Registry(), "now", {}, context);
  EXPECT_NE(first, Call(Registry(), "now", {}, context));
  const TestValue value = ParseValue(first);
  EXPECT_EQ(types::TimeuuidTicks(types::Uuid::FromBytes(value.bytes)), 17040672001234560);
  const TestValue uuid = ParseValue(Call(Registry(), "uuid", {}, context));
  EXPECT_EQ(types::Uuid::FromBytes(uuid.bytes).version(), 4);
  EXPECT_EQ(types::Uuid::FromBytes(uuid.bytes).low >> 62, 2u);
  const auto now = Registry().Resolve("now", {}, nullptr);
  ASSERT_TRUE(now.ok());
  EXPECT_FALSE((*now)->as_scalar()->is_pure());
}

TEST(Masks, HideValues) {
  Check({
      {"mask_null", {"int:1"}, "int:null"},
      {"mask_default", {"int:1"}, "int:0"},
      {"mask_default", {"text:null"}, "text:****"},
      {"mask_default", {"date:2024-01-01"}, "date:1970-01-01"},
      {"mask_default", {"decimal:1.5"}, "decimal:0"},
      {"mask_default", {"varint:1"}, "varint:0"},
      {"mask_default", {"duration:1h"}, "duration:"},
      {"mask_default", {"inet:10.0.0.1"}, "inet:0.0.0.0"},
      {"mask_default", {"blob:0x01"}, "blob:0x"},
      {"mask_default",
       {"timeuuid:50554d6e-29bb-11e5-b345-feff819cdc9f"},
       "timeuuid:13814000-1dd2-11b2-8080-808080808080"},
      {"mask_replace", {"int:1", "int:7"}, "int:7"},
      {"mask_replace", {"int:1", "int:null"}, "int:null"},
      {"mask_inner", {"text:abcdef", "int:1", "int:2"}, "text:a***ef"},
      {"mask_inner", {"text:abcdef", "int:null", "int:2", "text:#"}, "text:####ef"},
      {"mask_outer", {"text:abcdef", "int:1", "int:2"}, "text:*bcd**"},
      {"mask_outer", {"text:\xc3\xa4\xc3\xb6\xc3\xbc", "int:1", "int:0"}, "text:*\xc3\xb6\xc3\xbc"},
      {"mask_inner", {"text:null", "int:1", "int:2"}, "text:null"},
      {"mask_inner",
       {"text:abc", "int:1", "int:2", "text:##"},
       "error: The padding argument for function system.mask_inner should be single-character, but '##' has 2 "
       "characters."},
      {"mask_inner",
       {"text:abc", "int:1"},
       "error: Invalid number of arguments for function system.mask_inner([text|varchar|ascii], int, int, [text])"},
      {"mask_hash", {"int:1"}, "error: Function mask_hash is not supported yet (docs/cql/differences.md)"},
  });
}

TEST(ColumnNames, AreCassandras) {
  const std::string names[] = {"a", "b"};
  const Argument integer = Argument::Typed(DataType(TypeKind::kInt), "a");
  EXPECT_EQ((*Registry().ResolveOperator(ArithmeticOperator::kModulo, integer, integer, nullptr))->ColumnName(names),
            "a % b");
  EXPECT_EQ((*Registry().ResolveNegation(integer, nullptr))->ColumnName({names, 1}), "-a");
  EXPECT_EQ((*Registry().ResolveCast(DataType(TypeKind::kInt), DataType(TypeKind::kText)))->ColumnName({names, 1}),
            "cast(a as text)");
  EXPECT_EQ((*Registry().Resolve("abs", {&integer, 1}, nullptr))->ColumnName({names, 1}), "system.abs(a)");
  EXPECT_EQ((*Registry().Resolve("count", {}, nullptr))->ColumnName({}), "count");
}

}  // namespace
}  // namespace cassette::cql::functions

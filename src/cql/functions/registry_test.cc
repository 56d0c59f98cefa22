#include "cql/functions/registry.h"

#include <gtest/gtest.h>

namespace cassette::cql::functions {
namespace {

using types::DataType;
using types::TypeKind;
using Form = Argument::Form;

const FunctionRegistry& Registry() {
  static const FunctionRegistry kRegistry;
  return kRegistry;
}

Argument Typed(TypeKind kind, std::string text = "c") { return Argument::Typed(DataType(kind), std::move(text)); }

std::string Resolve(std::string_view name, std::vector<Argument> arguments, const DataType* receiver = nullptr) {
  const auto function = Registry().Resolve(name, arguments, receiver);
  return function.ok() ? (*function)->ToString() : std::string(function.status().message());
}

std::string Operator(ArithmeticOperator op, const Argument& left, const Argument& right,
                     const DataType* receiver = nullptr) {
  const auto function = Registry().ResolveOperator(op, left, right, receiver);
  return function.ok() ? (*function)->ToString() : std::string(function.status().message());
}

TEST(Assignment, OfTypedValuesFollowsTheTypes) {
  const auto test = [](TypeKind from, TypeKind to) { return TestAssignment(DataType(from), DataType(to)); };
  EXPECT_EQ(test(TypeKind::kInt, TypeKind::kInt), Assignability::kExactMatch);
  EXPECT_EQ(test(TypeKind::kAscii, TypeKind::kText), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(TypeKind::kText, TypeKind::kAscii), Assignability::kNotAssignable);
  EXPECT_EQ(test(TypeKind::kTimeuuid, TypeKind::kUuid), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(TypeKind::kUuid, TypeKind::kTimeuuid), Assignability::kNotAssignable);
  EXPECT_EQ(test(TypeKind::kInt, TypeKind::kBlob), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(TypeKind::kInt, TypeKind::kBigint), Assignability::kNotAssignable);
  EXPECT_EQ(test(TypeKind::kInt, TypeKind::kVarint), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(TypeKind::kBigint, TypeKind::kTimestamp), Assignability::kWeaklyAssignable);
  const DataType list = DataType::List(DataType(TypeKind::kInt), false);
  EXPECT_EQ(TestAssignment(list, list), Assignability::kExactMatch);
  EXPECT_EQ(TestAssignment(list.Freeze(), list), Assignability::kExactMatch);
  EXPECT_EQ(
      TestAssignment(DataType::List(DataType(TypeKind::kAscii), true), DataType::List(DataType(TypeKind::kText), true)),
      Assignability::kWeaklyAssignable);
  EXPECT_EQ(TestAssignment(list, DataType::Set(DataType(TypeKind::kInt), false)), Assignability::kNotAssignable);
}

TEST(Assignment, OfLiteralsFollowsTheirForm) {
  const auto test = [](Form form, std::string text, TypeKind to) {
    return TestAssignment(Argument::Literal(form, std::move(text)), DataType(to));
  };
  EXPECT_EQ(test(Form::kInteger, "1", TypeKind::kInt), Assignability::kExactMatch);
  EXPECT_EQ(test(Form::kInteger, "1", TypeKind::kBigint), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(Form::kInteger, "12345678901", TypeKind::kBigint), Assignability::kExactMatch);
  EXPECT_EQ(test(Form::kInteger, "1", TypeKind::kText), Assignability::kNotAssignable);
  EXPECT_EQ(test(Form::kFloat, "1.5", TypeKind::kDouble), Assignability::kExactMatch);
  EXPECT_EQ(test(Form::kFloat, "1.00000000000000000001", TypeKind::kDecimal), Assignability::kExactMatch);
  EXPECT_EQ(test(Form::kFloat, "1.5", TypeKind::kInt), Assignability::kNotAssignable);
  EXPECT_EQ(test(Form::kString, "a", TypeKind::kAscii), Assignability::kExactMatch);
  EXPECT_EQ(test(Form::kString, "a", TypeKind::kText), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(Form::kString, "\xc3\xbc", TypeKind::kText), Assignability::kExactMatch);
  EXPECT_EQ(test(Form::kString, "2024-01-01", TypeKind::kTimestamp), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(Form::kString, "a", TypeKind::kBlob), Assignability::kNotAssignable);
  EXPECT_EQ(test(Form::kUuid, "50554d6e-29bb-11e5-b345-feff819cdc9f", TypeKind::kTimeuuid), Assignability::kExactMatch);
  EXPECT_EQ(test(Form::kHex, "0x00", TypeKind::kBlob), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(Form::kBoolean, "true", TypeKind::kBoolean), Assignability::kExactMatch);
  EXPECT_EQ(test(Form::kDuration, "1h", TypeKind::kDuration), Assignability::kExactMatch);
  EXPECT_EQ(TestAssignment(Argument::Marker(), DataType(TypeKind::kInt)), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(Form::kNull, "NULL", TypeKind::kInt), Assignability::kWeaklyAssignable);
  EXPECT_EQ(test(Form::kNull, "NULL", TypeKind::kCounter), Assignability::kNotAssignable);
  EXPECT_EQ(TestAssignment(Argument::Literal(Form::kInteger, "1"), DataType::List(DataType(TypeKind::kInt), false)),
            Assignability::kNotAssignable);
}

TEST(PreferredTypes, AreTheSmallestThatHoldTheText) {
  const auto preferred = [](Form form, std::string text) {
    return PreferredType(Argument::Literal(form, std::move(text)))->ToString();
  };
  EXPECT_EQ(preferred(Form::kInteger, "2147483647"), "int");
  EXPECT_EQ(preferred(Form::kInteger, "-2147483649"), "bigint");
  EXPECT_EQ(preferred(Form::kInteger, "9223372036854775808"), "varint");
  EXPECT_EQ(preferred(Form::kFloat, "NaN"), "double");
  EXPECT_EQ(preferred(Form::kFloat, "0.1"), "double");
  EXPECT_EQ(preferred(Form::kFloat, "1e400"), "decimal");
  EXPECT_FALSE(PreferredType(Argument::Marker()).has_value());
}

TEST(Resolve, PrefersTheExactOverload) {
  EXPECT_EQ(Resolve("abs", {Typed(TypeKind::kInt)}), "system.abs : (int) -> int");
  EXPECT_EQ(Resolve("abs", {Argument::Literal(Form::kInteger, "1")}), "system.abs : (int) -> int");
  EXPECT_EQ(Resolve("sum", {Typed(TypeKind::kCounter)}), "system.sum : (counter) -> counter");
  EXPECT_EQ(Resolve("count", {}), "system.count_rows : () -> bigint");
  EXPECT_EQ(Resolve("count", {Typed(TypeKind::kText)}), "system.count : (blob) -> bigint");
  EXPECT_EQ(Resolve("max", {Typed(TypeKind::kText)}), "system.max : (text) -> text");
  EXPECT_EQ(Resolve("min", {Argument::Typed(DataType::List(DataType(TypeKind::kInt), true), "l")}),
            "system.min : (frozen<list<int>>) -> frozen<list<int>>");
}

TEST(Resolve, ChoosesByTheReceiver) {
  const DataType bigint(TypeKind::kBigint);
  const DataType decimal(TypeKind::kDecimal);
  EXPECT_EQ(Resolve("abs", {Argument::Marker()}, &decimal), "system.abs : (decimal) -> decimal");
  EXPECT_EQ(Operator(ArithmeticOperator::kAdd, Argument::Literal(Form::kInteger, "1"),
                     Argument::Literal(Form::kInteger, "2"), &bigint),
            "system._add : (bigint, bigint) -> bigint");
  EXPECT_EQ(Operator(ArithmeticOperator::kAdd, Argument::Literal(Form::kInteger, "1"),
                     Argument::Literal(Form::kInteger, "2")),
            "system._add : (int, int) -> int");
}

TEST(Resolve, SaysWhatIsWrong) {
  EXPECT_EQ(Resolve("nosuch", {}), "Unknown function 'nosuch'");
  EXPECT_EQ(Resolve("uuid", {Typed(TypeKind::kInt)}),
            "Invalid number of arguments in call to function system.uuid: 0 required but 1 provided");
  EXPECT_EQ(Resolve("mintimeuuid", {Argument::Literal(Form::kUuid, "x")}),
            "Type error: x cannot be passed as argument 0 of function system.mintimeuuid of type timestamp");
  EXPECT_TRUE(
      Resolve("sum", {Typed(TypeKind::kText)})
          .starts_with("Invalid call to function sum, none of its type signatures match (known type signatures: "
                       "system.sum : (tinyint) -> tinyint, "));
  EXPECT_TRUE(Resolve("abs", {Argument::Marker()})
                  .starts_with("Ambiguous call to function abs (can be matched by following signatures: "));
  EXPECT_EQ(Operator(ArithmeticOperator::kAdd, Argument::Marker(), Argument::Marker()),
            "Ambiguous '+' operation with args ? and ?: use type hint to disambiguate, example '(int) ?'");
  EXPECT_EQ(Operator(ArithmeticOperator::kMultiply, Argument::Literal(Form::kString, "a"), Typed(TypeKind::kInt, "i")),
            "the '*' operation is not supported between 'a' and i");
  const auto negation = Registry().ResolveNegation(Argument::Marker(), nullptr);
  EXPECT_EQ(negation.status().message(), "Ambiguous negation: use type casts to disambiguate");
  EXPECT_EQ(Resolve("max", {Argument::Marker()}),
            "Cannot infer type of argument ? in call to function system.max(any): use type casts to disambiguate");
  EXPECT_EQ(Resolve("max", {}), "Invalid number of arguments for function system.max(any)");
}

TEST(Registry, NamesItsFunctions) {
  for (std::string_view name :
       {"now", "uuid", "count", "min", "sum", "to_date", "todate", "blobasint", "blob_as_int"}) {
    EXPECT_TRUE(Registry().Contains(name)) << name;
  }
  EXPECT_FALSE(Registry().Contains("dateof"));
  for (std::string_view name : {"count", "min", "max", "sum", "avg"}) EXPECT_TRUE(Registry().IsAggregate(name)) << name;
  EXPECT_FALSE(Registry().IsAggregate("abs"));
  EXPECT_GT(Registry().All().size(), 500u);
}

}  // namespace
}  // namespace cassette::cql::functions

// TermBinder: gives the expressions of a statement their types: literals become bytes, markers get a receiver, function
// calls an overload, selectors their columns.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cql/analysis/analyzer.h"
#include "cql/analysis/plan.h"
#include "cql/analysis/term.h"
#include "cql/functions/registry.h"
#include "cql/parser/ast.h"
#include "schema/schema.h"

namespace cassette::cql::analysis {

// Where the columns and aggregates of selectors go. Each method answers the index that the Term refers to.
class SelectionSink {
 public:
  virtual ~SelectionSink() = default;
  virtual uint32_t RequestColumn(const schema::Column& column, bool with_write_time, bool with_ttl) = 0;
  virtual uint32_t AddAggregate(Aggregate aggregate) = 0;
};

// A term, and how a result heads its column.
struct BoundTerm {
  Term term;
  std::string name;
};

// Thread safety: not thread safe. Lifetime: context, table and markers outlive it.
class TermBinder {
 public:
  // `markers` has one entry for each marker of the statement. `table` may be null where no names can stand.
  TermBinder(const AnalysisContext& context, const schema::Table* table, std::vector<ColumnSpec>* markers);

  // A value for `receiver`. kInvalidArgument with the place.
  base::Result<Term> Bind(const parser::Expression& expression, const Receiver& receiver);
  // Adds two values of the type; null when they have no sum of that type.
  std::shared_ptr<const functions::ScalarFunction> SumOf(const types::DataType& type) const;
  // A selector, whose type nothing but itself decides.
  base::Result<BoundTerm> BindSelector(const parser::Expression& expression, SelectionSink& sink);

  // kInvalidArgument when there is none.
  base::Result<const schema::Column*> FindColumn(const parser::Identifier& name) const;
  // A failure with the place in the text before and the line under it.
  base::Status Fail(parser::SourcePosition position, std::string_view message) const;

 private:
  // `receiver` may be null: then the expression decides itself.
  base::Result<BoundTerm> BindAny(const parser::Expression& expression, const Receiver* receiver);
  base::Result<BoundTerm> BindLiteral(const parser::Expression& expression, const parser::Literal& literal,
                                      const Receiver* receiver);
  base::Result<BoundTerm> BindMarker(const parser::Expression& expression, const parser::BindMarker& marker,
                                     const Receiver* receiver);
  base::Result<BoundTerm> BindCall(const parser::Expression& expression, const parser::FunctionCall& call,
                                   const Receiver* receiver);
  base::Result<BoundTerm> BindToken(const parser::Expression& expression, const parser::FunctionCall& call);
  // json_terms.cc
  base::Result<BoundTerm> BindToJson(const parser::Expression& expression, const parser::FunctionCall& call,
                                     const Receiver* receiver);
  base::Result<BoundTerm> BindFromJson(const parser::Expression& expression, const parser::FunctionCall& call,
                                       const Receiver* receiver);
  base::Result<BoundTerm> BindArithmetic(const parser::Expression& expression, const Receiver* receiver);
  base::Result<BoundTerm> BindTypeHint(const parser::Expression& expression, const parser::TypeHint& hint,
                                       const Receiver* receiver);
  base::Result<BoundTerm> BindCast(const parser::Expression& expression, const parser::Cast& cast);
  base::Result<BoundTerm> BindMetadata(const parser::Expression& expression, const parser::CellMetadata& metadata);
  base::Result<types::DataType> TypeOfTimes(const parser::CellMetadata& metadata) const;
  // Write times or TTLs of `operand`, the column or a part of it, named as the operand.
  base::Result<BoundTerm> BindTimes(const parser::Expression& operand, const schema::Column& column, bool is_ttl);
  base::Result<BoundTerm> BindColumn(const parser::ColumnReference& reference);
  base::Result<BoundTerm> BindComposite(const parser::Expression& expression, const Receiver* receiver);
  base::Result<BoundTerm> BindUserType(const parser::Expression& expression, const Receiver& receiver);
  base::Result<BoundTerm> BindPartValue(const parser::Expression& expression, const Receiver& receiver);
  base::Result<BoundTerm> BindPart(const parser::Expression& expression);
  base::Result<BoundTerm> BindField(const parser::Expression& expression, const parser::FieldSelection& selection);
  base::Result<BoundTerm> BindElement(const parser::Expression& expression, const parser::ElementSelection& selection);
  base::Result<BoundTerm> BindSlice(const parser::Expression& expression, const parser::SliceSelection& selection);
  // A key within [] of `operand`. It is a value: no columns stand in it.
  base::Result<BoundTerm> BindKey(const parser::Expression& key, const BoundTerm& operand);
  base::Result<BoundTerm> BindElements(const parser::Expression& expression,
                                       const std::vector<const parser::Expression*>& elements,
                                       const Receiver& receiver);
  // Binds arguments to the parameters of `function` and makes the call, or registers the aggregate.
  base::Result<BoundTerm> MakeCall(const parser::Expression& expression,
                                   std::shared_ptr<const functions::Function> function,
                                   const std::vector<const parser::Expression*>& arguments, const Receiver* receiver);
  base::Result<BoundTerm> MakeAggregate(const parser::Expression& expression,
                                        std::shared_ptr<const functions::Function> function,
                                        std::vector<Term> arguments, std::string name);

  // What is known of the expression before overloads are chosen.
  base::Result<functions::Argument> ArgumentOf(const parser::Expression& expression);
  base::Result<functions::Argument> CompositeArgument(const parser::Expression& expression);
  base::Result<functions::Argument> PartArgument(const parser::Expression& expression);
  // The type that the expression has whatever it is for; none of literals and markers.
  base::Result<std::optional<types::DataType>> ExactType(const parser::Expression& expression);
  base::Result<std::optional<types::DataType>> FirstExactType(const std::vector<parser::Expression>& expressions);
  // Whether the literal of a collection, tuple or user type can stand for a value of `type`.
  bool Fits(const parser::Expression& expression, const types::DataType& type);
  base::Result<std::vector<functions::Argument>> ArgumentsOf(const std::vector<const parser::Expression*>& arguments);
  base::Result<std::shared_ptr<const functions::Function>> ResolveCall(const parser::Expression& expression,
                                                                       const parser::FunctionCall& call,
                                                                       const types::DataType* receiver);
  base::Result<std::shared_ptr<const functions::Function>> ResolveArithmetic(const parser::Expression& expression,
                                                                             const types::DataType* receiver);
  // Where user types are looked up: the table's keyspace.
  std::string_view KeyspaceOfTypes() const;
  base::Result<types::DataType> TypeOf(const parser::TypeName& name) const;
  base::Status At(parser::SourcePosition position, const base::Status& status) const;

  const AnalysisContext& context_;
  const schema::Table* table_;
  std::vector<ColumnSpec>* markers_;
  SelectionSink* sink_ = nullptr;  // Null while a value is bound.
  bool in_aggregate_ = false;
};

// What a field, element or slice is selected from; null when `expression` is none of these.
const parser::Expression* OperandOfPart(const parser::Expression& expression);

}  // namespace cassette::cql::analysis

#include "cql/exec/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "rows/keys.h"
#include "types/composite.h"

namespace cassette::cql::exec {
namespace {

using analysis::Term;
using types::DataType;
using types::TypeKind;
using types::ValueView;

// A collection without elements: their number.
constexpr std::string_view kNoItems("\0\0\0\0", 4);

}  // namespace

base::Status SplitList(std::string_view bytes, std::vector<ValueView>* items) {
  items->clear();
  if (bytes.size() < 4) return base::InvalidArgument("Not enough bytes to read a list");
  const uint32_t count = codec::LoadBig<uint32_t>(bytes.data());
  bytes.remove_prefix(4);
  for (uint32_t i = 0; i < count; ++i) {
    ValueView item;
    if (!types::ReadItem(&bytes, &item)) return base::InvalidArgument("Not enough bytes to read a list");
    items->push_back(item);
  }
  if (!bytes.empty()) return base::InvalidArgument("Unexpected extraneous bytes after list value");
  return base::Status::Ok();
}

base::Status SplitTuple(std::string_view bytes, size_t element_count, std::vector<ValueView>* elements) {
  elements->clear();
  while (!bytes.empty()) {
    ValueView element;
    if (!types::ReadItem(&bytes, &element)) return base::InvalidArgument("Not enough bytes to read a tuple");
    elements->push_back(element);
  }
  if (elements->size() > element_count) {
    return base::InvalidArgument(
        fmt::format("Tuple value contained too many fields (expected {}, got {})", element_count, elements->size()));
  }
  elements->resize(element_count, ValueView::Null());
  return base::Status::Ok();
}

std::string* Evaluator::NewString() {
  if (used_ == strings_.size()) strings_.push_back(std::make_unique<std::string>());
  std::string* string = strings_[used_++].get();
  string->clear();
  return string;
}

base::Result<ValueView> Evaluator::BoundValue(const Term& term) {
  if (term.index >= values_.size()) {
    return base::InvalidArgument(fmt::format("Invalid amount of bind variables: marker {} has no value", term.index));
  }
  const ValueView& value = values_[term.index];
  if (value.state != ValueView::State::kSet) return value;
  CASSETTE_RETURN_IF_ERROR(types::Validate(term.type, value.bytes));
  return value;
}

base::Result<ValueView> Evaluator::EvaluateSlow(const Term& term, RowValues* row) {
  switch (term.kind) {
    case Term::Kind::kCall:
      return Call(term, row);
    case Term::Kind::kToken:
      return Token(term, row);
    case Term::Kind::kComposite:
      return Compose(term, row);
    case Term::Kind::kField:
    case Term::Kind::kElement:
    case Term::Kind::kSlice:
      return Part(term, row);
    case Term::Kind::kTimesOfPart:
      return TimesOfPart(term, row);
    case Term::Kind::kIfPresent: {
      CASSETTE_ASSIGN_OR_RETURN(const ValueView part, Evaluate(term.arguments[1], row));
      // A slice is not null where the whole is there, but it may hold nothing.
      const bool is_empty = term.arguments[1].kind == Term::Kind::kSlice && part.bytes == kNoItems;
      return part.is_null() || is_empty ? ValueView::Null() : Evaluate(term.arguments[0], row);
    }
    case Term::Kind::kJsonField:
      return JsonField(term);
    default:
      CASSETTE_ASSERT(row != nullptr);
      return row->ValueOf(term);
  }
}

base::Result<ValueView> Evaluator::Call(const Term& term, RowValues* row) {
  constexpr size_t kInline = 4;
  ValueView inline_arguments[kInline];
  std::vector<ValueView> many;
  ValueView* arguments = inline_arguments;
  if (term.arguments.size() > kInline) {
    many.resize(term.arguments.size());
    arguments = many.data();
  }
  for (size_t i = 0; i < term.arguments.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(arguments[i], Evaluate(term.arguments[i], row));
    if (arguments[i].is_unset()) {
      return base::InvalidArgument(
          fmt::format("Invalid unset value for argument in call to function {}", term.function->name()));
    }
  }
  std::string* result = NewString();
  CASSETTE_ASSIGN_OR_RETURN(const bool is_null,
                            term.function->Evaluate({arguments, term.arguments.size()}, context_, result));
  return is_null ? ValueView::Null() : ValueView::Of(*result);
}

base::Result<ValueView> Evaluator::Token(const Term& term, RowValues* row) {
  std::vector<std::string_view> components;
  for (const Term& argument : term.arguments) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(argument, row));
    if (value.state != ValueView::State::kSet) return ValueView::Null();
    components.push_back(value.bytes);
  }
  std::string* result = NewString();
  // No partition has an empty key, but its token is where the ring begins (Murmur3Partitioner.getToken).
  const bool no_key = components.size() == 1 && components.front().empty();
  std::string key;
  if (!no_key) CASSETTE_RETURN_IF_ERROR(rows::AppendPartitionKey(components, &key));
  codec::AppendBig(static_cast<uint64_t>(no_key ? rows::kMinToken : codec::Murmur3Token(key)), result);
  return ValueView::Of(*result);
}

// The text is read once for all its fields.
base::Result<ValueView> Evaluator::JsonField(const Term& term) {
  if (json_row_ != term.json.get()) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView text, Evaluate(term.arguments[0]));
    if (text.state != ValueView::State::kSet) return base::InvalidArgument("Got null for INSERT JSON values");
    CASSETTE_ASSIGN_OR_RETURN(json_fields_, types::FieldsFromJson(text.bytes, term.json->receivers));
    json_row_ = term.json.get();
  }
  const types::JsonField& field = json_fields_[term.index];
  if (!field.is_given && term.json->default_unset) return ValueView::Unset();
  return field.is_null ? ValueView::Null() : ValueView::Of(field.bytes);
}

}  // namespace cassette::cql::exec

#include "cql/exec/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "rows/keys.h"

namespace cassette::cql::exec {
namespace {

using analysis::Term;
using types::DataType;
using types::TypeKind;
using types::ValueView;

void AppendItem(const ValueView& value, std::string* out) {
  if (value.state != ValueView::State::kSet) {
    codec::AppendBig(~uint32_t{0}, out);
    return;
  }
  codec::AppendBig(static_cast<uint32_t>(value.bytes.size()), out);
  out->append(value.bytes);
}

// Orders the elements of a set (stride 1) or the pairs of a map (stride 2) by the first of each, later ones winning.
std::vector<ValueView> SortedUnique(const DataType& key_type, const std::vector<ValueView>& values, size_t stride) {
  std::vector<size_t> order;
  for (size_t i = 0; i < values.size(); i += stride) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return types::Compare(key_type, values[a].bytes, values[b].bytes) < 0; });
  std::vector<ValueView> result;
  for (size_t i = 0; i < order.size(); ++i) {
    const bool repeats =
        i + 1 < order.size() && types::Compare(key_type, values[order[i]].bytes, values[order[i + 1]].bytes) == 0;
    if (repeats) continue;
    for (size_t part = 0; part < stride; ++part) result.push_back(values[order[i] + part]);
  }
  return result;
}

bool ReadItem(std::string_view* bytes, ValueView* value) {
  if (bytes->size() < 4) return false;
  const int32_t size = static_cast<int32_t>(codec::LoadBig<uint32_t>(bytes->data()));
  bytes->remove_prefix(4);
  if (size < 0) {
    *value = ValueView::Null();
    return true;
  }
  if (bytes->size() < static_cast<size_t>(size)) return false;
  *value = ValueView::Of(bytes->substr(0, static_cast<size_t>(size)));
  bytes->remove_prefix(static_cast<size_t>(size));
  return true;
}

}  // namespace

base::Status SplitList(std::string_view bytes, std::vector<ValueView>* items) {
  items->clear();
  if (bytes.size() < 4) return base::InvalidArgument("Not enough bytes to read a list");
  const uint32_t count = codec::LoadBig<uint32_t>(bytes.data());
  bytes.remove_prefix(4);
  for (uint32_t i = 0; i < count; ++i) {
    ValueView item;
    if (!ReadItem(&bytes, &item)) return base::InvalidArgument("Not enough bytes to read a list");
    items->push_back(item);
  }
  if (!bytes.empty()) return base::InvalidArgument("Unexpected extraneous bytes after list value");
  return base::Status::Ok();
}

base::Status SplitTuple(std::string_view bytes, size_t element_count, std::vector<ValueView>* elements) {
  elements->clear();
  while (!bytes.empty()) {
    ValueView element;
    if (!ReadItem(&bytes, &element)) return base::InvalidArgument("Not enough bytes to read a tuple");
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

base::Result<ValueView> Evaluator::Compose(const Term& term, RowValues* row) {
  std::vector<ValueView> values;
  for (const Term& argument : term.arguments) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView value, Evaluate(argument, row));
    if (value.is_unset()) {
      return base::InvalidArgument("Invalid unset value for an element of a tuple or collection");
    }
    if (value.is_null() && term.type.kind() != TypeKind::kTuple) {
      return base::InvalidArgument("null is not supported inside collections");
    }
    values.push_back(value);
  }
  std::string* result = NewString();
  const TypeKind kind = term.type.kind();
  if (kind == TypeKind::kSet || kind == TypeKind::kMap) {
    values = SortedUnique(term.type.element(0), values, kind == TypeKind::kMap ? 2 : 1);
  }
  if (kind == TypeKind::kList || kind == TypeKind::kSet || kind == TypeKind::kMap) {
    codec::AppendBig(static_cast<uint32_t>(kind == TypeKind::kMap ? values.size() / 2 : values.size()), result);
  }
  for (const ValueView& value : values) {
    if (kind == TypeKind::kVector && types::FixedSizeBytes(term.type.element(0).kind()) > 0) {
      result->append(value.bytes);
    } else {
      AppendItem(value, result);
    }
  }
  if (kind == TypeKind::kVector) CASSETTE_RETURN_IF_ERROR(types::Validate(term.type, *result));
  return ValueView::Of(*result);
}

}  // namespace cassette::cql::exec

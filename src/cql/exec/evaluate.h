// Values of terms: constants and bound values as they are, calls computed.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "codec/fixed.h"
#include "cql/analysis/term.h"
#include "cql/functions/function.h"
#include "types/numbers.h"
#include "types/value.h"

namespace cassette::cql::exec {

// Where the terms of a selection find what belongs to a row. Lifetime of what it answers: until the next row.
class RowValues {
 public:
  virtual ~RowValues() = default;
  // kColumn, kWriteTime, kTimeToLive, kAggregate.
  virtual base::Result<types::ValueView> ValueOf(const analysis::Term& term) = 0;
};

// a == b, for values that are mostly short and mostly equal.
inline bool SameBytes(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (a.size() > 2 * sizeof(uint64_t)) return a == b;
  const auto same_ends = [&a, &b]<typename Word>(Word) {
    const size_t last = a.size() - sizeof(Word);
    return codec::LoadLittle<Word>(a.data()) == codec::LoadLittle<Word>(b.data()) &&
           codec::LoadLittle<Word>(a.data() + last) == codec::LoadLittle<Word>(b.data() + last);
  };
  if (a.size() >= sizeof(uint64_t)) return same_ends(uint64_t{});
  if (a.size() >= sizeof(uint32_t)) return same_ends(uint32_t{});
  return a == b;
}

// Evaluates terms of one execution. Views it returns point into the plan, the bound values, or its own storage until
// Clear. Thread safety: not thread safe. Lifetime: bound values and context outlive it.
class Evaluator {
 public:
  Evaluator(std::span<const types::ValueView> values, const functions::EvalContext& context)
      : values_(values), context_(context) {}

  // kInvalidArgument when a bound value is no legal value of the marker's type, or a function says so.
  base::Result<types::ValueView> Evaluate(const analysis::Term& term, RowValues* row = nullptr) {
    if (term.kind == analysis::Term::Kind::kConstant) {
      return term.is_null ? types::ValueView::Null() : types::ValueView::Of(term.bytes);
    }
    if (term.kind == analysis::Term::Kind::kMarker) return BoundValue(term);
    return EvaluateSlow(term, row);
  }
  // As Evaluate, of a term that asks for no column: cheaper where the value is at hand.
  base::Status EvaluateTo(const analysis::Term& term, types::ValueView* value) {
    if (!term.is_marker() || term.index >= values_.size()) {
      CASSETTE_ASSIGN_OR_RETURN(*value, Evaluate(term));
      return base::Status::Ok();
    }
    *value = values_[term.index];
    const bool is_legal =
        value->state != types::ValueView::State::kSet || types::IsNumberOfItsSize(term.type.kind(), value->bytes);
    return is_legal ? base::Status() : types::Validate(term.type, value->bytes);
  }
  // Whether the term is a marker with these bytes for a value, which are not checked here, or a constant.
  bool IsStill(const analysis::Term& term, std::string_view bytes) const {
    if (term.kind == analysis::Term::Kind::kConstant) return true;
    return term.kind == analysis::Term::Kind::kMarker && term.index < values_.size() &&
           values_[term.index].state == types::ValueView::State::kSet && SameBytes(values_[term.index].bytes, bytes);
  }
  // Forgets the results of calls; their memory is kept.
  void Clear() { used_ = 0; }

 private:
  base::Result<types::ValueView> BoundValue(const analysis::Term& term);
  base::Result<types::ValueView> EvaluateSlow(const analysis::Term& term, RowValues* row);
  base::Result<types::ValueView> Call(const analysis::Term& term, RowValues* row);
  base::Result<types::ValueView> Token(const analysis::Term& term, RowValues* row);
  base::Result<types::ValueView> JsonField(const analysis::Term& term);
  base::Result<types::ValueView> Compose(const analysis::Term& term, RowValues* row);
  // kField, kElement, kSlice
  base::Result<types::ValueView> Part(const analysis::Term& term, RowValues* row);
  base::Result<types::ValueView> TimesOfPart(const analysis::Term& term, RowValues* row);
  // Which fields, elements or entries of a value a kField, kElement or kSlice takes; `items` are the value's.
  struct PartRange {
    size_t begin = 0;
    size_t end = 0;
    bool is_null = false;  // There is no value.

    size_t size() const { return end - begin; }
    bool empty() const { return begin == end; }
  };
  base::Result<PartRange> Locate(const analysis::Term& term, RowValues* row, std::vector<types::ValueView>* items);
  base::Result<PartRange> LocateSlice(const analysis::Term& term, RowValues* row, std::vector<types::ValueView>* items);
  base::Result<types::ValueView> Key(const analysis::Term& term, const analysis::Term& key, RowValues* row);
  std::string* NewString();

  std::span<const types::ValueView> values_;
  functions::EvalContext context_;
  std::vector<std::unique_ptr<std::string>> strings_;  // Results of calls; none is moved while used.
  size_t used_ = 0;
  const analysis::JsonRow* json_row_ = nullptr;  // What json_fields_ are of.
  std::vector<types::JsonField> json_fields_;
};

// The items of a serialized list, or the elements of a serialized tuple (null where absent). kInvalidArgument when
// malformed. Lifetime: views into `bytes`.
base::Status SplitList(std::string_view bytes, std::vector<types::ValueView>* items);
base::Status SplitTuple(std::string_view bytes, size_t element_count, std::vector<types::ValueView>* elements);

}  // namespace cassette::cql::exec

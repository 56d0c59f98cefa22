#include "pipeline/transformer.h"

#include <fast_float/fast_float.h>
#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include "types/calendar.h"
#include "types/text.h"
#include "types/value.h"

namespace cassette::pipeline {
namespace {

using types::TypeKind;

constexpr size_t kShownValueBytes = 60;
constexpr size_t kShownNames = 20;
// What a database takes of a key's column (rows::kMaxKeyBytes, which a session does not show).
constexpr size_t kMaxKeyBytes = 65'535;
constexpr std::string_view kFilePattern = "file";  // {file} in a `set`.

size_t FindHeader(const std::vector<std::string>& header, std::string_view name) {
  return static_cast<size_t>(std::find(header.begin(), header.end(), name) - header.begin());
}

std::string Shown(std::string_view value) {
  return std::string(value.substr(0, kShownValueBytes)) + (value.size() > kShownValueBytes ? "..." : "");
}

// A file's name without folders and extensions.
std::string Stem(std::string_view path) {
  const size_t slash = path.rfind('/');
  std::string_view name = slash == std::string_view::npos ? path : path.substr(slash + 1);
  for (const std::string_view extension : {".gz", ".zst", ".csv", ".jsonl", ".ndjson", ".json"}) {
    if (name.ends_with(extension)) name.remove_suffix(extension.size());
  }
  return std::string(name);
}

std::vector<std::string> Alternatives(std::string_view names) {
  std::vector<std::string> parts;
  for (size_t begin = 0; begin <= names.size();) {
    const size_t end = std::min(names.find('|', begin), names.size());
    parts.emplace_back(names.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

// The pieces of "{A|B} text {C}": text outside braces and names within.
std::vector<std::pair<std::string, bool>> SplitPattern(std::string_view pattern) {
  std::vector<std::pair<std::string, bool>> pieces;
  while (!pattern.empty()) {
    const size_t open = pattern.find('{');
    const size_t close = open == std::string_view::npos ? open : pattern.find('}', open);
    if (close == std::string_view::npos) {
      pieces.emplace_back(pattern, false);
      break;
    }
    if (open > 0) pieces.emplace_back(pattern.substr(0, open), false);
    pieces.emplace_back(pattern.substr(open + 1, close - open - 1), true);
    pattern.remove_prefix(close + 1);
  }
  return pieces;
}

bool ParseDouble(std::string_view text, double* value) {
  const auto [end, error] = fast_float::from_chars(text.data(), text.data() + text.size(), *value);
  return error == std::errc() && end == text.data() + text.size();
}

// Milliseconds as a floating-point number with an exponent, or seconds with a fraction.
bool ParseRealMillis(std::string_view text, double* millis) {
  const bool has_exponent = ExponentAt(text) < text.size();
  if (!has_exponent && text.find('.') == std::string_view::npos) return false;
  if (!ParseDouble(text, millis)) return false;
  if (!has_exponent) *millis *= 1000.0;
  return true;
}

// A timestamp in any form that files have: the above, or what Cassandra takes.
std::optional<int64_t> ParseMillis(std::string_view text) {
  double real = 0;
  if (ParseRealMillis(text, &real)) {
    if (!(std::abs(real) < 0x1.0p62)) return std::nullopt;
    return static_cast<int64_t>(std::llround(real));
  }
  const base::Result<int64_t> millis = types::ParseTimestamp(text);
  return millis.ok() ? std::optional<int64_t>(*millis) : std::nullopt;
}

std::string TooLongForKey(std::string_view name, size_t size_bytes) {
  return fmt::format("{}: {} bytes are too long for a key (at most {})", name, size_bytes, kMaxKeyBytes);
}

std::string BelowMinimum(const model::SourceColumn& source, std::string_view text) {
  return fmt::format("{}: '{}' is below the minimum {}", source.header, Shown(text), *source.minimum);
}

std::string AboveMaximum(const model::SourceColumn& source, std::string_view text) {
  return fmt::format("{}: '{}' is above the maximum {}", source.header, Shown(text), *source.maximum);
}

// A limit as a value of the column's type, for types with values that no double has; of integers the next one within
// the limit. Empty without a limit, and where the type has no such value.
std::string LimitOf(const types::DataType& type, std::optional<double> limit, double (*next_integer)(double)) {
  const bool is_integer =
      type.kind() == TypeKind::kVarint || type.kind() == TypeKind::kDate || type.kind() == TypeKind::kTime;
  if (!limit || !std::isfinite(*limit) || !(is_integer || type.kind() == TypeKind::kDecimal)) return {};
  const std::string text = is_integer ? fmt::format("{:.0f}", next_integer(*limit)) : fmt::format("{}", *limit);
  base::Result<std::string> value = types::FromText(type, text);
  return value.ok() ? *std::move(value) : std::string();
}

bool IsIntegerKind(TypeKind kind) {
  return kind == TypeKind::kInt || kind == TypeKind::kBigint || kind == TypeKind::kSmallint ||
         kind == TypeKind::kTinyint;
}

std::pair<int64_t, int64_t> RangeOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kTinyint:
      return {INT8_MIN, INT8_MAX};
    case TypeKind::kSmallint:
      return {INT16_MIN, INT16_MAX};
    case TypeKind::kInt:
      return {INT32_MIN, INT32_MAX};
    default:
      return {INT64_MIN, INT64_MAX};
  }
}

// The serialized value of a field that a condition looks at; false when it is none.
bool ParseForCondition(const types::DataType& type, std::string_view text, std::string* value) {
  if (type.kind() == TypeKind::kTimestamp) {  // Types know fewer forms than files have.
    const std::optional<int64_t> millis = ParseMillis(text);
    if (millis) types::AppendFromInt64(type.kind(), *millis, value);
    return millis.has_value();
  }
  base::Result<std::string> parsed = types::FromText(type, text);
  if (parsed.ok()) *value = *std::move(parsed);
  return parsed.ok();
}

bool Holds(model::Condition::Operator op, int order) {
  using Operator = model::Condition::Operator;
  switch (op) {
    case Operator::kEqual:
      return order == 0;
    case Operator::kNotEqual:
      return order != 0;
    case Operator::kLess:
      return order < 0;
    case Operator::kLessOrEqual:
      return order <= 0;
    case Operator::kGreater:
      return order > 0;
    case Operator::kGreaterOrEqual:
      return order >= 0;
  }
  return false;
}

}  // namespace

std::vector<std::string> FieldNames(const model::Format& format) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (FindHeader(names, name) == names.size()) names.push_back(name);
  };
  for (const model::SourceColumn& column : format.columns) add(column.header);
  for (const model::SetColumn& set : format.set) {
    for (const auto& [text, is_name] : SplitPattern(set.pattern)) {
      if (!is_name || text == kFilePattern) continue;
      for (const std::string& name : Alternatives(text)) add(name);
    }
  }
  return names;
}

base::Status MatchHeader(const model::Format& format, const std::string& path, const std::vector<std::string>& header) {
  std::vector<std::string> wanted;
  for (const model::SourceColumn& column : format.columns) wanted.push_back(column.header);
  const auto list = [](const std::vector<std::string>& names) {
    const size_t shown = std::min(names.size(), kShownNames);
    return fmt::format("'{}'{}", fmt::join(names.begin(), names.begin() + static_cast<ptrdiff_t>(shown), "', '"),
                       shown < names.size() ? " ..." : "");
  };
  for (const std::string& name : wanted) {
    if (FindHeader(header, name) == header.size()) {
      return base::InvalidArgument(fmt::format("{}:1:1: column '{}' is missing; found: {}", path, name, list(header)));
    }
  }
  if (format.unpivot) return base::Status::Ok();
  const std::vector<std::string> taken = FieldNames(format);
  for (size_t i = 0; i < header.size(); ++i) {
    if (FindHeader(taken, header[i]) < taken.size()) continue;
    return base::InvalidArgument(
        fmt::format("{}:1:1: unknown column '{}' (number {}); expected: {}", path, header[i], i + 1, list(wanted)));
  }
  return base::Status::Ok();
}

Transformer::Transformer(const model::Format& format, const std::vector<ModelColumn>& columns,
                         std::vector<ColumnUse> uses, const std::string& path, const std::vector<std::string>& header)
    : format_(format), columns_(columns), uses_(std::move(uses)), path_(path), header_size_(header.size()) {
  PlanFields(header);
  PlanConditions(header);
  PlanSets(header);
  if (format_.unpivot) PlanUnpivot(header);
  for (size_t i = 0; i < columns_.size(); ++i) {
    bool given = unpivot_ && (i == unpivot_->names_column || i == unpivot_->values_column);
    for (const FieldPlan& plan : fields_) given |= plan.column == i;
    for (const SetPlan& plan : sets_) given |= plan.column == i;
    if (!given && uses_[i] != ColumnUse::kNone) absent_columns_.push_back(i);
  }
  parsed_.resize(fields_.size());
  set_values_.resize(sets_.size());
  batch_.Reset(columns_);
}

size_t Transformer::ColumnIndex(std::string_view name) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (columns_[i].name == name) return i;
  }
  return columns_.size();
}

void Transformer::PlanFields(const std::vector<std::string>& header) {
  for (const model::SourceColumn& source : format_.columns) {
    const size_t column = ColumnIndex(source.name);
    CASSETTE_ASSERT(column < columns_.size());
    FieldPlan plan{FindHeader(header, source.header), column, &source};
    plan.is_key = uses_[column] == ColumnUse::kKey;
    plan.is_required = plan.is_key || source.required;
    plan.is_used = uses_[column] != ColumnUse::kNone;
    plan.least = LimitOf(source.type, source.minimum, [](double value) { return std::ceil(value); });
    plan.most = LimitOf(source.type, source.maximum, [](double value) { return std::floor(value); });
    const TypeKind kind = source.type.kind();
    if (kind == TypeKind::kTimestamp) plan.lost_precision = &quality_.At(QualityKind::kLostPrecision, source.name);
    if (kind == TypeKind::kText) {
      plan.encoded_twice = &quality_.At(QualityKind::kEncodedTwice, source.name);
      plan.blanks_around = &quality_.At(QualityKind::kBlanksAround, source.name);
    }
    if (kind == TypeKind::kDouble) plan.rounded = &quality_.At(QualityKind::kRoundedInteger, source.name);
    fields_.push_back(plan);
  }
}

void Transformer::PlanConditions(const std::vector<std::string>& header) {
  for (const model::Condition& condition : format_.keep) {
    for (const model::SourceColumn& source : format_.columns) {
      if (source.name != condition.column) continue;
      ConditionPlan plan{FindHeader(header, source.header), &condition, source.type, {}};
      if (!condition.value.empty()) {
        const base::Result<std::string> value = types::FromText(source.type, condition.value);
        if (value.ok()) plan.value = *value;
      }
      conditions_.push_back(std::move(plan));
    }
  }
}

void Transformer::PlanSets(const std::vector<std::string>& header) {
  for (const model::SetColumn& set : format_.set) {
    SetPlan plan;
    plan.column = ColumnIndex(set.name);
    for (const auto& [text, is_name] : SplitPattern(set.pattern)) {
      PatternPiece piece;
      if (!is_name) {
        piece.text = text;
      } else if (text == kFilePattern) {
        piece.text = Stem(path_);
      } else {
        for (const std::string& name : Alternatives(text)) {
          const size_t field = FindHeader(header, name);
          if (field < header.size()) piece.fields.push_back(field);
        }
      }
      plan.pieces.push_back(std::move(piece));
    }
    sets_.push_back(std::move(plan));
  }
}

void Transformer::PlanUnpivot(const std::vector<std::string>& header) {
  UnpivotPlan plan;
  plan.names_column = ColumnIndex(format_.unpivot->names);
  plan.values_column = ColumnIndex(format_.unpivot->values);
  for (size_t i = 0; i < header.size(); ++i) {
    const auto in_columns = [&](const FieldPlan& field) { return field.field == i; };
    const auto in_sets = [&](const SetPlan& set) {
      return std::any_of(set.pieces.begin(), set.pieces.end(), [&](const PatternPiece& piece) {
        return std::find(piece.fields.begin(), piece.fields.end(), i) != piece.fields.end();
      });
    };
    const std::vector<std::string>& except = format_.unpivot->except;
    if (std::any_of(fields_.begin(), fields_.end(), in_columns)) continue;
    if (std::any_of(sets_.begin(), sets_.end(), in_sets)) continue;
    if (std::find(except.begin(), except.end(), header[i]) != except.end()) continue;
    plan.fields.emplace_back(i, header[i]);
    plan.rounded.push_back(&quality_.At(QualityKind::kRoundedInteger, header[i]));
  }
  unpivot_ = std::move(plan);
}

base::Status Transformer::Add(const Record& record, const BatchSink& batches, const RejectSink& rejects) {
  ++counts_.read;
  if (!record.error.empty()) return Refuse(record, record.error_column, record.error, rejects);
  uint32_t column = 1;
  if (const std::optional<std::string> error = StructuralError(record, &column)) {
    return Refuse(record, column, *error, rejects);
  }
  NoteQuality(record);
  if (!Keep(record)) {
    ++counts_.filtered;
    return base::Status::Ok();
  }
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (const std::optional<std::string> error = ParseField(fields_[i], record, i)) {
      return Refuse(record, record.columns[fields_[i].field], *error, rejects);
    }
  }
  for (size_t i = 0; i < sets_.size(); ++i) {
    std::string& value = set_values_[i];
    value.clear();
    for (const PatternPiece& piece : sets_[i].pieces) {
      value += piece.text;
      for (const size_t field : piece.fields) {
        if (record.fields[field].empty()) continue;
        value += record.fields[field];
        break;
      }
    }
    while (value.ends_with(' ')) value.pop_back();
    if (value.empty() && uses_[sets_[i].column] == ColumnUse::kKey) {
      return Refuse(record, 1, fmt::format("{} would be empty", columns_[sets_[i].column].name), rejects);
    }
    if (value.size() > kMaxKeyBytes && uses_[sets_[i].column] == ColumnUse::kKey) {
      return Refuse(record, 1, TooLongForKey(columns_[sets_[i].column].name, value.size()), rejects);
    }
  }
  return unpivot_ ? AppendUnpivoted(record, batches) : AppendRow(batches);
}

std::optional<std::string> Transformer::StructuralError(const Record& record, uint32_t* column) const {
  if (record.fields.size() != header_size_) {
    return fmt::format("expected {} columns, found {}", header_size_, record.fields.size());
  }
  const auto has_nul = [](std::string_view text) { return text.find('\0') != std::string_view::npos; };
  const bool nul = has_nul(record.raw);
  if (!nul && types::IsUtf8(record.raw)) return std::nullopt;
  for (size_t i = 0; i < record.fields.size(); ++i) {
    if (nul ? !has_nul(record.fields[i]) : types::IsUtf8(record.fields[i])) continue;
    *column = record.columns[i];
    break;
  }
  return nul ? "a NUL byte" : "bytes that are no UTF-8";
}

bool Transformer::Keep(const Record& record) const {
  for (const ConditionPlan& plan : conditions_) {
    const std::string_view text = record.fields[plan.field];
    if (plan.value.empty() || text.empty()) {  // Against '' only presence counts.
      if (!Holds(plan.condition->op, text.empty() == plan.value.empty() ? 0 : (text.empty() ? -1 : 1))) return false;
      continue;
    }
    std::string value;
    if (!ParseForCondition(plan.type, text, &value)) continue;  // The field is refused where it is parsed.
    if (!Holds(plan.condition->op, types::Compare(plan.type, value, plan.value))) return false;
  }
  return true;
}

void Transformer::Note(QualityCount* count, const Record& record, size_t field, std::string_view value) const {
  if (count->cells++ > 0) return;
  count->first_place = fmt::format("{}:{}:{}", path_, record.line, record.columns[field]);
  count->first_value = Shown(value);
}

std::optional<std::string> Transformer::ParseField(const FieldPlan& plan, const Record& record, size_t slot) {
  const std::string_view text = record.fields[plan.field];
  Parsed& parsed = parsed_[slot];
  parsed.kind = Parsed::Kind::kAbsent;
  if (text.empty()) {  // Empty is unset, never a tombstone.
    if (!plan.is_required) return std::nullopt;
    return fmt::format("{} is empty, and it is required", plan.source->header);
  }
  const TypeKind kind = plan.source->type.kind();
  if (kind == TypeKind::kText) {
    if (plan.is_key && text.size() > kMaxKeyBytes) return TooLongForKey(plan.source->header, text.size());
    parsed.kind = Parsed::Kind::kBytes;
    parsed.view = text;
    return std::nullopt;
  }
  if (IsIntegerKind(kind) || kind == TypeKind::kDouble || kind == TypeKind::kTimestamp) {
    return ParseNumber(plan, text, record, slot);
  }
  base::Result<std::string> value = types::FromText(plan.source->type, text);
  if (!value.ok()) {
    return fmt::format("{}: expected {}, found '{}'", plan.source->header, plan.source->type.ToString(), Shown(text));
  }
  if (!plan.least.empty() && types::Compare(plan.source->type, *value, plan.least) < 0) {
    return BelowMinimum(*plan.source, text);
  }
  if (!plan.most.empty() && types::Compare(plan.source->type, *value, plan.most) > 0) {
    return AboveMaximum(*plan.source, text);
  }
  const types::PhysicalType physical = plan.source->type.physical();
  if (physical == types::PhysicalType::kInt64) {
    parsed.kind = Parsed::Kind::kInt;
    parsed.number = types::ToInt64(kind, *value);
    if (kind == TypeKind::kFloat) {  // Its limits too are floats: 0.1 is not above a maximum of 0.1.
      const float real = std::bit_cast<float>(static_cast<uint32_t>(parsed.number));
      const model::SourceColumn& source = *plan.source;
      if (source.minimum && real < static_cast<float>(*source.minimum)) return BelowMinimum(source, text);
      if (source.maximum && real > static_cast<float>(*source.maximum)) return AboveMaximum(source, text);
    }
  } else {
    if (plan.is_key && value->size() > kMaxKeyBytes) return TooLongForKey(plan.source->header, value->size());
    parsed.kind = Parsed::Kind::kBytes;
    parsed.owned = std::move(*value);
    parsed.view = parsed.owned;
  }
  return std::nullopt;
}

std::optional<std::string> Transformer::ParseNumber(const FieldPlan& plan, std::string_view text, const Record& record,
                                                    size_t slot) {
  const TypeKind kind = plan.source->type.kind();
  Parsed& parsed = parsed_[slot];
  const auto wrong = [&] {
    return fmt::format("{}: expected {}, found '{}'", plan.source->header, plan.source->type.ToString(), Shown(text));
  };
  double real = 0;
  if (kind == TypeKind::kDouble) {
    if (!ParseDouble(text, &real)) return wrong();
    if (IsRoundedAsDouble(text, real)) Note(plan.rounded, record, plan.field, text);
    parsed.kind = Parsed::Kind::kDouble;
    parsed.real = real;
  } else if (kind == TypeKind::kTimestamp) {
    const std::optional<int64_t> millis = ParseMillis(text);
    if (!millis) return wrong();
    parsed.kind = Parsed::Kind::kInt;
    parsed.number = *millis;
    real = static_cast<double>(*millis);
  } else {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), parsed.number);
    const auto [least, most] = RangeOf(kind);
    if (error != std::errc() || end != text.data() + text.size() || parsed.number < least || parsed.number > most) {
      return wrong();
    }
    parsed.kind = Parsed::Kind::kInt;
    real = static_cast<double>(parsed.number);
  }
  if (plan.source->minimum && real < *plan.source->minimum) return BelowMinimum(*plan.source, text);
  if (plan.source->maximum && real > *plan.source->maximum) return AboveMaximum(*plan.source, text);
  return std::nullopt;
}

// All records are looked at, those too that the filter leaves out: it is the file that is judged.
void Transformer::NoteQuality(const Record& record) {
  for (const FieldPlan& plan : fields_) {
    const std::string_view text = record.fields[plan.field];
    if (text.empty()) continue;
    if (plan.blanks_around != nullptr) {
      if (HasBlanksAround(text)) Note(plan.blanks_around, record, plan.field, text);
      if (IsEncodedTwice(text)) Note(plan.encoded_twice, record, plan.field, text);
    }
    double error = 0;
    if (plan.lost_precision == nullptr || !LostPrecision(text, &error)) continue;
    QualityCount& count = *plan.lost_precision;
    Note(&count, record, plan.field, text);
    count.AddError(error);
    if (count.distinct_values.size() < QualityCount::kMaxDistinct) count.distinct_values.emplace(text);
  }
}

void Transformer::AppendShared() {
  for (size_t i = 0; i < fields_.size(); ++i) {
    if (!fields_[i].is_used) continue;
    columnar::Vector& vector = batch_.columns[fields_[i].column];
    const Parsed& parsed = parsed_[i];
    switch (parsed.kind) {
      case Parsed::Kind::kAbsent:
        vector.AppendState(columnar::CellState::kAbsent);
        break;
      case Parsed::Kind::kInt:
        vector.AppendInt64(parsed.number);
        break;
      case Parsed::Kind::kDouble:
        vector.AppendDouble(parsed.real);
        break;
      case Parsed::Kind::kBytes:
        vector.AppendBytes(parsed.view);
        break;
    }
  }
  for (size_t i = 0; i < sets_.size(); ++i) {
    if (uses_[sets_[i].column] != ColumnUse::kNone) batch_.columns[sets_[i].column].AppendBytes(set_values_[i]);
  }
  for (const size_t column : absent_columns_) batch_.columns[column].AppendState(columnar::CellState::kAbsent);
  ++batch_.row_count;
  ++counts_.rows;
}

base::Status Transformer::AppendRow(const BatchSink& batches) {
  AppendShared();
  return batch_.full() ? Flush(batches) : base::Status::Ok();
}

base::Status Transformer::AppendUnpivoted(const Record& record, const BatchSink& batches) {
  // First look, then append: a record with a wrong number is refused whole.
  std::vector<std::pair<size_t, double>> values;
  for (size_t i = 0; i < unpivot_->fields.size(); ++i) {
    const std::string_view text = record.fields[unpivot_->fields[i].first];
    double value = 0;
    if (text.empty()) continue;
    if (!ParseDouble(text, &value)) continue;  // A state or a name: no measurement.
    if (IsRoundedAsDouble(text, value)) Note(unpivot_->rounded[i], record, unpivot_->fields[i].first, text);
    values.emplace_back(i, value);
  }
  for (const auto& [field, value] : values) {
    batch_.columns[unpivot_->names_column].AppendBytes(unpivot_->fields[field].second);
    batch_.columns[unpivot_->values_column].AppendDouble(value);
    AppendShared();
    if (batch_.full()) CASSETTE_RETURN_IF_ERROR(Flush(batches));
  }
  return base::Status::Ok();
}

base::Status Transformer::Flush(const BatchSink& batches) {
  if (batch_.row_count == 0) return base::Status::Ok();
  CASSETTE_RETURN_IF_ERROR(batches(batch_));
  batch_.Reset(columns_);
  return base::Status::Ok();
}

base::Status Transformer::Finish(const BatchSink& batches) { return Flush(batches); }

base::Status Transformer::Refuse(const Record& record, uint32_t column, std::string_view reason,
                                 const RejectSink& rejects) {
  ++counts_.rejected;
  return rejects(Reject{&path_, record.line, column, reason, record.raw});
}

}  // namespace cassette::pipeline

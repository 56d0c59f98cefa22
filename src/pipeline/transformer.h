// Transformer: text records of one file to typed rows of the model. Filters, checks the rules, notes what is odd.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "model/model.h"
#include "pipeline/quality.h"
#include "pipeline/record_batch.h"
#include "pipeline/record_reader.h"

namespace cassette::pipeline {

struct TransformCounts {
  uint64_t read = 0;
  uint64_t filtered = 0;
  uint64_t rejected = 0;
  uint64_t rows = 0;  // Given to the tables; more than records when they are unpivoted.
};

// A record that was refused. Lifetime: views are valid during the call.
struct Reject {
  const std::string* file = nullptr;
  uint64_t line = 0;
  uint32_t column = 1;
  std::string_view reason;
  std::string_view raw;
};

// The fields that a format takes from a record: its columns' headers, then those that only `set` names. What a JSON
// object may have.
std::vector<std::string> FieldNames(const model::Format& format);

// Whether a file's header has the columns that `format` needs; the failure says which is missing or unknown and where.
base::Status MatchHeader(const model::Format& format, const std::string& path, const std::vector<std::string>& header);

// What the tables do with a column of the model.
enum class ColumnUse : uint8_t {
  kNone,  // No table has it: its fields are checked, and leave no values in the batch.
  kValue,
  kKey,  // Part of some table's key: may not be empty.
};

// Thread safety: not thread safe; one a file. Lifetime: format, columns and the callbacks outlive it.
class Transformer {
 public:
  // Called with full batches; may fail, which ends the run.
  using BatchSink = std::function<base::Status(const RecordBatch&)>;
  using RejectSink = std::function<base::Status(const Reject&)>;

  // `uses[i]`: of model column i.
  // REQUIRES: MatchHeader(format, path, header) succeeded.
  Transformer(const model::Format& format, const std::vector<ModelColumn>& columns, std::vector<ColumnUse> uses,
              const std::string& path, const std::vector<std::string>& header);

  base::Status Add(const Record& record, const BatchSink& batches, const RejectSink& rejects);
  // Gives the last batch.
  base::Status Finish(const BatchSink& batches);

  const TransformCounts& counts() const { return counts_; }
  const Quality& quality() const { return quality_; }

 private:
  // What to do with one field of a record.
  struct FieldPlan {
    size_t field = 0;
    size_t column = 0;  // Of the model.
    const model::SourceColumn* source = nullptr;
    bool is_key = false;
    bool is_required = false;
    bool is_used = false;
    // The limits of a decimal, a varint, a date and a time, serialized; empty without one.
    std::string least{};
    std::string most{};
    QualityCount* lost_precision = nullptr;
    QualityCount* encoded_twice = nullptr;
    QualityCount* blanks_around = nullptr;
    QualityCount* rounded = nullptr;
  };
  struct ConditionPlan {
    size_t field = 0;
    const model::Condition* condition = nullptr;
    types::DataType type;
    std::string value;  // Serialized; empty when the condition compares with ''.
  };
  // A piece of a `set` pattern: text, or the first non-empty of some fields.
  struct PatternPiece {
    std::string text;
    std::vector<size_t> fields;
  };
  struct SetPlan {
    size_t column = 0;
    std::vector<PatternPiece> pieces;
  };
  struct UnpivotPlan {
    size_t names_column = 0;
    size_t values_column = 0;
    std::vector<std::pair<size_t, std::string>> fields;  // Field and its header.
    std::vector<QualityCount*> rounded;
  };

  void PlanFields(const std::vector<std::string>& header);
  void PlanConditions(const std::vector<std::string>& header);
  void PlanSets(const std::vector<std::string>& header);
  void PlanUnpivot(const std::vector<std::string>& header);
  size_t ColumnIndex(std::string_view name) const;

  // Why the record is none whatever its values are; `*column` is the place.
  std::optional<std::string> StructuralError(const Record& record, uint32_t* column) const;
  bool Keep(const Record& record) const;
  // Parses a field into `parsed_`; the reason when it is not legal.
  std::optional<std::string> ParseField(const FieldPlan& plan, const Record& record, size_t slot);
  std::optional<std::string> ParseNumber(const FieldPlan& plan, std::string_view text, const Record& record,
                                         size_t slot);
  void NoteQuality(const Record& record);
  void Note(QualityCount* count, const Record& record, size_t field, std::string_view value) const;
  base::Status AppendRow(const BatchSink& batches);
  base::Status AppendUnpivoted(const Record& record, const BatchSink& batches);
  void AppendShared();
  base::Status Flush(const BatchSink& batches);
  base::Status Refuse(const Record& record, uint32_t column, std::string_view reason, const RejectSink& rejects);

  // A field's value between parsing and appending: a record is appended whole or not at all.
  struct Parsed {
    enum class Kind : uint8_t { kAbsent, kInt, kDouble, kBytes } kind = Kind::kAbsent;
    int64_t number = 0;
    double real = 0;
    std::string_view view;
    std::string owned;
  };

  const model::Format& format_;
  const std::vector<ModelColumn>& columns_;
  const std::vector<ColumnUse> uses_;
  const std::string& path_;
  const size_t header_size_;
  std::vector<FieldPlan> fields_;
  std::vector<ConditionPlan> conditions_;
  std::vector<SetPlan> sets_;
  std::optional<UnpivotPlan> unpivot_;
  std::vector<size_t> absent_columns_;  // Used columns that this format does not give.
  std::vector<Parsed> parsed_;
  std::vector<std::string> set_values_;
  RecordBatch batch_;
  TransformCounts counts_;
  Quality quality_;
};

}  // namespace cassette::pipeline

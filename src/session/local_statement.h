// LocalStatement: a statement prepared for the engine in this process, planned again when the schema changed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/functions/registry.h"
#include "schema/schema.h"
#include "session/session.h"
#include "storage/engine/engine.h"

namespace cassette::session {

// A plan, the schema that it was made for, and what clients are told of it. Immutable.
struct PlannedStatement {
  PlannedStatement(schema::SchemaPtr schema, cql::analysis::Plan&& plan);

  const schema::SchemaPtr schema;
  const cql::analysis::Plan plan;
  const std::vector<ColumnSpec> markers;
  const std::shared_ptr<const std::vector<ColumnSpec>> result_columns;
  const std::vector<uint16_t> partition_key_markers;  // As PreparedStatement has them.
  const bool may_run_long;
};
using PlannedPtr = std::shared_ptr<const PlannedStatement>;

// Parses and plans `text`. kSyntaxError, kInvalidArgument and so on.
base::Result<PlannedPtr> PlanStatement(std::string_view text, const std::string& keyspace, schema::SchemaPtr schema,
                                       const cql::functions::FunctionRegistry& functions);

// Thread safety: all methods may be called from many threads. Lifetime: `functions` outlives it.
class LocalStatement final : public PreparedStatement {
 public:
  LocalStatement(std::string text, std::string keyspace, PlannedPtr planned,
                 const cql::functions::FunctionRegistry& functions);
  // `planned` is that of the text with a marker for each constant, which are `constants` (lifted_statement.h). Clients
  // hear of no marker.
  LocalStatement(std::string text, std::string keyspace, PlannedPtr planned, Values constants,
                 const cql::functions::FunctionRegistry& functions);

  const std::string& text() const override { return text_; }
  const std::vector<ColumnSpec>& markers() const override;
  const std::vector<ColumnSpec>& result_columns() const override { return *prepared_->result_columns; }
  const std::vector<uint16_t>& partition_key_markers() const override;
  bool may_run_long() const override { return prepared_->may_run_long; }
  // That of USE when it was prepared.
  const std::string& keyspace() const { return keyspace_; }
  // Values that its plan may have markers for.
  size_t value_count() const { return constants_.size() + markers().size(); }
  // The values to run `planned`, one of its plans, with: its constants, or `given`. kInvalidArgument when it takes
  // none.
  base::Result<const Values*> ValuesFor(const PlannedStatement& planned, const Values& given) const {
    if (constants_.size() == 0) return &given;
    return ConstantsFor(planned, given);
  }

  // Whether clients would be told of `planned` what they were told of it.
  bool IsToldAs(const PlannedStatement& planned) const;
  // The plan for the engine's schema as it is now: the one at hand, or a new one. kInvalidArgument when the statement
  // is not legal any more.
  base::Result<PlannedPtr> PlanFor(const storage::engine::Engine& engine) const;
  // The same for those who hold the statement meanwhile: the plan it came with is neither locked nor counted.
  base::Result<PlannedPtr> BorrowPlanFor(const storage::engine::Engine& engine) const {
    if (engine.IsCurrent(prepared_->schema)) return PlannedPtr(PlannedPtr(), prepared_.get());
    return PlanFor(engine);
  }

 private:
  base::Result<const Values*> ConstantsFor(const PlannedStatement& planned, const Values& given) const;

  const std::string text_;
  const std::string keyspace_;
  const Values constants_;
  const cql::functions::FunctionRegistry& functions_;
  const PlannedPtr prepared_;  // What clients were told of.
  mutable std::mutex mutex_;  // Of planned_. (GCC 12's atomic<shared_ptr> does not order a load before the next store.)
  mutable PlannedPtr planned_;
};

// kInvalidArgument in Cassandra's words.
base::Status WrongValueCount(size_t wanted, size_t given);

std::vector<ColumnSpec> ToColumnSpecs(const std::vector<cql::analysis::ColumnSpec>& specs);

}  // namespace cassette::session

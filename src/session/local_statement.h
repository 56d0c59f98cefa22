// LocalStatement: a statement prepared for the engine in this process, planned again when the schema changed.
#pragma once

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

// A plan, and the schema that it was made for. Immutable.
struct PlannedStatement {
  schema::SchemaPtr schema;
  cql::analysis::Plan plan;
  std::shared_ptr<const std::vector<ColumnSpec>> result_columns;
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

  const std::string& text() const override { return text_; }
  const std::vector<ColumnSpec>& markers() const override { return markers_; }
  const std::vector<ColumnSpec>& result_columns() const override { return result_columns_; }
  const std::vector<uint16_t>& partition_key_markers() const override { return partition_key_markers_; }
  bool may_run_long() const override { return may_run_long_; }
  // That of USE when it was prepared.
  const std::string& keyspace() const { return keyspace_; }

  // The plan for the engine's schema as it is now: the one at hand, or a new one. kInvalidArgument when the statement
  // is not legal any more.
  base::Result<PlannedPtr> PlanFor(const storage::engine::Engine& engine) const;

 private:
  const std::string text_;
  const std::string keyspace_;
  const cql::functions::FunctionRegistry& functions_;
  mutable std::mutex mutex_;  // Of planned_. (GCC 12's atomic<shared_ptr> does not order a load before the next store.)
  mutable PlannedPtr planned_;
  std::vector<ColumnSpec> markers_;
  std::vector<ColumnSpec> result_columns_;
  std::vector<uint16_t> partition_key_markers_;
  bool may_run_long_;
};

std::vector<ColumnSpec> ToColumnSpecs(const std::vector<cql::analysis::ColumnSpec>& specs);

}  // namespace cassette::session

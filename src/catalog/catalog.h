// Catalog: the schema as its users see it. Makes schema changes through the engine and keeps the system tables, which
// drivers and shells read, in step with them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/mutex.h"
#include "base/random.h"
#include "base/status.h"
#include "catalog/roles.h"
#include "catalog/schema_change.h"
#include "catalog/system_rows.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::catalog {

// Thread safety: all methods may be called from many threads; changes run one after the other.
// Lifetime: engine and clock outlive the catalog.
class Catalog {
 public:
  // Puts the system keyspaces into the engine's schema and fills them.
  static base::Result<std::unique_ptr<Catalog>> Open(storage::engine::Engine& engine, base::Clock& clock,
                                                     uint64_t random_seed);

  // The schema now. Never null.
  schema::SchemaPtr schema() const { return engine_.schema(); }
  // kInvalidArgument, kConfigError, kAlreadyExists, kUnauthorized, kSyntaxError as Cassandra; what the engine says.
  // `creator`, if not null, gets all permissions on what the change makes.
  base::Result<SchemaChangeResult> Apply(const SchemaChange& change, const std::string* creator = nullptr);
  // What system.local says of where drivers reach this node: an IP address of 4 or 16 bytes, and a port.
  base::Status SetNativeAddress(const std::string& address, uint16_t port);
  // Writes rows of a system table; `forgotten` are partitions (serialized keys) whose rows go first. For what the node
  // tells of itself: virtual tables, traces. REQUIRES: the table is a system table with those columns.
  base::Status WriteSystemRows(std::string_view keyspace, std::string_view table,
                               std::span<const std::string> forgotten, std::span<const SystemRow> rows);

  Roles& roles() { return roles_; }
  // Called after each change that Apply makes. Set it before the first.
  void SetListener(std::function<void()> listener) { listener_ = std::move(listener); }
  // Says that an index (queries may use it) or a view is built, by the table that it is. Nothing happens when it has
  // gone meanwhile. What the engine says.
  base::Status MarkBuilt(const schema::TableId& derived);

 private:
  Catalog(storage::engine::Engine& engine, base::Clock& clock, uint64_t random_seed);

  base::Status AddSystemKeyspaces();
  void FlushRoles();
  // Permissions on what came, and on what went.
  base::Status FollowChanges(const schema::Schema& before, const schema::Schema& after, const std::string* creator);
  base::Result<SchemaChangeResult> ApplyLocked(const SchemaChange& change, const std::string* creator)
      CASSETTE_REQUIRES(mutex_);
  base::Status DescribeChanges(const schema::Schema& before, const schema::Schema& after) CASSETTE_REQUIRES(mutex_);
  // The row of system.local.
  std::string DescribeThisNode(const schema::Schema& schema, int64_t timestamp_micros) CASSETTE_REQUIRES(mutex_);
  schema::TableId NewTableId() CASSETTE_REQUIRES(mutex_);
  int64_t NextTimestamp() CASSETTE_REQUIRES(mutex_);

  storage::engine::Engine& engine_;
  base::Clock& clock_;
  Roles roles_;
  std::function<void()> listener_;
  base::Mutex mutex_;
  base::Random random_ CASSETTE_GUARDED_BY(mutex_);
  NodeFacts facts_ CASSETTE_GUARDED_BY(mutex_);
  int64_t last_timestamp_micros_ CASSETTE_GUARDED_BY(mutex_) = 0;
};

}  // namespace cassette::catalog

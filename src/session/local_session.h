// LocalSession: a Session on an engine in this process, and LocalDatabase, which owns the engine and hands sessions
// out.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "catalog/system_rows.h"
#include "session/session.h"
#include "storage/engine/engine.h"

namespace cassette::io {
class FileSystem;
}

namespace cassette::session {

struct LocalOptions {
  storage::engine::EngineOptions engine;
  size_t prepared_statements_max = 10000;  // Plans kept; the least recently used goes.
};

// Lifetime: file system, clock and logger outlive the database; the database outlives its sessions.
struct LocalEnvironment {
  io::FileSystem* file_system = nullptr;
  base::Clock* clock = nullptr;
  base::Logger* logger = nullptr;
  uint64_t random_seed = 0;
};

// One directory opened. Thread safety: all methods may be called from many threads.
class LocalDatabase {
 public:
  // As Engine::Open, and fills the system keyspaces.
  static base::Result<std::unique_ptr<LocalDatabase>> Open(const std::string& directory, const LocalOptions& options,
                                                           const LocalEnvironment& environment);
  // The same with the machine's own file system and clock and no log: what a twenty-line program wants.
  static base::Result<std::unique_ptr<LocalDatabase>> Open(const std::string& directory);
  virtual ~LocalDatabase() = default;  // Closes when Close was not called.

  virtual std::unique_ptr<Session> NewSession() = 0;
  // Tells drivers, in system.local, where this node answers: an IP address of 4 or 16 bytes, and a port.
  virtual base::Status SetNativeAddress(const std::string& address, uint16_t port) = 0;
  // Before the first statement: batches of several partitions with more bytes come with a warning, or are refused
  // (kInvalidArgument); those without a log come with a warning beyond so many partitions. 0: no bound.
  virtual void SetBatchBounds(uint64_t warn_bytes, uint64_t fail_bytes, uint32_t warn_partitions) = 0;
  // As Catalog::WriteSystemRows: what a server tells of itself in tables.
  virtual base::Status WriteSystemRows(std::string_view keyspace, std::string_view table,
                                       std::span<const std::string> forgotten,
                                       std::span<const catalog::SystemRow> rows) = 0;
  // For admin commands only: flush, compact, snapshot, verify, statistics.
  virtual storage::engine::Engine& engine() = 0;
  virtual base::Status Close() = 0;
};

}  // namespace cassette::session

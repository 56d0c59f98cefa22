// Session: CQL in, rows out, wherever the data lives. Models, pipelines, network monitoring, the shell and HTTP know
// this interface and nothing below it; LocalSession (local_session.h) runs it in this process, a session on a cluster
// will run it over the native protocol.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "columnar/vector_batch.h"
#include "types/data_type.h"
#include "types/value.h"

namespace cassette::session {

// A column of a result, or a bind marker of a statement.
struct ColumnSpec {
  std::string keyspace;
  std::string table;
  std::string name;
  types::DataType type;
  bool operator==(const ColumnSpec&) const = default;
};

// Values for the bind markers of one statement, in order, as serialized CQL values in one buffer. Clear() and refill
// to use it again without allocating.
// Thread safety: not thread safe.
class Values {
 public:
  Values& Null();
  Values& Unset();
  // The serialized form (types/value.h).
  Values& Bytes(std::string_view serialized);
  Values& Text(std::string_view value) { return Bytes(value); }
  Values& Int(int32_t value);
  Values& Bigint(int64_t value);  // bigint, timestamp (milliseconds), time (nanoseconds)
  Values& Double(double value);
  Values& Boolean(bool value);

  size_t size() const { return entries_.size(); }
  // REQUIRES: index < size().
  types::ValueView at(size_t index) const {
    CASSETTE_ASSERT(index < entries_.size());
    const Entry& entry = entries_[index];
    return {entry.state, {buffer_.data() + entry.begin, entry.end - entry.begin}};
  }
  void Clear();

  // For `:name` markers given by name: position i has the name, in any order; empty when values are positional.
  std::vector<std::string> names;

 private:
  struct Entry {
    types::ValueView::State state;
    uint32_t begin;
    uint32_t end;
  };
  Values& Number(types::TypeKind kind, int64_t value);

  std::string buffer_;
  std::vector<Entry> entries_;
};

inline constexpr int32_t kDefaultPageRows = 5000;

struct QueryOptions {
  int32_t page_rows = kDefaultPageRows;     // 0 or less: everything in one page.
  std::string paging_state;                 // From the page before; empty for the first.
  std::optional<int64_t> timestamp_micros;  // Default write time, as the protocol's.
  std::optional<int64_t> now_seconds;       // As protocol v5's now_in_seconds.
  // The page's columns come as ResultPage::shared_columns, which costs no copy.
  bool share_columns = false;
};

struct PrepareOptions {
  std::string_view keyspace;  // Instead of the session's; empty: the session's.
  // False: the statement will hardly come again, so it need not be kept for others (unless it has bind markers).
  bool keep = true;
};

// Rows as column vectors.
using ResultBatch = columnar::VectorBatch;

// What a statement answered. Value type; owns everything.
class ResultPage {
 public:
  enum class Kind : uint8_t { kVoid, kRows, kSetKeyspace, kSchemaChange };

  Kind kind = Kind::kVoid;
  std::vector<ColumnSpec> columns;  // kRows
  // Instead of `columns` when QueryOptions::share_columns asks for it. The same pointer: the same columns.
  std::shared_ptr<const std::vector<ColumnSpec>> shared_columns;
  std::vector<ResultBatch> batches;  // kRows
  std::string paging_state;          // Not empty: there are (maybe) more rows.
  std::vector<std::string> warnings;
  std::string keyspace;       // kSetKeyspace; kSchemaChange: of what changed
  std::string schema_change;  // "CREATED", "UPDATED", "DROPPED"
  std::string schema_target;  // "KEYSPACE", "TABLE", ...
  std::string schema_name;    // Of the table and the like.

  uint64_t row_count() const;
  bool has_more() const { return !paging_state.empty(); }
  // Serialized value of row `row` (over all batches), column `column`; nullopt for null. For tests, shells, small
  // answers; loops over many rows go by batches.
  std::optional<std::string> Value(uint64_t row, size_t column) const;
  // types::ToText of it; "null" for null.
  std::string Text(uint64_t row, size_t column) const;
};

// A statement parsed, checked and planned once. Lifetime: stays valid when the schema changes (it is planned again, or
// answers kInvalidArgument when that fails). Thread safety: immutable; share freely.
class PreparedStatement {
 public:
  virtual ~PreparedStatement() = default;
  virtual const std::string& text() const = 0;
  virtual const std::vector<ColumnSpec>& markers() const = 0;
  virtual const std::vector<ColumnSpec>& result_columns() const = 0;
  // The marker of each column of the partition key, in its order; empty unless all of them have one. What a client
  // needs to find the replicas of a statement.
  virtual const std::vector<uint16_t>& partition_key_markers() const = 0;
  // Whether it may keep a thread for long: schema changes, scans, aggregates. An event loop gives it to another thread.
  virtual bool may_run_long() const = 0;
};
using PreparedPtr = std::shared_ptr<const PreparedStatement>;

// Gets an answer. It may take what the page has, or leave it: then its memory may be used again.
using PageCallback = std::function<void(base::Result<ResultPage>&&)>;

enum class BatchKind : uint8_t { kLogged, kUnlogged, kCounter };

// One statement of a batch. Lifetime: both pointers outlive the call.
struct BatchEntry {
  const PreparedStatement* statement = nullptr;
  const Values* values = nullptr;
};

// Loads rows through one prepared INSERT, as fast as the place allows: the local one builds SSTables that become
// visible at Commit, all or nothing (rows of a table with views or cells of collections: at once, batch by batch); the
// remote one will pipeline requests, and Commit waits for the last. Thread safety: not thread safe; open one a thread.
// The destructor abandons what was not committed, where the place can. Lifetime: the session outlives it.
class BulkWriter {
 public:
  virtual ~BulkWriter() = default;
  // `vectors[m]` holds the values of bind marker m for `row_count` rows (at most columnar::kMaxVectorRows; constants
  // allowed); null places are unset. All rows of the call get the write time `timestamp_micros`. kInvalidArgument names
  // marker and row; then no row of the call was taken.
  virtual base::Status Append(std::span<const columnar::Vector* const> vectors, uint32_t row_count,
                              int64_t timestamp_micros) = 0;
  virtual base::Status Commit() = 0;
  virtual uint64_t rows() const = 0;
};

// Thread safety: all methods may be called from many threads, except UseKeyspace (USE), which affects the session.
class Session {
 public:
  virtual ~Session() = default;

  // Parses and runs one statement. Errors carry Cassandra's code (base::CqlErrorCode) and the place in the CQL.
  virtual base::Result<ResultPage> Execute(std::string_view cql, const Values& values, const QueryOptions& options) = 0;
  virtual base::Result<PreparedPtr> Prepare(std::string_view cql, const PrepareOptions& options) = 0;
  virtual base::Result<ResultPage> Execute(const PreparedStatement& statement, const Values& values,
                                           const QueryOptions& options) = 0;
  virtual base::Result<ResultPage> ExecuteBatch(BatchKind kind, std::span<const BatchEntry> entries,
                                                const QueryOptions& options) = 0;
  // As Execute, but returns at once; `done` is called exactly once, maybe before this returns, maybe on another
  // thread, when the answer may be given (a write: as durable as the sync mode says). `statement` and `values` are
  // copied if need be.
  virtual void ExecuteAsync(const PreparedPtr& statement, const Values& values, const QueryOptions& options,
                            PageCallback done) = 0;
  // As ExecuteBatch, answering as ExecuteAsync does. `entries` need not outlive the call.
  virtual void ExecuteBatchAsync(BatchKind kind, std::span<const BatchEntry> entries, const QueryOptions& options,
                                 PageCallback done) = 0;
  // `insert`: a prepared INSERT whose values are all bind markers, without conditions, TTL or TIMESTAMP.
  virtual base::Result<std::unique_ptr<BulkWriter>> OpenBulkWriter(PreparedPtr insert) = 0;
  // Commits several writers of this session in one step where the place can.
  virtual base::Status CommitTogether(std::span<BulkWriter* const> writers) = 0;
  // The keyspace of USE; empty when none.
  virtual std::string keyspace() const = 0;

  // From now on the session acts for `role`, and each of its statements needs that role's permissions (those of
  // system_auth, by CassandraAuthorizer's rules). A session in which nobody logged in may do all: who lets strangers in
  // must not let them go on without a login. kUnauthorized when name or password is wrong or the role may not log in (a
  // server says that with the protocol's code for bad credentials, 0x0100); the session stays what it was. Takes tens
  // of milliseconds: a password's hash is slow on purpose.
  virtual base::Status Login(std::string_view role, std::string_view password) = 0;
  // The role that logged in; empty when none.
  virtual std::string role() const = 0;

  base::Result<PreparedPtr> Prepare(std::string_view cql) { return Prepare(cql, PrepareOptions()); }
  // Shorthand: no values, default options.
  base::Result<ResultPage> Execute(std::string_view cql) { return Execute(cql, Values(), QueryOptions()); }
};

}  // namespace cassette::session

// StatementWriter: the bulk writer of tables whose rows cannot be built aside: those with materialised views, which
// must be kept in step, and those with non-frozen collections or user types. Each Append is unlogged batches of its
// INSERT, of at most kMaxStatementWriterBytes: a row is there, in the views and indexes too, as soon as Append returns,
// and stays when the writer is abandoned. A call whose values fit one batch is taken whole or not at all.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/status.h"
#include "session/local_statement.h"
#include "session/session.h"

namespace cassette::session {

inline constexpr size_t kMaxStatementWriterBytes = 4 << 20;

// Thread safety: not thread safe. Lifetime: the session outlives it.
class StatementWriter final : public BulkWriter {
 public:
  // REQUIRES: `planned` is the plan of `insert`, an INSERT whose values are all markers.
  StatementWriter(Session& session, PreparedPtr insert, PlannedPtr planned);

  base::Status Append(std::span<const columnar::Vector* const> vectors, uint32_t row_count,
                      int64_t timestamp_micros) override;
  base::Status Commit() override { return base::Status::Ok(); }
  uint64_t rows() const override { return rows_; }

 private:
  // The values of one row; returns their bytes.
  size_t Fill(std::span<const columnar::Vector* const> vectors, uint32_t row, Values* values);
  base::Status Write(uint32_t first_row, uint32_t row_count, int64_t timestamp_micros);

  Session& session_;
  const PreparedPtr insert_;
  const PlannedPtr planned_;
  std::vector<Values> values_;  // Of the rows of a batch; kept for the next.
  std::vector<BatchEntry> entries_;
  std::string bytes_;
  uint64_t rows_ = 0;
};

}  // namespace cassette::session

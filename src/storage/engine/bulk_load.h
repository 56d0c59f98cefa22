// TableLoad: the engine's BulkLoad.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/engine/database.h"
#include "storage/engine/load_buffer.h"

namespace cassette::storage::engine {

// Thread safety: not thread safe. Lifetime: the engine outlives it.
class TableLoad final : public BulkLoad {
 public:
  TableLoad(Database& database, StorePtr store);
  ~TableLoad() override;

  base::Status Append(std::span<const schema::ColumnId> columns, std::span<const columnar::Vector* const> vectors,
                      uint32_t row_count, int64_t timestamp_micros) override;
  base::Status Commit() override;
  uint64_t rows() const override { return rows_; }

  // For Database::CommitBulkLoads.
  base::Status Finish();
  const StorePtr& store() const { return store_; }
  const std::vector<SstablePtr>& finished() const { return finished_; }
  // The SSTables are live now, or may be at the next start: their files are not the load's any more.
  void Release() { finished_.clear(); }

 private:
  base::Status ReadInput(std::span<const schema::ColumnId> columns, std::span<const columnar::Vector* const> vectors,
                         uint32_t row_count, LoadInput* input) const;
  base::Status FindRuns(const LoadInput& input);
  base::Status EncodeKey(const LoadInput& input, uint32_t row, LoadRun* run);
  base::Status Spill();

  Database& database_;
  const StorePtr store_;
  const schema::TablePtr table_;
  std::unique_ptr<LoadBuffer> buffer_;
  std::vector<SstablePtr> finished_;
  uint64_t rows_ = 0;
  bool is_ended_ = false;
  // Scratch.
  std::vector<LoadRun> runs_;  // The first run_count_; the others keep their memory for later calls.
  size_t run_count_ = 0;
  std::string components_;
  std::vector<size_t> component_ends_;
  std::vector<std::string_view> component_views_;
};

}  // namespace cassette::storage::engine

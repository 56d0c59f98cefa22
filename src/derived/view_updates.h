// ViewUpdates: what a write means for the views of its tables. The rows that it touches are read as they are, the write
// is merged into them, and each view is told of the difference.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "derived/base_row.h"
#include "derived/mutation_list.h"
#include "rows/partition_locks.h"
#include "schema/schema.h"
#include "storage/engine/engine.h"

namespace cassette::derived {

// Thread safety: not thread safe. Lifetime: engine and schema outlive it.
class ViewUpdates {
 public:
  ViewUpdates(storage::engine::Engine& engine, const schema::Schema& schema, int64_t now_seconds)
      : engine_(engine), schema_(schema), now_seconds_(now_seconds) {}

  // Takes the mutations of tables with views. kCorruption when one is malformed.
  base::Status Collect(std::span<const std::string_view> mutations);
  // What must be locked before Add, until the write is done.
  const std::vector<rows::PartitionId>& partitions() const { return partitions_; }
  // Adds the views' mutations. What the engine says when it cannot be read.
  base::Status Add(MutationList* out);

 private:
  using Rows = std::map<std::string, BaseRow>;  // By clustering bytes.

  struct Partition {
    schema::TablePtr table;
    rows::Token token;
    PartitionUpdate update;
  };

  base::Status AddPartition(const std::string& key, Partition& partition, MutationList* out);
  // The rows that the update may change, also those that are not there: what deletes them is.
  base::Result<Rows> ReadRows(const std::string& key, const Partition& partition) const;
  // The same of an update of single rows, each by itself. Null when the engine cannot give one without a merge.
  base::Result<std::optional<Rows>> ReadSingleRows(const std::string& key, const Partition& partition) const;

  storage::engine::Engine& engine_;
  const schema::Schema& schema_;
  const int64_t now_seconds_;
  std::map<std::pair<schema::TableId, std::string>, Partition> updates_;
  std::vector<rows::PartitionId> partitions_;
};

}  // namespace cassette::derived

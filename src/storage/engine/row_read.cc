#include "storage/engine/row_read.h"

#include <algorithm>

#include "codec/murmur3.h"
#include "rows/keys.h"
#include "rows/live_row.h"
#include "storage/engine/database.h"

namespace cassette::storage::engine {
namespace {

// Of one row, or of those whose clusterings begin alike.
bool IsPoint(const rows::ClusteringSlice& slice) {
  using Side = rows::ClusteringBound::Side;
  return slice.start.side == Side::kBefore && slice.end.side == Side::kAfter && slice.start.prefix == slice.end.prefix;
}

bool AsksForOneRow(const ReadCommand& command) {
  const bool is_simple = command.keys.size() == 1 && command.slices.size() == 1 && !command.has_resume &&
                         !command.distinct_partitions && !(command.static_rows && command.table->has_statics());
  return is_simple && IsPoint(command.slices[0]) && rows::HasPlainColumns(*command.table, command.columns);
}

bool HasMemtableRows(const TableVersion& version) {
  return std::any_of(version.memtables.begin(), version.memtables.end(),
                     [](const MemtablePtr& slot) { return !slot->memtable.empty(); });
}

}  // namespace

base::Result<bool> FindRow(const TableVersion& version, rows::Token token, std::string_view key,
                           std::string_view clustering, rows::RowHistory* found, uint64_t* skipped) {
  found->row.clear();
  found->covering = rows::DeletionTime();
  for (const SstablePtr& sstable : version.sstables) {
    CASSETTE_ASSIGN_OR_RETURN(const bool may_contain, sstable->MayContain(token));
    if (may_contain) return false;
    ++*skipped;
  }
  for (const MemtablePtr& slot : version.memtables) {
    if (slot->memtable.empty()) continue;
    if (!found->empty()) {
      rows::RowHistory other;
      slot->memtable.ReadRow(token, key, clustering, &other);
      if (!other.empty()) return false;
    } else {
      slot->memtable.ReadRow(token, key, clustering, found);
    }
  }
  return true;
}

base::Result<bool> RowRead::Open(TableReadState* state) {
  const ReadCommand& command = *state->command;
  if (!AsksForOneRow(command) || !HasMemtableRows(*state->version)) return false;
  if (!DecodeClustering(*command.table, command.slices[0].start.prefix)) return false;
  const rows::Token token = codec::Murmur3Token(command.keys[0]);
  uint64_t skipped = 0;
  CASSETTE_ASSIGN_OR_RETURN(const bool is_known, FindRow(*state->version, token, command.keys[0],
                                                         command.slices[0].start.prefix, &found_, &skipped));
  // What covers a row is counted by those who read the partition.
  if (!is_known || !found_.covering.is_live()) return false;
  command_ = &command;
  token_ = token;
  statistics_ = {};
  is_given_ = false;
  state->sstables_skipped_by_filter += skipped;
  if (!found_.row.empty()) ++state->memtables_read;
  return true;
}

// False when it is but the beginning of one.
bool RowRead::DecodeClustering(const schema::Table& table, std::string_view clustering) {
  clustering_.resize(table.clustering_count());
  for (size_t i = 0; i < clustering_.size(); ++i) clustering_[i].Reset(table.clustering(i).type.physical());
  return rows::DecodeClustering(table, clustering, clustering_).ok();
}

base::Result<bool> RowRead::Next(const rows::LiveReaderOptions& options, rows::RowBatch* batch) {
  if (is_given_) {
    batch->Clear();
    return false;
  }
  is_given_ = true;
  return rows::ReadLiveRow(options, {token_, command_->keys[0], clustering_, found_}, batch, &statistics_);
}

base::Result<bool> Database::ReadRow(const schema::TableId& table, rows::Token token, std::string_view key,
                                     std::string_view clustering, rows::RowHistory* found) {
  if (is_closing()) return base::Unavailable("the engine is closed");
  const CataloguePtr pinned = catalogue();
  const auto entry = pinned->stores.find(table);
  if (entry == pinned->stores.end()) return base::NotFound("table " + table.ToString() + " does not exist");
  TableStore* const store = entry->second.get();
  store->metrics.reads.fetch_add(1, std::memory_order_relaxed);
  uint64_t skipped = 0;
  return FindRow(*store->version(), token, key, clustering, found, &skipped);
}

}  // namespace cassette::storage::engine

// ViewWriter: what a change of a base row means for the rows of a view (org.apache.cassandra.db.view
// .ViewUpdateGenerator): the row at the old place of the view goes, one at the new place comes, or it changes in place.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "derived/base_row.h"
#include "derived/mutation_list.h"
#include "rows/mutation.h"
#include "schema/schema.h"

namespace cassette::derived {

// Thread safety: not thread safe. Lifetime: the tables outlive it.
class ViewWriter {
 public:
  ViewWriter(const schema::Table& base, const schema::Table& view);

  // Goes on with the rows of a partition of the base table. kCorruption when the key is malformed. Lifetime: the key
  // outlives the rows' Add.
  base::Status BeginPartition(std::string_view base_key);
  // Adds the mutations of the view that follow when the base row with these clustering bytes is `after` where it was
  // `before` (empty when it was not there); what has expired at `now_seconds` is gone. kInvalidArgument when a key of
  // the view would be too long.
  base::Status Add(std::string_view clustering, const BaseRow& before, const BaseRow& after, int64_t now_seconds,
                   MutationList* out);

 private:
  // Where a column of the view's key comes from.
  struct KeyPart {
    schema::ColumnKind kind;  // In the base table.
    uint32_t position = 0;
    const schema::Column* column = nullptr;  // Of the view.
  };

  bool PassesFilters() const;
  bool Passes(const schema::ViewFilter& filter) const;
  // Order of the row's values, from `first` on, against `wanted`.
  int Compare(const schema::Column& first, std::span<const std::string> wanted) const;
  // The value of the row at hand. REQUIRES: the column is of the base table's key.
  std::string_view KeyValue(const schema::Column& column) const;
  bool IsSelected(const BaseCell& cell) const;
  rows::Liveness EntryLiveness(const BaseRow& row) const;
  int64_t EntryDeletionTime(const BaseRow& before, const BaseRow& after) const;
  base::Status Create(const BaseRow& row, MutationList* out);
  base::Status Remove(const BaseRow& before, const BaseRow& after, MutationList* out);
  base::Status Change(const BaseRow& before, const BaseRow& after, MutationList* out);
  void AddDifferentCells(const BaseRow& before, const BaseRow& after);
  // Begins the view's row of a base row; false when a row with such a key cannot be.
  base::Result<bool> BeginEntry(const BaseRow& row);
  void FinishEntry(MutationList* out);

  const schema::Table& base_;
  const schema::Table& view_;
  std::vector<KeyPart> key_parts_;  // Partition key, then clustering.
  rows::MutationBuilder builder_;
  rows::ComplexBuilder complex_;
  // Of the partition and the row at hand.
  std::vector<std::string_view> partition_values_;
  std::vector<std::string> clustering_values_;
  int64_t now_seconds_ = 0;
  // Of BeginEntry.
  std::vector<std::string_view> entry_values_;
  std::string entry_key_;
  std::string entry_clustering_;
};

}  // namespace cassette::derived

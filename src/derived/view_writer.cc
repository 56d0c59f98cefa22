#include "derived/view_writer.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/assert.h"
#include "codec/murmur3.h"
#include "rows/keys.h"
#include "types/composite.h"
#include "types/value.h"

namespace cassette::derived {
namespace {

using schema::ColumnKind;
using schema::ViewFilter;

bool Holds(ViewFilter::Comparison comparison, int order) {
  switch (comparison) {
    case ViewFilter::Comparison::kLess:
      return order < 0;
    case ViewFilter::Comparison::kLessOrEqual:
      return order <= 0;
    case ViewFilter::Comparison::kGreater:
      return order > 0;
    case ViewFilter::Comparison::kGreaterOrEqual:
      return order >= 0;
    case ViewFilter::Comparison::kEqual:
    case ViewFilter::Comparison::kIn:
    case ViewFilter::Comparison::kInTuples:
      break;
  }
  return order == 0;
}

std::vector<std::string> FieldsOf(std::string_view tuple) {
  std::vector<std::string> fields;
  types::ValueView field;
  while (!tuple.empty() && types::ReadItem(&tuple, &field)) fields.emplace_back(field.bytes);
  return fields;
}

bool IsSame(const rows::CellView& a, const rows::CellView& b) {
  return a.state == b.state && a.timestamp_micros == b.timestamp_micros && a.ttl_seconds == b.ttl_seconds &&
         a.expires_at_seconds == b.expires_at_seconds && a.value == b.value;
}

// What the image `after` has and `before` has not, or not so. Both have their cells by path. The result may be empty.
void FindNewItems(std::string_view before, std::string_view after, rows::ComplexBuilder* out) {
  std::unordered_map<std::string_view, rows::CellView> known;
  rows::ComplexReader old;
  rows::ComplexReader now;
  rows::ComplexCell cell;
  out->Clear();
  if (!old.Open(before) || !now.Open(after)) return;
  while (!old.at_end() && old.Next(&cell)) known.emplace(cell.path, cell.cell);
  if (!(now.deletion() == old.deletion())) out->SetDeletion(now.deletion());
  while (!now.at_end() && now.Next(&cell)) {
    const auto found = known.find(cell.path);
    if (found == known.end() || !IsSame(found->second, cell.cell)) out->Add(cell.path, cell.cell);
  }
}

}  // namespace

ViewWriter::ViewWriter(const schema::Table& base, const schema::Table& view) : base_(base), view_(view) {
  key_parts_.reserve(view.partition_key_count() + view.clustering_count());
  for (size_t i = 0; i < view.partition_key_count() + view.clustering_count(); ++i) {
    const schema::Column* column = base.FindColumn(view.columns[i].id);
    CASSETTE_ASSERT(column != nullptr);
    key_parts_.push_back({column->kind, column->position, &view.columns[i]});
  }
}

base::Status ViewWriter::BeginPartition(std::string_view base_key) {
  return rows::SplitPartitionKey(base_.partition_key_count(), base_key, &partition_values_);
}

// They ask of the base table's key alone, so that a row passes all its life or never.
bool ViewWriter::PassesFilters() const {
  return std::all_of(view_.view.filters.begin(), view_.view.filters.end(),
                     [this](const ViewFilter& filter) { return Passes(filter); });
}

bool ViewWriter::Passes(const ViewFilter& filter) const {
  const schema::Column& column = *base_.FindColumn(filter.column);
  switch (filter.comparison) {
    case ViewFilter::Comparison::kIn:
      return std::any_of(filter.values.begin(), filter.values.end(),
                         [&](const std::string& wanted) { return Compare(column, {&wanted, 1}) == 0; });
    case ViewFilter::Comparison::kInTuples:
      return std::any_of(filter.values.begin(), filter.values.end(),
                         [&](const std::string& wanted) { return Compare(column, FieldsOf(wanted)) == 0; });
    default:
      return Holds(filter.comparison, Compare(column, filter.values));
  }
}

// Column by column, as far as the tuple goes; most often there is one.
int ViewWriter::Compare(const schema::Column& first, std::span<const std::string> wanted) const {
  int order = types::Compare(first.type, KeyValue(first), wanted[0]);
  for (size_t i = 1; order == 0 && i < wanted.size(); ++i) {
    const schema::Column& next = base_.clustering(first.position + i);
    order = types::Compare(next.type, KeyValue(next), wanted[i]);
  }
  return order;
}

std::string_view ViewWriter::KeyValue(const schema::Column& column) const {
  return column.kind == ColumnKind::kPartitionKey ? partition_values_[column.position]
                                                  : std::string_view(clustering_values_[column.position]);
}

base::Status ViewWriter::Add(std::string_view clustering, const BaseRow& before, const BaseRow& after,
                             int64_t now_seconds, MutationList* out) {
  now_seconds_ = now_seconds;
  clustering_values_.resize(base_.clustering_count());
  for (size_t i = 0; i < clustering_values_.size(); ++i) {
    const schema::Column& column = base_.clustering(i);
    CASSETTE_RETURN_IF_ERROR(types::DecodeOrdered(column.type, column.descending, &clustering, &clustering_values_[i]));
  }
  if (!PassesFilters()) return base::Status::Ok();
  bool was_there = before.IsLiveAt(now_seconds_);
  bool is_there = after.IsLiveAt(now_seconds_);
  bool has_moved = false;
  if (view_.has_strict_liveness()) {
    const BaseCell* old_cell = before.Find(view_.view.key_column);
    const BaseCell* new_cell = after.Find(view_.view.key_column);
    was_there = old_cell != nullptr && old_cell->cell.IsLiveAt(now_seconds_);
    is_there = new_cell != nullptr && new_cell->cell.IsLiveAt(now_seconds_);
    has_moved = was_there && is_there && old_cell->cell.value != new_cell->cell.value;
  }
  if (!was_there) return is_there ? Create(after, out) : base::Status::Ok();
  if (!is_there) return Remove(before, after, out);
  if (!has_moved) return Change(before, after, out);
  CASSETTE_RETURN_IF_ERROR(Create(after, out));
  return Remove(before, after, out);
}

bool ViewWriter::IsSelected(const BaseCell& cell) const {
  const schema::Column* column = view_.FindColumn(cell.column);
  return column != nullptr && column->kind == ColumnKind::kRegular;
}

// computeLivenessInfoForEntry.
rows::Liveness ViewWriter::EntryLiveness(const BaseRow& row) const {
  if (view_.has_strict_liveness()) {
    const rows::CellView& cell = row.Find(view_.view.key_column)->cell;
    return {cell.timestamp_micros, cell.ttl_seconds, cell.expires_at_seconds};
  }
  if (view_.view.include_all_columns) return row.liveness;
  // Cells that the view does not have keep its row alive, too.
  int64_t timestamp = row.liveness.timestamp_micros;
  bool has_lasting_cell = false;
  std::optional<rows::CellView> last_to_expire;
  for (const BaseCell& column : row.cells) {
    if (view_.FindColumn(column.column) != nullptr) continue;
    column.Visit([&](const rows::CellView& cell) {
      if (!cell.IsLiveAt(now_seconds_)) return;
      timestamp = std::max(timestamp, cell.timestamp_micros);
      if (!cell.is_expiring()) {
        has_lasting_cell = true;
      } else if (!last_to_expire || cell.expires_at_seconds > last_to_expire->expires_at_seconds) {
        last_to_expire = cell;
      }
    });
  }
  const bool is_live = !row.liveness.is_empty() && row.liveness.expires_at_seconds > now_seconds_;
  const bool is_lasting = is_live && row.liveness.ttl_seconds == rows::kNoTtl;
  if (is_lasting || has_lasting_cell) return {timestamp, rows::kNoTtl, rows::kNeverExpires};
  if (!last_to_expire) return row.liveness;
  if (!is_live || last_to_expire->expires_at_seconds > row.liveness.expires_at_seconds) {
    return {timestamp, last_to_expire->ttl_seconds, last_to_expire->expires_at_seconds};
  }
  return row.liveness;
}

// computeTimestampForEntryDeletion.
int64_t ViewWriter::EntryDeletionTime(const BaseRow& before, const BaseRow& after) const {
  const int64_t deleted_at = after.deletion.marked_at_micros;
  if (view_.has_strict_liveness()) {
    const int64_t written_at = before.Find(view_.view.key_column)->cell.timestamp_micros;
    return std::max(deleted_at, written_at);
  }
  int64_t timestamp = std::max(deleted_at, before.liveness.timestamp_micros);
  if (view_.view.include_all_columns) return timestamp;
  for (const BaseCell& cell : before.cells) {
    if (view_.FindColumn(cell.column) != nullptr) continue;
    cell.Visit([&timestamp](const rows::CellView& one) { timestamp = std::max(timestamp, one.timestamp_micros); });
  }
  return timestamp;
}

base::Result<bool> ViewWriter::BeginEntry(const BaseRow& row) {
  std::vector<std::string_view>& values = entry_values_;
  values.resize(key_parts_.size());
  for (size_t i = 0; i < key_parts_.size(); ++i) {
    const KeyPart& part = key_parts_[i];
    if (part.kind == ColumnKind::kPartitionKey) {
      values[i] = partition_values_[part.position];
    } else if (part.kind == ColumnKind::kClustering) {
      values[i] = clustering_values_[part.position];
    } else {
      values[i] = row.Find(part.column->id)->cell.value;
    }
  }
  const size_t partition_columns = view_.partition_key_count();
  if (partition_columns == 1 && values[0].empty()) return false;  // No table has such a key.
  entry_key_.clear();
  CASSETTE_RETURN_IF_ERROR(rows::AppendPartitionKey({values.data(), partition_columns}, &entry_key_));
  entry_clustering_.clear();
  for (size_t i = 0; i < view_.clustering_count(); ++i) {
    const std::string_view value = values[partition_columns + i];
    if (value.size() > rows::kMaxKeyBytes) {
      return base::InvalidArgument("Key length of " + std::to_string(value.size()) + " is longer than maximum of " +
                                   std::to_string(rows::kMaxKeyBytes));
    }
    rows::AppendClusteringComponent(view_, i, value, &entry_clustering_);
  }
  builder_.Begin(view_.id, codec::Murmur3Token(entry_key_), entry_key_);
  builder_.BeginRow(entry_clustering_);
  return true;
}

void ViewWriter::FinishEntry(MutationList* out) { out->Add(builder_.bytes()); }

base::Status ViewWriter::Create(const BaseRow& row, MutationList* out) { return Change(BaseRow(), row, out); }

base::Status ViewWriter::Change(const BaseRow& before, const BaseRow& after, MutationList* out) {
  CASSETTE_ASSIGN_OR_RETURN(const bool can_be, BeginEntry(after));
  if (!can_be) return base::Status::Ok();
  const rows::Liveness liveness = EntryLiveness(after);
  if (!liveness.is_empty()) builder_.SetLiveness(liveness);
  if (!after.deletion.is_live()) builder_.SetRowDeletion(after.deletion);
  AddDifferentCells(before, after);
  FinishEntry(out);
  return base::Status::Ok();
}

// A marker that has expired already shadows the row's marker of the same write time, and leaves cells written later
// alone, as a row deletion would not.
base::Status ViewWriter::Remove(const BaseRow& before, const BaseRow& after, MutationList* out) {
  CASSETTE_ASSIGN_OR_RETURN(const bool can_be, BeginEntry(before));
  if (!can_be) return base::Status::Ok();
  const int64_t timestamp = EntryDeletionTime(before, after);
  if (timestamp > after.deletion.marked_at_micros) {
    builder_.SetLiveness({timestamp, rows::kExpiredLivenessTtl, now_seconds_});
  }
  if (!after.deletion.is_live()) builder_.SetRowDeletion(after.deletion);
  AddDifferentCells(before, after);
  FinishEntry(out);
  return base::Status::Ok();
}

void ViewWriter::AddDifferentCells(const BaseRow& before, const BaseRow& after) {
  for (const BaseCell& cell : after.cells) {
    if (!IsSelected(cell)) continue;
    const BaseCell* old_cell = before.Find(cell.column);
    if (old_cell != nullptr && IsSame(old_cell->cell, cell.cell)) continue;
    if (old_cell == nullptr || cell.complex_type == nullptr) {
      builder_.AddCell(cell.column, cell.cell);
      continue;
    }
    FindNewItems(old_cell->cell.value, cell.cell.value, &complex_);
    if (!complex_.empty()) builder_.AddCell(cell.column, complex_.view());
  }
}

}  // namespace cassette::derived

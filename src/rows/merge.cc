#include "rows/merge.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "base/assert.h"
#include "rows/complex_cells.h"
#include "rows/merge_output.h"
#include "rows/merge_rows.h"
#include "rows/range_tombstone_list.h"

namespace cassette::rows {
namespace {

using HeadPtr = std::shared_ptr<const PartitionHead>;

// One source and the block it stands in. `run` and `row` are the next to be taken.
struct Cursor {
  RowSource* source = nullptr;
  SlottedBlock slotted;
  size_t run = 0;
  uint32_t row = 0;
  bool done = false;
  bool nothing_to_purge = false;

  const RowBlock& block() const { return slotted.block; }
  const PartitionRun& partition() const { return slotted.block.partitions[run]; }
  PartitionPosition position() const { return {partition().token, partition().key}; }
  PartitionPosition last_position() const {
    const PartitionRun& last = slotted.block.partitions.back();
    return {last.token, last.key};
  }
  uint32_t run_end() const { return RunEnd(slotted.block, run); }
};

bool SamePartition(const PartitionRun& a, Token token, const std::string& key) {
  return a.token == token && a.key == key;
}

}  // namespace

class Merger::Impl {
 public:
  void Open(std::span<RowSource* const> sources, const MergeOptions& options) {
    Close();
    SetOptions(options);
    if (memory_.size() < sources.size()) memory_.resize(sources.size());
    cursors_ = std::span(memory_).first(sources.size());
    for (size_t i = 0; i < sources.size(); ++i) {
      cursors_[i].source = sources[i];
      cursors_[i].done = false;
    }
  }

  base::Result<bool> Next(RowBlock* block) {
    if (!started_) CASSETTE_RETURN_IF_ERROR(Begin());
    while (true) {
      if (!in_partition_ && !FindPartition()) {
        block->ClearButColumns();
        return false;
      }
      CASSETTE_ASSIGN_OR_RETURN(const bool passed, PassThrough(block));
      if (passed) return true;
      output_.Start(block);
      CASSETTE_RETURN_IF_ERROR(Fill(block));
      output_.Finish();
      if (block->row_count > 0 || !block->partitions.empty()) return true;
    }
  }

  void Close() {
    for (Cursor& cursor : cursors_) {
      cursor.source = nullptr;
      cursor.slotted.block.partitions.clear();
    }
    cursors_ = {};
    started_ = false;
    group_.clear();
    is_new_partition_ = false;
    in_partition_ = false;
    heads_.clear();
    head_ = nullptr;
    is_deleted_ = false;
    max_purgeable_.reset();
  }
  size_t memory_bytes() const {
    size_t bytes = 0;
    for (const Cursor& cursor : memory_) bytes += cursor.block().memory_bytes();
    return bytes;
  }

 private:
  void SetOptions(const MergeOptions& options) {
    const bool has_same_columns = options.table == options_.table && options.columns == options_.columns;
    options_ = options;
    if (has_same_columns) return;
    output_.Open(options.table, options.columns);
    merged_.cells.resize(options.columns.size());
    images_.resize(options.table->has_complex() ? options.columns.size() : 0);
    complex_.clear();
    if (!options.table->has_complex()) return;
    for (const schema::ColumnId id : options.columns) complex_.push_back(ComplexTypeOf(*options.table, id));
  }

  base::Status Begin() {
    started_ = true;
    for (Cursor& cursor : cursors_) CASSETTE_RETURN_IF_ERROR(Load(&cursor));
    return base::Status::Ok();
  }

  // The cursor's next block that has any run.
  base::Status Load(Cursor* cursor) {
    RowBlock& block = cursor->slotted.block;
    do {
      CASSETTE_ASSIGN_OR_RETURN(const bool more, cursor->source->Next(&block));
      cursor->done = !more;
    } while (!cursor->done && block.partitions.empty());
    cursor->run = 0;
    cursor->row = 0;
    if (cursor->done) return base::Status::Ok();
    cursor->slotted.FindSlots(options_.columns);
    cursor->nothing_to_purge =
        options_.purge != nullptr && NothingToPurgeIn(*options_.table, block, options_.purge->now_seconds);
    return base::Status::Ok();
  }

  // Finds the next partition and the cursors that have it; false at the end.
  bool FindPartition() {
    group_.clear();
    for (Cursor& cursor : cursors_) {
      if (cursor.done) continue;
      const int order = group_.empty() ? -1 : cursor.position().Compare(group_[0]->position());
      if (order < 0) group_.clear();
      if (order <= 0) group_.push_back(&cursor);
    }
    if (group_.empty()) return false;
    is_new_partition_ = true;
    return true;
  }

  // The first partition of all cursors but `except`; none when they are done.
  std::optional<PartitionPosition> FirstOfOthers(const Cursor* except) {
    std::optional<PartitionPosition> first;
    for (const Cursor& cursor : cursors_) {
      if (cursor.done || &cursor == except) continue;
      if (!first || cursor.position().Compare(*first) < 0) first = cursor.position();
    }
    return first;
  }

  // Gives the block of the only source that has rows here away as a whole.
  base::Result<bool> PassThrough(RowBlock* block) {
    if (group_.size() != 1) return false;
    Cursor& cursor = *group_[0];
    if (cursor.run != 0 || cursor.row != 0) return false;
    if (in_partition_ && is_deleted_) return false;
    const std::optional<PartitionPosition> others = FirstOfOthers(&cursor);
    if (others && cursor.last_position().Compare(*others) >= 0) return false;
    if (options_.purge != nullptr && (!cursor.nothing_to_purge || HasHeads(cursor))) return false;
    if (HasForeignColumns(cursor)) return false;
    block->ClearButColumns();
    std::swap(*block, cursor.slotted.block);
    if (in_partition_) {
      block->partitions[0].continues = written_;
      if (!written_) block->partitions[0].head = head_;
    }
    RememberPartition(block->partitions.back());
    is_deleted_ = false;
    max_purgeable_.reset();
    CASSETTE_RETURN_IF_ERROR(Load(&cursor));
    in_partition_ = !cursor.done && SamePartition(cursor.partition(), token_, key_);
    written_ = true;
    return true;
  }

  static bool HasHeads(const Cursor& cursor) {
    const std::vector<PartitionRun>& runs = cursor.block().partitions;
    return std::any_of(runs.begin(), runs.end(), [](const PartitionRun& run) { return run.head != nullptr; });
  }
  bool HasForeignColumns(const Cursor& cursor) const {
    size_t known = 0;
    for (const CellColumn* column : cursor.slotted.slots) known += column != nullptr ? 1 : 0;
    return known != cursor.block().cells.size();
  }
  void RememberPartition(const PartitionRun& run) {
    token_ = run.token;
    key_ = run.key;
  }

  base::Status Fill(RowBlock* block) {
    while (!output_.is_full() && block->partitions.size() < columnar::kMaxVectorRows) {
      if (!in_partition_) {
        if (is_new_partition_ ? group_.empty() : !FindPartition()) return base::Status::Ok();
        if (block->row_count > 0 && group_.size() == 1 && WouldPassThrough()) return base::Status::Ok();
        BeginPartition();
      }
      has_run_ = false;
      CASSETTE_RETURN_IF_ERROR(FillPartition());
      if (!in_partition_ && !written_) EmitHeadOnly();
    }
    return base::Status::Ok();
  }

  // Whether ending the block here lets the next one go up whole; not worth it for a few rows.
  bool WouldPassThrough() {
    const Cursor& cursor = *group_[0];
    if (cursor.run != 0 || cursor.row != 0 || cursor.block().row_count < columnar::kMaxVectorRows / 4) return false;
    if (options_.purge != nullptr && !cursor.nothing_to_purge) return false;
    const std::optional<PartitionPosition> others = FirstOfOthers(&cursor);
    return !others || cursor.last_position().Compare(*others) < 0;
  }

  void BeginPartition() {
    is_new_partition_ = false;
    in_partition_ = true;
    written_ = false;
    RememberPartition(group_[0]->partition());
    heads_.clear();
    for (const Cursor* cursor : group_) heads_.push_back(cursor->partition().head);
    const HeadPtr merged = MergeHeads(*options_.table, heads_);
    is_deleted_ = false;
    if (options_.purge == nullptr) {
      head_ = merged;
      return;
    }
    max_purgeable_.reset();
    deletion_ = merged == nullptr ? DeletionTime() : merged->deletion;
    ranges_.Clear();
    if (merged != nullptr) ranges_.Assign(merged->range_tombstones, deletion_);
    is_deleted_ = !deletion_.is_live() || !ranges_.empty();
    head_ = merged == nullptr ? nullptr : PurgedHead(*merged);
  }

  // Rows of the partition until it ends (in_partition_ becomes false) or the block is full.
  base::Status FillPartition() {
    DropFinished();
    while (!group_.empty()) {
      CASSETTE_RETURN_IF_ERROR(SkipToRows());
      if (group_.empty()) break;
      if (output_.is_full()) return base::Status::Ok();
      if (group_.size() == 1) {
        CASSETTE_RETURN_IF_ERROR(TakeRange(group_[0], group_[0]->run_end()));
      } else {
        CASSETTE_RETURN_IF_ERROR(TakeSmallest());
      }
    }
    in_partition_ = false;
    return base::Status::Ok();
  }

  // Moves cursors past the partition's end out of the group, and those at a block's end to the next block.
  base::Status SkipToRows() {
    for (size_t i = 0; i < group_.size();) {
      Cursor* cursor = group_[i];
      bool is_in = true;
      while (is_in && cursor->row >= cursor->run_end()) {
        CASSETTE_RETURN_IF_ERROR(NextRun(cursor));
        is_in = !cursor->done && SamePartition(cursor->partition(), token_, key_);
      }
      if (is_in) {
        ++i;
      } else {
        group_.erase(group_.begin() + static_cast<ptrdiff_t>(i));
      }
    }
    return base::Status::Ok();
  }
  void DropFinished() {
    std::erase_if(group_, [&](const Cursor* c) { return c->done || !SamePartition(c->partition(), token_, key_); });
  }
  base::Status NextRun(Cursor* cursor) {
    if (cursor->run + 1 < cursor->block().partitions.size()) {
      ++cursor->run;
      return base::Status::Ok();
    }
    return Load(cursor);
  }

  int Compare(const Cursor& a, uint32_t a_row, const Cursor& b, uint32_t b_row) const {
    const int order = CompareClustering(*options_.table, a.block(), a_row, b.block(), b_row);
    return options_.reversed ? -order : order;
  }

  // Takes the row that comes first, or all rows of its source that come before any other's.
  base::Status TakeSmallest() {
    ties_.assign(1, group_[0]);
    const Cursor* runner_up = nullptr;
    for (size_t i = 1; i < group_.size(); ++i) {
      Cursor* cursor = group_[i];
      const int order = Compare(*cursor, cursor->row, *ties_[0], ties_[0]->row);
      if (order < 0) {
        runner_up = ties_[0];
        ties_.assign(1, cursor);
      } else if (order == 0) {
        ties_.push_back(cursor);
      } else if (runner_up == nullptr || Compare(*cursor, cursor->row, *runner_up, runner_up->row) < 0) {
        runner_up = cursor;
      }
    }
    if (ties_.size() == 1) return TakeRange(ties_[0], RowsBefore(*ties_[0], *runner_up));
    MergeRows();
    for (Cursor* cursor : ties_) ++cursor->row;
    return base::Status::Ok();
  }

  // One past the last row of `cursor`'s run that comes before `other`'s row. REQUIRES: its current row does.
  uint32_t RowsBefore(const Cursor& cursor, const Cursor& other) const {
    const uint32_t end = cursor.run_end();
    if (Compare(cursor, end - 1, other, other.row) < 0) return end;
    uint32_t step = 1;
    uint32_t low = cursor.row;  // Comes before.
    while (low + step < end && Compare(cursor, low + step, other, other.row) < 0) {
      low += step;
      step *= 2;
    }
    uint32_t high = std::min(low + step, end);  // Does not.
    while (low + 1 < high) {
      const uint32_t middle = low + (high - low) / 2;
      (Compare(cursor, middle, other, other.row) < 0 ? low : high) = middle;
    }
    return high;
  }

  base::Status TakeRange(Cursor* cursor, uint32_t end) {
    const uint32_t room = columnar::kMaxVectorRows - output_.row_count();
    end = std::min(end, cursor->row + room);
    if (options_.purge == nullptr || (!is_deleted_ && cursor->nothing_to_purge)) {
      StartRun();
      output_.AppendRows(cursor->slotted, cursor->row, end);
      cursor->row = end;
      return base::Status::Ok();
    }
    for (; cursor->row < end; ++cursor->row) {
      ties_.assign(1, cursor);
      MergeRows();
    }
    return base::Status::Ok();
  }

  // The partition's run in this output block, before its first row there.
  void StartRun() {
    if (has_run_) return;
    has_run_ = true;
    PartitionRun run;
    run.first_row = output_.row_count();
    run.token = token_;
    run.key = key_;
    run.continues = written_;
    if (!written_) run.head = head_;
    output_.AddRun(std::move(run));
    written_ = true;
  }
  void EmitHeadOnly() {
    if (head_ != nullptr) StartRun();
  }

  // One row of the rows that the cursors in ties_ stand on.
  void MergeRows() {
    merged_.clustering_block = &ties_[0]->block();
    merged_.clustering_row = ties_[0]->row;
    merged_.liveness = {};
    merged_.deletion = {};
    merged_.has_cells = false;
    for (const Cursor* cursor : ties_) {
      const Liveness liveness = LivenessOf(cursor->block(), cursor->row);
      if (!liveness.is_empty() && (merged_.liveness.is_empty() || Supersedes(liveness, merged_.liveness))) {
        merged_.liveness = liveness;
      }
      const DeletionTime deletion = RowDeletionOf(cursor->block(), cursor->row);
      if (deletion.Supersedes(merged_.deletion)) merged_.deletion = deletion;
    }
    const DeletionTime covering = CoveringDeletion();
    if (covering.Deletes(merged_.deletion.marked_at_micros)) merged_.deletion = {};
    const int64_t deleted_at = std::max(covering.marked_at_micros, merged_.deletion.marked_at_micros);
    if (merged_.liveness.timestamp_micros <= deleted_at) merged_.liveness = {};
    for (size_t i = 0; i < merged_.cells.size(); ++i) {
      if (IsComplex(i)) {
        merged_.cells[i] = MergedComplex(i, deleted_at);
        continue;
      }
      merged_.cells[i] = BestCell(i);
      MergedCell& cell = merged_.cells[i];
      if (cell.column != nullptr && cell.meta.timestamp_micros <= deleted_at) cell.column = nullptr;
    }
    if (options_.purge != nullptr) PurgeRow();
    for (const MergedCell& cell : merged_.cells) merged_.has_cells |= cell.column != nullptr;
    if (merged_.empty()) return;
    StartRun();
    output_.AppendRow(merged_);
  }

  // The deletion of the partition or a range that covers the current row; live unless purging.
  DeletionTime CoveringDeletion() {
    if (options_.purge == nullptr || !is_deleted_) return {};
    if (ranges_.empty()) return deletion_;
    scratch_.clear();
    AppendClusteringKey(*options_.table, *merged_.clustering_block, merged_.clustering_row, &scratch_);
    const DeletionTime* range = ranges_.Covering(scratch_);
    return range != nullptr && range->Supersedes(deletion_) ? *range : deletion_;
  }

  MergedCell BestCell(size_t slot) {
    MergedCell best;
    const schema::Column* described = nullptr;
    for (const Cursor* cursor : ties_) {
      const CellColumn* column = cursor->slotted.slots[slot];
      if (column == nullptr) continue;
      MergedCell cell{column, cursor->row, CellMetaOf(cursor->block(), *column, cursor->row)};
      if (cell.meta.state == CellState::kAbsent) continue;
      if (best.column == nullptr) {
        best = cell;
        continue;
      }
      if (described == nullptr) described = options_.table->FindColumn(options_.columns[slot]);
      if (Wins(described->type, cell, best)) best = cell;
    }
    return best;
  }

  bool IsComplex(size_t slot) const { return !complex_.empty() && complex_[slot] != nullptr; }

  // The complex cells of a column of the rows in ties_, without what a deletion at `deleted_at` covers, purged too.
  MergedCell MergedComplex(size_t slot, int64_t deleted_at) {
    MergedCell only;
    std::string& merged = images_[slot];
    size_t count = 0;
    for (const Cursor* cursor : ties_) {
      const CellColumn* column = cursor->slotted.slots[slot];
      if (column == nullptr || column->values.is_null(cursor->row)) continue;
      const std::string_view image = column->values.bytes(cursor->row);
      if (++count == 1) {
        only = {column, cursor->row, CellMetaOf(cursor->block(), *column, cursor->row)};
        merged.assign(image);
        continue;
      }
      MergeComplex(*complex_[slot], merged, image, kNoTimestamp, &builder_);
      merged.assign(builder_.image());
    }
    if (count == 0) return {};
    if (count == 1 && deleted_at == kNoTimestamp && options_.purge == nullptr) return only;
    if (!PurgeComplex(deleted_at, &merged)) return {};
    only.meta = ViewOf(merged);
    only.image = &merged;
    return only;
  }
  // Leaves of an image what a deletion at `deleted_at` does not cover and a purging merge must keep; false: nothing.
  bool PurgeComplex(int64_t deleted_at, std::string* image) {
    if (options_.purge == nullptr) {
      CutComplex(*image, deleted_at, &builder_);
    } else {
      FilterComplex(
          *image, deleted_at, [&](const DeletionTime& at) { return !MayPurge(at.marked_at_micros, at.local_seconds); },
          [&](CellView* cell) { return PurgeCell(cell); }, &builder_);
    }
    if (builder_.empty()) return false;
    image->assign(builder_.image());
    return true;
  }

  // Asked for only where a tombstone is old enough: it may have to look at other tables.
  int64_t MaxPurgeable() const {
    if (!max_purgeable_) {
      max_purgeable_ = options_.purge->max_purgeable_micros
                           ? options_.purge->max_purgeable_micros(PartitionPosition{token_, key_})
                           : std::numeric_limits<int64_t>::max();
    }
    return *max_purgeable_;
  }
  bool MayPurge(int64_t timestamp, int64_t local_seconds) const {
    return local_seconds < options_.purge->gc_before_seconds && timestamp < MaxPurgeable();
  }
  void PurgeRow() {
    const int64_t now = options_.purge->now_seconds;
    Liveness& liveness = merged_.liveness;
    if (liveness.expires_at_seconds <= now && MayPurge(liveness.timestamp_micros, liveness.expires_at_seconds)) {
      liveness = {};
    }
    if (MayPurge(merged_.deletion.marked_at_micros, merged_.deletion.local_seconds)) merged_.deletion = {};
    for (size_t i = 0; i < merged_.cells.size(); ++i) {
      MergedCell& cell = merged_.cells[i];
      if (cell.column != nullptr && !IsComplex(i) && !PurgeCell(&cell.meta)) cell.column = nullptr;
    }
  }
  // False: the cell goes. What has expired becomes a tombstone made when the cell was written, as Cassandra does.
  bool PurgeCell(CellView* cell) const {
    if (cell->IsLiveAt(options_.purge->now_seconds)) return true;
    if (MayPurge(cell->timestamp_micros, cell->expires_at_seconds)) return false;
    if (!cell->is_expiring() || cell->state == CellState::kTombstone) return true;
    cell->state = CellState::kTombstone;
    cell->expires_at_seconds -= cell->ttl_seconds;
    cell->ttl_seconds = kNoTtl;
    return !MayPurge(cell->timestamp_micros, cell->expires_at_seconds);
  }
  HeadPtr PurgedHead(const PartitionHead& head) {
    auto purged = std::make_shared<PartitionHead>();
    if (!MayPurge(deletion_.marked_at_micros, deletion_.local_seconds)) purged->deletion = deletion_;
    for (const RangeTombstone& range : ranges_.ranges()) {
      if (!MayPurge(range.deletion.marked_at_micros, range.deletion.local_seconds)) {
        purged->range_tombstones.push_back(range);
      }
    }
    for (const PartitionHead::StaticCell& cell : head.static_cells) {
      CellView view = cell.view();
      if (deletion_.Deletes(cell.timestamp_micros)) continue;
      if (options_.table->FindColumn(cell.column) == nullptr) continue;
      PartitionHead::StaticCell kept = cell;
      if (ComplexTypeOf(*options_.table, cell.column) != nullptr) {
        if (!PurgeComplex(deletion_.marked_at_micros, &kept.value)) continue;
        kept.SetTimes(ViewOf(kept.value));
        purged->static_cells.push_back(std::move(kept));
        continue;
      }
      if (!PurgeCell(&view)) continue;
      kept.state = view.state;
      kept.ttl_seconds = view.ttl_seconds;
      kept.expires_at_seconds = view.expires_at_seconds;
      if (view.state == CellState::kTombstone) kept.value.clear();
      purged->static_cells.push_back(std::move(kept));
    }
    return purged->empty() ? nullptr : HeadPtr(std::move(purged));
  }

  MergeOptions options_;
  MergeOutput output_;
  std::vector<Cursor> memory_;
  std::span<Cursor> cursors_;  // Those of memory_ that have a source.
  bool started_ = false;
  // The partition being merged.
  std::vector<Cursor*> group_;     // Cursors that stand in it.
  bool is_new_partition_ = false;  // group_ was found, BeginPartition is still to come.
  bool in_partition_ = false;
  bool written_ = false;  // A run of it was put out.
  bool has_run_ = false;  // In the current block.
  Token token_ = kMinToken;
  std::string key_;
  std::vector<HeadPtr> heads_;
  HeadPtr head_;  // As it is put out.
  // Of a purging merge: what deletes rows of the partition.
  bool is_deleted_ = false;
  DeletionTime deletion_;
  RangeTombstoneList ranges_;
  mutable std::optional<int64_t> max_purgeable_;
  // Scratch.
  std::vector<Cursor*> ties_;
  MergedRow merged_;
  std::string scratch_;
  // Of a table with complex columns, one a slot: the type of a complex column, else null; and its merged image.
  std::vector<const types::DataType*> complex_;
  std::vector<std::string> images_;
  ComplexBuilder builder_;
};

Merger::Merger() : impl_(std::make_unique<Impl>()) {}
Merger::~Merger() = default;
Merger::Merger(Merger&&) noexcept = default;
Merger& Merger::operator=(Merger&&) noexcept = default;
void Merger::Open(std::span<RowSource* const> sources, const MergeOptions& options) { impl_->Open(sources, options); }
base::Result<bool> Merger::Next(RowBlock* block) { return impl_->Next(block); }
void Merger::Close() { impl_->Close(); }
size_t Merger::memory_bytes() const { return impl_->memory_bytes(); }

namespace {

class MergedSource final : public RowSource {
 public:
  MergedSource(std::vector<std::unique_ptr<RowSource>> sources, const MergeOptions& options)
      : sources_(std::move(sources)) {
    std::vector<RowSource*> borrowed;
    for (const std::unique_ptr<RowSource>& source : sources_) borrowed.push_back(source.get());
    merger_.Open(borrowed, options);
  }
  base::Result<bool> Next(RowBlock* block) override { return merger_.Next(block); }

 private:
  const std::vector<std::unique_ptr<RowSource>> sources_;
  Merger merger_;
};

// By column id; `cells` is sorted.
void MergeStaticCell(const schema::Table& table, const PartitionHead::StaticCell& cell,
                     std::vector<PartitionHead::StaticCell>* cells) {
  const auto place = std::lower_bound(cells->begin(), cells->end(), cell.column,
                                      [](const auto& c, schema::ColumnId id) { return c.column < id; });
  if (place == cells->end() || place->column != cell.column) {
    cells->insert(place, cell);
  } else if (const types::DataType* type = ComplexTypeOf(table, cell.column); type != nullptr) {
    ComplexBuilder merged;
    MergeComplex(*type, place->value, cell.value, kNoTimestamp, &merged);
    place->value = merged.image();
    place->SetTimes(merged.view());
  } else if (Wins(cell.view(), place->view())) {
    *place = cell;
  }
}

}  // namespace

std::vector<schema::ColumnId> RegularColumnIds(const schema::Table& table) {
  std::vector<schema::ColumnId> ids;
  ids.reserve(table.regular_count());
  for (size_t i = 0; i < table.regular_count(); ++i) ids.push_back(table.regular(i).id);
  std::sort(ids.begin(), ids.end());
  return ids;
}

HeadPtr MergeHeads(const schema::Table& table, const std::vector<HeadPtr>& heads) {
  const auto is_set = [](const HeadPtr& head) { return head != nullptr && !head->empty(); };
  const auto count = std::count_if(heads.begin(), heads.end(), is_set);
  if (count == 0) return nullptr;
  if (count == 1) return *std::find_if(heads.begin(), heads.end(), is_set);
  auto merged = std::make_shared<PartitionHead>();
  std::vector<RangeTombstone> ranges;
  for (const HeadPtr& head : heads) {
    if (!is_set(head)) continue;
    if (head->deletion.Supersedes(merged->deletion)) merged->deletion = head->deletion;
    ranges.insert(ranges.end(), head->range_tombstones.begin(), head->range_tombstones.end());
    for (const PartitionHead::StaticCell& cell : head->static_cells)
      MergeStaticCell(table, cell, &merged->static_cells);
  }
  std::erase_if(merged->static_cells,
                [&](const auto& cell) { return merged->deletion.Deletes(cell.timestamp_micros); });
  RangeTombstoneList list;
  list.Assign(ranges, merged->deletion);
  merged->range_tombstones = list.ranges();
  return merged;
}

std::unique_ptr<RowSource> MergeSources(std::vector<std::unique_ptr<RowSource>> sources, const MergeOptions& options) {
  if (sources.size() == 1 && options.purge == nullptr) return std::move(sources[0]);
  return std::make_unique<MergedSource>(std::move(sources), options);
}

}  // namespace cassette::rows

#include "storage/engine/compaction_output.h"

#include <algorithm>
#include <utility>

#include "rows/merge.h"

namespace cassette::storage::engine {

CompactionOutput::CompactionOutput(Database& database, schema::TablePtr table, compaction::Output rule,
                                   double bytes_per_row)
    : database_(database),
      table_(std::move(table)),
      rule_(std::move(rule)),
      bytes_per_row_(bytes_per_row),
      columns_(rows::RegularColumnIds(*table_)),
      slicer_(table_, columns_) {}

CompactionOutput::~CompactionOutput() {
  for (const SstablePtr& table : tables_) table->MarkObsolete();
}

// Partitions of one token stay together: tables that do not share a partition must not share a token either, or they
// would count as overlapping.
bool CompactionOutput::EndsBefore(const rows::PartitionRun& run) const {
  if (writer_ == nullptr || run.continues || run.token == last_token_) return false;
  const double bytes = bytes_per_row_ * static_cast<double>(row_count_);
  if (rule_.sstable_bytes_max > 0 && bytes >= static_cast<double>(rule_.sstable_bytes_max)) return true;
  const auto end = std::lower_bound(rule_.shard_ends.begin(), rule_.shard_ends.end(), last_token_);
  return end != rule_.shard_ends.end() && *end < run.token;
}

base::Status CompactionOutput::Add(rows::RowBlock* block) {
  rows::SlottedBlock source;
  source.block = std::move(*block);
  source.FindSlots(columns_);
  const std::vector<rows::PartitionRun>& runs = source.block.partitions;
  size_t begin = 0;
  for (size_t i = 0; i < runs.size(); ++i) {
    if (EndsBefore(runs[i])) {
      CASSETTE_RETURN_IF_ERROR(AddRuns(source, begin, i));
      CASSETTE_RETURN_IF_ERROR(FinishTable());
      begin = i;
    }
    if (writer_ == nullptr) {
      file_number_ = database_.NewFileNumber();
      CASSETTE_ASSIGN_OR_RETURN(writer_, sstable::SstableWriter::Create(
                                             database_.file_system(), database_.directory().SstablePath(file_number_),
                                             table_, database_.WriterOptionsFor("compaction")));
    }
    last_token_ = runs[i].token;
    const uint32_t end = i + 1 < runs.size() ? runs[i + 1].first_row : source.block.row_count;
    row_count_ += end - runs[i].first_row;
  }
  CASSETTE_RETURN_IF_ERROR(AddRuns(source, begin, runs.size()));
  *block = std::move(source.block);
  return base::Status::Ok();
}

base::Status CompactionOutput::AddRuns(const rows::SlottedBlock& source, size_t begin, size_t end) {
  const std::vector<rows::PartitionRun>& runs = source.block.partitions;
  if (begin == end) return base::Status::Ok();
  if (begin == 0 && end == runs.size()) return writer_->Add(source.block);
  const uint32_t first = runs[begin].first_row;
  const uint32_t last = end < runs.size() ? runs[end].first_row : source.block.row_count;
  rows::RowBlock part;
  slicer_.Start(&part);
  for (size_t i = begin; i < end; ++i) {
    rows::PartitionRun run = runs[i];
    run.first_row -= first;
    slicer_.AddRun(std::move(run));
  }
  if (first < last) slicer_.AppendRows(source, first, last);
  slicer_.Finish();
  return writer_->Add(part);
}

base::Status CompactionOutput::FinishTable() {
  CASSETTE_ASSIGN_OR_RETURN(const sstable::SstableStatistics statistics, writer_->Finish());
  writer_ = nullptr;
  row_count_ = 0;
  manifest::SstableInfo info = MakeSstableInfo(file_number_, statistics);
  info.level = rule_.level;
  CASSETTE_ASSIGN_OR_RETURN(SstablePtr table, database_.OpenSstable(info));
  tables_.push_back(std::move(table));
  return base::Status::Ok();
}

base::Result<std::vector<SstablePtr>> CompactionOutput::Finish() {
  if (writer_ != nullptr) CASSETTE_RETURN_IF_ERROR(FinishTable());
  return std::exchange(tables_, {});
}

}  // namespace cassette::storage::engine

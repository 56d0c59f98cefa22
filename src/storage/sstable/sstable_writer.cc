#include "storage/sstable/sstable_writer.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "codec/crc32c.h"
#include "codec/murmur3.h"
#include "io/appender.h"
#include "io/file_system.h"
#include "storage/sstable/format.h"
#include "storage/sstable/group_encoder.h"
#include "storage/sstable/head_block.h"
#include "storage/sstable/key_filter.h"
#include "storage/sstable/row_append.h"
#include "storage/sstable/section_writers.h"

namespace cassette::storage::sstable {
namespace {

using columnar::Vector;

// Identity, names and columns of `table`: what the file describes itself with.
schema::Table Description(const schema::Table& table) {
  schema::Table description;
  description.id = table.id;
  description.keyspace = table.keyspace;
  description.name = table.name;
  description.columns = table.columns;
  description.Finish();
  return description;
}

bool SameValue(const Vector& vector, uint32_t a, uint32_t b) {
  if (vector.is_constant()) return true;
  if (vector.state(a) != vector.state(b)) return false;
  switch (vector.physical()) {
    case columnar::PhysicalType::kInt64:
      return vector.ints()[a] == vector.ints()[b];
    case columnar::PhysicalType::kDouble:
      return vector.doubles()[a] == vector.doubles()[b];
    case columnar::PhysicalType::kBytes:
      return vector.bytes(a) == vector.bytes(b);
  }
  return false;
}

// Rows on which a group has gathered, and their partitions.
struct Gathered {
  rows::RowBlock rows;
  RunList runs;
  uint64_t heap_bytes = 0;

  void Clear() {
    rows.row_count = 0;
    runs.Clear();
    heap_bytes = 0;
  }
};

uint64_t HeapBytesOf(const rows::RowBlock& block, uint32_t begin, uint32_t end) {
  uint64_t bytes = 0;
  for (const Vector& vector : block.clustering) bytes += HeapBytes(vector, begin, end);
  for (const rows::CellColumn& column : block.cells) bytes += HeapBytes(column.values, begin, end);
  return bytes;
}

class Writer final : public SstableWriter {
 public:
  Writer(io::FileSystem& file_system, std::unique_ptr<io::Appender> appender, schema::TablePtr table,
         const WriterOptions& options)
      : file_system_(file_system),
        appender_(std::move(appender)),
        table_(std::move(table)),
        options_(options),
        path_(appender_->path()),
        encoder_(*table_),
        vectors_(*appender_, options.shared_vector_bytes_max),
        index_(*appender_),
        heads_(*appender_),
        filter_(*appender_, FilterBitsPerKey(table_->options.bloom_filter_fp_chance)) {
    statistics_.table_id = table_->id;
    statistics_.created_at_micros = options.created_at_micros;
    statistics_.created_by = options.created_by;
  }
  ~Writer() override;

  base::Status Start() { return appender_->Append(EncodeHeader()); }
  base::Status Add(const rows::RowBlock& block) override;
  base::Result<SstableStatistics> Finish() override;
  uint64_t row_count() const override { return statistics_.row_count; }
  uint64_t partition_count() const override { return statistics_.partition_count; }
  uint64_t file_bytes() const override { return finished_ ? statistics_.file_bytes : appender_->size(); }
  const std::string& path() const override { return path_; }

 private:
  base::Status AddBlock(const rows::RowBlock& block);
  base::Status AddRuns(const rows::RowBlock& block);
  base::Status BeginPartition(const rows::PartitionRun& run);
  void EndPartition();
  base::Status AddRows(const rows::RowBlock& block, uint32_t begin);
  uint32_t RowsThatFit(const rows::RowBlock& block, uint32_t begin) const;
  uint32_t CutInside(const rows::RowBlock& rows, const RunList& runs, uint32_t begin, uint32_t end) const;
  bool NextStartsAfresh(const rows::RowBlock& block, uint32_t begin) const;
  base::Status CloseGathered(uint32_t cut);
  base::Status WriteGroup(const rows::RowBlock& rows, uint32_t begin, uint32_t end, const RunList& runs);
  base::Status CheckOrder(const GroupEntry& entry);
  base::Status FinishFile();

  io::FileSystem& file_system_;
  std::unique_ptr<io::Appender> appender_;
  const schema::TablePtr table_;
  const WriterOptions options_;
  const std::string path_;
  GroupEncoder encoder_;
  VectorStore vectors_;
  IndexWriter index_;
  HeadWriter heads_;
  FilterWriter filter_;
  SstableStatistics statistics_;

  bool in_partition_ = false;
  rows::Token token_ = rows::kMinToken;  // Of the partition begun last.
  std::string key_;
  bool partition_has_head_ = false;
  uint64_t partition_rows_ = 0;

  RunList incoming_;  // Partitions of the block being added that have rows.
  Gathered gathered_;
  Gathered carried_;  // Swapped with gathered_ at a cut.
  RunList group_runs_;
  GroupEntry entry_;
  GroupEntry previous_entry_;
  base::Status failure_;
  bool finished_ = false;
};

Writer::~Writer() {
  if (finished_) return;
  appender_.reset();
  // Nothing to be done about a failure: the file is nobody's, and the next start removes what the manifest lacks.
  (void)file_system_.Remove(path_);
}

base::Status Writer::Add(const rows::RowBlock& block) {
  CASSETTE_ASSERT(!finished_);
  CASSETTE_RETURN_IF_ERROR(failure_);
  failure_ = AddBlock(block);
  return failure_;
}

base::Status Writer::AddBlock(const rows::RowBlock& block) {
  CASSETTE_RETURN_IF_ERROR(AddRuns(block));
  return AddRows(block, 0);
}

base::Status Writer::AddRuns(const rows::RowBlock& block) {
  incoming_.Clear();
  const size_t count = block.partitions.size();
  if (block.row_count > 0 && (count == 0 || block.partitions[0].first_row != 0)) {
    return base::InvalidArgument(path_ + ": a block has rows of no partition");
  }
  for (size_t i = 0; i < count; ++i) {
    const rows::PartitionRun& run = block.partitions[i];
    const uint32_t end = i + 1 < count ? block.partitions[i + 1].first_row : block.row_count;
    if (end < run.first_row || end > block.row_count) {
      return base::InvalidArgument(path_ + ": the partitions of a block are not in the order of its rows");
    }
    if (!in_partition_ || run.token != token_ || run.key != key_) CASSETTE_RETURN_IF_ERROR(BeginPartition(run));
    partition_rows_ += end - run.first_row;
    if (end > run.first_row) incoming_.Append(run.first_row, run.token, run.key, partition_has_head_);
  }
  statistics_.row_count += block.row_count;
  return base::Status::Ok();
}

base::Status Writer::BeginPartition(const rows::PartitionRun& run) {
  CASSETTE_ASSERT(run.token == codec::Murmur3Token(run.key));
  if (in_partition_ && ComparePositions(token_, key_, run.token, run.key) >= 0) {
    return base::InvalidArgument(path_ + ": partitions are not in order of token and key");
  }
  EndPartition();
  if (statistics_.partition_count++ == 0) {
    statistics_.min_token = run.token;
    statistics_.min_key = run.key;
  }
  in_partition_ = true;
  token_ = run.token;
  key_ = run.key;
  partition_rows_ = 0;
  partition_has_head_ = run.head != nullptr && !run.head->empty();
  CASSETTE_RETURN_IF_ERROR(filter_.Add(run.token));
  if (!partition_has_head_) return base::Status::Ok();
  ++statistics_.head_count;
  AddHeadStatistics(*table_, *run.head, &statistics_);
  return heads_.Add(run.key, *run.head);
}

void Writer::EndPartition() {
  if (!in_partition_ || partition_rows_ <= statistics_.max_partition_rows) return;
  statistics_.max_partition_rows = partition_rows_;
  statistics_.max_partition_key = key_;
}

base::Status Writer::AddRows(const rows::RowBlock& block, uint32_t begin) {
  const uint32_t full = options_.row_group_rows;
  while (begin < block.row_count) {
    const uint32_t fit = RowsThatFit(block, begin);
    // A group's worth of rows with nowhere better to cut: encoded from where it stands.
    if (gathered_.rows.row_count == 0 && fit == full && CutInside(block, incoming_, begin, begin + full) == full) {
      group_runs_.Clear();
      group_runs_.AppendRows(incoming_, begin, begin + full, 0);
      CASSETTE_RETURN_IF_ERROR(WriteGroup(block, begin, begin + full, group_runs_));
      begin += full;
      continue;
    }
    if (fit == 0) {
      const uint32_t gathered = gathered_.rows.row_count;
      CASSETTE_ASSERT(gathered > 0);
      const bool whole = NextStartsAfresh(block, begin);
      CASSETTE_RETURN_IF_ERROR(
          CloseGathered(whole ? gathered : CutInside(gathered_.rows, gathered_.runs, 0, gathered)));
      continue;
    }
    gathered_.runs.AppendRows(incoming_, begin, begin + fit, gathered_.rows.row_count);
    AppendRows(block, begin, begin + fit, &gathered_.rows);
    gathered_.heap_bytes += HeapBytesOf(block, begin, begin + fit);
    begin += fit;
  }
  return base::Status::Ok();
}

// How many rows from `begin` on still go into the group being gathered; at least one into an empty group.
uint32_t Writer::RowsThatFit(const rows::RowBlock& block, uint32_t begin) const {
  const uint32_t gathered = gathered_.rows.row_count;
  const uint32_t rows =
      std::min(options_.row_group_rows - std::min(options_.row_group_rows, gathered), block.row_count - begin);
  uint64_t left = options_.row_group_bytes - std::min(options_.row_group_bytes, gathered_.heap_bytes);
  if (HeapBytesOf(block, begin, begin + rows) <= left) return rows;
  for (uint32_t fit = 0; fit < rows; ++fit) {
    const uint64_t bytes = HeapBytesOf(block, begin + fit, begin + fit + 1);
    if (bytes > left) return fit > 0 || gathered > 0 ? fit : 1;
    left -= bytes;
  }
  return rows;
}

// How many of rows [begin, end) make a group: up to the last change, in the second half, of partition or clustering
// prefix (all components but the last); else all.
uint32_t Writer::CutInside(const rows::RowBlock& rows, const RunList& runs, uint32_t begin, uint32_t end) const {
  const uint32_t least = begin + std::max(1u, (end - begin) / 2);
  const uint32_t last_start = runs.run(runs.RunOf(end - 1)).first_row;
  uint32_t best = last_start >= least ? last_start : begin;
  for (size_t i = 0; i + 1 < rows.clustering.size(); ++i) {
    const Vector& vector = rows.clustering[i];
    if (vector.is_constant()) continue;
    for (uint32_t row = end - 1; row >= least && row > best; --row) {
      if (!SameValue(vector, row - 1, row)) best = row;
    }
  }
  return best > begin ? best - begin : end - begin;
}

// Whether row `begin` of the block being added starts afresh after the last gathered row.
bool Writer::NextStartsAfresh(const rows::RowBlock& block, uint32_t begin) const {
  if (gathered_.runs.key(gathered_.runs.size() - 1) != incoming_.key(incoming_.RunOf(begin))) return true;
  const uint32_t last = gathered_.rows.row_count - 1;
  for (size_t i = 0; i + 1 < block.clustering.size(); ++i) {
    const Vector& before = gathered_.rows.clustering[i];
    if (before.CompareRows(table_->clustering(i).type, last, block.clustering[i], begin) != 0) return true;
  }
  return false;
}

// Writes the first `cut` gathered rows; the rest begins the next group.
base::Status Writer::CloseGathered(uint32_t cut) {
  const uint32_t count = gathered_.rows.row_count;
  CASSETTE_ASSERT(cut > 0);
  CASSETTE_ASSERT(cut <= count);
  if (cut == count) {
    CASSETTE_RETURN_IF_ERROR(WriteGroup(gathered_.rows, 0, cut, gathered_.runs));
    gathered_.Clear();
    return base::Status::Ok();
  }
  group_runs_.Clear();
  group_runs_.AppendRows(gathered_.runs, 0, cut, 0);
  CASSETTE_RETURN_IF_ERROR(WriteGroup(gathered_.rows, 0, cut, group_runs_));
  carried_.Clear();
  carried_.runs.AppendRows(gathered_.runs, cut, count, 0);
  AppendRows(gathered_.rows, cut, count, &carried_.rows);
  carried_.heap_bytes = HeapBytesOf(carried_.rows, 0, count - cut);
  std::swap(gathered_, carried_);
  return base::Status::Ok();
}

base::Status Writer::WriteGroup(const rows::RowBlock& rows, uint32_t begin, uint32_t end, const RunList& runs) {
  encoder_.Encode(rows, begin, end, runs, &entry_, &statistics_);
  CASSETTE_RETURN_IF_ERROR(CheckOrder(entry_));
  entry_.offset = appender_->size();
  for (size_t i = 0; i < encoder_.stream_count(); ++i) {
    EncodedStream& encoded = encoder_.streams()[i];
    if (encoded.stream.form != StreamForm::kConstant) {
      CASSETTE_RETURN_IF_ERROR(vectors_.Put(encoded.bytes, &encoded.stream));
    }
    entry_.streams.push_back(encoded.stream);
  }
  const uint64_t size_bytes = appender_->size() - entry_.offset;
  CASSETTE_ASSERT(size_bytes <= std::numeric_limits<uint32_t>::max());
  entry_.size_bytes = static_cast<uint32_t>(size_bytes);
  CASSETTE_RETURN_IF_ERROR(index_.Add(entry_));
  ++statistics_.group_count;
  std::swap(previous_entry_, entry_);
  return base::Status::Ok();
}

base::Status Writer::CheckOrder(const GroupEntry& entry) {
  const GroupEntry& before = previous_entry_;
  entry_.continues = statistics_.group_count > 0 && before.last_key == entry.first_key;
  const bool rows_in_order = !entry.continues || before.last_clustering < entry.first_clustering;
  const bool ends_in_order =
      entry.run_count > 1 || entry.row_count == 1 || entry.first_clustering < entry.last_clustering;
  if (rows_in_order && ends_in_order) return base::Status::Ok();
  return base::InvalidArgument(path_ + ": rows of a partition are not in clustering order");
}

base::Result<SstableStatistics> Writer::Finish() {
  CASSETTE_ASSERT(!finished_);
  CASSETTE_RETURN_IF_ERROR(failure_);
  failure_ = FinishFile();
  CASSETTE_RETURN_IF_ERROR(failure_);
  finished_ = true;
  return statistics_;
}

base::Status Writer::FinishFile() {
  if (gathered_.rows.row_count > 0) CASSETTE_RETURN_IF_ERROR(CloseGathered(gathered_.rows.row_count));
  EndPartition();
  statistics_.max_token = in_partition_ ? token_ : statistics_.max_token;
  statistics_.max_key = key_;
  Metadata metadata;
  CASSETTE_RETURN_IF_ERROR(index_.Finish(&metadata.index_blocks));
  CASSETTE_RETURN_IF_ERROR(heads_.Finish(&metadata.head_index_blocks));
  CASSETTE_RETURN_IF_ERROR(filter_.Finish(&metadata.filter_blocks));
  statistics_.data_bytes = vectors_.stored_bytes();
  statistics_.shared_bytes = vectors_.shared_bytes();
  statistics_.index_bytes = index_.written_bytes();
  statistics_.head_bytes = heads_.written_bytes();
  statistics_.filter_bytes = filter_.written_bytes();
  metadata.table = Description(*table_);
  metadata.statistics = statistics_;
  std::string bytes;
  AppendMetadata(metadata, &bytes);
  BlockReference place;
  CASSETTE_RETURN_IF_ERROR(AppendBlock(*appender_, bytes, &place));
  statistics_.file_bytes = appender_->size() + kFooterBytes;
  CASSETTE_RETURN_IF_ERROR(
      appender_->Append(EncodeFooter({place.offset, place.size_bytes, place.crc, statistics_.file_bytes})));
  CASSETTE_RETURN_IF_ERROR(appender_->Finish());
  return file_system_.SyncDir(io::DirName(path_));
}

}  // namespace

base::Result<std::unique_ptr<SstableWriter>> SstableWriter::Create(io::FileSystem& file_system, const std::string& path,
                                                                   schema::TablePtr table,
                                                                   const WriterOptions& options) {
  CASSETTE_ASSERT(table != nullptr);
  CASSETTE_ASSERT(options.row_group_rows >= 1);
  CASSETTE_ASSERT(options.row_group_rows <= columnar::kMaxVectorRows);
  io::AppenderOptions appender_options;
  appender_options.preallocate_bytes = options.expected_file_bytes;
  CASSETTE_ASSIGN_OR_RETURN(auto appender, io::Appender::Create(file_system, path, appender_options));
  auto writer = std::make_unique<Writer>(file_system, std::move(appender), std::move(table), options);
  CASSETTE_RETURN_IF_ERROR(writer->Start());
  return std::unique_ptr<SstableWriter>(std::move(writer));
}

}  // namespace cassette::storage::sstable

#include "storage/sstable/group_reader.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "codec/crc32c.h"
#include "columnar/encoding.h"
#include "storage/sstable/row_append.h"

namespace cassette::storage::sstable {
namespace {

using columnar::CellState;
using columnar::PhysicalType;
using columnar::Vector;
using rows::kNeverExpires;
using rows::kNoTimestamp;
using rows::kNoTtl;

// Reading ahead doubles from the first to the second while groups follow one another.
constexpr size_t kWindowBytesMin = 16 * 1024;
constexpr size_t kWindowBytesMax = 256 * 1024;
// Encoded vectors of earlier groups kept at hand by one reader.
constexpr size_t kSharedBytesMax = 1 << 20;

bool IsAll(std::span<const rows::ClusteringSlice> slices) {
  return slices.size() == 1 && slices[0].start == rows::ClusteringBound::Start() &&
         slices[0].end == rows::ClusteringBound::End();
}

// Rows of `from` into the empty `target`; a constant stays one.
void AppendRanges(const Vector& from, std::span<const RowRange> ranges, bool reversed, Vector* target) {
  if (from.is_constant()) {
    uint32_t count = 0;
    for (const RowRange& range : ranges) count += range.end - range.begin;
    target->AppendRange(from, 0, 1);
    return target->MakeConstant(count);
  }
  for (const RowRange& range : ranges) {
    if (reversed) {
      AppendReversed(from, range.begin, range.end, target);
    } else {
      target->AppendRange(from, range.begin, range.end);
    }
  }
}

}  // namespace

struct GroupReader::Request {
  std::span<const RowRange> ranges;
  bool reversed;
  bool whole;  // All rows of the group, in order.
  uint32_t count;
};

void GroupReader::Reset(const TableFile& file, const ReadOptions& options, ReadCounters& counters) {
  file_ = &file;
  options_ = &options;
  counters_ = &counters;
  Release();
  window_.clear();
  if (window_.capacity() > kWindowBytesMin) window_.shrink_to_fit();
  window_offset_ = 0;
  window_bytes_next_ = 0;
  if (!shared_.empty()) shared_.clear();
  shared_bytes_ = 0;
}

void GroupReader::Release() {
  block_ = nullptr;
  entry_ = nullptr;
  group_ = 0;
  clustering_.clear();
}

base::Status GroupReader::Open(uint64_t group) {
  std::shared_ptr<const IndexBlock> block = std::move(block_);
  entry_ = nullptr;
  if (block == nullptr || group < block->first_group || group - block->first_group >= block->entries.size()) {
    CASSETTE_ASSIGN_OR_RETURN(block, file_->ReadIndexBlock(file_->IndexBlockOf(group)));
  }
  Open(group, std::move(block));
  return base::Status::Ok();
}

void GroupReader::Open(uint64_t group, std::shared_ptr<const IndexBlock> block) {
  CASSETTE_ASSERT(group - block->first_group < block->entries.size());
  block_ = std::move(block);
  group_ = group;
  entry_ = &block_->entries[group - block_->first_group];
  clustering_.clear();
}

bool GroupReader::IsExcluded() const {
  for (const rows::ComponentRange& range : options_->component_ranges) {
    for (const ZoneMap& map : entry_->zone_maps) {
      if (map.component == range.component && (map.max < range.min || map.min > range.max)) return true;
    }
  }
  return false;
}

base::Status GroupReader::Corrupt(const Stream& stream, std::string_view what) const {
  const uint64_t offset = stream.form == StreamForm::kStored
                              ? stream.offset
                              : file_->metadata().index_blocks[file_->IndexBlockOf(group_)].offset;
  return file_->Corrupt(offset, "row group " + std::to_string(group_) + ", stream " +
                                    std::to_string(static_cast<int>(stream.kind)) + " of column " +
                                    std::to_string(stream.column) + ": " + std::string(what));
}

base::Status GroupReader::Bytes(const Stream& stream, std::string_view* bytes) {
  if (stream.form == StreamForm::kInline) {
    *bytes = stream.inline_bytes;
    return base::Status::Ok();
  }
  if (stream.form != StreamForm::kStored) return Corrupt(stream, "a constant where a vector belongs");
  if (stream.offset < entry_->offset) return SharedBytes(stream, bytes);
  const auto inside = [&] {
    return stream.offset >= window_offset_ && stream.offset - window_offset_ <= window_.size() &&
           stream.size_bytes <= window_.size() - (stream.offset - window_offset_);
  };
  if (!inside()) CASSETTE_RETURN_IF_ERROR(FillWindow(stream.offset));
  if (!inside()) return Corrupt(stream, "it reaches past its group or the file's end");
  *bytes = std::string_view(window_).substr(stream.offset - window_offset_, stream.size_bytes);
  if (codec::Crc32c(*bytes) != stream.crc) return Corrupt(stream, "the checksum is wrong");
  return base::Status::Ok();
}

// Reads from `offset`, in the open group, to the group's end and beyond when groups are read one after another.
base::Status GroupReader::FillWindow(uint64_t offset) {
  const uint64_t group_end = entry_->offset + entry_->size_bytes;
  if (offset >= group_end || group_end > file_->footer().metadata_offset) {
    window_.clear();
    return base::Status::Ok();
  }
  const bool sequential = offset >= window_offset_ && offset - window_offset_ <= window_.size() + kWindowBytesMin;
  window_bytes_next_ = sequential ? std::min(window_bytes_next_ * 2, kWindowBytesMax) : 0;
  const uint64_t wanted = std::max<uint64_t>(group_end - offset, window_bytes_next_);
  window_bytes_next_ = std::max(window_bytes_next_, kWindowBytesMin);
  window_.resize(std::min<uint64_t>(wanted, file_->footer().metadata_offset - offset));
  window_offset_ = offset;
  counters_->bytes_read += window_.size();
  const base::Status status = file_->file().ReadExactly(offset, window_);
  if (!status.ok()) window_.clear();
  return status;
}

base::Status GroupReader::SharedBytes(const Stream& stream, std::string_view* bytes) {
  const auto found = shared_.find(stream.offset);
  if (found != shared_.end() && found->second.size() == stream.size_bytes) {
    *bytes = found->second;
    return base::Status::Ok();
  }
  if (shared_bytes_ > kSharedBytesMax) {
    shared_.clear();
    shared_bytes_ = 0;
  }
  std::string read;
  CASSETTE_RETURN_IF_ERROR(file_->ReadChecked(stream.offset, stream.size_bytes, stream.crc, &read));
  counters_->bytes_read += read.size();
  shared_bytes_ += read.size();
  std::string& kept = shared_[stream.offset];
  kept = std::move(read);
  *bytes = kept;
  return base::Status::Ok();
}

base::Status GroupReader::Decode(const Stream& stream, PhysicalType physical, uint32_t count, Vector* vector) {
  std::string_view bytes;
  CASSETTE_RETURN_IF_ERROR(Bytes(stream, &bytes));
  vector->Reset(physical);
  const base::Status status = columnar::DecodeVector(bytes, count, vector);
  if (!status.ok()) return Corrupt(stream, status.message());
  if (vector->size() != count) return Corrupt(stream, "it has another number of rows");
  ++counters_->vectors_decoded;
  return base::Status::Ok();
}

CacheKey GroupReader::KeyOf(const Stream& stream, CachedKind kind, uint32_t variant) const {
  CacheKey key{file_->cache_id(), stream.offset, kind, variant};
  if (stream.form == StreamForm::kInline) {
    // Numbered from the top, where no offset reaches.
    key.place = ~((group_ << 20) | static_cast<uint64_t>(&stream - entry_->streams.data()));
  }
  return key;
}

// Encoded vectors take a fraction of the cache that decoded ones would.
base::Status GroupReader::FindInts(const Stream& stream, uint32_t count, IntVector* ints) {
  ints->encoded = nullptr;
  ints->decoded = nullptr;
  if (stream.form == StreamForm::kInline && ints->points.Open(stream.inline_bytes, count)) return base::Status::Ok();
  if (stream.form == StreamForm::kStored && use_cache()) {
    const CacheKey key = KeyOf(stream, CachedKind::kEncodedVector, 0);
    if (auto found = file_->cache()->Find(key)) {
      ++counters_->vectors_from_cache;
      ints->encoded = std::static_pointer_cast<const std::string>(std::move(found));
      if (ints->points.Open(*ints->encoded, count)) return base::Status::Ok();
      return Corrupt(stream, "it has another number of rows");
    }
    std::string_view bytes;
    CASSETTE_RETURN_IF_ERROR(Bytes(stream, &bytes));
    if (ints->points.Open(bytes, count)) {
      ints->encoded = std::make_shared<const std::string>(bytes);
      (void)ints->points.Open(*ints->encoded, count);
      file_->cache()->Insert(key, ints->encoded, sizeof(std::string) + bytes.size());
      return base::Status::Ok();
    }
  }
  CASSETTE_ASSIGN_OR_RETURN(ints->decoded, DecodeShared(stream, PhysicalType::kInt64, count));
  return base::Status::Ok();
}

base::Result<GroupReader::VectorPointer> GroupReader::DecodeShared(const Stream& stream, PhysicalType physical,
                                                                   uint32_t count) {
  const CacheKey key = KeyOf(stream, CachedKind::kVector, count << 8 | static_cast<uint32_t>(physical));
  if (use_cache()) {
    if (auto found = file_->cache()->Find(key)) {
      ++counters_->vectors_from_cache;
      return std::static_pointer_cast<const Vector>(std::move(found));
    }
  }
  auto vector = std::make_shared<Vector>();
  CASSETTE_RETURN_IF_ERROR(Decode(stream, physical, count, vector.get()));
  if (use_cache()) file_->cache()->Insert(key, vector, sizeof(Vector) + vector->memory_bytes());
  return VectorPointer(std::move(vector));
}

bool GroupReader::HasNull(const Vector& vector) {
  return std::any_of(vector.states().begin(), vector.states().end(),
                     [](CellState state) { return state == CellState::kAbsent || state == CellState::kTombstone; });
}

base::Status GroupReader::NeedClustering() {
  if (!clustering_.empty()) return base::Status::Ok();
  const schema::Table& table = file_->metadata().table;
  std::vector<VectorPointer> vectors;
  for (uint32_t i = 0; i < table.clustering_count(); ++i) {
    const Stream* const stream = entry_->FindStream(StreamKind::kClustering, i);
    if (stream == nullptr) return Corrupt(Stream(), "no clustering component " + std::to_string(i));
    CASSETTE_ASSIGN_OR_RETURN(VectorPointer vector,
                              DecodeShared(*stream, table.clustering(i).type.physical(), entry_->row_count));
    if (HasNull(*vector)) return Corrupt(*stream, "a clustering component is missing");
    vectors.push_back(std::move(vector));
  }
  clustering_ = std::move(vectors);
  return base::Status::Ok();
}

std::string_view GroupReader::ClusteringAt(uint32_t row) {
  const schema::Table& table = file_->metadata().table;
  clustering_bytes_.clear();
  std::string value;
  for (size_t i = 0; i < clustering_.size(); ++i) {
    value.clear();
    clustering_[i]->AppendSerialized(table.clustering(i).type, row, &value);
    rows::AppendClusteringComponent(table, i, value, &clustering_bytes_);
  }
  return clustering_bytes_;
}

// The first of rows [begin, end) that lies after `bound`; end when none does.
uint32_t GroupReader::FirstRowAfter(const rows::ClusteringBound& bound, uint32_t begin, uint32_t end) {
  while (begin < end) {
    const uint32_t middle = begin + (end - begin) / 2;
    if (bound.CompareToRow(ClusteringAt(middle)) > 0) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

base::Status GroupReader::SelectRows(std::span<const rows::ClusteringSlice> slices, uint32_t begin, uint32_t end,
                                     std::vector<RowRange>* selected) {
  if (begin == end || slices.empty()) return base::Status::Ok();
  if (IsAll(slices)) {
    selected->push_back({begin, end});
    return base::Status::Ok();
  }
  const bool to_group_start = begin == 0;
  const bool to_group_end = end == entry_->row_count;
  for (const rows::ClusteringSlice& slice : slices) {
    // What the index knows of the group's ends saves looking at rows.
    if (to_group_end && slice.start.CompareToRow(entry_->last_clustering) > 0) break;
    if (to_group_start && slice.end.CompareToRow(entry_->first_clustering) < 0) continue;
    const bool from_first = to_group_start && slice.start.CompareToRow(entry_->first_clustering) < 0;
    const bool to_last = to_group_end && slice.end.CompareToRow(entry_->last_clustering) > 0;
    if (!from_first || !to_last) CASSETTE_RETURN_IF_ERROR(NeedClustering());
    RowRange range{begin, end};
    if (!from_first) range.begin = FirstRowAfter(slice.start, begin, end);
    if (!to_last) range.end = FirstRowAfter(slice.end, range.begin, end);
    if (range.begin < range.end) selected->push_back(range);
  }
  return base::Status::Ok();
}

base::Status GroupReader::FillVector(const Stream& stream, PhysicalType physical, const Request& request,
                                     Vector* vector) {
  if (request.whole) return Decode(stream, physical, entry_->row_count, vector);
  if (request.count == 1 && physical == PhysicalType::kInt64) {
    IntVector ints;
    CASSETTE_RETURN_IF_ERROR(FindInts(stream, entry_->row_count, &ints));
    vector->Reset(physical);
    const uint32_t row = request.ranges[0].begin;
    if (ints.decoded != nullptr) {
      vector->AppendFrom(*ints.decoded, row);
    } else {
      vector->AppendInt64(ints.at(row));
    }
    return base::Status::Ok();
  }
  CASSETTE_ASSIGN_OR_RETURN(const VectorPointer decoded, DecodeShared(stream, physical, entry_->row_count));
  vector->Reset(physical);
  AppendRanges(*decoded, request.ranges, request.reversed, vector);
  return base::Status::Ok();
}

template <typename Number>
base::Status GroupReader::FillMeta(StreamKind kind, uint32_t column, Number absent, const Request& request,
                                   rows::MetaColumn<Number>* meta) {
  const Stream* const stream = entry_->FindStream(kind, column);
  meta->SetConstant(absent);
  if (stream == nullptr) return base::Status::Ok();
  if (stream->form == StreamForm::kConstant) {
    meta->SetConstant(static_cast<Number>(stream->constant));
    return base::Status::Ok();
  }
  CASSETTE_RETURN_IF_ERROR(FillVector(*stream, PhysicalType::kInt64, request, &numbers_));
  if (numbers_.is_constant()) {
    meta->SetConstant(numbers_.is_null(0) ? absent : static_cast<Number>(numbers_.int64(0)));
    return base::Status::Ok();
  }
  if constexpr (sizeof(Number) == sizeof(int64_t)) {
    meta->values.swap(numbers_.mutable_ints());
  } else {
    meta->values.assign(numbers_.ints().begin(), numbers_.ints().end());
  }
  for (uint32_t row = 0; row < numbers_.states().size(); ++row) {
    if (numbers_.states()[row] != CellState::kLive) meta->values[row] = absent;
  }
  return base::Status::Ok();
}

base::Status GroupReader::FillCells(const Stream& stream, PhysicalType physical, const Request& request,
                                    rows::CellColumn* cells) {
  cells->id = schema::ColumnId(stream.column);
  cells->same_as_liveness = stream.same_as_liveness;
  CASSETTE_RETURN_IF_ERROR(FillVector(stream, physical, request, &cells->values));
  if (cells->same_as_liveness) {
    cells->timestamps.SetConstant(kNoTimestamp);
    cells->ttls.SetConstant(kNoTtl);
    cells->expiries.SetConstant(kNeverExpires);
    return base::Status::Ok();
  }
  CASSETTE_RETURN_IF_ERROR(
      FillMeta(StreamKind::kCellTimestamp, stream.column, kNoTimestamp, request, &cells->timestamps));
  CASSETTE_RETURN_IF_ERROR(FillMeta(StreamKind::kCellTtl, stream.column, kNoTtl, request, &cells->ttls));
  return FillMeta(StreamKind::kCellExpiry, stream.column, kNeverExpires, request, &cells->expiries);
}

base::Status GroupReader::Fill(std::span<const RowRange> ranges, bool reversed,
                               std::span<const schema::ColumnId> columns, rows::RowBlock* block) {
  CASSETTE_ASSERT(!ranges.empty());
  const schema::Table& table = file_->metadata().table;
  Request request{ranges, reversed, false, 0};
  bool adjacent = !reversed;
  for (const RowRange& range : ranges) {
    adjacent = adjacent && range.begin == request.count;
    request.count += range.end - range.begin;
  }
  request.whole = adjacent && request.count == entry_->row_count;
  block->row_count = request.count;
  block->all_live = entry_->all_live;

  block->clustering.resize(table.clustering_count());
  for (uint32_t i = 0; i < block->clustering.size(); ++i) {
    const Stream* const stream = entry_->FindStream(StreamKind::kClustering, i);
    if (stream == nullptr) return Corrupt(Stream(), "no clustering component " + std::to_string(i));
    CASSETTE_RETURN_IF_ERROR(FillVector(*stream, table.clustering(i).type.physical(), request, &block->clustering[i]));
    if (HasNull(block->clustering[i])) return Corrupt(*stream, "a clustering component is missing");
  }
  CASSETTE_RETURN_IF_ERROR(FillMeta(StreamKind::kTimestamp, 0, kNoTimestamp, request, &block->timestamps));
  CASSETTE_RETURN_IF_ERROR(FillMeta(StreamKind::kTtl, 0, kNoTtl, request, &block->ttls));
  CASSETTE_RETURN_IF_ERROR(FillMeta(StreamKind::kExpiry, 0, kNeverExpires, request, &block->expiries));
  CASSETTE_RETURN_IF_ERROR(FillMeta(StreamKind::kDeletedAt, 0, kNoTimestamp, request, &block->deleted_at));
  CASSETTE_RETURN_IF_ERROR(FillMeta(StreamKind::kDeletedLocal, 0, kNeverExpires, request, &block->deleted_local));

  size_t filled = 0;
  block->cells.reserve(columns.size());
  for (const schema::ColumnId id : columns) {
    const Stream* const stream = entry_->FindStream(StreamKind::kCellValues, id.value());
    if (stream == nullptr) continue;
    const schema::Column* const column = table.FindColumn(id);
    if (column == nullptr) return Corrupt(*stream, "a column that the metadata does not name");
    if (filled == block->cells.size()) block->cells.emplace_back();
    CASSETTE_RETURN_IF_ERROR(FillCells(*stream, column->type.physical(), request, &block->cells[filled]));
    ++filled;
  }
  block->cells.resize(filled);
  ++counters_->groups_read;
  counters_->rows_read += request.count;
  if (entry_->has_tombstones) ++counters_->tombstone_groups_read;
  return base::Status::Ok();
}

}  // namespace cassette::storage::sstable

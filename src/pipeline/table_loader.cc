#include "pipeline/table_loader.h"

#include <algorithm>

#include "types/calendar.h"

namespace cassette::pipeline {
namespace {

size_t IndexOf(const std::vector<ModelColumn>& columns, std::string_view name) {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].name == name) return i;
  }
  CASSETTE_ASSERT(false);
}

std::vector<size_t> SourcesOf(const model::DerivedTable& table, const std::vector<ModelColumn>& columns) {
  std::vector<size_t> sources;
  size_t bucket = 0;
  for (const model::TableColumn& column : table.columns()) {
    const bool computed = table.IsBucketColumn(column.name);
    sources.push_back(computed ? TableTarget::kBucket + bucket++ : IndexOf(columns, column.name));
  }
  return sources;
}

std::vector<KeyTracker::KeyColumn> PartitionColumns(const model::DerivedTable& table) {
  std::vector<KeyTracker::KeyColumn> columns;
  for (size_t i = 0; i < table.partition_key.size(); ++i) columns.push_back({i, table.partition_key[i].type});
  return columns;
}

std::vector<KeyTracker::KeyColumn> ClusteringColumns(const model::DerivedTable& table) {
  std::vector<KeyTracker::KeyColumn> columns;
  for (size_t i = 0; i < table.clustering.size(); ++i) {
    columns.push_back({table.partition_key.size() + i, table.clustering[i].type});
  }
  return columns;
}

}  // namespace

TableTarget::TableTarget(const model::DerivedTable& table, const std::vector<ModelColumn>& model_columns)
    : table_(table),
      sources_(SourcesOf(table, model_columns)),
      tracker_(PartitionColumns(table), ClusteringColumns(table)) {
  if (table.bucket != model::Bucket::kNone) bucket_source_ = IndexOf(model_columns, table.bucket_column);
}

bool TableTarget::IsKey(size_t index) const {
  if (table_.bucket != model::Bucket::kNone && index == bucket_source_) return true;
  const size_t key_count = table_.partition_key.size() + table_.clustering.size();
  return std::find(sources_.begin(), sources_.begin() + static_cast<ptrdiff_t>(key_count), index) !=
         sources_.begin() + static_cast<ptrdiff_t>(key_count);
}

bool TableTarget::Uses(size_t index) const {
  return IsKey(index) || std::find(sources_.begin(), sources_.end(), index) != sources_.end();
}

TableLoader::TableLoader(TableTarget& target, std::unique_ptr<session::BulkWriter> writer)
    : target_(target), writer_(std::move(writer)) {
  for (const size_t source : target_.sources()) {
    if (source >= TableTarget::kBucket) buckets_.emplace_back(columnar::PhysicalType::kInt64);
  }
}

// Rows near in time share a bucket: it is computed anew only where another day's begins.
void TableLoader::FillBuckets(const RecordBatch& batch, uint32_t row_count) {
  for (columnar::Vector& vector : buckets_) vector.Reset(columnar::PhysicalType::kInt64);
  const columnar::Vector& times = batch.columns[target_.bucket_source()];
  int64_t day = INT64_MIN;
  std::vector<int32_t> values;
  bool is_constant = true;
  for (uint32_t row = 0; row < row_count; ++row) {
    const int64_t row_day = types::DaysFromMillis(times.int64(row));
    if (row_day != day) {
      day = row_day;
      std::vector<int32_t> next = model::BucketOf(target_.table().bucket, times.int64(row));
      is_constant &= row == 0 || next == values;
      values = std::move(next);
    }
    for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i].AppendInt64(values[i]);
  }
  if (!is_constant) return;
  for (size_t i = 0; i < buckets_.size(); ++i) {
    buckets_[i].Reset(columnar::PhysicalType::kInt64);
    buckets_[i].AppendInt64(values[i]);
    buckets_[i].MakeConstant(row_count);
  }
}

uint32_t TableLoader::PickVectors(const RecordBatch& batch) {
  vectors_.clear();
  if (!buckets_.empty()) FillBuckets(batch, batch.row_count);
  bool all_constant = true;
  for (const size_t source : target_.sources()) {
    const columnar::Vector& vector =
        source >= TableTarget::kBucket ? buckets_[source - TableTarget::kBucket] : batch.columns[source];
    vectors_.push_back(&vector);
    all_constant &= vector.is_constant();
  }
  if (!all_constant || batch.row_count <= 1) return batch.row_count;
  // The same row again and again: once is enough.
  target_.tracker().AddRepeated(batch.row_count - 1);
  single_.clear();
  single_.reserve(vectors_.size());
  for (const columnar::Vector*& vector : vectors_) {
    single_.push_back(vector->Select({0}));
    vector = &single_.back();
  }
  return 1;
}

base::Status TableLoader::AddDistinct(const RecordBatch& batch, int64_t timestamp_micros) {
  const uint32_t row_count = PickVectors(batch);
  if (row_count != batch.row_count) {
    target_.tracker().Add(vectors_, row_count, &marks_);
    if (target_.table().regular.empty() && marks_.new_rows.empty()) return base::Status::Ok();
  } else {
    target_.tracker().AddDistinct(vectors_, row_count);
  }
  return writer_ == nullptr ? base::Status::Ok() : writer_->Append(vectors_, row_count, timestamp_micros);
}

void TableLoader::UseWriteTimes(int64_t first_micros, int64_t last_micros) {
  CASSETTE_ASSERT(first_micros <= last_micros);
  next_write_micros_ = first_micros;
  last_write_micros_ = last_micros;
}

int64_t TableLoader::TakeWriteTime() {
  const int64_t taken = next_write_micros_;
  if (next_write_micros_ < last_write_micros_) ++next_write_micros_;
  return taken;
}

base::Status TableLoader::Add(const RecordBatch& batch) {
  const uint32_t row_count = PickVectors(batch);
  target_.tracker().Add(vectors_, row_count, &marks_);
  if (writer_ == nullptr) return base::Status::Ok();
  if (target_.table().regular.empty()) return WriteNewRows(row_count);
  uint32_t begin = 0;
  for (const uint32_t start : marks_.starts) {
    CASSETTE_RETURN_IF_ERROR(Write(begin, start, row_count, TakeWriteTime()));
    begin = start;
  }
  return Write(begin, row_count, row_count, TakeWriteTime());
}

base::Status TableLoader::WriteNewRows(uint32_t row_count) {
  const uint32_t new_count = static_cast<uint32_t>(marks_.new_rows.size());
  if (new_count == 0) return base::Status::Ok();
  if (new_count == row_count) return writer_->Append(vectors_, row_count, TakeWriteTime());
  std::vector<columnar::Vector> parts;
  parts.reserve(vectors_.size());
  std::vector<const columnar::Vector*> part_pointers;
  for (const columnar::Vector* vector : vectors_) {
    parts.push_back(vector->Select(marks_.new_rows));
    part_pointers.push_back(&parts.back());
  }
  return writer_->Append(part_pointers, new_count, TakeWriteTime());
}

base::Status TableLoader::Write(uint32_t begin, uint32_t end, uint32_t row_count, int64_t timestamp_micros) {
  if (begin == 0 && end == row_count) return writer_->Append(vectors_, row_count, timestamp_micros);
  std::vector<columnar::Vector> parts;
  parts.reserve(vectors_.size());
  std::vector<const columnar::Vector*> part_pointers;
  for (const columnar::Vector* vector : vectors_) {
    parts.emplace_back(vector->physical());
    parts.back().AppendRange(*vector, begin, end);
    part_pointers.push_back(&parts.back());
  }
  return writer_->Append(part_pointers, end - begin, timestamp_micros);
}

}  // namespace cassette::pipeline

// TableLoader: rows of the model into one derived table: picks the columns, computes the bucket, counts keys, writes.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/status.h"
#include "model/derive.h"
#include "pipeline/key_tracker.h"
#include "pipeline/record_batch.h"
#include "session/session.h"

namespace cassette::pipeline {

// What all loaders of one table share. Lifetime: table and model columns outlive it.
class TableTarget {
 public:
  TableTarget(const model::DerivedTable& table, const std::vector<ModelColumn>& model_columns);

  const model::DerivedTable& table() const { return table_; }
  KeyTracker& tracker() { return tracker_; }
  const KeyTracker& tracker() const { return tracker_; }
  // For each column of the table: the model column it comes from, or kBucket plus the place in the bucket.
  static constexpr size_t kBucket = 1u << 20;
  const std::vector<size_t>& sources() const { return sources_; }
  size_t bucket_source() const { return bucket_source_; }
  // Whether model column `index` is part of this table's key (the bucket's time stamp too).
  bool IsKey(size_t index) const;
  // Whether the table has a column or a bucket from model column `index`.
  bool Uses(size_t index) const;

 private:
  const model::DerivedTable& table_;
  std::vector<size_t> sources_;
  size_t bucket_source_ = 0;
  KeyTracker tracker_;
};

// Thread safety: not thread safe; one a worker.
class TableLoader {
 public:
  // `writer` null: counts only (--dry-run).
  TableLoader(TableTarget& target, std::unique_ptr<session::BulkWriter> writer);

  // What follows is written at the times [first, last], in order: each call of Add takes one, and one more wherever a
  // key repeats within the call, so that the later row wins. Past the last one, rows share it.
  void UseWriteTimes(int64_t first_micros, int64_t last_micros);
  base::Status Add(const RecordBatch& batch);
  // As Add, for rows whose source promises that no key of the model's columns comes twice: cheaper, and all rows get
  // one time.
  base::Status AddDistinct(const RecordBatch& batch, int64_t timestamp_micros);

  session::BulkWriter* writer() { return writer_.get(); }

 private:
  // Points vectors_ at the table's columns; returns how many rows to write: one when all of them are the same.
  uint32_t PickVectors(const RecordBatch& batch);
  void FillBuckets(const RecordBatch& batch, uint32_t row_count);
  int64_t TakeWriteTime();
  // A table of keys alone needs each key once.
  base::Status WriteNewRows(uint32_t row_count);
  base::Status Write(uint32_t begin, uint32_t end, uint32_t row_count, int64_t timestamp_micros);

  TableTarget& target_;
  std::unique_ptr<session::BulkWriter> writer_;
  std::vector<columnar::Vector> buckets_;
  std::vector<columnar::Vector> single_;  // The one row that stands for a batch of equal ones.
  std::vector<const columnar::Vector*> vectors_;
  KeyMarks marks_;
  int64_t next_write_micros_ = 0;
  int64_t last_write_micros_ = 0;
};

}  // namespace cassette::pipeline

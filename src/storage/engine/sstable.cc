#include "storage/engine/sstable.h"

#include <fmt/format.h>

#include <algorithm>

namespace cassette::storage::engine {
namespace {

// Tombstones and expiring cells past gc_grace_seconds as a part of all rows, as if they were spread evenly between the
// oldest and the newest.
double DroppableRatio(const sstable::SstableStatistics& statistics, int64_t gc_before_seconds) {
  const double dying = static_cast<double>(statistics.tombstone_count + statistics.expiring_count);
  if (dying == 0 || statistics.min_local_deletion_seconds >= gc_before_seconds) return 0;
  const double count = std::max(1.0, static_cast<double>(statistics.row_count));
  const double first = static_cast<double>(statistics.min_local_deletion_seconds);
  const double last = static_cast<double>(statistics.max_local_deletion_seconds);
  const double before = static_cast<double>(gc_before_seconds);
  const double part = before > last ? 1.0 : (before - first) / std::max(1.0, last - first);
  return std::min(1.0, dying * part / count);
}

}  // namespace

Sstable::~Sstable() {
  if (!is_obsolete_) return;
  reader_.reset();
  const base::Status status = file_system_.Remove(path_);
  if (!status.ok() && status.code() != base::Code::kNotFound) {
    logger_.Warning("an SSTable that is not live any more stays until the next start: {}", status.message());
  }
}

compaction::SstableView Sstable::View(int64_t gc_before_seconds) const {
  compaction::SstableView view;
  view.id = info_.file_number;
  view.size_bytes = info_.size_bytes;
  view.row_count = info_.row_count;
  view.level = level();
  view.min_timestamp_micros = info_.min_write_time;
  view.max_timestamp_micros = info_.max_write_time;
  view.min_token = info_.min_token;
  view.max_token = info_.max_token;
  view.max_local_deletion_seconds = info_.max_local_deletion_time;
  view.droppable_tombstone_ratio = DroppableRatio(statistics(), gc_before_seconds);
  view.created_seconds = statistics().created_at_micros / 1'000'000;
  return view;
}

manifest::SstableInfo MakeSstableInfo(uint64_t file_number, const sstable::SstableStatistics& statistics) {
  manifest::SstableInfo info;
  info.file_number = file_number;
  info.table_id = statistics.table_id.bytes;
  info.size_bytes = statistics.file_bytes;
  info.row_count = statistics.row_count;
  info.tombstone_count = statistics.tombstone_count;
  info.min_token = statistics.min_token;
  info.max_token = statistics.max_token;
  if (statistics.min_timestamp_micros <= statistics.max_timestamp_micros) {
    info.min_write_time = statistics.min_timestamp_micros;
    info.max_write_time = statistics.max_timestamp_micros;
  }
  info.max_local_deletion_time = statistics.max_local_deletion_seconds;
  return info;
}

base::Result<std::unique_ptr<sstable::SstableReader>> OpenSstableFile(
    base::Result<std::unique_ptr<io::RandomAccessFile>> file, const std::string& path,
    const manifest::SstableInfo& info, sstable::BlockCache* cache) {
  if (file.status().code() == base::Code::kNotFound) {
    return base::Corruption(path + ", offset 0: is missing, though the manifest names it");
  }
  CASSETTE_RETURN_IF_ERROR(file);
  const schema::TableId table_id{info.table_id};
  auto reader = sstable::SstableReader::Open(std::move(file).value(), &table_id, cache);
  if (!reader.ok()) return reader;
  manifest::SstableInfo found = MakeSstableInfo(info.file_number, (*reader)->statistics());
  found.level = info.level;
  if (found == info) return reader;
  return base::Corruption(fmt::format(
      "{}, offset 0: is another file than the manifest means: it has {} rows in {} bytes, the manifest says {} in {}",
      path, found.row_count, found.size_bytes, info.row_count, info.size_bytes));
}

}  // namespace cassette::storage::engine

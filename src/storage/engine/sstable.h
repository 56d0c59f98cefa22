// Sstable: one live SSTable of the engine: its reader, what the manifest knows of it, and its file's end.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <utility>

#include "base/log.h"
#include "base/status.h"
#include "io/file_system.h"
#include "rows/keys.h"
#include "storage/compaction/strategy.h"
#include "storage/manifest/sstable_info.h"
#include "storage/sstable/sstable_reader.h"

namespace cassette::storage::engine {

// Thread safety: all methods may be called from many threads.
// Ownership: shared by the versions of its table and those who read from them; the last one removes the file of an
// SSTable that is not live any more.
class Sstable {
 public:
  Sstable(manifest::SstableInfo info, std::string path, std::unique_ptr<sstable::SstableReader> reader,
          io::FileSystem& file_system, base::Logger& logger)
      : info_(info),
        level_(info.level),
        path_(std::move(path)),
        reader_(std::move(reader)),
        file_system_(file_system),
        logger_(logger) {}
  ~Sstable();
  Sstable(const Sstable&) = delete;
  Sstable& operator=(const Sstable&) = delete;

  // All but the level, which is that of the beginning.
  const manifest::SstableInfo& info() const { return info_; }
  // Of LeveledCompactionStrategy. Set once the manifest has it.
  uint32_t level() const { return level_.load(std::memory_order_relaxed); }
  void SetLevel(uint32_t level) { level_.store(level, std::memory_order_relaxed); }
  uint64_t file_number() const { return info_.file_number; }
  const std::string& path() const { return path_; }
  const sstable::SstableReader& reader() const { return *reader_; }
  const sstable::SstableStatistics& statistics() const { return reader_->statistics(); }

  // Whether a partition of this token may be in it: its range, then its key filter. kCorruption, kIoError of the
  // filter.
  base::Result<bool> MayContain(rows::Token token) const {
    if (!Overlaps(token, token)) return false;
    return reader_->MayContain(token);
  }
  bool Overlaps(rows::Token first, rows::Token last) const {
    return first <= info_.max_token && last >= info_.min_token;
  }
  // As a compaction strategy sees it.
  compaction::SstableView View(int64_t gc_before_seconds) const;
  // The file goes with the last user.
  void MarkObsolete() { is_obsolete_ = true; }

 private:
  const manifest::SstableInfo info_;
  std::atomic<uint32_t> level_;
  const std::string path_;
  std::unique_ptr<sstable::SstableReader> reader_;
  io::FileSystem& file_system_;
  base::Logger& logger_;
  std::atomic<bool> is_obsolete_ = false;
};

using SstablePtr = std::shared_ptr<Sstable>;

// What the manifest records of a table just written.
manifest::SstableInfo MakeSstableInfo(uint64_t file_number, const sstable::SstableStatistics& statistics);

// A reader of the file that the manifest names; `file` is what opening `path` gave. kCorruption, naming it, also when
// it is missing, or is sound and another one than the manifest means.
base::Result<std::unique_ptr<sstable::SstableReader>> OpenSstableFile(
    base::Result<std::unique_ptr<io::RandomAccessFile>> file, const std::string& path,
    const manifest::SstableInfo& info, sstable::BlockCache* cache);

}  // namespace cassette::storage::engine

// PosixFileSystem: the machine's files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "io/file_system.h"

namespace cassette::io {

// Thread safety: all methods may be called from many threads.
class PosixFileSystem final : public FileSystem {
 public:
  base::Result<std::unique_ptr<SequentialFile>> OpenSequential(const std::string& path) override;
  base::Result<std::unique_ptr<RandomAccessFile>> OpenRandomAccess(const std::string& path) override;
  base::Result<std::unique_ptr<WritableFile>> CreateWritable(const std::string& path) override;
  base::Result<std::unique_ptr<WritableFile>> OpenAppendable(const std::string& path) override;
  base::Result<std::unique_ptr<BlockFile>> CreateBlockFile(const std::string& path,
                                                           uint64_t preallocate_bytes) override;
  base::Result<std::unique_ptr<MappedFile>> MapWritable(const std::string& path, uint64_t size_bytes) override;
  base::Status CreateDir(const std::string& path) override;
  base::Result<std::vector<std::string>> ListDir(const std::string& path) override;
  base::Status Rename(const std::string& source, const std::string& target) override;
  base::Status Remove(const std::string& path) override;
  base::Status RemoveDir(const std::string& path) override;
  base::Status Truncate(const std::string& path, uint64_t size_bytes) override;
  base::Status Link(const std::string& source, const std::string& target) override;
  base::Result<FileInfo> Stat(const std::string& path) override;
  base::Status SyncDir(const std::string& path) override;
  base::Result<std::unique_ptr<FileLock>> Lock(const std::string& path) override;
  base::Result<uint64_t> FreeSpace(const std::string& path) override;
  uint64_t BootId() override;
};

}  // namespace cassette::io

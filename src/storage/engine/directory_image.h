// All files of a directory tree as bytes, to be damaged and put back. For tests.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/assert.h"
#include "io/file_system.h"

namespace cassette::storage::engine::testing {

using DirectoryImage = std::map<std::string, std::string>;  // Path to bytes.

inline void ReadImage(io::FileSystem& files, const std::string& path, DirectoryImage* image) {
  const auto names = files.ListDir(path);
  CASSETTE_ASSERT(names.ok());
  for (const std::string& name : *names) {
    const std::string child = io::JoinPath(path, name);
    if (files.Stat(child)->kind == io::FileKind::kDirectory) {
      ReadImage(files, child, image);
    } else {
      (*image)[child] = *io::ReadFile(files, child, uint64_t{1} << 30);
    }
  }
}

inline void WriteImage(io::FileSystem& files, const DirectoryImage& image) {
  for (const auto& [path, bytes] : image) {
    CASSETTE_ASSERT(files.CreateDirs(io::DirName(path)).ok());
    const auto file = files.CreateWritable(path);
    CASSETTE_ASSERT(file.ok());
    CASSETTE_ASSERT((*file)->Append(bytes).ok());
    CASSETTE_ASSERT((*file)->Close().ok());
  }
}

}  // namespace cassette::storage::engine::testing

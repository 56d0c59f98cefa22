// The files of a source: a pattern below a directory, in the order of their paths.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace cassette::io {
class FileSystem;
}

namespace cassette::pipeline {

inline constexpr size_t kMaxSourceFiles = 1'000'000;

// `*` within a name, `?` one byte, `**/` any folders (also none).
bool MatchesPattern(std::string_view pattern, std::string_view path);

// All files under `root` (or `root` itself when it is a file) whose path relative to it matches; sorted. kNotFound when
// there is none, kIoError when `root` cannot be read.
base::Result<std::vector<std::string>> ListFiles(io::FileSystem& file_system, const std::string& root,
                                                 const std::string& pattern);

}  // namespace cassette::pipeline

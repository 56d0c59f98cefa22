#include "pipeline/file_list.h"

#include <fmt/format.h>

#include <algorithm>

#include "io/file_system.h"

namespace cassette::pipeline {
namespace {

constexpr int kMaxDepth = 32;

base::Status Walk(io::FileSystem& file_system, const std::string& root, const std::string& relative,
                  const std::string& pattern, int depth, std::vector<std::string>* found) {
  const std::string directory = relative.empty() ? root : io::JoinPath(root, relative);
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> names, file_system.ListDir(directory));
  for (const std::string& name : names) {
    const std::string path = relative.empty() ? name : io::JoinPath(relative, name);
    CASSETTE_ASSIGN_OR_RETURN(const io::FileInfo info, file_system.Stat(io::JoinPath(root, path)));
    // A folder whose own name fits the pattern is listed: opening it says that it is no file.
    const bool matches = MatchesPattern(pattern, path);
    if (matches) found->push_back(io::JoinPath(root, path));
    if (found->size() > kMaxSourceFiles) {
      return base::ResourceExhausted(fmt::format("{}: more than {} files", root, kMaxSourceFiles));
    }
    if (info.kind == io::FileKind::kDirectory && !matches && depth < kMaxDepth) {
      CASSETTE_RETURN_IF_ERROR(Walk(file_system, root, path, pattern, depth + 1, found));
    }
  }
  return base::Status::Ok();
}

}  // namespace

bool MatchesPattern(std::string_view pattern, std::string_view path) {
  if (pattern.empty()) return path.empty();
  if (pattern.starts_with("**/")) {
    const std::string_view rest = pattern.substr(3);
    for (size_t begin = 0;;) {
      if (MatchesPattern(rest, path.substr(begin))) return true;
      const size_t slash = path.find('/', begin);
      if (slash == std::string_view::npos) return false;
      begin = slash + 1;
    }
  }
  if (pattern.front() == '*') {
    for (size_t size = 0; size <= path.size(); ++size) {
      if (MatchesPattern(pattern.substr(1), path.substr(size))) return true;
      if (size < path.size() && path[size] == '/') return false;
    }
    return false;
  }
  if (path.empty()) return false;
  if (pattern.front() != '?' && pattern.front() != path.front()) return false;
  return MatchesPattern(pattern.substr(1), path.substr(1));
}

base::Result<std::vector<std::string>> ListFiles(io::FileSystem& file_system, const std::string& root,
                                                 const std::string& pattern) {
  CASSETTE_ASSIGN_OR_RETURN(const io::FileInfo info, file_system.Stat(root));
  if (info.kind != io::FileKind::kDirectory) return std::vector<std::string>{root};
  std::vector<std::string> found;
  CASSETTE_RETURN_IF_ERROR(Walk(file_system, root, "", pattern, 0, &found));
  if (found.empty()) return base::NotFound(fmt::format("{}: no file matches '{}'", root, pattern));
  std::sort(found.begin(), found.end());
  return found;
}

}  // namespace cassette::pipeline

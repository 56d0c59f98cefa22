#include "io/posix_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace cassette::io {

base::Status ErrnoStatus(int error, const std::string& path, std::string_view action) {
  std::string message = fmt::format("{}: cannot {}: {}", path, action, std::generic_category().message(error));
  switch (error) {
    case ENOENT:
      return base::NotFound(std::move(message));
    case EEXIST:
      return base::AlreadyExists(std::move(message));
    default:
      return base::IoError(std::move(message));
  }
}

}  // namespace cassette::io

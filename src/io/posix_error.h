// Turns errno into a Status; for io/ alone.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"

namespace cassette::io {

// "/a/b: cannot open: No such file or directory": kNotFound for ENOENT, kAlreadyExists for EEXIST, otherwise kIoError.
base::Status ErrnoStatus(int error, const std::string& path, std::string_view action);

}  // namespace cassette::io

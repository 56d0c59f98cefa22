// The program's Logger: spdlog to standard error, or to a rotated file.
#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "base/status.h"

namespace cassette::cli {

// `level`: debug, info, warning, error or off. `path` empty: standard error. kInvalidArgument for another level,
// kIoError when the file cannot be written.
base::Result<std::unique_ptr<base::Logger>> MakeLogger(const std::string& level, const std::string& path);

}  // namespace cassette::cli

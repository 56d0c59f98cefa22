// What of the commit log must be there at the next start, as a payload of the manifest: written when the engine is
// closed, forgotten before the first segment goes. It tells missing and cut files from those that a crash left so.
// docs/format/data_directory.md has the bytes.
#pragma once

#include <string>

#include "base/status.h"
#include "storage/commitlog/commitlog.h"
#include "storage/manifest/manifest.h"

namespace cassette::storage::engine {

std::string EncodeLogExtent(const commitlog::LogExtent& extent);
// An empty extent when the manifest has none. kCorruption when it is malformed.
base::Result<commitlog::LogExtent> LogExtentOf(const manifest::ManifestState& state);

}  // namespace cassette::storage::engine

// Sizes as people write them ("100MiB", "1.5 GB"), as Cassandra reads them (FBUtilities.parseHumanReadable).
#pragma once

#include <optional>
#include <string_view>

namespace cassette::storage::compaction {

// The number of bytes that `text` means; nullopt when it means none. It ends with B; prefixes are powers of 1000, or of
// 1024 with an i behind.
std::optional<double> ParseBytes(std::string_view text);
// "0.5" or "50%".
std::optional<double> ParsePercent(std::string_view text);

}  // namespace cassette::storage::compaction

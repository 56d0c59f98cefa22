// What the engine writes into one record of the commit log: the mutations of one Apply, which come back together or not
// at all. docs/format/log_record.md has the page.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "absl/container/inlined_vector.h"
#include "base/status.h"

namespace cassette::storage::engine {

// What stands before the mutations; the record is that and the mutations one after the other.
using LogRecordHeader = absl::InlinedVector<char, 64>;
LogRecordHeader MakeLogRecordHeader(std::span<const std::string_view> mutations);
// The mutations of a record. Lifetime: views into it. kCorruption when malformed.
base::Status SplitLogRecord(std::string_view record, std::vector<std::string_view>* mutations);

}  // namespace cassette::storage::engine

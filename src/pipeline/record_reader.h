// RecordReader: records of text fields from a stream of bytes, each with its place. One implementation a file format:
// csv_reader.h, json_lines_reader.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace cassette::pipeline {

// A longer record is a reject; its bytes are skipped, not kept.
inline constexpr size_t kMaxRecordBytes = 4 << 20;
inline constexpr size_t kMaxColumns = 4096;

// One record, or why the bytes at its place are none.
// Lifetime: views are valid until the reader's next call.
struct Record {
  uint64_t line = 0;                     // 1-based, of the record's first byte.
  std::vector<std::string_view> fields;  // Unquoted. An absent JSON member is empty.
  std::vector<uint32_t> columns;         // 1-based byte within the line where each field begins; approximate after a
                                         // line break within quotes.
  std::string_view raw;                  // As it stands in the file, without its line end.
  std::string error;                     // Not empty: a reject; then fields are not to be used.
  uint32_t error_column = 1;
};

// Thread safety: not thread safe.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  // Names of the columns, in the order of Record::fields. Read by Open.
  virtual const std::vector<std::string>& header() const = 0;
  // True when the file has no byte at all (then there is no header either).
  virtual bool is_empty() const = 0;
  // Next record, or false at the end. Fails only when the stream does.
  virtual base::Result<bool> Next(Record* record) = 0;
};

}  // namespace cassette::pipeline

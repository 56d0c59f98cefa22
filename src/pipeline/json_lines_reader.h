// JsonLinesReader: one JSON object a line (ndjson). Members become fields by name; numbers and booleans keep their
// text.
#pragma once

#include <memory>

#include "pipeline/byte_stream.h"
#include "pipeline/record_reader.h"

namespace cassette::pipeline {

class JsonLinesReader final : public RecordReader {
 public:
  // `names` are the members wanted, in the order of the fields; another member is a reject.
  JsonLinesReader(std::unique_ptr<ByteStream> stream, std::vector<std::string> names);

  const std::vector<std::string>& header() const override { return names_; }
  bool is_empty() const override { return false; }
  base::Result<bool> Next(Record* record) override;

 private:
  base::Result<bool> NextLine(std::string_view* line);
  void Parse(std::string_view line, Record* record);

  std::unique_ptr<ByteStream> stream_;
  const std::vector<std::string> names_;
  std::vector<char> buffer_;
  size_t begin_ = 0;
  size_t end_ = 0;
  bool at_end_ = false;
  bool too_long_ = false;
  uint64_t line_ = 0;
  std::vector<std::string> values_;
};

}  // namespace cassette::pipeline

// CsvReader: RFC 4180 at memory speed. Separators are found 64 bytes at a time: quotes toggle a mask by prefix-xor, and
// commas and line ends outside of it are the structure (Mühlbauer et al., "Instant Loading for Main Memory Databases",
// VLDB 2013; Langdale and Lemire, "Parsing Gigabytes of JSON per Second", 2019).
//
// Lines end with LF, CRLF or CR; blank lines are no records; a byte-order mark is skipped. Where the quoting is wrong,
// the line on which the record began is one reject and reading goes on with the next line, so that one stray quote
// costs one line.
#pragma once

#include <memory>

#include "pipeline/byte_stream.h"
#include "pipeline/record_reader.h"

namespace cassette::pipeline {

class CsvReader final : public RecordReader {
 public:
  // Reads the header. kInvalidArgument, with path:line:column, for a header with a column twice, of more than
  // kMaxColumns, or that is no record.
  static base::Result<std::unique_ptr<CsvReader>> Open(std::unique_ptr<ByteStream> stream, const std::string& path);

  const std::vector<std::string>& header() const override { return header_; }
  bool is_empty() const override { return is_empty_; }
  base::Result<bool> Next(Record* record) override;

 private:
  // A structural comma or line end.
  struct Separator {
    uint32_t offset : 31;
    uint32_t has_quote : 1;  // Between the one before it and this one.
  };

  CsvReader(std::unique_ptr<ByteStream> stream, std::string path);

  base::Status ReadHeader();
  // Makes at least one more byte available behind the current record's, or notes the end of the stream.
  base::Status Refill();
  // Indexes some of the bytes between indexed_ and buffered_.
  void IndexMore();
  // Cuts buffer_[begin, end) at separators_[first, last) into fields; false as Unquote.
  bool CutFields(size_t begin, size_t end, size_t first, size_t last, Record* record);
  // The value of a field that has a quote and begins at `column`; false, and why, where the quoting is wrong.
  bool Unquote(std::string_view field, uint32_t column, Record* record, std::string_view* value);
  // The line from `begin` is a reject: moves behind it and starts indexing anew.
  base::Status RejectLine(size_t begin, std::string error, uint32_t column, Record* record);
  void SkipBlankAndLineEnd();

  std::unique_ptr<ByteStream> stream_;
  const std::string path_;
  std::vector<std::string> header_;
  bool is_empty_ = false;

  size_t read_bytes_;
  std::vector<char> buffer_;
  size_t buffered_ = 0;         // Bytes in buffer_.
  size_t position_ = 0;         // Where the next record begins.
  size_t indexed_ = 0;          // Bytes looked at.
  bool at_end_ = false;         // The stream has no more.
  uint64_t inside_quotes_ = 0;  // All ones when indexed_ lies within quotes.
  uint64_t line_ = 1;           // Of position_.
  bool has_quote_ = false;      // Between the last separator and indexed_.
  std::vector<Separator> separators_;
  size_t next_separator_ = 0;
  std::vector<char> unquoted_;  // Fields with doubled quotes, written out.
  size_t unquoted_used_ = 0;
};

}  // namespace cassette::pipeline

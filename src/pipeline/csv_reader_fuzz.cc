// Any bytes are CSV to somebody: the reader must give the same records however the bytes arrive, keep its places within
// the file, and never read past what it was given.
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "pipeline/csv_reader.h"

namespace cassette::pipeline {
namespace {

// The fuzzer's bytes in pieces of one size.
class PieceStream final : public ByteStream {
 public:
  PieceStream(std::string_view bytes, size_t piece_bytes) : bytes_(bytes), piece_bytes_(piece_bytes) {}
  base::Result<size_t> Read(std::span<char> target) override {
    const size_t count = std::min({target.size(), piece_bytes_, bytes_.size() - at_});
    bytes_.copy(target.data(), count, at_);
    at_ += count;
    return count;
  }
  uint64_t consumed_bytes() const override { return at_; }

 private:
  const std::string_view bytes_;
  const size_t piece_bytes_;
  size_t at_ = 0;
};

// All that a reader says, as lines to compare.
std::vector<std::string> Read(std::string_view bytes, size_t piece_bytes) {
  std::vector<std::string> said;
  const base::Result<std::unique_ptr<CsvReader>> reader =
      CsvReader::Open(std::make_unique<PieceStream>(bytes, piece_bytes), "fuzz.csv");
  if (!reader.ok()) return {std::string(reader.status().message())};
  said.push_back(fmt::format("{}|{}", (*reader)->is_empty(), fmt::join((*reader)->header(), "|")));
  Record record;
  uint64_t last_line = 0;
  for (;;) {
    const base::Result<bool> found = (*reader)->Next(&record);
    if (!found.ok()) std::abort();  // The stream never fails.
    if (!*found) return said;
    if (record.line <= last_line) std::abort();
    last_line = record.line;
    if (record.error.empty() && record.fields.size() != record.columns.size()) std::abort();
    if (record.error_column == 0 || record.raw.size() > bytes.size()) std::abort();
    said.push_back(fmt::format("{}:{}:{}|{}|{}", record.line, record.error_column, record.error,
                               fmt::join(record.columns, ","), record.raw));
    if (record.error.empty()) said.push_back(fmt::format("{}", fmt::join(record.fields, "|")));
  }
}

}  // namespace
}  // namespace cassette::pipeline

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string> whole = cassette::pipeline::Read(bytes, size + 1);
  for (const size_t piece_bytes : {size_t{1}, size_t{3}, size_t{64}, size / 2 + 1}) {
    if (cassette::pipeline::Read(bytes, piece_bytes) != whole) std::abort();
  }
  return 0;
}

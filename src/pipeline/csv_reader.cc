#include "pipeline/csv_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace cassette::pipeline {
namespace {

// Read at a time: little at first, since a header may be all that is wanted, twice as much whenever that was there.
constexpr size_t kFirstReadBytes = 16 << 10;
constexpr size_t kReadBytesMax = 128 << 10;
constexpr size_t kIndexBlock = 64;
// Indexed at a time: what is indexed is still in the cache when it is cut, and a stray quote costs no more than this
// when what lies behind it is indexed again.
constexpr size_t kIndexStep = 1024 * kIndexBlock;

struct BlockMasks {
  uint64_t quotes = 0;
  uint64_t commas = 0;
  uint64_t line_ends = 0;
};

#if defined(__SSE2__)

uint64_t Equal16(__m128i bytes, char c) {
  return static_cast<uint64_t>(static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8(c)))));
}

BlockMasks MasksOf(const char* block) {
  BlockMasks masks;
  for (int i = 0; i < 4; ++i) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(block + 16 * i));
    masks.quotes |= Equal16(bytes, '"') << (16 * i);
    masks.commas |= Equal16(bytes, ',') << (16 * i);
    masks.line_ends |= (Equal16(bytes, '\n') | Equal16(bytes, '\r')) << (16 * i);
  }
  return masks;
}

#else

BlockMasks MasksOf(const char* block) {
  BlockMasks masks;
  for (size_t i = 0; i < kIndexBlock; ++i) {
    const uint64_t bit = uint64_t{1} << i;
    if (block[i] == '"') masks.quotes |= bit;
    if (block[i] == ',') masks.commas |= bit;
    if (block[i] == '\n' || block[i] == '\r') masks.line_ends |= bit;
  }
  return masks;
}

#endif

// Bit i of the result is the parity of bits 0..i: ones from each opening quote up to its closing one.
uint64_t PrefixXor(uint64_t bits) {
  for (int shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
  return bits;
}

std::string TooLong() { return fmt::format("record of more than {} bytes", kMaxRecordBytes); }

bool IsLineEnd(char c) { return c == '\n' || c == '\r'; }

uint64_t CountLineEnds(std::string_view text) {
  if (text.find('\n') == std::string_view::npos && text.find('\r') == std::string_view::npos) return 0;  // As always.
  uint64_t count = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.size() || text[i + 1] != '\n'))) ++count;
  }
  return count;
}

}  // namespace

CsvReader::CsvReader(std::unique_ptr<ByteStream> stream, std::string path)
    : stream_(std::move(stream)), path_(std::move(path)), read_bytes_(kFirstReadBytes) {}

base::Result<std::unique_ptr<CsvReader>> CsvReader::Open(std::unique_ptr<ByteStream> stream, const std::string& path) {
  std::unique_ptr<CsvReader> reader(new CsvReader(std::move(stream), path));
  CASSETTE_RETURN_IF_ERROR(reader->ReadHeader());
  return reader;
}

base::Status CsvReader::ReadHeader() {
  CASSETTE_RETURN_IF_ERROR(Refill());
  while (buffered_ < 3 && !at_end_) CASSETTE_RETURN_IF_ERROR(Refill());
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (std::string_view(buffer_.data(), buffered_).starts_with(kByteOrderMark)) {
    position_ = kByteOrderMark.size();
    indexed_ = position_;
  }
  is_empty_ = at_end_ && position_ == buffered_;
  Record record;
  CASSETTE_ASSIGN_OR_RETURN(const bool found, Next(&record));
  if (!found) {
    is_empty_ = true;
    return base::Status::Ok();
  }
  if (!record.error.empty()) {
    return base::InvalidArgument(fmt::format("{}:{}:{}: the header is no CSV record: {}", path_, record.line,
                                             record.error_column, record.error));
  }
  if (record.fields.size() > kMaxColumns) {
    return base::InvalidArgument(
        fmt::format("{}:{}:1: {} columns, at most {} are read", path_, record.line, record.fields.size(), kMaxColumns));
  }
  std::set<std::string> seen;
  for (size_t i = 0; i < record.fields.size(); ++i) {
    std::string name(record.fields[i]);
    if (!seen.insert(name).second) {
      return base::InvalidArgument(
          fmt::format("{}:{}:{}: the header names column '{}' twice", path_, record.line, record.columns[i], name));
    }
    header_.push_back(std::move(name));
  }
  return base::Status::Ok();
}

base::Status CsvReader::Refill() {
  if (position_ > 0 && position_ >= buffered_ / 2) {  // Keep what is not yet consumed at the front.
    std::memmove(buffer_.data(), buffer_.data() + position_, buffered_ - position_);
    separators_.erase(separators_.begin(), separators_.begin() + static_cast<ptrdiff_t>(next_separator_));
    next_separator_ = 0;
    for (Separator& separator : separators_) separator.offset -= static_cast<uint32_t>(position_);
    buffered_ -= position_;
    indexed_ -= position_;
    position_ = 0;
  }
  const size_t wanted = buffered_ + read_bytes_ + kIndexBlock;
  if (buffer_.size() < wanted) buffer_.resize(wanted);
  CASSETTE_ASSIGN_OR_RETURN(const size_t count, stream_->Read(std::span(buffer_.data() + buffered_, read_bytes_)));
  buffered_ += count;
  at_end_ = count == 0;
  if (count == read_bytes_) read_bytes_ = std::min(2 * read_bytes_, kReadBytesMax);
  return base::Status::Ok();
}

void CsvReader::IndexMore() {
  const size_t end = std::min(buffered_, indexed_ + kIndexStep);
  while (indexed_ < end) {
    const size_t count = std::min(kIndexBlock, end - indexed_);
    const BlockMasks masks =
        MasksOf(buffer_.data() + indexed_);  // Reads past buffered_: the buffer has kIndexBlock spare.
    const uint64_t valid = count == kIndexBlock ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
    uint64_t quotes = masks.quotes & valid;
    const uint64_t inside = PrefixXor(quotes) ^ inside_quotes_;
    uint64_t structure = (masks.commas | masks.line_ends) & ~inside & valid;
    const uint64_t last_bit = uint64_t{1} << (count - 1);
    inside_quotes_ = (inside & last_bit) != 0 ? ~uint64_t{0} : 0;
    const size_t first = separators_.size();
    separators_.resize(first + static_cast<size_t>(std::popcount(structure)));
    for (Separator* next = separators_.data() + first; structure != 0; ++next) {
      const uint64_t before = (structure & -structure) - 1;
      const size_t offset = indexed_ + static_cast<size_t>(__builtin_ctzll(structure));
      *next = {static_cast<uint32_t>(offset), has_quote_ || (quotes & before) != 0};
      has_quote_ = false;
      quotes &= ~before;
      structure &= structure - 1;
    }
    has_quote_ |= quotes != 0;
    indexed_ += count;
  }
}

// Moves over line ends, counting lines: CRLF once, blank lines too.
void CsvReader::SkipBlankAndLineEnd() {
  while (position_ < buffered_ && IsLineEnd(buffer_[position_])) {
    const bool pair = buffer_[position_] == '\r' && position_ + 1 < buffered_ && buffer_[position_ + 1] == '\n';
    position_ += pair ? 2 : 1;
    ++line_;
  }
  while (next_separator_ < separators_.size() && separators_[next_separator_].offset < position_) ++next_separator_;
  indexed_ = std::max(indexed_, position_);
}

base::Result<bool> CsvReader::Next(Record* record) {
  record->error.clear();
  unquoted_used_ = 0;
  // A CR at the very end of the buffer may be half of a CRLF: look further first.
  SkipBlankAndLineEnd();
  while (position_ == buffered_ && !at_end_) {
    const bool after_cr = position_ > 0 && buffer_[position_ - 1] == '\r';
    CASSETTE_RETURN_IF_ERROR(Refill());
    if (after_cr && position_ < buffered_ && buffer_[position_] == '\n') ++position_;
    SkipBlankAndLineEnd();
  }
  if (position_ == buffered_) return false;

  size_t last = next_separator_;
  for (;;) {
    while (last < separators_.size() && !IsLineEnd(buffer_[separators_[last].offset])) ++last;
    if (last < separators_.size()) break;
    if (indexed_ < buffered_) {
      IndexMore();
      continue;
    }
    if (at_end_) break;
    if (indexed_ - position_ > kMaxRecordBytes) {
      CASSETTE_RETURN_IF_ERROR(RejectLine(position_, TooLong(), 1, record));
      return true;
    }
    const size_t consumed = last - next_separator_;
    CASSETTE_RETURN_IF_ERROR(Refill());
    last = next_separator_ + consumed;
  }
  const size_t begin = position_;
  const size_t end = last < separators_.size() ? separators_[last].offset : buffered_;
  record->line = line_;
  if (last == separators_.size() && inside_quotes_ != 0) {
    const size_t quote = std::string_view(buffer_.data() + begin, end - begin).find('"');
    const uint32_t column = static_cast<uint32_t>(quote + 1);
    CASSETTE_RETURN_IF_ERROR(RejectLine(begin, "a quote is opened and never closed", column, record));
    return true;
  }
  if (end - begin > kMaxRecordBytes) {
    CASSETTE_RETURN_IF_ERROR(RejectLine(begin, TooLong(), 1, record));
    return true;
  }
  if (!CutFields(begin, end, next_separator_, last, record)) {
    CASSETTE_RETURN_IF_ERROR(RejectLine(begin, std::move(record->error), record->error_column, record));
    return true;
  }
  position_ = end;
  next_separator_ = last;
  return true;
}

bool CsvReader::CutFields(size_t begin, size_t end, size_t first, size_t last, Record* record) {
  if (unquoted_.size() < end - begin) unquoted_.resize(end - begin);  // Never grows while views point into it.
  const size_t count = last - first + 1;
  record->fields.resize(count);
  record->columns.resize(count);
  bool any_quote = false;
  size_t field_begin = begin;
  for (size_t i = 0; i < count; ++i) {
    const bool is_ended = first + i < separators_.size();
    const size_t field_end = is_ended ? separators_[first + i].offset : end;
    const bool has_quote = is_ended ? separators_[first + i].has_quote : has_quote_;
    const std::string_view field(buffer_.data() + field_begin, field_end - field_begin);
    record->columns[i] = static_cast<uint32_t>(field_begin - begin + 1);
    if (!has_quote) {
      record->fields[i] = field;
    } else if (!Unquote(field, record->columns[i], record, &record->fields[i])) {
      return false;
    }
    any_quote |= has_quote;
    field_begin = field_end + 1;
  }
  record->raw = std::string_view(buffer_.data() + begin, end - begin);
  if (any_quote) line_ += CountLineEnds(record->raw);
  return true;
}

bool CsvReader::Unquote(std::string_view field, uint32_t column, Record* record, std::string_view* value) {
  const auto fail = [&](size_t at, std::string_view what) {
    record->error = what;
    record->error_column = static_cast<uint32_t>(column + at);
    return false;
  };
  if (field.front() != '"') return fail(field.find('"'), "a quote within a field that does not begin with one");
  char* const target = unquoted_.data() + unquoted_used_;
  size_t size = 0;
  size_t i = 1;
  for (; i < field.size(); ++i) {
    if (field[i] == '"') {
      if (i + 1 == field.size() || field[i + 1] != '"') break;
      ++i;
    }
    target[size++] = field[i];
  }
  if (i == field.size()) return fail(0, "a quote is opened and never closed");
  if (i + 1 != field.size()) return fail(i + 1, "text after the closing quote");
  unquoted_used_ += size;
  *value = {target, size};
  return true;
}

base::Status CsvReader::RejectLine(size_t begin, std::string error, uint32_t column, Record* record) {
  CASSETTE_ASSERT(begin == position_);
  record->line = line_;
  record->error = std::move(error);
  record->error_column = column;
  record->fields.clear();
  record->columns.clear();
  // Find the line's end, dropping what lies beyond the bytes worth keeping.
  size_t scan = position_;
  for (;;) {
    while (scan < buffered_ && !IsLineEnd(buffer_[scan])) ++scan;
    if (scan < buffered_ || at_end_) break;
    if (scan - position_ > 2 * kMaxRecordBytes) {
      buffered_ = position_ + kMaxRecordBytes;
      scan = buffered_;
    }
    const size_t ahead = scan - position_;
    separators_.clear();
    next_separator_ = 0;
    indexed_ = buffered_;
    CASSETTE_RETURN_IF_ERROR(Refill());
    scan = position_ + ahead;
  }
  record->raw = std::string_view(buffer_.data() + position_, scan - position_);
  position_ = scan;
  indexed_ = scan;
  separators_.clear();
  next_separator_ = 0;
  inside_quotes_ = 0;
  has_quote_ = false;
  return base::Status::Ok();
}

}  // namespace cassette::pipeline

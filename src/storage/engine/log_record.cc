#include "storage/engine/log_record.h"

#include "codec/varint.h"
#include "rows/row_bytes.h"

namespace cassette::storage::engine {
namespace {

constexpr uint8_t kRecordVersion = 1;

bool ReadLengths(codec::ByteReader* reader, std::vector<uint64_t>* lengths) {
  uint8_t version = 0;
  uint64_t count = 0;
  if (!reader->ReadLittle(&version) || version != kRecordVersion) return false;
  if (!reader->ReadVarint(&count) || count > reader->remaining()) return false;
  lengths->resize(count);
  for (uint64_t& length : *lengths) {
    if (!reader->ReadVarint(&length)) return false;
  }
  return true;
}

}  // namespace

LogRecordHeader MakeLogRecordHeader(std::span<const std::string_view> mutations) {
  LogRecordHeader header(1 + (1 + mutations.size()) * codec::kMaxVarintBytes);
  header[0] = static_cast<char>(kRecordVersion);
  char* out = rows::PutVarint(mutations.size(), &header[1]);
  for (const std::string_view mutation : mutations) out = rows::PutVarint(mutation.size(), out);
  header.resize(static_cast<size_t>(out - header.data()));
  return header;
}

base::Status SplitLogRecord(std::string_view record, std::vector<std::string_view>* mutations) {
  codec::ByteReader reader(record);
  std::vector<uint64_t> lengths;
  const base::Status malformed = base::Corruption("commit log record is malformed");
  if (!ReadLengths(&reader, &lengths)) return malformed;
  std::string_view rest = record.substr(record.size() - reader.remaining());
  mutations->clear();
  for (const uint64_t length : lengths) {
    if (length > rest.size()) return malformed;
    mutations->push_back(rest.substr(0, length));
    rest.remove_prefix(length);
  }
  return rest.empty() ? base::Status::Ok() : malformed;
}

}  // namespace cassette::storage::engine

// Any bytes as commit log segments: replaying, checking and salvaging give a Status, never a crash; what replays once
// gives the same records again. To get past the header, a good one is put before the bytes unless the first byte is
// even; its second bit makes a second segment of the latter half, and its third makes the bytes records with good
// checksums.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/assert.h"
#include "codec/crc32c.h"
#include "io/mem_file_system.h"
#include "storage/commitlog/replay.h"
#include "storage/commitlog/segment_format.h"

namespace {

using namespace cassette;
using namespace cassette::storage::commitlog;

constexpr char kDirectory[] = "/log";

// The bytes as records whose checksums fit; of each, its first two bytes say how long it is and what it knows as
// synced.
std::string RecordsOf(std::string_view bytes, uint32_t checksum) {
  std::string records;
  while (bytes.size() > 2) {
    const std::string_view payload = bytes.substr(2, static_cast<uint8_t>(bytes[0]));
    const uint32_t synced = kSegmentHeaderBytes + static_cast<uint8_t>(bytes[1]);
    std::string header(kRecordHeaderBytes, '\0');
    EncodeRecordHeader({static_cast<uint32_t>(payload.size()), synced, codec::Crc32c(payload)}, checksum,
                       header.data());
    records += header;
    records += payload;
    bytes.remove_prefix(2 + payload.size());
  }
  return records;
}

void PutSegment(io::FileSystem& files, uint32_t id, uint8_t flags, const std::string& bytes) {
  const EncodedSegmentHeader header = EncodeSegmentHeader({id, id - 1, 0, 0});
  const bool is_whole = (flags & 1) == 0;
  const std::string body = (flags & 4) != 0 ? RecordsOf(bytes, header.checksum) : bytes;
  const auto file = files.CreateWritable(io::JoinPath(kDirectory, SegmentFileName(id)));
  CASSETTE_ASSERT(file.ok());
  CASSETTE_ASSERT((*file)->Append(is_whole ? bytes : header.bytes + body).ok());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  io::MemFileSystem files(false);
  CASSETTE_ASSERT(files.CreateDirs(kDirectory).ok());
  const size_t half = (data[0] & 2) != 0 ? bytes.size() / 2 : bytes.size();
  PutSegment(files, 1, data[0], bytes.substr(0, half));
  if ((data[0] & 2) != 0) PutSegment(files, 2, data[0], bytes.substr(half));
  base::NullLogger logger;
  std::vector<std::string> records;
  const ReplayCallback collect = [&](CommitPosition, std::string_view record) {
    records.emplace_back(record);
    return base::Status::Ok();
  };
  CASSETTE_ASSERT(SalvageRecords(files, kDirectory, collect).ok());
  const size_t salvaged = records.size();
  records.clear();
  const base::Status checked = CheckLog(files, kDirectory, {}, logger);
  const auto replayed = Replay(files, kDirectory, {}, logger, collect);
  CASSETTE_ASSERT(checked.ok() == replayed.ok());
  if (!replayed.ok()) return 0;
  CASSETTE_ASSERT(records.size() <= salvaged);
  const std::vector<std::string> first = std::exchange(records, {});
  CASSETTE_ASSERT(Replay(files, kDirectory, {}, logger, collect).ok());
  CASSETTE_ASSERT(records == first);
  return 0;
}

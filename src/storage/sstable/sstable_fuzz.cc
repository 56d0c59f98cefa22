// Any bytes as an SSTable: Open, scans, point reads, Verify and Describe give a Status, never a crash. To get past the
// checksums, they are mended first when the first byte is odd.
#include <cstddef>
#include <cstdint>
#include <string>

#include "codec/crc32c.h"
#include "codec/fixed.h"
#include "io/mem_file_system.h"
#include "storage/sstable/format.h"
#include "storage/sstable/group_reader.h"
#include "storage/sstable/head_block.h"
#include "storage/sstable/sstable_reader.h"

namespace {

using namespace cassette;
using namespace cassette::storage::sstable;

// Header, metadata and footer of `bytes` as a file whose sizes and checksums fit.
std::string Mend(std::string bytes) {
  std::string file = EncodeHeader() + bytes;
  Footer footer;
  footer.metadata_offset = kHeaderBytes;
  footer.metadata_size_bytes = static_cast<uint32_t>(bytes.size());
  footer.metadata_crc = codec::Crc32c(bytes);
  footer.file_size_bytes = file.size() + kFooterBytes;
  return file + EncodeFooter(footer);
}

void ReadEverything(const SstableReader& reader, bool reversed) {
  rows::ReadRange range;
  range.reversed = reversed;
  for (const schema::Column& column : reader.table().columns) range.columns.push_back(column.id);
  ReadCounters counters;
  const auto source = reader.Read(range, ReadOptions(), counters);
  rows::RowBlock block;
  for (int i = 0; i < 100; ++i) {
    const auto more = source->Next(&block);
    if (!more.ok() || !*more) return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const bool mend = (data[0] & 1) != 0;
  std::string bytes(reinterpret_cast<const char*>(data + 1), size - 1);
  std::vector<GroupEntry> groups;
  std::vector<HeadEntry> heads;
  (void)ParseGroupEntries(bytes, data[0] >> 1, &groups);
  (void)ParseHeads(bytes, data[0] >> 1, &heads);
  io::MemFileSystem file_system(false);
  BlockCache cache(1 << 16);
  if (!io::WriteFileAtomically(file_system, "/1.sst", mend ? Mend(std::move(bytes)) : bytes).ok()) return 0;
  const auto reader = SstableReader::Open(file_system, "/1.sst", nullptr, &cache);
  if (!reader.ok()) return 0;
  ReadEverything(**reader, false);
  ReadEverything(**reader, true);
  (void)(*reader)->MayContain(1);
  (void)(*reader)->Verify();
  (void)(*reader)->Describe();
  return 0;
}

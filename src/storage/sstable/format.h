// The bytes of an SSTable: constants, the records of its index, and their encoding. docs/format/sstable.md is the page.
//
//   file := header  (vector | head block | head index block | index block | filter block)*  metadata  footer
//
// Every extent between header and footer is named, with its checksum, by exactly one record above it: vectors by the
// index entry of their row group, index blocks by the metadata, and so on up to the footer, which checks itself.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "codec/varint.h"
#include "rows/keys.h"
#include "schema/schema.h"
#include "storage/sstable/statistics.h"

namespace cassette::storage::sstable {

inline constexpr uint32_t kFormatVersion = 3;
// Files from this version on are read.
inline constexpr uint32_t kFormatVersionMin = 1;
inline constexpr std::string_view kHeaderMagic = "CASSSTAB";
inline constexpr std::string_view kFooterMagic = "BATSSSAC";
inline constexpr size_t kHeaderBytes = 16;
inline constexpr size_t kFooterBytes = 48;

// An encoded vector of at most so many bytes stands in the index entry itself.
inline constexpr size_t kInlineBytesMax = 16;
// An index block is closed at either bound.
inline constexpr uint32_t kGroupsPerIndexBlockMax = 64;
inline constexpr size_t kIndexBlockBytesTarget = 64 * 1024;
// A head block likewise.
inline constexpr uint32_t kHeadsPerBlockMax = 64;
inline constexpr size_t kHeadBlockBytesTarget = 16 * 1024;
inline constexpr uint32_t kReferencesPerBlockMax = 128;
inline constexpr uint32_t kKeysPerFilterBlock = 64 * 1024;
// No extent may be longer; a reader refuses to allocate more.
inline constexpr uint32_t kExtentBytesMax = 1u << 30;
// Streams of one group: key, clustering, markers, and four a regular column.
inline constexpr uint32_t kStreamsPerGroupMax = 1u << 20;

// What a stream of a group holds. On disk: DO NOT CHANGE; zero is reserved.
enum class StreamKind : uint8_t {
  kReserved = 0,
  kRunStarts = 1,     // First row of each partition of the group.
  kKey = 2,           // Whole partition keys, where they cannot be split.
  kKeyComponent = 3,  // `column`: which component.
  kClustering = 4,    // `column`: which component.
  kTimestamp = 5,     // Row markers.
  kTtl = 6,
  kExpiry = 7,
  kDeletedAt = 8,  // Row deletions.
  kDeletedLocal = 9,
  kCellValues = 10,  // `column`: column id; so for the three below.
  kCellTimestamp = 11,
  kCellTtl = 12,
  kCellExpiry = 13,
};
inline constexpr uint8_t kStreamKindMax = 13;

// Where its bytes are. On disk: DO NOT CHANGE; zero is reserved.
enum class StreamForm : uint8_t { kReserved = 0, kConstant = 1, kInline = 2, kStored = 3 };

// One column of a group.
struct Stream {
  StreamKind kind = StreamKind::kReserved;
  StreamForm form = StreamForm::kReserved;
  bool same_as_liveness = false;  // kCellValues: rows::CellColumn::same_as_liveness.
  uint32_t column = 0;
  int64_t constant = 0;      // kConstant: the number of every row.
  std::string inline_bytes;  // kInline
  uint64_t offset = 0;       // kStored
  uint32_t size_bytes = 0;
  uint32_t crc = 0;
  bool shared = false;  // kStored: not the group's own bytes but those of an earlier vector.
};

// Least and largest value of an integer clustering component in a group.
struct ZoneMap {
  uint32_t component = 0;
  int64_t min = 0;
  int64_t max = 0;
};

// A row group.
struct GroupEntry {
  uint32_t row_count = 0;
  uint32_t run_count = 0;  // Partitions in it.
  bool continues = false;  // The first began in an earlier group.
  bool all_live = false;   // rows::RowBlock::all_live.
  bool has_tombstones = false;
  bool has_expiring = false;
  uint64_t offset = 0;  // Its own vectors: [offset, offset + size_bytes).
  uint32_t size_bytes = 0;
  rows::Token first_token = rows::kMinToken;  // Of first_key; not stored.
  rows::Token last_token = rows::kMinToken;
  std::string first_key;
  std::string last_key;
  std::string first_clustering;  // Order-preserving bytes of the first and the last row.
  std::string last_clustering;
  int64_t min_timestamp_micros = std::numeric_limits<int64_t>::max();
  int64_t max_timestamp_micros = std::numeric_limits<int64_t>::min();
  std::vector<uint32_t> head_runs;  // Partitions of the group that have a head.
  std::vector<ZoneMap> zone_maps;
  std::vector<Stream> streams;  // By kind, then column.

  const Stream* FindStream(StreamKind kind, uint32_t column) const;
  bool RunHasHead(uint32_t run) const;
};

// A block of the index, of heads, or of references to such: where it is and what its first entry is.
struct BlockReference {
  rows::Token token = rows::kMinToken;  // Of key; not stored.
  std::string key;
  std::string clustering;  // Empty for heads.
  uint32_t entry_count = 0;
  uint64_t offset = 0;
  uint32_t size_bytes = 0;
  uint32_t crc = 0;
};

// A block of the key filter: partitions with tokens from first_token to the next reference's.
struct FilterReference {
  rows::Token first_token = rows::kMinToken;
  uint32_t key_count = 0;
  uint64_t offset = 0;
  uint32_t size_bytes = 0;
  uint32_t crc = 0;
};

// All that opening reads, footer aside.
struct Metadata {
  schema::Table table;  // Identity, names and columns as they were when the file was written.
  SstableStatistics statistics;
  std::vector<BlockReference> index_blocks;
  std::vector<BlockReference> head_index_blocks;
  std::vector<FilterReference> filter_blocks;
};

struct Footer {
  uint64_t metadata_offset = 0;
  uint32_t metadata_size_bytes = 0;
  uint32_t metadata_crc = 0;
  uint64_t file_size_bytes = 0;
  uint32_t version = kFormatVersion;
};

// All Append functions add to `out`; all Parse functions return false on anything malformed, whatever the bytes.
std::string EncodeHeader();
std::string EncodeFooter(const Footer& footer);
// kFailedPrecondition of another version or no SSTable at all, kCorruption; `path` is for the message.
base::Status CheckHeader(std::string_view bytes, const std::string& path);
base::Result<Footer> ParseFooter(std::string_view bytes, uint64_t file_size_bytes, const std::string& path);

// `previous` is the entry before in the same block, null for the first.
void AppendGroupEntry(const GroupEntry& entry, const GroupEntry* previous, std::string* out);
bool ParseGroupEntries(std::string_view bytes, uint32_t count, std::vector<GroupEntry>* entries);
void AppendBlockReferences(const std::vector<BlockReference>& references, std::string* out);
bool ParseBlockReferences(codec::ByteReader* reader, std::vector<BlockReference>* references);
void AppendMetadata(const Metadata& metadata, std::string* out);
bool ParseMetadata(std::string_view bytes, Metadata* metadata);

// Order of two positions (token, key): negative, zero, positive.
int ComparePositions(rows::Token token_a, std::string_view key_a, rows::Token token_b, std::string_view key_b);

// "/a/b.sst: offset 1234: what": every corruption's message.
base::Status CorruptAt(const std::string& path, uint64_t offset, std::string_view what);

}  // namespace cassette::storage::sstable

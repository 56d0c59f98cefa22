#include "cql/exec/paging_state.h"

#include "codec/crc32c.h"
#include "codec/fixed.h"
#include "codec/varint.h"

namespace cassette::cql::exec {
namespace {

// Bump with docs/format/paging_state.md and the golden bytes.
constexpr uint8_t kVersion = 1;
constexpr uint8_t kHasClustering = 0x01;

base::Status Invalid() { return base::InvalidArgument("Invalid value for the paging state"); }

}  // namespace

std::string EncodePagingState(const schema::TableId& table, const PagingState& state) {
  std::string out;
  out.push_back(static_cast<char>(kVersion));
  out.append(reinterpret_cast<const char*>(table.bytes.data()), table.bytes.size());
  out.push_back(static_cast<char>(state.has_clustering ? kHasClustering : 0));
  codec::AppendLengthPrefixed(state.key, &out);
  codec::AppendLengthPrefixed(state.clustering, &out);
  codec::AppendLittle(state.rows_left, &out);
  codec::AppendLittle(state.partition_rows_left, &out);
  codec::AppendLittle(codec::Crc32c(out), &out);
  return out;
}

base::Result<PagingState> DecodePagingState(const schema::TableId& table, std::string_view bytes) {
  if (bytes.size() < sizeof(uint32_t)) return Invalid();
  const std::string_view body = bytes.substr(0, bytes.size() - sizeof(uint32_t));
  if (codec::LoadLittle<uint32_t>(bytes.data() + body.size()) != codec::Crc32c(body)) return Invalid();
  codec::ByteReader reader(body);
  uint8_t version = 0;
  std::string_view id;
  uint8_t flags = 0;
  std::string_view key;
  std::string_view clustering;
  PagingState state;
  const bool is_whole =
      reader.ReadLittle(&version) && version == kVersion && reader.ReadBytes(table.bytes.size(), &id) &&
      reader.ReadLittle(&flags) && reader.ReadLengthPrefixed(&key) && reader.ReadLengthPrefixed(&clustering) &&
      reader.ReadLittle(&state.rows_left) && reader.ReadLittle(&state.partition_rows_left) && reader.empty();
  if (!is_whole) return Invalid();
  if (id != std::string_view(reinterpret_cast<const char*>(table.bytes.data()), table.bytes.size())) {
    return base::InvalidArgument("The paging state is of another table");
  }
  state.key = key;
  state.clustering = clustering;
  state.has_clustering = (flags & kHasClustering) != 0;
  return state;
}

}  // namespace cassette::cql::exec

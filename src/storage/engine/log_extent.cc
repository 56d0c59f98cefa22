#include "storage/engine/log_extent.h"

#include "codec/varint.h"
#include "storage/engine/schema_payload.h"

namespace cassette::storage::engine {

std::string EncodeLogExtent(const commitlog::LogExtent& extent) {
  std::string bytes;
  codec::AppendVarint(extent.first_segment, &bytes);
  codec::AppendVarint(extent.end.ToNumber(), &bytes);
  return bytes;
}

base::Result<commitlog::LogExtent> LogExtentOf(const manifest::ManifestState& state) {
  commitlog::LogExtent extent;
  const auto payload = state.payloads.find(std::string(kLogExtentKey));
  if (payload == state.payloads.end()) return extent;
  codec::ByteReader reader(payload->second);
  uint64_t first = 0;
  uint64_t end = 0;
  if (!reader.ReadVarint(&first) || !reader.ReadVarint(&end) || !reader.empty() || first > UINT32_MAX) {
    return base::Corruption("the commit log's extent is malformed");
  }
  extent.first_segment = static_cast<uint32_t>(first);
  extent.end = commitlog::CommitPosition::FromNumber(end);
  return extent;
}

}  // namespace cassette::storage::engine

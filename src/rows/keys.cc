#include "rows/keys.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "codec/fixed.h"
#include "types/numbers.h"

namespace cassette::rows {
namespace {

constexpr size_t kLengthBytes = 2;
constexpr size_t kEndOfComponentBytes = 1;

base::Status KeyTooLong(size_t size_bytes) {
  return base::InvalidArgument("Key length of " + std::to_string(size_bytes) + " is longer than maximum of " +
                               std::to_string(kMaxKeyBytes));
}

base::Status AppendCompositeKey(std::span<const std::string_view> components, std::string* out) {
  size_t total = 0;
  for (const std::string_view component : components) {
    total += kLengthBytes + component.size() + kEndOfComponentBytes;
  }
  if (total > kMaxKeyBytes) return KeyTooLong(total);
  const size_t begin = out->size();
  out->resize(begin + total);
  char* next = out->data() + begin;
  for (const std::string_view component : components) {
    codec::StoreBig(static_cast<uint16_t>(component.size()), next);
    next += kLengthBytes;
    if (!component.empty()) std::memcpy(next, component.data(), component.size());
    next += component.size();
    *next++ = '\0';
  }
  return {};
}

}  // namespace

int PartitionPosition::Compare(const PartitionPosition& other) const {
  if (token != other.token) return token < other.token ? -1 : 1;
  return key.compare(other.key);
}

base::Status AppendPartitionKey(std::span<const std::string_view> components, std::string* out) {
  CASSETTE_ASSERT(!components.empty());
  if (components.size() > 1) return AppendCompositeKey(components, out);
  const std::string_view key = components.front();
  if (key.empty()) return base::InvalidArgument("Key may not be empty");
  if (key.size() > kMaxKeyBytes) return KeyTooLong(key.size());
  out->append(key);
  return {};
}

base::Status SplitPartitionKey(size_t column_count, std::string_view key, std::vector<std::string_view>* components) {
  components->clear();
  if (column_count == 1) {
    components->push_back(key);
    return {};
  }
  for (size_t i = 0; i < column_count; ++i) {
    if (key.size() < kLengthBytes) return base::Corruption("partition key ends early");
    const size_t length = codec::LoadBig<uint16_t>(key.data());
    if (key.size() < kLengthBytes + length + kEndOfComponentBytes) return base::Corruption("partition key ends early");
    components->push_back(key.substr(kLengthBytes, length));
    if (key[kLengthBytes + length] != '\0') return base::Corruption("partition key component without its end");
    key.remove_prefix(kLengthBytes + length + kEndOfComponentBytes);
  }
  if (!key.empty()) return base::Corruption("partition key has bytes after its last component");
  return {};
}

void AppendClusteringComponent(const schema::Table& table, size_t index, std::string_view value, std::string* out) {
  CASSETTE_ASSERT(index < table.clustering_count());
  const schema::Column& column = table.clustering(index);
  types::AppendOrdered(column.type, value, column.descending, out);
}

base::Status DecodeClustering(const schema::Table& table, std::string_view clustering,
                              std::span<columnar::Vector> vectors) {
  CASSETTE_ASSERT(vectors.size() <= table.clustering_count());
  std::string value;
  for (size_t i = 0; i < vectors.size(); ++i) {
    const schema::Column& column = table.clustering(i);
    int64_t number = 0;
    if (types::DecodeOrderedInt64(column.type.kind(), column.descending, &clustering, &number)) {
      vectors[i].AppendInt64(number);
      continue;
    }
    value.clear();
    CASSETTE_RETURN_IF_ERROR(types::DecodeOrdered(column.type, column.descending, &clustering, &value));
    vectors[i].AppendValue(column.type, value);
  }
  if (vectors.size() == table.clustering_count() && !clustering.empty()) {
    return base::Corruption("clustering key has bytes after its last component");
  }
  return {};
}

int ClusteringBound::CompareToRow(std::string_view clustering) const {
  const size_t common = std::min(prefix.size(), clustering.size());
  const int order = common == 0 ? 0 : std::memcmp(prefix.data(), clustering.data(), common);
  if (order != 0) return order;
  if (prefix.size() > clustering.size()) return 1;
  return side == Side::kBefore ? -1 : 1;
}

int ClusteringBound::Compare(const ClusteringBound& other) const {
  const size_t common = std::min(prefix.size(), other.prefix.size());
  const int order = common == 0 ? 0 : std::memcmp(prefix.data(), other.prefix.data(), common);
  if (order != 0) return order;
  if (prefix.size() < other.prefix.size()) return side == Side::kBefore ? -1 : 1;
  if (prefix.size() > other.prefix.size()) return other.side == Side::kBefore ? 1 : -1;
  return static_cast<int>(side) - static_cast<int>(other.side);
}

}  // namespace cassette::rows

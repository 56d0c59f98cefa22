// Partition keys, tokens and clustering keys as bytes.
//
// A partition key is Cassandra's own serialization: the value itself when one column, else per column a 16-bit
// big-endian length, the bytes and a zero byte. Its token is codec::Murmur3Token of it.
// A clustering key is the concatenation of types::AppendOrdered of its components, DESC columns inverted: memcmp order
// is the table's clustering order. A prefix of a clustering key is the same with fewer components.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>

#include "base/status.h"
#include "columnar/vector.h"
#include "schema/schema.h"
#include "types/value.h"

namespace cassette::rows {

using Token = int64_t;

inline constexpr size_t kMaxKeyBytes = 65535;  // Of a serialized partition key, and of each clustering component.
inline constexpr Token kMinToken = std::numeric_limits<int64_t>::min();

// A partition: its token, then its key, decide the order on disk and in scans.
struct PartitionPosition {
  Token token = kMinToken;
  std::string_view key;  // Lives elsewhere.
  // Token order first (signed), then unsigned bytes of the key.
  int Compare(const PartitionPosition& other) const;
};

// Appends the serialized partition key of `components`. kInvalidArgument past kMaxKeyBytes or for an empty
// single-column key ("Key may not be empty").
base::Status AppendPartitionKey(std::span<const std::string_view> components, std::string* out);
// The components' bytes. Lifetime: views into `key`. kCorruption when malformed.
base::Status SplitPartitionKey(size_t column_count, std::string_view key, std::vector<std::string_view>* components);

// Appends the order-preserving bytes of component `index` of `table`'s clustering.
void AppendClusteringComponent(const schema::Table& table, size_t index, std::string_view value, std::string* out);
// Decodes `count` components to vectors (one row appended to each).
base::Status DecodeClustering(const schema::Table& table, std::string_view clustering,
                              std::span<columnar::Vector> vectors);

// One end of a slice of clusterings: a prefix, and on which side of all rows that start with it the end lies.
// The empty prefix with kBefore is the very start, with kAfter the very end.
struct ClusteringBound {
  enum class Side : uint8_t { kBefore = 1, kAfter = 2 };  // On disk: DO NOT CHANGE.
  std::string prefix;
  Side side = Side::kBefore;

  static ClusteringBound Start() { return {}; }
  static ClusteringBound End() { return {std::string(), Side::kAfter}; }
  // Negative when the bound lies before the full clustering key `clustering`, positive when after. Never zero.
  int CompareToRow(std::string_view clustering) const;
  // Order of two bounds.
  int Compare(const ClusteringBound& other) const;
  bool operator==(const ClusteringBound&) const = default;
};

// Rows between two bounds. Empty when start >= end.
struct ClusteringSlice {
  ClusteringBound start = ClusteringBound::Start();
  ClusteringBound end = ClusteringBound::End();

  static ClusteringSlice All() { return {}; }
  bool Contains(std::string_view clustering) const {
    return start.CompareToRow(clustering) < 0 && end.CompareToRow(clustering) > 0;
  }
};

}  // namespace cassette::rows

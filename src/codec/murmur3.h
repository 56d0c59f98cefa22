// Cassandra's Murmur3: MurmurHash3_x64_128 whose tail bytes are sign-extended (org.apache.cassandra.utils.MurmurHash),
// which differs from the published function for bytes of 0x80 and above in the last 15.
#pragma once

#include <cstdint>
#include <string_view>

namespace cassette::codec {

// The token of a serialized partition key as Murmur3Partitioner computes it: the hash's first half, with
// INT64_MIN replaced by INT64_MAX. An empty key has token INT64_MIN.
int64_t Murmur3Token(std::string_view key);

}  // namespace cassette::codec

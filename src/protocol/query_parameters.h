// The parameters that QUERY, EXECUTE and BATCH share, and the bits that say which of them are there.
#pragma once

#include <cstdint>
#include <string>

#include "protocol/notation.h"
#include "protocol/requests.h"

namespace cassette::protocol {

// Bits of the parameters' flags: DO NOT CHANGE.
inline constexpr uint32_t kHasValues = 0x01;
inline constexpr uint32_t kSkipMetadata = 0x02;
inline constexpr uint32_t kHasPageSize = 0x04;
inline constexpr uint32_t kHasPagingState = 0x08;
inline constexpr uint32_t kHasSerialConsistency = 0x10;
inline constexpr uint32_t kHasTimestamp = 0x20;
inline constexpr uint32_t kHasNames = 0x40;
inline constexpr uint32_t kHasKeyspace = 0x80;     // v5
inline constexpr uint32_t kHasNowSeconds = 0x100;  // v5
inline constexpr uint32_t kPrepareHasKeyspace = 0x01;

// A byte in v4, an [int] in v5.
uint32_t ReadFlags(WireReader& reader, uint8_t version);
void AppendFlags(uint32_t flags, uint8_t version, std::string* out);

base::Result<Consistency> ReadConsistency(WireReader& reader);
base::Status ReadSerialConsistency(WireReader& reader, std::optional<Consistency>* consistency);
// [short] n, then n values, each behind its name when `with_names`.
void ReadValues(WireReader& reader, bool with_names, session::Values* values);
void AppendValues(const session::Values& values, std::string* out);
// Kept out of the write times that a client may choose: Cassandra's mark of no write time.
base::Status ReadTimestamp(WireReader& reader, session::QueryOptions* options);

base::Status ReadQueryParameters(WireReader& reader, uint8_t version, QueryParameters* parameters);
void AppendQueryParameters(const QueryParameters& parameters, uint8_t version, std::string* out);

// kInvalidArgument when the reader met the end too early.
base::Status CheckWhole(const WireReader& reader, std::string_view message_name);

}  // namespace cassette::protocol

// Requests: the bodies of the messages that clients send, decoded (native_protocol_v5.spec, section 4.1), and encoded
// for clients of our own. The decoders answer kInvalidArgument when a body is not as its opcode says; that is a
// protocol error.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "protocol/notation.h"
#include "session/session.h"

namespace cassette::protocol {

// Numbers of the protocol: DO NOT CHANGE.
enum class Consistency : uint16_t {
  kAny = 0x0000,
  kOne = 0x0001,
  kTwo = 0x0002,
  kThree = 0x0003,
  kQuorum = 0x0004,
  kAll = 0x0005,
  kLocalQuorum = 0x0006,
  kEachQuorum = 0x0007,
  kSerial = 0x0008,
  kLocalSerial = 0x0009,
  kLocalOne = 0x000a,
  kNodeLocal = 0x000b,
};
inline constexpr uint16_t kHighestConsistency = static_cast<uint16_t>(Consistency::kNodeLocal);

struct StartupRequest {
  std::vector<std::pair<std::string, std::string>> options;
  // Empty when it is not there.
  std::string_view Option(std::string_view name) const;
};

// What QUERY and EXECUTE say beside the statement.
struct QueryParameters {
  Consistency consistency = Consistency::kOne;
  std::optional<Consistency> serial_consistency;
  bool skip_metadata = false;
  session::Values values;
  session::QueryOptions options;  // Page, paging state, default write time, now.
  std::string_view keyspace;      // Of this request alone; empty when not given.

  void Clear();
};

// Lifetime of all views: the body's.
struct QueryRequest {
  std::string_view query;
  QueryParameters parameters;
};

struct PrepareRequest {
  std::string_view query;
  std::string_view keyspace;
};

struct ExecuteRequest {
  std::string_view id;
  std::string_view result_metadata_id;  // v5
  QueryParameters parameters;
};

struct BatchRequest {
  struct Entry {
    bool is_prepared = false;
    std::string_view query_or_id;
    session::Values values;
  };
  session::BatchKind kind = session::BatchKind::kLogged;
  // The first `entry_count` are in use: their memory is kept from request to request.
  std::vector<Entry> entries;
  size_t entry_count = 0;
  Consistency consistency = Consistency::kOne;
  std::optional<Consistency> serial_consistency;
  session::QueryOptions options;
  std::string_view keyspace;
};

base::Status DecodeStartup(std::string_view body, StartupRequest* request);
base::Status DecodeQuery(std::string_view body, uint8_t version, QueryRequest* request);
base::Status DecodePrepare(std::string_view body, uint8_t version, PrepareRequest* request);
base::Status DecodeExecute(std::string_view body, uint8_t version, ExecuteRequest* request);
base::Status DecodeBatch(std::string_view body, uint8_t version, BatchRequest* request);
base::Status DecodeRegister(std::string_view body, std::vector<std::string>* event_types);
base::Status DecodeAuthResponse(std::string_view body, std::string* token);

// For clients.
void AppendStartup(const StartupRequest& request, std::string* out);
void AppendQuery(const QueryRequest& request, uint8_t version, std::string* out);
void AppendPrepare(const PrepareRequest& request, uint8_t version, std::string* out);
void AppendExecute(const ExecuteRequest& request, uint8_t version, std::string* out);
void AppendBatch(const BatchRequest& request, uint8_t version, std::string* out);

}  // namespace cassette::protocol

#include "protocol/requests.h"

#include <fmt/format.h>

#include "protocol/query_parameters.h"

namespace cassette::protocol {
namespace {

constexpr uint8_t kBatchQuery = 0;
constexpr uint8_t kBatchPrepared = 1;

base::Result<session::BatchKind> ReadBatchKind(WireReader& reader) {
  const uint8_t number = reader.Byte();
  if (number > static_cast<uint8_t>(session::BatchKind::kCounter)) {
    return base::InvalidArgument(fmt::format("Invalid BATCH message type {}", number));
  }
  return static_cast<session::BatchKind>(number);
}

base::Status ReadEntry(WireReader& reader, BatchRequest::Entry* entry) {
  const uint8_t kind = reader.Byte();
  if (kind != kBatchQuery && kind != kBatchPrepared) {
    return base::InvalidArgument(fmt::format("Invalid query kind in BATCH messages. Must be 0 or 1 but got {}", kind));
  }
  entry->is_prepared = kind == kBatchPrepared;
  entry->query_or_id = entry->is_prepared ? reader.ShortBytes() : reader.LongString();
  entry->values.Clear();
  ReadValues(reader, false, &entry->values);
  return base::Status::Ok();
}

}  // namespace

std::string_view StartupRequest::Option(std::string_view name) const {
  for (const auto& [key, value] : options) {
    if (key == name) return value;
  }
  return {};
}

void QueryParameters::Clear() {
  consistency = Consistency::kOne;
  serial_consistency.reset();
  skip_metadata = false;
  values.Clear();
  options.page_rows = 0;
  options.paging_state.clear();
  options.timestamp_micros.reset();
  options.now_seconds.reset();
  keyspace = {};
}

base::Status DecodeStartup(std::string_view body, StartupRequest* request) {
  WireReader reader(body);
  request->options = reader.StringMap();
  return CheckWhole(reader, "STARTUP");
}

base::Status DecodeQuery(std::string_view body, uint8_t version, QueryRequest* request) {
  WireReader reader(body);
  request->query = reader.LongString();
  CASSETTE_RETURN_IF_ERROR(ReadQueryParameters(reader, version, &request->parameters));
  return CheckWhole(reader, "QUERY");
}

base::Status DecodePrepare(std::string_view body, uint8_t version, PrepareRequest* request) {
  WireReader reader(body);
  request->query = reader.LongString();
  request->keyspace = {};
  if (version >= 5 && (ReadFlags(reader, version) & kPrepareHasKeyspace) != 0) request->keyspace = reader.String();
  return CheckWhole(reader, "PREPARE");
}

base::Status DecodeExecute(std::string_view body, uint8_t version, ExecuteRequest* request) {
  WireReader reader(body);
  request->id = reader.ShortBytes();
  request->result_metadata_id = version >= 5 ? reader.ShortBytes() : std::string_view();
  CASSETTE_RETURN_IF_ERROR(ReadQueryParameters(reader, version, &request->parameters));
  return CheckWhole(reader, "EXECUTE");
}

base::Status DecodeBatch(std::string_view body, uint8_t version, BatchRequest* request) {
  WireReader reader(body);
  CASSETTE_ASSIGN_OR_RETURN(request->kind, ReadBatchKind(reader));
  const uint16_t count = reader.Short();
  request->entry_count = 0;
  for (uint16_t i = 0; i < count && reader.ok(); ++i) {
    if (request->entries.size() <= i) request->entries.emplace_back();
    CASSETTE_RETURN_IF_ERROR(ReadEntry(reader, &request->entries[i]));
    ++request->entry_count;
  }
  request->options = session::QueryOptions();
  request->serial_consistency.reset();
  request->keyspace = {};
  CASSETTE_ASSIGN_OR_RETURN(request->consistency, ReadConsistency(reader));
  const uint32_t flags = ReadFlags(reader, version);
  if ((flags & kHasNames) != 0) {
    // The names would have to stand before the flag that announces them.
    return base::InvalidArgument("Names of values are not supported in BATCH messages");
  }
  if ((flags & kHasSerialConsistency) != 0) {
    CASSETTE_RETURN_IF_ERROR(ReadSerialConsistency(reader, &request->serial_consistency));
  }
  if ((flags & kHasTimestamp) != 0) CASSETTE_RETURN_IF_ERROR(ReadTimestamp(reader, &request->options));
  if (version >= 5) {
    if ((flags & kHasKeyspace) != 0) request->keyspace = reader.String();
    if ((flags & kHasNowSeconds) != 0) request->options.now_seconds = reader.Int();
  }
  return CheckWhole(reader, "BATCH");
}

base::Status DecodeRegister(std::string_view body, std::vector<std::string>* event_types) {
  WireReader reader(body);
  *event_types = reader.StringList();
  return CheckWhole(reader, "REGISTER");
}

base::Status DecodeAuthResponse(std::string_view body, std::string* token) {
  WireReader reader(body);
  *token = reader.Bytes().value_or("");
  return CheckWhole(reader, "AUTH_RESPONSE");
}

void AppendStartup(const StartupRequest& request, std::string* out) {
  AppendShort(static_cast<uint16_t>(request.options.size()), out);
  for (const auto& [key, value] : request.options) {
    AppendString(key, out);
    AppendString(value, out);
  }
}

void AppendQuery(const QueryRequest& request, uint8_t version, std::string* out) {
  AppendLongString(request.query, out);
  AppendQueryParameters(request.parameters, version, out);
}

void AppendPrepare(const PrepareRequest& request, uint8_t version, std::string* out) {
  AppendLongString(request.query, out);
  if (version < 5) return;
  AppendFlags(request.keyspace.empty() ? 0 : kPrepareHasKeyspace, version, out);
  if (!request.keyspace.empty()) AppendString(request.keyspace, out);
}

void AppendExecute(const ExecuteRequest& request, uint8_t version, std::string* out) {
  AppendShortBytes(request.id, out);
  if (version >= 5) AppendShortBytes(request.result_metadata_id, out);
  AppendQueryParameters(request.parameters, version, out);
}

void AppendBatch(const BatchRequest& request, uint8_t version, std::string* out) {
  AppendByte(static_cast<uint8_t>(request.kind), out);
  AppendShort(static_cast<uint16_t>(request.entry_count), out);
  for (size_t i = 0; i < request.entry_count; ++i) {
    const BatchRequest::Entry& entry = request.entries[i];
    AppendByte(entry.is_prepared ? kBatchPrepared : kBatchQuery, out);
    if (entry.is_prepared) {
      AppendShortBytes(entry.query_or_id, out);
    } else {
      AppendLongString(entry.query_or_id, out);
    }
    AppendValues(entry.values, out);
  }
  const session::QueryOptions& options = request.options;
  uint32_t flags = 0;
  if (request.serial_consistency) flags |= kHasSerialConsistency;
  if (options.timestamp_micros) flags |= kHasTimestamp;
  if (version >= 5 && !request.keyspace.empty()) flags |= kHasKeyspace;
  if (version >= 5 && options.now_seconds) flags |= kHasNowSeconds;
  AppendShort(static_cast<uint16_t>(request.consistency), out);
  AppendFlags(flags, version, out);
  if (request.serial_consistency) AppendShort(static_cast<uint16_t>(*request.serial_consistency), out);
  if (options.timestamp_micros) AppendLong(*options.timestamp_micros, out);
  if ((flags & kHasKeyspace) != 0) AppendString(request.keyspace, out);
  if ((flags & kHasNowSeconds) != 0) AppendInt(static_cast<int32_t>(*options.now_seconds), out);
}

}  // namespace cassette::protocol

#include "protocol/query_parameters.h"

#include <fmt/format.h>

#include <limits>

namespace cassette::protocol {

uint32_t ReadFlags(WireReader& reader, uint8_t version) {
  return version >= 5 ? static_cast<uint32_t>(reader.Int()) : reader.Byte();
}

void AppendFlags(uint32_t flags, uint8_t version, std::string* out) {
  if (version >= 5) return AppendInt(static_cast<int32_t>(flags), out);
  AppendByte(static_cast<uint8_t>(flags), out);
}

base::Result<Consistency> ReadConsistency(WireReader& reader) {
  const uint16_t number = reader.Short();
  if (number > kHighestConsistency)
    return base::InvalidArgument(fmt::format("Unknown code {} for a consistency level", number));
  return static_cast<Consistency>(number);
}

base::Status ReadSerialConsistency(WireReader& reader, std::optional<Consistency>* consistency) {
  CASSETTE_ASSIGN_OR_RETURN(const Consistency level, ReadConsistency(reader));
  if (level != Consistency::kSerial && level != Consistency::kLocalSerial) {
    return base::InvalidArgument("Invalid consistency for conditional update. Must be one of SERIAL or LOCAL_SERIAL");
  }
  *consistency = level;
  return base::Status::Ok();
}

void ReadValues(WireReader& reader, bool with_names, session::Values* values) {
  for (uint16_t count = reader.Short(); count > 0 && reader.ok(); --count) {
    if (with_names) values->names.emplace_back(reader.String());
    const types::ValueView value = reader.Value();
    if (value.is_null()) {
      values->Null();
    } else if (value.is_unset()) {
      values->Unset();
    } else {
      values->Bytes(value.bytes);
    }
  }
}

void AppendValues(const session::Values& values, std::string* out) {
  AppendShort(static_cast<uint16_t>(values.size()), out);
  for (size_t i = 0; i < values.size(); ++i) {
    if (!values.names.empty()) AppendString(values.names[i], out);
    AppendValue(values.at(i), out);
  }
}

base::Status ReadTimestamp(WireReader& reader, session::QueryOptions* options) {
  options->timestamp_micros = reader.Long();
  if (*options->timestamp_micros != std::numeric_limits<int64_t>::min()) return base::Status::Ok();
  return base::InvalidArgument(fmt::format("Out of bound timestamp, must be in [{}, {}] (got {})",
                                           std::numeric_limits<int64_t>::min() + 1, std::numeric_limits<int64_t>::max(),
                                           *options->timestamp_micros));
}

// Null is the first page's.
base::Status ReadPagingState(WireReader& reader, session::QueryOptions* options) {
  const std::optional<std::string_view> state = reader.Bytes();
  if (state && state->empty()) return base::InvalidArgument("Invalid value for the paging state");
  options->paging_state = state.value_or("");
  return base::Status::Ok();
}

base::Status ReadQueryParameters(WireReader& reader, uint8_t version, QueryParameters* parameters) {
  parameters->Clear();
  session::QueryOptions& options = parameters->options;
  CASSETTE_ASSIGN_OR_RETURN(parameters->consistency, ReadConsistency(reader));
  const uint32_t flags = ReadFlags(reader, version);
  parameters->skip_metadata = (flags & kSkipMetadata) != 0;
  if ((flags & kHasValues) != 0) ReadValues(reader, (flags & kHasNames) != 0, &parameters->values);
  if ((flags & kHasPageSize) != 0) {
    options.page_rows = reader.Int();
    if (options.page_rows == 0 && reader.ok()) return base::InvalidArgument("The page size cannot be 0");
  }
  if ((flags & kHasPagingState) != 0) CASSETTE_RETURN_IF_ERROR(ReadPagingState(reader, &options));
  if ((flags & kHasSerialConsistency) != 0) {
    CASSETTE_RETURN_IF_ERROR(ReadSerialConsistency(reader, &parameters->serial_consistency));
  }
  if ((flags & kHasTimestamp) != 0) CASSETTE_RETURN_IF_ERROR(ReadTimestamp(reader, &options));
  if (version >= 5) {
    if ((flags & kHasKeyspace) != 0) parameters->keyspace = reader.String();
    if ((flags & kHasNowSeconds) != 0) options.now_seconds = reader.Int();
  }
  return base::Status::Ok();
}

void AppendQueryParameters(const QueryParameters& parameters, uint8_t version, std::string* out) {
  const session::QueryOptions& options = parameters.options;
  const bool is_v5 = version >= 5;
  uint32_t flags = 0;
  if (parameters.values.size() > 0) flags |= kHasValues;
  if (!parameters.values.names.empty()) flags |= kHasNames;
  if (parameters.skip_metadata) flags |= kSkipMetadata;
  if (options.page_rows > 0) flags |= kHasPageSize;
  if (!options.paging_state.empty()) flags |= kHasPagingState;
  if (parameters.serial_consistency) flags |= kHasSerialConsistency;
  if (options.timestamp_micros) flags |= kHasTimestamp;
  if (is_v5 && !parameters.keyspace.empty()) flags |= kHasKeyspace;
  if (is_v5 && options.now_seconds) flags |= kHasNowSeconds;
  AppendShort(static_cast<uint16_t>(parameters.consistency), out);
  AppendFlags(flags, version, out);
  if ((flags & kHasValues) != 0) AppendValues(parameters.values, out);
  if ((flags & kHasPageSize) != 0) AppendInt(options.page_rows, out);
  if ((flags & kHasPagingState) != 0) AppendBytes(options.paging_state, out);
  if ((flags & kHasSerialConsistency) != 0) AppendShort(static_cast<uint16_t>(*parameters.serial_consistency), out);
  if ((flags & kHasTimestamp) != 0) AppendLong(*options.timestamp_micros, out);
  if ((flags & kHasKeyspace) != 0) AppendString(parameters.keyspace, out);
  if ((flags & kHasNowSeconds) != 0) AppendInt(static_cast<int32_t>(*options.now_seconds), out);
}

base::Status CheckWhole(const WireReader& reader, std::string_view message_name) {
  if (reader.ok()) return base::Status::Ok();
  return base::InvalidArgument(fmt::format("The body of the {} message is not whole", message_name));
}

}  // namespace cassette::protocol

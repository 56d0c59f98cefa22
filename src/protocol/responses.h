// Responses: the bodies of the messages that servers send (native_protocol_v5.spec, section 4.2); what Cassette's own
// clients need of them is decoded, too.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "session/session.h"

namespace cassette::protocol {

// Numbers of the protocol: DO NOT CHANGE.
enum class ResultKind : int32_t {
  kVoid = 1,
  kRows = 2,
  kSetKeyspace = 3,
  kPrepared = 4,
  kSchemaChange = 5,
};

// What stands between the header and the message, as the header's flags say.
void AppendTracingId(std::string_view uuid, std::string* out);
void AppendWarnings(std::span<const std::string> warnings, std::string* out);

using Multimap = std::vector<std::pair<std::string, std::vector<std::string>>>;
void AppendSupported(const Multimap& options, std::string* out);
void AppendAuthenticate(std::string_view authenticator, std::string* out);
void AppendAuthSuccess(std::string* out);
void AppendVoidResult(std::string* out);
void AppendSetKeyspaceResult(std::string_view keyspace, std::string* out);

// A change of the schema, of both the result and the event.
struct SchemaChange {
  std::string_view change;  // "CREATED", "UPDATED", "DROPPED"
  std::string_view target;  // "KEYSPACE", "TABLE", "TYPE", "FUNCTION", "AGGREGATE"
  std::string_view keyspace;
  std::string_view name;                        // Not of a keyspace.
  std::span<const std::string> argument_types;  // Of a function or aggregate.
};
void AppendSchemaChangeResult(const SchemaChange& change, std::string* out);
void AppendSchemaChangeEvent(const SchemaChange& change, std::string* out);
// "STATUS_CHANGE" with "UP" or "DOWN", "TOPOLOGY_CHANGE" with "NEW_NODE" or "REMOVED_NODE".
void AppendNodeEvent(std::string_view event, std::string_view change, std::string_view address, int32_t port,
                     std::string* out);

// How a result's rows are to be described.
struct RowsOptions {
  uint8_t version = 5;
  bool skip_metadata = false;
  // v5: the result has other columns than the client knows; it learns them, and their new id.
  std::optional<std::string_view> new_metadata_id;
};
// REQUIRES: page.kind is kRows; `columns` describe its batches.
void AppendRowsResult(const session::ResultPage& page, std::span<const session::ColumnSpec> columns,
                      const RowsOptions& options, std::string* out);

struct PreparedDescription {
  std::string_view id;
  std::string_view result_metadata_id;  // v5
  std::span<const session::ColumnSpec> markers;
  std::span<const uint16_t> partition_key_markers;  // One a column of the partition key, or none.
  std::span<const session::ColumnSpec> result_columns;
};
void AppendPreparedResult(const PreparedDescription& prepared, uint8_t version, std::string* out);

// The bytes that describe columns, as both of the above write them: what a metadata id is made of.
std::string DescribeColumns(std::span<const session::ColumnSpec> columns, uint8_t version);

// For clients: where the ids stand in the body of a RESULT of kind kPrepared. Lifetime: the body's.
struct PreparedIds {
  std::string_view id;
  std::string_view result_metadata_id;
};
base::Result<PreparedIds> DecodePreparedIds(std::string_view body, uint8_t version);
// Rows and the paging state of a RESULT of kind kRows.
struct RowsSummary {
  int32_t row_count = 0;
  std::string_view paging_state;
};
base::Result<RowsSummary> DecodeRowsSummary(std::string_view body, uint8_t version);

}  // namespace cassette::protocol

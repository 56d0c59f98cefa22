#include "protocol/responses.h"

#include "protocol/notation.h"

namespace cassette::protocol {
namespace {

void AppendKind(ResultKind kind, std::string* out) { AppendInt(static_cast<int32_t>(kind), out); }

void AppendSchemaChange(const SchemaChange& change, std::string* out) {
  AppendString(change.change, out);
  AppendString(change.target, out);
  AppendString(change.keyspace, out);
  if (change.target == "KEYSPACE") return;
  AppendString(change.name, out);
  if (change.target == "FUNCTION" || change.target == "AGGREGATE") AppendStringList(change.argument_types, out);
}

}  // namespace

void AppendTracingId(std::string_view uuid, std::string* out) {
  CASSETTE_ASSERT(uuid.size() == 16);
  out->append(uuid);
}

void AppendWarnings(std::span<const std::string> warnings, std::string* out) { AppendStringList(warnings, out); }

void AppendSupported(const Multimap& options, std::string* out) {
  AppendShort(static_cast<uint16_t>(options.size()), out);
  for (const auto& [name, values] : options) {
    AppendString(name, out);
    AppendStringList(values, out);
  }
}

void AppendAuthenticate(std::string_view authenticator, std::string* out) { AppendString(authenticator, out); }

void AppendAuthSuccess(std::string* out) { AppendNullBytes(out); }

void AppendVoidResult(std::string* out) { AppendKind(ResultKind::kVoid, out); }

void AppendSetKeyspaceResult(std::string_view keyspace, std::string* out) {
  AppendKind(ResultKind::kSetKeyspace, out);
  AppendString(keyspace, out);
}

void AppendSchemaChangeResult(const SchemaChange& change, std::string* out) {
  AppendKind(ResultKind::kSchemaChange, out);
  AppendSchemaChange(change, out);
}

void AppendSchemaChangeEvent(const SchemaChange& change, std::string* out) {
  AppendString("SCHEMA_CHANGE", out);
  AppendSchemaChange(change, out);
}

void AppendNodeEvent(std::string_view event, std::string_view change, std::string_view address, int32_t port,
                     std::string* out) {
  AppendString(event, out);
  AppendString(change, out);
  AppendInet(address, port, out);
}

}  // namespace cassette::protocol

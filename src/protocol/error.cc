#include "protocol/error.h"

#include <string_view>
#include <utility>

#include "protocol/notation.h"

namespace cassette::protocol {
namespace {

constexpr std::string_view kNoPagingState = "Invalid value for the paging state";

// What stands between quotes in Cassandra's sentences: names of tables and keyspaces.
std::vector<std::string> QuotedNames(std::string_view message) {
  std::vector<std::string> names;
  for (size_t begin = message.find('"'); begin != std::string_view::npos; begin = message.find('"', begin)) {
    const size_t end = message.find('"', begin + 1);
    if (end == std::string_view::npos) break;
    names.emplace_back(message.substr(begin + 1, end - begin - 1));
    begin = end + 1;
  }
  return names;
}

// 'Cannot add existing keyspace "k"', 'Cannot add already existing table "t" to keyspace "k"'.
void NameWhatExists(Error* error) {
  std::vector<std::string> names = QuotedNames(error->message);
  if (names.empty()) return;
  error->keyspace = std::move(names.back());
  if (names.size() > 1) error->name = std::move(names.front());
}

// Cassandra's names of the functions that operators stand for.
std::string_view FunctionOfOperator(std::string_view symbol) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"+", "_add"}, {"-", "_substract"}, {"*", "_multiply"}, {"/", "_divide"}, {"%", "_modulo"}};
  for (const auto& [operator_symbol, name] : kNames) {
    if (operator_symbol == symbol) return name;
  }
  return {};
}

// "the operation 'int / int' failed", "execution of 'system.from_json[text]' failed".
void NameWhatFailed(Error* error) {
  const std::string_view message = error->message;
  const size_t begin = message.find('\'') + 1;
  const size_t end = message.find('\'', begin);
  if (begin == 0 || end == std::string_view::npos) return;
  const std::string_view what = message.substr(begin, end - begin);
  if (message.starts_with("the operation")) {
    const size_t left_end = what.find(' ');
    const size_t right_begin = what.rfind(' ');
    if (left_end == right_begin) return;
    error->keyspace = "system";
    error->name = FunctionOfOperator(what.substr(left_end + 1, right_begin - left_end - 1));
    error->argument_types = {std::string(what.substr(0, left_end)), std::string(what.substr(right_begin + 1))};
  } else if (const size_t point = what.find('.'), bracket = what.find('['); point < bracket && what.ends_with(']')) {
    error->keyspace = what.substr(0, point);
    error->name = what.substr(point + 1, bracket - point - 1);
    error->argument_types = {std::string(what.substr(bracket + 1, what.size() - bracket - 2))};
  }
}

void AppendReplicas(const Error& error, uint8_t version, std::string* out) {
  AppendInt(static_cast<int32_t>(error.failed_replicas.size()), out);
  if (version < 5) return;
  for (const Error::FailedReplica& replica : error.failed_replicas) {
    AppendByte(static_cast<uint8_t>(replica.address.size()), out);
    out->append(replica.address);
    AppendShort(replica.reason, out);
  }
}

void AppendCounts(const Error& error, std::string* out) {
  AppendShort(error.consistency, out);
  AppendInt(error.received, out);
  AppendInt(error.required, out);
}

}  // namespace

Error ErrorOf(const base::Status& status) {
  Error error;
  error.code = static_cast<ErrorCode>(base::CqlErrorCode(status.code()));
  error.message = status.message();
  if (error.code == ErrorCode::kAlreadyExists) NameWhatExists(&error);
  if (error.code == ErrorCode::kFunctionFailure) NameWhatFailed(&error);
  // Cassandra looks at it before it knows the statement.
  if (error.code == ErrorCode::kInvalid && error.message == kNoPagingState) error.code = ErrorCode::kProtocolError;
  return error;
}

Error ProtocolError(std::string message) {
  Error error;
  error.code = ErrorCode::kProtocolError;
  error.message = std::move(message);
  return error;
}

void AppendErrorBody(const Error& error, uint8_t version, std::string* out) {
  AppendInt(static_cast<int32_t>(error.code), out);
  AppendString(error.message, out);
  switch (error.code) {
    case ErrorCode::kUnavailable:
      AppendShort(error.consistency, out);
      AppendInt(error.required, out);
      return AppendInt(error.received, out);
    case ErrorCode::kWriteTimeout:
      AppendCounts(error, out);
      AppendString(error.write_type, out);
      if (version >= 5 && error.write_type == "CAS") AppendShort(error.contentions, out);
      return;
    case ErrorCode::kReadTimeout:
      AppendCounts(error, out);
      return AppendByte(error.data_present ? 1 : 0, out);
    case ErrorCode::kReadFailure:
      AppendCounts(error, out);
      AppendReplicas(error, version, out);
      return AppendByte(error.data_present ? 1 : 0, out);
    case ErrorCode::kWriteFailure:
      AppendCounts(error, out);
      AppendReplicas(error, version, out);
      return AppendString(error.write_type, out);
    case ErrorCode::kCasWriteUnknown:
      return AppendCounts(error, out);
    case ErrorCode::kFunctionFailure:
      AppendString(error.keyspace, out);
      AppendString(error.name, out);
      return AppendStringList(error.argument_types, out);
    case ErrorCode::kAlreadyExists:
      AppendString(error.keyspace, out);
      return AppendString(error.name, out);
    case ErrorCode::kUnprepared:
      return AppendShortBytes(error.prepared_id, out);
    default:
      return;
  }
}

}  // namespace cassette::protocol

// Errors as the protocol sends them: a code, a sentence, and for some codes further fields
// (native_protocol_v5.spec, section 9).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace cassette::protocol {

// Numbers of the protocol: DO NOT CHANGE.
enum class ErrorCode : int32_t {
  kServerError = 0x0000,
  kProtocolError = 0x000a,
  kBadCredentials = 0x0100,
  kUnavailable = 0x1000,
  kOverloaded = 0x1001,
  kIsBootstrapping = 0x1002,
  kTruncateError = 0x1003,
  kWriteTimeout = 0x1100,
  kReadTimeout = 0x1200,
  kReadFailure = 0x1300,
  kFunctionFailure = 0x1400,
  kWriteFailure = 0x1500,
  kCdcWriteFailure = 0x1600,
  kCasWriteUnknown = 0x1700,
  kSyntaxError = 0x2000,
  kUnauthorized = 0x2100,
  kInvalid = 0x2200,
  kConfigError = 0x2300,
  kAlreadyExists = 0x2400,
  kUnprepared = 0x2500,
};

// What is sent. Only the fields that the code's body has are used; Cassette itself never has cause for a timeout, a
// failure of replicas or an unknown outcome, but a client of a cluster meets them.
struct Error {
  ErrorCode code = ErrorCode::kServerError;
  std::string message;

  uint16_t consistency = 0;                 // kUnavailable, timeouts, failures, kCasWriteUnknown
  int32_t required = 0;                     // Or the number of replicas waited for.
  int32_t received = 0;                     // Or alive.
  bool data_present = false;                // kReadTimeout, kReadFailure
  std::string write_type;                   // kWriteTimeout, kWriteFailure: "SIMPLE", "BATCH", ...
  uint16_t contentions = 0;                 // kWriteTimeout of "CAS", v5
  std::string keyspace;                     // kAlreadyExists, kFunctionFailure
  std::string name;                         // Of the table or function; empty for a keyspace.
  std::vector<std::string> argument_types;  // kFunctionFailure
  std::string prepared_id;                  // kUnprepared
  struct FailedReplica {
    std::string address;  // 4 or 16 bytes
    uint16_t reason = 0;
  };
  std::vector<FailedReplica> failed_replicas;  // kReadFailure, kWriteFailure; v4 sends their number.
};

// `status` with the code that base::CqlErrorCode gives, and the fields that its message names.
Error ErrorOf(const base::Status& status);
Error ProtocolError(std::string message);

// The body of an ERROR message.
void AppendErrorBody(const Error& error, uint8_t version, std::string* out);

}  // namespace cassette::protocol

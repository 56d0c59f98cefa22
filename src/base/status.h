// Status and Result<T>: how every fallible call of Cassette reports.
//
// Three kinds of trouble, never mixed: the caller's mistake and the world's failure are a Status or a
// Result<T>; a broken invariant of ours is CASSETTE_ASSERT (base/assert.h). No exceptions cross a folder.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/assert.h"

namespace cassette::base {

// What the caller can do about it. cql/exec maps each to the code of Cassandra's native protocol in one
// table (CqlErrorCode below); the numbers here are not stored anywhere.
enum class Code : uint8_t {
  kOk = 0,
  kSyntaxError,         // The text is not CQL (YAML, CSV). Correct it at the place named.
  kInvalidArgument,     // Well formed, yet not legal here. The message says what would be.
  kConfigError,         // A schema or configuration change that cannot be made as asked.
  kAlreadyExists,       // The thing to create is there.
  kNotFound,            // The thing named is not there.
  kUnauthorized,        // Log in, or ask for the permission named.
  kUnprepared,          // Prepare the statement again.
  kFailedPrecondition,  // Not in this state (directory in use, of another version, run without --drop).
  kResourceExhausted,   // A named bound was reached. Retry later, or with less.
  kUnavailable,         // Shutting down, or writes refused after an I/O failure. Reopen.
  kIoError,             // The operating system said no: file and errno are in the message.
  kCorruption,          // Stored bytes are wrong: file and offset are in the message. Never retried.
  kUnsupported,         // Legal in Cassandra, not here: docs/cql/differences.md names it.
  kFunctionFailure,     // A CQL function failed on the values it was given.
  kCancelled,           // The caller asked to stop.
};

// The name of `code` in words, for messages and tests ("invalid argument").
std::string_view CodeName(Code code);

// The error code of Cassandra's native protocol (native_protocol_v5.spec, section 9): 0x2000 for a
// syntax error, 0x2200 for invalid, and so on. kOk has none: REQUIRES code != Code::kOk.
int32_t CqlErrorCode(Code code);

// Success, or a code and a sentence. One pointer wide; success allocates nothing.
// Thread safety: const methods may be called from many threads.
class [[nodiscard]] Status {
 public:
  Status() = default;  // Success.
  Status(Code code, std::string message);
  Status(const Status& other);
  Status& operator=(const Status& other);
  Status(Status&&) noexcept = default;
  Status& operator=(Status&&) noexcept = default;

  static Status Ok() { return Status(); }

  bool ok() const { return state_ == nullptr; }
  Code code() const { return state_ ? state_->code : Code::kOk; }
  // The sentence; empty for success. Valid while this Status lives unchanged.
  std::string_view message() const { return state_ ? std::string_view(state_->message) : std::string_view(); }
  // "invalid argument: ..." for logs and tests.
  std::string ToString() const;

  // The same code with `context` before the message ("file.csv:3:7: "). Success stays success.
  Status WithContext(std::string_view context) const;

 private:
  struct State {
    Code code;
    std::string message;
  };
  std::unique_ptr<State> state_;
};

Status SyntaxError(std::string message);
Status InvalidArgument(std::string message);
Status ConfigError(std::string message);
Status AlreadyExists(std::string message);
Status NotFound(std::string message);
Status Unauthorized(std::string message);
Status Unprepared(std::string message);
Status FailedPrecondition(std::string message);
Status ResourceExhausted(std::string message);
Status Unavailable(std::string message);
Status IoError(std::string message);
Status Corruption(std::string message);
Status Unsupported(std::string message);
Status FunctionFailure(std::string message);
Status Cancelled(std::string message);

// A T, or the Status that says why there is none. A Result never holds a successful Status.
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : value_(std::move(value)) {}         // NOLINT: implicit, so that `return value;` works.
  Result(Status status) : status_(std::move(status)) {  // NOLINT: implicit, as above.
    CASSETTE_ASSERT(!status_.ok());
  }

  bool ok() const { return value_.has_value(); }
  // REQUIRES: nothing; success when there is a value.
  const Status& status() const& { return status_; }
  Status status() && { return std::move(status_); }

  // REQUIRES: ok().
  T& value() & {
    CASSETTE_ASSERT(ok());
    return *value_;
  }
  const T& value() const& {
    CASSETTE_ASSERT(ok());
    return *value_;
  }
  // By value, so that `for (auto& item : *MakeList())` has something to hold on to.
  T value() && {
    CASSETTE_ASSERT(ok());
    return std::move(*value_);
  }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  Status status_;
  std::optional<T> value_;
};

// One shape for both in the macros below.
inline const Status& ToStatus(const Status& status) { return status; }
template <typename T>
const Status& ToStatus(const Result<T>& result) {
  return result.status();
}

}  // namespace cassette::base

#define CASSETTE_CONCAT_INNER(a, b) a##b
#define CASSETTE_CONCAT(a, b) CASSETTE_CONCAT_INNER(a, b)

// Returns from the enclosing function when `expression` (Status or Result) failed.
#define CASSETTE_RETURN_IF_ERROR(expression)                                       \
  do {                                                                             \
    auto&& cassette_status = (expression);                                         \
    if (!cassette_status.ok()) return ::cassette::base::ToStatus(cassette_status); \
  } while (false)

// CASSETTE_ASSIGN_OR_RETURN(auto file, fs.Open(path)); declares or assigns `left`, or returns the failure.
#define CASSETTE_ASSIGN_OR_RETURN(left, expression) \
  CASSETTE_ASSIGN_OR_RETURN_INNER(CASSETTE_CONCAT(cassette_result_, __LINE__), left, expression)
#define CASSETTE_ASSIGN_OR_RETURN_INNER(result, left, expression) \
  auto result = (expression);                                     \
  if (!result.ok()) return result.status();                       \
  left = std::move(result).value()

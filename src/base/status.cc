#include "base/status.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>

namespace cassette::base {
namespace {

struct CodeRow {
  Code code;
  std::string_view name;
  int32_t cql;
};

// ServerError 0x0000, Overloaded 0x1001, FunctionFailure 0x1400, SyntaxError 0x2000, Unauthorized 0x2100,
// Invalid 0x2200, ConfigError 0x2300, AlreadyExists 0x2400, Unprepared 0x2500.
constexpr CodeRow kRows[] = {
    {Code::kSyntaxError, "syntax error", 0x2000},
    {Code::kInvalidArgument, "invalid argument", 0x2200},
    {Code::kConfigError, "configuration error", 0x2300},
    {Code::kAlreadyExists, "already exists", 0x2400},
    {Code::kNotFound, "not found", 0x2200},
    {Code::kUnauthorized, "unauthorized", 0x2100},
    {Code::kUnprepared, "unprepared", 0x2500},
    {Code::kFailedPrecondition, "failed precondition", 0x2200},
    {Code::kResourceExhausted, "resource exhausted", 0x1001},
    {Code::kUnavailable, "unavailable", 0x1001},
    {Code::kIoError, "I/O error", 0x0000},
    {Code::kCorruption, "corruption", 0x0000},
    {Code::kUnsupported, "unsupported", 0x2200},
    {Code::kFunctionFailure, "function failure", 0x1400},
    {Code::kCancelled, "cancelled", 0x0000},
};

const CodeRow* FindRow(Code code) {
  for (const CodeRow& row : kRows) {
    if (row.code == code) return &row;
  }
  return nullptr;
}

}  // namespace

std::string_view CodeName(Code code) {
  const CodeRow* row = FindRow(code);
  return row ? row->name : "ok";
}

int32_t CqlErrorCode(Code code) {
  const CodeRow* row = FindRow(code);
  CASSETTE_ASSERT(row != nullptr);
  return row->cql;
}

Status::Status(Code code, std::string message) : state_(std::make_unique<State>(State{code, std::move(message)})) {
  CASSETTE_ASSERT(code != Code::kOk);
}

Status::Status(const Status& other) : state_(other.state_ ? std::make_unique<State>(*other.state_) : nullptr) {}

Status& Status::operator=(const Status& other) {
  if (this != &other) state_ = other.state_ ? std::make_unique<State>(*other.state_) : nullptr;
  return *this;
}

std::string Status::ToString() const { return ok() ? "ok" : fmt::format("{}: {}", CodeName(code()), message()); }

Status Status::WithContext(std::string_view context) const {
  return ok() ? Status() : Status(code(), fmt::format("{}{}", context, message()));
}

Status SyntaxError(std::string message) { return {Code::kSyntaxError, std::move(message)}; }
Status InvalidArgument(std::string message) { return {Code::kInvalidArgument, std::move(message)}; }
Status ConfigError(std::string message) { return {Code::kConfigError, std::move(message)}; }
Status AlreadyExists(std::string message) { return {Code::kAlreadyExists, std::move(message)}; }
Status NotFound(std::string message) { return {Code::kNotFound, std::move(message)}; }
Status Unauthorized(std::string message) { return {Code::kUnauthorized, std::move(message)}; }
Status Unprepared(std::string message) { return {Code::kUnprepared, std::move(message)}; }
Status FailedPrecondition(std::string message) { return {Code::kFailedPrecondition, std::move(message)}; }
Status ResourceExhausted(std::string message) { return {Code::kResourceExhausted, std::move(message)}; }
Status Unavailable(std::string message) { return {Code::kUnavailable, std::move(message)}; }
Status IoError(std::string message) { return {Code::kIoError, std::move(message)}; }
Status Corruption(std::string message) { return {Code::kCorruption, std::move(message)}; }
Status Unsupported(std::string message) { return {Code::kUnsupported, std::move(message)}; }
Status FunctionFailure(std::string message) { return {Code::kFunctionFailure, std::move(message)}; }
Status Cancelled(std::string message) { return {Code::kCancelled, std::move(message)}; }

void AssertionFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: assertion failed: %s\n", file, line, condition);
  std::abort();
}

}  // namespace cassette::base

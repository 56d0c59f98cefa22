#include "types/identifier.h"

#include <algorithm>
#include <iterator>

namespace cassette::types {

namespace {

// Sorted.
constexpr std::string_view kReservedWords[] = {
    "add",         "allow",        "alter",    "and",     "apply",        "asc",   "authorize", "batch",    "begin",
    "by",          "columnfamily", "create",   "default", "delete",       "desc",  "describe",  "drop",     "entries",
    "execute",     "from",         "full",     "grant",   "if",           "in",    "index",     "infinity", "insert",
    "into",        "is",           "keyspace", "limit",   "materialized", "mbean", "mbeans",    "modify",   "nan",
    "norecursive", "not",          "null",     "of",      "on",           "or",    "order",     "primary",  "rename",
    "replace",     "revoke",       "schema",   "select",  "set",          "table", "to",        "token",    "truncate",
    "unlogged",    "unset",        "update",   "use",     "using",        "view",  "where",     "with",
};

bool IsPlainName(std::string_view name) {
  if (name.empty() || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string Quote(std::string_view text, char quote) {
  std::string result(1, quote);
  for (char c : text) {
    if (c == quote) result.push_back(quote);
    result.push_back(c);
  }
  result.push_back(quote);
  return result;
}

}  // namespace

bool IsReservedWord(std::string_view lower_case_word) {
  return std::binary_search(std::begin(kReservedWords), std::end(kReservedWords), lower_case_word);
}

std::string MaybeQuote(std::string_view name) {
  return IsPlainName(name) && !IsReservedWord(name) ? std::string(name) : Quote(name, '"');
}

std::string QuoteString(std::string_view text) { return Quote(text, '\''); }

}  // namespace cassette::types

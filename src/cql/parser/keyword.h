// CQL's keywords (src/antlr/Lexer.g of Cassandra 5.0) and which of them may serve as names.
#pragma once

#include <cstdint>
#include <string_view>

namespace cassette::cql::parser {

// Where a keyword may stand for a name, as Parser.g groups them.
enum class KeywordClass : uint8_t {
  kReserved,     // Never, unless quoted.
  kNativeType,   // Names of columns, tables, keyspaces and functions; of a user type never.
  kUnreserved,   // Every name ("basic_unreserved_keyword").
  kNotFunction,  // Every name but functions and user types ("unreserved_keyword").
};

// KEYWORD(enumerator, spelling, class). Spellings that the grammar takes for one another have one enumerator.
#define CASSETTE_CQL_KEYWORDS(KEYWORD)                 \
  KEYWORD(kAccess, "access", kUnreserved)              \
  KEYWORD(kAdd, "add", kReserved)                      \
  KEYWORD(kAggregate, "aggregate", kUnreserved)        \
  KEYWORD(kAggregates, "aggregates", kUnreserved)      \
  KEYWORD(kAll, "all", kUnreserved)                    \
  KEYWORD(kAllow, "allow", kReserved)                  \
  KEYWORD(kAlter, "alter", kReserved)                  \
  KEYWORD(kAnd, "and", kReserved)                      \
  KEYWORD(kAnn, "ann", kUnreserved)                    \
  KEYWORD(kApply, "apply", kReserved)                  \
  KEYWORD(kAs, "as", kUnreserved)                      \
  KEYWORD(kAsc, "asc", kReserved)                      \
  KEYWORD(kAscii, "ascii", kNativeType)                \
  KEYWORD(kAuthorize, "authorize", kReserved)          \
  KEYWORD(kBatch, "batch", kReserved)                  \
  KEYWORD(kBegin, "begin", kReserved)                  \
  KEYWORD(kBigint, "bigint", kNativeType)              \
  KEYWORD(kBlob, "blob", kNativeType)                  \
  KEYWORD(kBoolean, "boolean", kNativeType)            \
  KEYWORD(kBy, "by", kReserved)                        \
  KEYWORD(kCalled, "called", kUnreserved)              \
  KEYWORD(kCast, "cast", kNotFunction)                 \
  KEYWORD(kCidrs, "cidrs", kUnreserved)                \
  KEYWORD(kCluster, "cluster", kUnreserved)            \
  KEYWORD(kClustering, "clustering", kUnreserved)      \
  KEYWORD(kTable, "columnfamily", kReserved)           \
  KEYWORD(kTable, "table", kReserved)                  \
  KEYWORD(kTables, "columnfamilies", kUnreserved)      \
  KEYWORD(kTables, "tables", kUnreserved)              \
  KEYWORD(kCompact, "compact", kUnreserved)            \
  KEYWORD(kContains, "contains", kUnreserved)          \
  KEYWORD(kCount, "count", kNotFunction)               \
  KEYWORD(kCounter, "counter", kNativeType)            \
  KEYWORD(kCreate, "create", kReserved)                \
  KEYWORD(kCustom, "custom", kUnreserved)              \
  KEYWORD(kDatacenters, "datacenters", kUnreserved)    \
  KEYWORD(kDate, "date", kNativeType)                  \
  KEYWORD(kDecimal, "decimal", kNativeType)            \
  KEYWORD(kDefault, "default", kUnreserved)            \
  KEYWORD(kDelete, "delete", kReserved)                \
  KEYWORD(kDesc, "desc", kReserved)                    \
  KEYWORD(kDescribe, "describe", kReserved)            \
  KEYWORD(kDistinct, "distinct", kNotFunction)         \
  KEYWORD(kDouble, "double", kNativeType)              \
  KEYWORD(kDrop, "drop", kReserved)                    \
  KEYWORD(kDuration, "duration", kNativeType)          \
  KEYWORD(kEntries, "entries", kReserved)              \
  KEYWORD(kExecute, "execute", kReserved)              \
  KEYWORD(kExists, "exists", kUnreserved)              \
  KEYWORD(kFiltering, "filtering", kUnreserved)        \
  KEYWORD(kFinalfunc, "finalfunc", kUnreserved)        \
  KEYWORD(kFloat, "float", kNativeType)                \
  KEYWORD(kFrom, "from", kReserved)                    \
  KEYWORD(kFrozen, "frozen", kUnreserved)              \
  KEYWORD(kFull, "full", kReserved)                    \
  KEYWORD(kFunction, "function", kUnreserved)          \
  KEYWORD(kFunctions, "functions", kUnreserved)        \
  KEYWORD(kGrant, "grant", kReserved)                  \
  KEYWORD(kGroup, "group", kUnreserved)                \
  KEYWORD(kHashed, "hashed", kUnreserved)              \
  KEYWORD(kIdentity, "identity", kUnreserved)          \
  KEYWORD(kIf, "if", kReserved)                        \
  KEYWORD(kIn, "in", kReserved)                        \
  KEYWORD(kIndex, "index", kReserved)                  \
  KEYWORD(kInet, "inet", kNativeType)                  \
  KEYWORD(kInfinity, "infinity", kReserved)            \
  KEYWORD(kInitcond, "initcond", kUnreserved)          \
  KEYWORD(kInput, "input", kUnreserved)                \
  KEYWORD(kInsert, "insert", kReserved)                \
  KEYWORD(kInt, "int", kNativeType)                    \
  KEYWORD(kInternals, "internals", kUnreserved)        \
  KEYWORD(kInto, "into", kReserved)                    \
  KEYWORD(kIs, "is", kReserved)                        \
  KEYWORD(kJson, "json", kNotFunction)                 \
  KEYWORD(kKey, "key", kNotFunction)                   \
  KEYWORD(kKeys, "keys", kUnreserved)                  \
  KEYWORD(kKeyspace, "keyspace", kReserved)            \
  KEYWORD(kSchema, "schema", kReserved)                \
  KEYWORD(kKeyspaces, "keyspaces", kUnreserved)        \
  KEYWORD(kLanguage, "language", kUnreserved)          \
  KEYWORD(kLike, "like", kUnreserved)                  \
  KEYWORD(kLimit, "limit", kReserved)                  \
  KEYWORD(kList, "list", kUnreserved)                  \
  KEYWORD(kLogin, "login", kUnreserved)                \
  KEYWORD(kMap, "map", kUnreserved)                    \
  KEYWORD(kMasked, "masked", kUnreserved)              \
  KEYWORD(kMaterialized, "materialized", kReserved)    \
  KEYWORD(kMaxWriteTime, "maxwritetime", kNotFunction) \
  KEYWORD(kMBean, "mbean", kUnreserved)                \
  KEYWORD(kMBeans, "mbeans", kUnreserved)              \
  KEYWORD(kModify, "modify", kReserved)                \
  KEYWORD(kNan, "nan", kReserved)                      \
  KEYWORD(kNologin, "nologin", kUnreserved)            \
  KEYWORD(kNorecursive, "norecursive", kReserved)      \
  KEYWORD(kNosuperuser, "nosuperuser", kUnreserved)    \
  KEYWORD(kNot, "not", kReserved)                      \
  KEYWORD(kNull, "null", kReserved)                    \
  KEYWORD(kOf, "of", kReserved)                        \
  KEYWORD(kOn, "on", kReserved)                        \
  KEYWORD(kOnly, "only", kUnreserved)                  \
  KEYWORD(kOptions, "options", kUnreserved)            \
  KEYWORD(kOr, "or", kReserved)                        \
  KEYWORD(kOrder, "order", kReserved)                  \
  KEYWORD(kPartition, "partition", kUnreserved)        \
  KEYWORD(kPassword, "password", kUnreserved)          \
  KEYWORD(kPer, "per", kUnreserved)                    \
  KEYWORD(kPermission, "permission", kUnreserved)      \
  KEYWORD(kPermissions, "permissions", kUnreserved)    \
  KEYWORD(kPrimary, "primary", kReserved)              \
  KEYWORD(kRename, "rename", kReserved)                \
  KEYWORD(kReplace, "replace", kUnreserved)            \
  KEYWORD(kReturns, "returns", kUnreserved)            \
  KEYWORD(kRevoke, "revoke", kReserved)                \
  KEYWORD(kRole, "role", kUnreserved)                  \
  KEYWORD(kRoles, "roles", kUnreserved)                \
  KEYWORD(kSelect, "select", kReserved)                \
  KEYWORD(kSelectMasked, "select_masked", kUnreserved) \
  KEYWORD(kSet, "set", kReserved)                      \
  KEYWORD(kSfunc, "sfunc", kUnreserved)                \
  KEYWORD(kSmallint, "smallint", kNativeType)          \
  KEYWORD(kStatic, "static", kUnreserved)              \
  KEYWORD(kStorage, "storage", kUnreserved)            \
  KEYWORD(kStype, "stype", kUnreserved)                \
  KEYWORD(kSuperuser, "superuser", kUnreserved)        \
  KEYWORD(kText, "text", kNativeType)                  \
  KEYWORD(kTime, "time", kNativeType)                  \
  KEYWORD(kTimestamp, "timestamp", kNativeType)        \
  KEYWORD(kTimeuuid, "timeuuid", kNativeType)          \
  KEYWORD(kTinyint, "tinyint", kNativeType)            \
  KEYWORD(kTo, "to", kReserved)                        \
  KEYWORD(kToken, "token", kReserved)                  \
  KEYWORD(kTrigger, "trigger", kUnreserved)            \
  KEYWORD(kTruncate, "truncate", kReserved)            \
  KEYWORD(kTtl, "ttl", kNotFunction)                   \
  KEYWORD(kTuple, "tuple", kUnreserved)                \
  KEYWORD(kType, "type", kUnreserved)                  \
  KEYWORD(kTypes, "types", kUnreserved)                \
  KEYWORD(kUnlogged, "unlogged", kReserved)            \
  KEYWORD(kUnmask, "unmask", kUnreserved)              \
  KEYWORD(kUnset, "unset", kUnreserved)                \
  KEYWORD(kUpdate, "update", kReserved)                \
  KEYWORD(kUse, "use", kReserved)                      \
  KEYWORD(kUser, "user", kUnreserved)                  \
  KEYWORD(kUsers, "users", kUnreserved)                \
  KEYWORD(kUsing, "using", kReserved)                  \
  KEYWORD(kUuid, "uuid", kNativeType)                  \
  KEYWORD(kValues, "values", kUnreserved)              \
  KEYWORD(kVarchar, "varchar", kNativeType)            \
  KEYWORD(kVarint, "varint", kNativeType)              \
  KEYWORD(kVector, "vector", kUnreserved)              \
  KEYWORD(kView, "view", kReserved)                    \
  KEYWORD(kWhere, "where", kReserved)                  \
  KEYWORD(kWith, "with", kReserved)                    \
  KEYWORD(kWriteTime, "writetime", kNotFunction)

// One enumerator a keyword; kNone for words that are none.
enum class Keyword : uint8_t {
  kNone = 0,
  kAccess,
  kAdd,
  kAggregate,
  kAggregates,
  kAll,
  kAllow,
  kAlter,
  kAnd,
  kAnn,
  kApply,
  kAs,
  kAsc,
  kAscii,
  kAuthorize,
  kBatch,
  kBegin,
  kBigint,
  kBlob,
  kBoolean,
  kBy,
  kCalled,
  kCast,
  kCidrs,
  kCluster,
  kClustering,
  kTable,
  kTables,
  kCompact,
  kContains,
  kCount,
  kCounter,
  kCreate,
  kCustom,
  kDatacenters,
  kDate,
  kDecimal,
  kDefault,
  kDelete,
  kDesc,
  kDescribe,
  kDistinct,
  kDouble,
  kDrop,
  kDuration,
  kEntries,
  kExecute,
  kExists,
  kFiltering,
  kFinalfunc,
  kFloat,
  kFrom,
  kFrozen,
  kFull,
  kFunction,
  kFunctions,
  kGrant,
  kGroup,
  kHashed,
  kIdentity,
  kIf,
  kIn,
  kIndex,
  kInet,
  kInfinity,
  kInitcond,
  kInput,
  kInsert,
  kInt,
  kInternals,
  kInto,
  kIs,
  kJson,
  kKey,
  kKeys,
  kKeyspace,
  kSchema,
  kKeyspaces,
  kLanguage,
  kLike,
  kLimit,
  kList,
  kLogin,
  kMap,
  kMasked,
  kMaterialized,
  kMaxWriteTime,
  kMBean,
  kMBeans,
  kModify,
  kNan,
  kNologin,
  kNorecursive,
  kNosuperuser,
  kNot,
  kNull,
  kOf,
  kOn,
  kOnly,
  kOptions,
  kOr,
  kOrder,
  kPartition,
  kPassword,
  kPer,
  kPermission,
  kPermissions,
  kPrimary,
  kRename,
  kReplace,
  kReturns,
  kRevoke,
  kRole,
  kRoles,
  kSelect,
  kSelectMasked,
  kSet,
  kSfunc,
  kSmallint,
  kStatic,
  kStorage,
  kStype,
  kSuperuser,
  kText,
  kTime,
  kTimestamp,
  kTimeuuid,
  kTinyint,
  kTo,
  kToken,
  kTrigger,
  kTruncate,
  kTtl,
  kTuple,
  kType,
  kTypes,
  kUnlogged,
  kUnmask,
  kUnset,
  kUpdate,
  kUse,
  kUser,
  kUsers,
  kUsing,
  kUuid,
  kValues,
  kVarchar,
  kVarint,
  kVector,
  kView,
  kWhere,
  kWith,
  kWriteTime,
};

// The keyword that `word` spells in any case, or kNone.
Keyword FindKeyword(std::string_view word);

// REQUIRES: keyword != Keyword::kNone.
KeywordClass ClassOf(Keyword keyword);

// Upper case, as messages show it. REQUIRES: keyword != Keyword::kNone.
std::string_view SpellingOf(Keyword keyword);

}  // namespace cassette::cql::parser

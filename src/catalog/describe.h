// DESCRIBE: what there is in the schema, and the statements that make it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "schema/schema.h"

namespace cassette::catalog {

struct DescribeRequest {
  enum class Kind : uint8_t {
    kCluster,
    kSchema,
    kKeyspaces,
    kKeyspace,
    kTables,
    kTable,
    kIndex,
    kView,
    kTypes,
    kType,
    kFunctions,
    kFunction,
    kAggregates,
    kAggregate,
    kGeneric,
  };
  Kind kind = Kind::kSchema;
  std::string keyspace;  // Said in the statement; empty when not.
  std::string name;      // Of what is described; of a keyspace too.
  std::string used;      // The keyspace of USE; empty when none.
  bool full = false;     // System keyspaces too.
  bool only = false;     // A keyspace without what it holds.
  bool with_internals = false;
};

// One row of an answer. Names are quoted where CQL needs it.
struct SchemaElement {
  std::string keyspace;
  std::string type;  // "keyspace", "table", "type", "index", ...
  std::string name;
  std::string create_statement;
};

// Whether the answer has create statements, or is a list of names.
bool HasCreateStatements(DescribeRequest::Kind kind);

// kInvalidArgument, worded as Cassandra does, when there is no such thing. REQUIRES: the kind is not kCluster.
base::Result<std::vector<SchemaElement>> Describe(const schema::Schema& schema, const DescribeRequest& request);

}  // namespace cassette::catalog

// User types as CREATE TYPE asks for them, and what ALTER TYPE and DROP TYPE make of the keyspace that uses them
// (CreateTypeStatement, AlterTypeStatement, DropTypeStatement).
#pragma once

#include <string>

#include "base/status.h"
#include "catalog/schema_change.h"
#include "schema/schema.h"

namespace cassette::catalog {

// The keyspace with the new type. kInvalidArgument as Cassandra says it.
base::Result<schema::Keyspace> WithNewType(const schema::Keyspace& keyspace, const CreateType& change);

// The keyspace with the type changed wherever it stands: in other types, in the columns of tables.
// REQUIRES: the type exists.
base::Result<schema::Keyspace> WithChangedType(const schema::Keyspace& keyspace, const AlterType& change);

// The keyspace without the type; kInvalidArgument while anything uses it. REQUIRES: the type exists.
base::Result<schema::Keyspace> WithoutType(const schema::Keyspace& keyspace, const std::string& name);

// That every user type within `type` is the keyspace's as it is now: a statement may have been analysed before the
// schema changed.
base::Status CheckUserTypes(const schema::Keyspace& keyspace, const types::DataType& type);

}  // namespace cassette::catalog

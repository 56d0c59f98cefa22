// CREATE statements that make what the schema holds, to the letter as Cassandra 5.0 words them (SchemaElement,
// TableMetadata.appendCqlTo, TableParams.appendCqlTo). The one place where schema becomes CQL: a new kind of schema
// element gets its function here and its place in describe.h.
#pragma once

#include <string>

#include "schema/schema.h"

namespace cassette::catalog {

std::string CreateStatement(const schema::Keyspace& keyspace);
// WITH INTERNALS: the id too, and what became of dropped columns.
// REQUIRES: a user type.
std::string CreateStatement(const types::DataType& type);
std::string CreateStatement(const schema::Table& table, bool with_internals);

}  // namespace cassette::catalog

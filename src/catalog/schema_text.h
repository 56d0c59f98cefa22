// CREATE statements that make what the schema holds, to the letter as Cassandra 5.0 words them (SchemaElement,
// TableMetadata.appendCqlTo, TableParams.appendCqlTo). The one place where schema becomes CQL: a new kind of schema
// element gets its function here and its place in describe.h.
#pragma once

#include <string>
#include <string_view>

#include "schema/schema.h"

namespace cassette::catalog {

std::string CreateStatement(const schema::Keyspace& keyspace);
// REQUIRES: a user type.
std::string CreateStatement(const types::DataType& type);
// WITH INTERNALS: the id too, and what became of dropped columns. REQUIRES: a user's table.
std::string CreateStatement(const schema::Table& table, bool with_internals);
// REQUIRES: `index` is of `table`.
std::string CreateIndexStatement(const schema::Table& table, const schema::Index& index);
// REQUIRES: `view` is a view of the table `base`.
std::string CreateViewStatement(const schema::Table& view, std::string_view base, bool with_internals);

}  // namespace cassette::catalog

// Tables as CREATE TABLE asks for them, and as ALTER TABLE leaves them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/status.h"
#include "catalog/schema_change.h"
#include "schema/schema.h"

namespace cassette::catalog {

// Letters, digits and underscores, one at least.
bool IsLegalName(std::string_view name);

// The finished table. kInvalidArgument, kConfigError or kSyntaxError as Cassandra says it. `id` is for a table that
// names none itself.
base::Result<schema::Table> BuildTable(const CreateTable& change, const schema::TableId& id);

// `before` after `change`.
base::Result<schema::Table> ChangeTable(const schema::Table& before, const AlterTable& change, int64_t now_micros);

}  // namespace cassette::catalog

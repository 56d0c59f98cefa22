// A table that is there already must be the one that the model derives: rows loaded into another key would be other
// rows.
#pragma once

#include <vector>

#include "base/status.h"
#include "model/derive.h"
#include "session/session.h"

namespace cassette::pipeline {

// kFailedPrecondition names the first column that differs, how, and what to do. Columns that the table has beyond the
// model's are fine unless they are part of its key.
base::Status CheckExistingTable(session::Session& session, const model::DerivedTable& table);

// Drops those of the tables that are there: all, or none. kFailedPrecondition names a materialized view that is in the
// way: it is the user's, and no model says how to make it again.
base::Status DropTables(session::Session& session, const std::vector<model::DerivedTable>& tables);

}  // namespace cassette::pipeline

// A table that is there already must be the one that the model derives: rows loaded into another key would be other
// rows.
#pragma once

#include "base/status.h"
#include "model/derive.h"
#include "session/session.h"

namespace cassette::pipeline {

// kFailedPrecondition names the first column that differs, how, and what to do. Columns that the table has beyond the
// model's are fine unless they are part of its key.
base::Status CheckExistingTable(session::Session& session, const model::DerivedTable& table);

}  // namespace cassette::pipeline

// IF of INSERT, UPDATE and DELETE (org.apache.cassandra.cql3.conditions).
#pragma once

#include <memory>
#include <vector>

#include "base/status.h"
#include "cql/analysis/condition.h"
#include "cql/analysis/plan.h"
#include "cql/analysis/term_binder.h"
#include "cql/parser/ast_data.h"
#include "schema/schema.h"

namespace cassette::cql::analysis {

using ConditionsPtr = std::shared_ptr<const Conditions>;

// IF EXISTS, IF NOT EXISTS. kInvalidArgument for a table of counters.
base::Result<ConditionsPtr> AnalyzeExistence(Conditions::Kind kind, const schema::Table& table);
// IF conditions. REQUIRES: there is one.
base::Result<ConditionsPtr> AnalyzeConditions(const std::vector<parser::Condition>& conditions,
                                              const schema::Table& table, TermBinder& binder);

// What every conditional statement is held to, its WHERE analysed: no TIMESTAMP; a DELETE names its rows one by one
// unless nothing but statics is deleted and looked at.
base::Status CheckConditional(const ModificationPlan& plan);

}  // namespace cassette::cql::analysis

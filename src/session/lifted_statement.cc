#include "session/lifted_statement.h"

#include <optional>
#include <utility>

#include "cql/analysis/literal.h"
#include "cql/parser/lift.h"

namespace cassette::session {
namespace {

// The plan of a text without its constants: the one that is kept, or a new one. Null when it has none.
PlannedPtr PlanLifted(std::string_view text, const std::string& keyspace, const LocalServices& services) {
  if (const std::shared_ptr<const LocalStatement> kept = services.lifted_plans.Find(text, keyspace)) {
    base::Result<PlannedPtr> planned = kept->PlanFor(services.engine);
    return planned.ok() ? *std::move(planned) : nullptr;
  }
  base::Result<PlannedPtr> planned = PlanStatement(text, keyspace, services.engine.schema(), services.functions);
  if (!planned.ok()) return nullptr;
  services.lifted_plans.Insert(
      std::make_shared<const LocalStatement>(std::string(text), keyspace, *planned, services.functions));
  return *std::move(planned);
}

// The values of the constants for the plan's markers, which stand where they stood; nullopt when one does not fit.
std::optional<Values> ValuesOf(const std::vector<cql::parser::Literal>& literals,
                               const std::vector<cql::analysis::ColumnSpec>& markers) {
  CASSETTE_ASSERT(literals.size() == markers.size());
  Values values;
  for (size_t i = 0; i < literals.size(); ++i) {
    // What is no scalar reads its constants in ways of its own.
    if (!markers[i].type.is_scalar()) return std::nullopt;
    const auto value = cql::analysis::LiteralValue(literals[i], markers[i].type);
    if (!value.ok() || !*value) return std::nullopt;
    values.Bytes(**value);
  }
  return values;
}

}  // namespace

std::shared_ptr<const LocalStatement> PrepareLifted(std::string_view cql, const std::string& keyspace,
                                                    const LocalServices& services) {
  const std::optional<cql::parser::LiftedStatement> lifted = cql::parser::LiftLiterals(cql);
  if (!lifted) return nullptr;
  PlannedPtr planned = PlanLifted(lifted->text, keyspace, services);
  if (planned == nullptr) return nullptr;
  std::optional<Values> values = ValuesOf(lifted->literals, planned->plan.markers);
  if (!values) return nullptr;
  return std::make_shared<const LocalStatement>(std::string(cql), keyspace, std::move(planned), *std::move(values),
                                                services.functions);
}

}  // namespace cassette::session

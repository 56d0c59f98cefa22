// SelectAnalysis: one SELECT on its way to a plan.
#pragma once

#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/analysis/statement_analysis.h"
#include "cql/analysis/term_binder.h"
#include "cql/analysis/where_analysis.h"

namespace cassette::cql::analysis {

// Thread safety: not thread safe. Lifetime: statement, context and plan outlive it.
class SelectAnalysis final : private SelectionSink {
 public:
  SelectAnalysis(const parser::SelectStatement& statement, const AnalysisContext& context, schema::TablePtr table,
                 Plan* plan);

  base::Result<SelectPlan> Run();

 private:
  uint32_t RequestColumn(const schema::Column& column, bool with_write_time, bool with_ttl) override;
  uint32_t AddAggregate(Aggregate aggregate) override;

  base::Status AnalyzeSelection();
  void SelectAll();
  bool SelectsOnlyStatics() const;
  void CollectColumns(const parser::Expression& expression, std::vector<const schema::Column*>* columns) const;
  base::Status AnalyzeGroupBy();
  base::Status AnalyzeOrderBy();
  base::Status AnalyzeDistinct() const;
  base::Status AnalyzeLimits();
  base::Result<const schema::Column*> GroupedColumn(const parser::Expression& expression);
  void RequestHiddenColumns();

  const parser::SelectStatement& statement_;
  const AnalysisContext& context_;
  Plan* plan_;
  SelectPlan select_;
  TermBinder binder_;
  WhereAnalysis where_;
};

}  // namespace cassette::cql::analysis

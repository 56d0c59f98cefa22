// Which WHERE clauses are legal, and what they mean for the read (org.apache.cassandra.cql3.restrictions).
#pragma once

#include <utility>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "cql/analysis/restriction.h"
#include "cql/analysis/term_binder.h"
#include "cql/parser/ast_data.h"
#include "schema/schema.h"

namespace cassette::cql::analysis {

enum class StatementKind : uint8_t { kSelect, kInsert, kUpdate, kDelete };

// Takes relations one by one, then says what they come to. Thread safety: not thread safe.
class WhereAnalysis {
 public:
  WhereAnalysis(const schema::Table& table, StatementKind kind, bool allow_filtering, TermBinder& binder)
      : table_(table), kind_(kind), allow_filtering_(allow_filtering), binder_(binder) {}

  base::Status AddRelation(const parser::Relation& relation);
  // column = value: how INSERT names its key.
  base::Status AddEqual(const schema::Column& column, const parser::Expression& value);
  base::Status AddEqual(const schema::Column& column, Term value, parser::SourcePosition position);

  // Checks the whole. `only_statics`: nothing but static columns is selected or written.
  base::Result<Where> Finish(bool only_statics);

  // Of the whole clause; valid after Finish.
  bool is_key_range() const { return is_key_range_; }
  bool uses_index() const { return uses_index_; }
  bool has_clustering() const { return !clustering_.empty(); }
  bool has_regular() const;
  // SELECT needs ALLOW FILTERING for what it restricts, and has not said so.
  bool needs_filtering() const;
  bool is_restricted_by_equal(const schema::Column& column) const;
  // Columns outside the key that are restricted.
  std::vector<const schema::Column*> other_columns() const;
  // The columns of Where::filters, in their order.
  const std::vector<const schema::Column*>& filter_columns() const { return filter_columns_; }

 private:
  base::Status AddColumnRelation(const parser::Relation& relation);
  base::Status AddContains(const parser::Relation& relation, const schema::Column& column);
  base::Status AddEntryRelation(const parser::Relation& relation);
  base::Status AddTupleRelation(const parser::Relation& relation);
  base::Status AddTokenRelation(const parser::Relation& relation);
  base::Status SetTokenBounds(const parser::Relation& relation, Term term);
  base::Status RefuseOperator(const parser::Relation& relation, const schema::Column& column) const;
  base::Status Add(Restriction restriction, parser::SourcePosition position);
  base::Status CheckClusteringOrder(const Restriction& added) const;
  base::Result<std::vector<const schema::Column*>> TupleColumns(const parser::Relation& relation) const;
  base::Result<Term> BindTuple(const parser::Expression& value, const std::vector<const schema::Column*>& columns);

  base::Status FinishPartitionKey(Where* where);
  base::Status FinishClustering(bool only_statics, Where* where);
  base::Status FinishOthers(Where* where);
  base::Status AddFilters(const Restriction& restriction, Where* where);
  void AddFilter(const schema::Column& column, Comparison comparison, std::vector<Term> values, bool in_marker,
                 Where* where);
  bool partition_key_needs_filtering() const;
  // The indexes that answer the restriction, or a part of it.
  std::vector<IndexUse> IndexesFor(const Restriction& restriction) const;
  bool HasIndex(const RestrictionSet& restrictions) const;
  // Offers the indexes of what is checked after the read.
  base::Status FinishIndexes(Where* where);
  const char* kind_name() const;

  const schema::Table& table_;
  StatementKind kind_;
  bool allow_filtering_;
  TermBinder& binder_;
  RestrictionSet partition_key_;
  RestrictionSet clustering_;
  RestrictionSet others_;
  bool on_token_ = false;
  bool token_is_equal_ = false;
  std::optional<RangeEnd> token_start_;
  std::optional<RangeEnd> token_end_;
  bool is_key_range_ = false;
  // As StatementRestrictions has them: whether an index is there that could help, whether one is used, and which
  // restrictions become the row filter.
  bool has_index_ = false;
  bool uses_index_ = false;
  bool filters_partition_key_ = false;
  bool filters_clustering_ = false;
  size_t filter_restrictions_ = 0;
  size_t index_count_ = 0;
  std::vector<const schema::Column*> filter_columns_;
};

}  // namespace cassette::cql::analysis

// Restrictions of columns, and what becomes of several on one column (SingleColumnRestriction, MultiColumnRestriction,
// RestrictionSet).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/status.h"
#include "cql/analysis/plan.h"
#include "schema/schema.h"

namespace cassette::cql::analysis {

// What one relation, or several merged, ask of one column or of several neighbouring clustering columns.
struct Restriction {
  enum class Kind : uint8_t { kEqual, kIn, kSlice, kContains };
  Kind kind = Kind::kEqual;
  std::vector<const schema::Column*> columns;
  bool is_tuple = false;
  bool in_marker = false;
  std::vector<Term> values;  // kEqual, kIn
  std::optional<RangeEnd> start;
  std::optional<RangeEnd> end;
  // kContains: what a collection column must hold.
  struct Holding {
    Comparison comparison = Comparison::kContains;
    std::vector<Term> values;  // kEntry has two.
  };
  std::vector<Holding> holdings;

  uint32_t first_position() const { return columns.front()->position; }
};

// The restrictions of the columns of one kind.
class RestrictionSet {
 public:
  // kInvalidArgument when a column is restricted already in a way that cannot be merged.
  base::Status Add(Restriction restriction);

  bool empty() const { return by_column_.empty(); }
  // Columns restricted.
  size_t column_count() const { return by_column_.size(); }
  const Restriction* Find(const schema::Column& column) const;
  // Each restriction once, by the position of its first column.
  std::vector<const Restriction*> InOrder() const;
  // The restriction of the last column restricted. REQUIRES: !empty().
  const Restriction& Last() const;
  bool has_slice() const;
  bool has_contains() const;
  bool has_in() const;

 private:
  struct ByPlace {
    bool operator()(const schema::Column* a, const schema::Column* b) const {
      return a->kind != b->kind           ? a->kind < b->kind
             : a->position != b->position ? a->position < b->position
                                          : a->name < b->name;
    }
  };
  std::map<const schema::Column*, std::shared_ptr<Restriction>, ByPlace> by_column_;
};

}  // namespace cassette::cql::analysis

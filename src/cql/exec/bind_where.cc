#include "cql/exec/bind_where.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "absl/container/inlined_vector.h"
#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "cql/exec/executor.h"

namespace cassette::cql::exec {
namespace {

using analysis::ClusteringRestriction;
using analysis::KeyRestriction;
using analysis::RangeEnd;
using analysis::Term;
using rows::ClusteringBound;
using rows::ClusteringSlice;
using types::ValueView;

// The values of one restriction's terms: as they are, or the items of the one list marker.
base::Result<std::vector<ValueView>> ValuesOf(const std::vector<Term>& terms, bool in_marker, const std::string& column,
                                              Evaluator& evaluator) {
  std::vector<ValueView> values;
  if (in_marker) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView list, evaluator.Evaluate(terms[0]));
    if (list.is_null()) return base::InvalidArgument(fmt::format("Invalid null value for column {}", column));
    if (list.is_unset()) return base::InvalidArgument(fmt::format("Invalid unset value for column {}", column));
    CASSETTE_RETURN_IF_ERROR(SplitList(list.bytes, &values));
    return values;
  }
  values.reserve(terms.size());
  for (const Term& term : terms) {
    CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(term));
    values.push_back(value);
  }
  return values;
}

// Values of one key column in its order, each once.
base::Result<std::vector<std::string_view>> KeyValues(const KeyRestriction& restriction, const schema::Column& column,
                                                      Evaluator& evaluator) {
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<ValueView> values,
                            ValuesOf(restriction.values, restriction.in_marker, restriction.column, evaluator));
  std::vector<std::string_view> result;
  for (const ValueView& value : values) {
    CASSETTE_ASSIGN_OR_RETURN(const std::string_view bytes, RequireValue(value, restriction.column));
    result.push_back(bytes);
  }
  std::sort(result.begin(), result.end(), [&column](std::string_view a, std::string_view b) {
    const int order = types::Compare(column.type, a, b);
    return column.descending ? order > 0 : order < 0;
  });
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

base::Status TooMany(const char* what) {
  return base::InvalidArgument(
      fmt::format("The product of the IN restrictions names more than {} {}", kMaxInProduct, what));
}

base::Status AppendComponent(const schema::Table& table, size_t index, std::string_view value, std::string* out) {
  if (value.size() > rows::kMaxKeyBytes) {
    return base::InvalidArgument(
        fmt::format("Key length of {} is longer than maximum of {}", value.size(), rows::kMaxKeyBytes));
  }
  rows::AppendClusteringComponent(table, index, value, out);
  return base::Status::Ok();
}

std::string ColumnNames(const schema::Table& table, size_t first, size_t count) {
  std::string names;
  for (size_t i = first; i < first + count; ++i) names += (names.empty() ? "" : ",") + table.clustering(i).name;
  return names;
}

// The components of one value of a restriction: itself, or the elements of a tuple.
base::Status ComponentsOf(const schema::Table& table, size_t first, size_t count, bool is_tuple, const ValueView& value,
                          std::vector<std::string_view>* components) {
  components->clear();
  std::vector<ValueView> elements;
  if (is_tuple) {
    CASSETTE_ASSIGN_OR_RETURN(const std::string_view bytes, RequireValue(value, ColumnNames(table, first, count)));
    CASSETTE_RETURN_IF_ERROR(SplitTuple(bytes, count, &elements));
  } else {
    elements.push_back(value);
  }
  for (size_t i = 0; i < elements.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(const std::string_view bytes,
                              RequireValue(elements[i], table.clustering(first + i).name));
    components->push_back(bytes);
  }
  return base::Status::Ok();
}

// Appends the order-preserving bytes of the one value of an = restriction of one column.
base::Status AppendEqual(const schema::Table& table, const ClusteringRestriction& restriction, Evaluator& evaluator,
                         std::string* prefix) {
  ValueView value;
  CASSETTE_RETURN_IF_ERROR(evaluator.EvaluateTo(restriction.values[0], &value));
  if (value.state != ValueView::State::kSet) {
    return RequireValue(value, table.clustering(restriction.first).name).status();
  }
  return AppendComponent(table, restriction.first, value.bytes, prefix);
}

// Order-preserving bytes of each value of an = or IN restriction.
base::Result<std::vector<std::string>> EncodedValues(const schema::Table& table,
                                                     const ClusteringRestriction& restriction, Evaluator& evaluator) {
  const std::string names = ColumnNames(table, restriction.first, restriction.columns);
  CASSETTE_ASSIGN_OR_RETURN(const std::vector<ValueView> values,
                            ValuesOf(restriction.values, restriction.in_marker, names, evaluator));
  std::vector<std::string> result;
  std::vector<std::string_view> components;
  for (const ValueView& value : values) {
    CASSETTE_RETURN_IF_ERROR(
        ComponentsOf(table, restriction.first, restriction.columns, restriction.is_tuple, value, &components));
    std::string encoded;
    for (size_t i = 0; i < components.size(); ++i) {
      CASSETTE_RETURN_IF_ERROR(AppendComponent(table, restriction.first + i, components[i], &encoded));
    }
    result.push_back(std::move(encoded));
  }
  std::sort(result.begin(), result.end());
  result.erase(std::unique(result.begin(), result.end()), result.end());
  return result;
}

// All that is greater (or less) than a tuple of values, in the columns' own order, is a union of pieces: equal in the
// first i columns and greater in the next one. DESC columns turn a piece around; neighbours are joined afterwards.
class RangePieces {
 public:
  RangePieces(const schema::Table& table, size_t first, const std::vector<std::string_view>& values)
      : table_(table), first_(first), values_(values) {}

  base::Result<std::vector<ClusteringSlice>> Build(const std::string& prefix, bool greater, bool inclusive) const {
    std::vector<ClusteringSlice> pieces;
    std::string equal = prefix;
    for (size_t i = 0; i < values_.size(); ++i) {
      std::string next = equal;
      CASSETTE_RETURN_IF_ERROR(AppendComponent(table_, first_ + i, values_[i], &next));
      const bool upwards = greater != table_.clustering(first_ + i).descending;
      pieces.push_back(
          upwards ? ClusteringSlice{{next, ClusteringBound::Side::kAfter}, {equal, ClusteringBound::Side::kAfter}}
                  : ClusteringSlice{{equal, ClusteringBound::Side::kBefore}, {next, ClusteringBound::Side::kBefore}});
      equal = std::move(next);
    }
    if (inclusive) {
      pieces.push_back({{equal, ClusteringBound::Side::kBefore}, {equal, ClusteringBound::Side::kAfter}});
    }
    return Join(std::move(pieces));
  }

 private:
  static std::vector<ClusteringSlice> Join(std::vector<ClusteringSlice> pieces) {
    std::sort(pieces.begin(), pieces.end(),
              [](const ClusteringSlice& a, const ClusteringSlice& b) { return a.start.Compare(b.start) < 0; });
    std::vector<ClusteringSlice> joined;
    for (ClusteringSlice& piece : pieces) {
      if (!joined.empty() && joined.back().end.Compare(piece.start) >= 0) {
        if (joined.back().end.Compare(piece.end) < 0) joined.back().end = std::move(piece.end);
      } else {
        joined.push_back(std::move(piece));
      }
    }
    return joined;
  }

  const schema::Table& table_;
  size_t first_;
  const std::vector<std::string_view>& values_;
};

// What lies in both; each list ascending and apart.
std::vector<ClusteringSlice> Intersect(const std::vector<ClusteringSlice>& a, const std::vector<ClusteringSlice>& b) {
  std::vector<ClusteringSlice> result;
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() && j < b.size()) {
    ClusteringSlice both;
    both.start = a[i].start.Compare(b[j].start) >= 0 ? a[i].start : b[j].start;
    const bool a_ends_first = a[i].end.Compare(b[j].end) < 0;
    both.end = a_ends_first ? a[i].end : b[j].end;
    if (both.start.Compare(both.end) < 0) result.push_back(std::move(both));
    if (a_ends_first) {
      ++i;
    } else {
      ++j;
    }
  }
  return result;
}

base::Result<std::vector<ClusteringSlice>> PiecesOf(const schema::Table& table,
                                                    const ClusteringRestriction& restriction, const RangeEnd& end,
                                                    bool is_start, const std::string& prefix, Evaluator& evaluator) {
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(end.term));
  // Null sorts before every value, as Cassandra has it: all is greater, nothing is less.
  if (value.is_null() && !restriction.is_tuple) {
    if (!is_start) return std::vector<ClusteringSlice>();
    return std::vector<ClusteringSlice>{
        {{prefix, ClusteringBound::Side::kBefore}, {prefix, ClusteringBound::Side::kAfter}}};
  }
  // A slice merged of (a, b) > (1, 2) and a < 5 has one end that is a tuple and one that is not.
  const bool is_tuple = restriction.is_tuple && (end.columns > 1 || end.term.type.kind() == types::TypeKind::kTuple) &&
                        !(end.columns == 1 && end.term.type == table.clustering(restriction.first).type);
  std::vector<std::string_view> components;
  CASSETTE_RETURN_IF_ERROR(ComponentsOf(table, restriction.first, end.columns, is_tuple, value, &components));
  return RangePieces(table, restriction.first, components).Build(prefix, is_start, end.inclusive);
}

base::Result<std::vector<ClusteringSlice>> SlicesOf(const schema::Table& table,
                                                    const ClusteringRestriction& restriction, const std::string& prefix,
                                                    Evaluator& evaluator) {
  std::vector<ClusteringSlice> slices = {
      {{prefix, ClusteringBound::Side::kBefore}, {prefix, ClusteringBound::Side::kAfter}}};
  if (restriction.start) {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<ClusteringSlice> pieces,
                              PiecesOf(table, restriction, *restriction.start, true, prefix, evaluator));
    slices = Intersect(slices, pieces);
  }
  if (restriction.end) {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<ClusteringSlice> pieces,
                              PiecesOf(table, restriction, *restriction.end, false, prefix, evaluator));
    slices = Intersect(slices, pieces);
  }
  return slices;
}

base::Result<rows::Token> TokenOf(const Term& term, Evaluator& evaluator) {
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(term));
  if (value.state != ValueView::State::kSet || value.bytes.size() != 8) {
    return base::InvalidArgument("Invalid null token value");
  }
  return static_cast<rows::Token>(codec::LoadBig<uint64_t>(value.bytes.data()));
}

// The key that one value a column makes, the most common case.
base::Status BindOneKey(const analysis::Where& where, Evaluator& evaluator, std::string* key) {
  absl::InlinedVector<std::string_view, 4> components;
  for (const KeyRestriction& restriction : where.partition_key) {
    ValueView value;
    CASSETTE_RETURN_IF_ERROR(evaluator.EvaluateTo(restriction.values[0], &value));
    if (value.state != ValueView::State::kSet) return RequireValue(value, restriction.column).status();
    components.push_back(value.bytes);
  }
  return rows::AppendPartitionKey(components, key);
}

// Whether every clustering column is restricted by = to a value of its own.
bool NamesOneRow(const schema::Table& table, const analysis::Where& where) {
  const auto is_equal = [](const ClusteringRestriction& restriction) {
    return restriction.kind == ClusteringRestriction::Kind::kEqual && !restriction.is_tuple;
  };
  return where.clustering.size() == table.clustering_count() &&
         std::all_of(where.clustering.begin(), where.clustering.end(), is_equal);
}

}  // namespace

base::Result<std::string_view> RequireValue(const ValueView& value, const std::string& column) {
  if (value.state == ValueView::State::kSet) return value.bytes;
  if (value.is_unset()) return base::InvalidArgument(fmt::format("Invalid unset value for column {}", column));
  return base::InvalidArgument(fmt::format("Invalid null value in condition for column {}", column));
}

base::Status BindPartitionKeys(const schema::Table& table, const analysis::Where& where, Evaluator& evaluator,
                               bool no_rows, std::vector<std::string>* keys) {
  const bool is_one_key = std::all_of(
      where.partition_key.begin(), where.partition_key.end(),
      [](const KeyRestriction& restriction) { return !restriction.in_marker && restriction.values.size() == 1; });
  if (is_one_key && !no_rows) {
    keys->resize(1);
    keys->front().clear();
    return BindOneKey(where, evaluator, &keys->front());
  }
  keys->clear();
  std::vector<std::vector<std::string_view>> values;
  size_t product = 1;
  for (size_t i = 0; i < where.partition_key.size(); ++i) {
    CASSETTE_ASSIGN_OR_RETURN(std::vector<std::string_view> column,
                              KeyValues(where.partition_key[i], table.partition_key(i), evaluator));
    product *= column.size();
    if (product > kMaxInProduct) return TooMany("partition keys");
    values.push_back(std::move(column));
  }
  if (no_rows) return base::Status::Ok();
  std::vector<size_t> at(values.size(), 0);
  std::vector<std::string_view> components(values.size());
  for (size_t n = 0; n < product; ++n) {
    for (size_t i = 0; i < values.size(); ++i) components[i] = values[i][at[i]];
    CASSETTE_RETURN_IF_ERROR(rows::AppendPartitionKey(components, &keys->emplace_back()));
    for (size_t i = values.size(); i-- > 0;) {
      if (++at[i] < values[i].size()) break;
      at[i] = 0;
    }
  }
  return base::Status::Ok();
}

base::Result<BoundClustering> BindClustering(const schema::Table& table, const analysis::Where& where,
                                             Evaluator& evaluator) {
  BoundClustering bound;
  bound.prefixes = {std::string()};
  const ClusteringRestriction* slice = nullptr;
  for (const ClusteringRestriction& restriction : where.clustering) {
    if (restriction.kind == ClusteringRestriction::Kind::kSlice) {
      slice = &restriction;
      break;
    }
    bound.prefix_columns += restriction.columns;
    if (restriction.kind == ClusteringRestriction::Kind::kEqual && !restriction.is_tuple &&
        bound.prefixes.size() == 1) {
      CASSETTE_RETURN_IF_ERROR(AppendEqual(table, restriction, evaluator, &bound.prefixes[0]));
      continue;
    }
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> values, EncodedValues(table, restriction, evaluator));
    if (bound.prefixes.size() * values.size() > kMaxInProduct) return TooMany("rows");
    std::vector<std::string> longer;
    for (const std::string& prefix : bound.prefixes) {
      for (const std::string& value : values) longer.push_back(prefix + value);
    }
    bound.prefixes = std::move(longer);
  }
  for (const std::string& prefix : bound.prefixes) {
    if (slice == nullptr) {
      bound.slices.push_back({{prefix, ClusteringBound::Side::kBefore}, {prefix, ClusteringBound::Side::kAfter}});
      continue;
    }
    CASSETTE_ASSIGN_OR_RETURN(std::vector<ClusteringSlice> slices, SlicesOf(table, *slice, prefix, evaluator));
    for (ClusteringSlice& one : slices) bound.slices.push_back(std::move(one));
  }
  return bound;
}

// As StatementRestrictions.getPartitionKeyBoundsForTokenRestrictions: the smallest token as an end means no end.
base::Status BindPlace(const schema::Table& table, const analysis::Where& where, Evaluator& evaluator,
                       BoundPlace* place) {
  for (const KeyRestriction& restriction : where.partition_key) {
    place->has_key_in =
        place->has_key_in || (restriction.is_in && (restriction.in_marker || restriction.values.size() != 1));
  }
  for (const ClusteringRestriction& restriction : where.clustering) {
    const bool is_in = restriction.kind == ClusteringRestriction::Kind::kIn;
    place->has_clustering_in =
        place->has_clustering_in || (is_in && (restriction.in_marker || restriction.values.size() != 1));
  }
  if (place->has_key_in || place->has_clustering_in) return base::Status::Ok();
  CASSETTE_RETURN_IF_ERROR(BindOneKey(where, evaluator, &place->key));
  place->token = codec::Murmur3Token(place->key);
  if (where.clustering.empty()) return base::Status::Ok();
  if (NamesOneRow(table, where)) {
    for (const ClusteringRestriction& restriction : where.clustering) {
      CASSETTE_RETURN_IF_ERROR(AppendEqual(table, restriction, evaluator, &place->clustering));
    }
    return base::Status::Ok();
  }
  CASSETTE_ASSIGN_OR_RETURN(BoundClustering clustering, BindClustering(table, where, evaluator));
  place->is_range = clustering.prefix_columns != table.clustering_count();
  if (!place->is_range) place->clustering = std::move(clustering.prefixes[0]);
  return base::Status::Ok();
}

base::Result<BoundTokens> BindTokens(const analysis::Where& where, Evaluator& evaluator) {
  constexpr rows::Token kMaxToken = std::numeric_limits<rows::Token>::max();
  BoundTokens tokens;
  if (where.token_start) {
    CASSETTE_ASSIGN_OR_RETURN(tokens.start, TokenOf(where.token_start->term, evaluator));
    tokens.has_start = true;
    if (!where.token_start->inclusive) {
      if (tokens.start == kMaxToken) tokens.is_empty = true;
      if (!tokens.is_empty) ++tokens.start;
    }
  }
  if (where.token_end) {
    CASSETTE_ASSIGN_OR_RETURN(tokens.end, TokenOf(where.token_end->term, evaluator));
    tokens.has_end = tokens.end != rows::kMinToken;
    if (tokens.has_end && !where.token_end->inclusive) --tokens.end;
  }
  if (tokens.has_start && tokens.has_end && tokens.start > tokens.end) tokens.is_empty = true;
  return tokens;
}

}  // namespace cassette::cql::exec

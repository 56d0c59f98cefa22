#include "cql/exec/row_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "types/composite.h"
#include "types/value.h"

namespace cassette::cql::exec {
namespace {

using analysis::Comparison;
using types::TypeKind;
using types::ValueView;

bool IsContains(Comparison comparison) {
  return comparison == Comparison::kContains || comparison == Comparison::kContainsKey ||
         comparison == Comparison::kEntry;
}

bool IsBelow(Comparison comparison) {
  return comparison == Comparison::kLess || comparison == Comparison::kLessOrEqual;
}

bool IsAbove(Comparison comparison) {
  return comparison == Comparison::kGreater || comparison == Comparison::kGreaterOrEqual;
}

bool Satisfies(Comparison comparison, int order) {
  switch (comparison) {
    case Comparison::kLess:
      return order < 0;
    case Comparison::kLessOrEqual:
      return order <= 0;
    case Comparison::kGreater:
      return order > 0;
    case Comparison::kGreaterOrEqual:
      return order >= 0;
    default:
      break;
  }
  return order == 0;
}

// As Java's Double.compare: -0.0 before 0.0, NaN last and equal to itself.
int CompareDoubles(double a, double b) {
  if (a < b) return -1;
  if (a > b) return 1;
  if (a == b && a != 0) return 0;
  const bool a_is_nan = a != a;
  const bool b_is_nan = b != b;
  if (a_is_nan || b_is_nan) return static_cast<int>(a_is_nan) - static_cast<int>(b_is_nan);
  const int64_t a_bits = std::bit_cast<int64_t>(a);
  const int64_t b_bits = std::bit_cast<int64_t>(b);
  return a_bits < b_bits ? -1 : a_bits > b_bits ? 1 : 0;
}

template <typename Number>
int Order(Number a, Number b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

}  // namespace

RowFilter::Path RowFilter::PathOf(const types::DataType& type) {
  switch (type.kind()) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInt:
    case TypeKind::kBigint:
    case TypeKind::kTimestamp:
    case TypeKind::kTime:
    case TypeKind::kDate:
      return Path::kInteger;
    case TypeKind::kDouble:
      return Path::kNumber;
    case TypeKind::kText:
    case TypeKind::kAscii:
    case TypeKind::kBlob:
      return Path::kMemory;
    default:
      return Path::kGeneric;
  }
}

base::Status RowFilter::Prepare(Bound* bound) {
  bound->path = PathOf(bound->type);
  // Empty values of types that have a size have no number; they sort first, the general way.
  const bool has_empty =
      std::any_of(bound->values.begin(), bound->values.end(), [](const std::string& v) { return v.empty(); });
  if (has_empty && bound->path != Path::kMemory) bound->path = Path::kGeneric;
  if (IsContains(bound->comparison)) bound->path = Path::kGeneric;
  for (const std::string& value : bound->values) {
    if (bound->path == Path::kInteger) bound->integers.push_back(types::ToInt64(bound->type.kind(), value));
    if (bound->path == Path::kNumber) bound->numbers.push_back(types::ToDouble(value));
  }
  return base::Status::Ok();
}

base::Result<RowFilter> RowFilter::Bind(const analysis::SelectPlan& plan, Evaluator& evaluator) {
  RowFilter result;
  for (const analysis::Filter& filter : plan.where.filters) {
    Bound bound;
    bound.column = filter.column;
    bound.comparison = filter.comparison;
    bound.type = plan.table->FindColumn(plan.columns[filter.column].id)->type;
    std::vector<ValueView> values;
    for (const analysis::Term& term : filter.values) {
      CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(term));
      values.push_back(value);
    }
    if (filter.in_marker && values[0].state == ValueView::State::kSet) {
      const std::string_view list = values[0].bytes;
      CASSETTE_RETURN_IF_ERROR(SplitList(list, &values));
    }
    for (const ValueView& value : values) {
      if (value.is_null() && bound.comparison == Comparison::kIn) continue;  // As no row has it.
      if (value.state != ValueView::State::kSet) {
        return base::InvalidArgument(
            fmt::format("Unsupported {} value for column {}", value.is_null() ? "null" : "unset", filter.name));
      }
      bound.values.emplace_back(value.bytes);
    }
    CASSETTE_RETURN_IF_ERROR(Prepare(&bound));
    result.filters_.push_back(std::move(bound));
  }
  return result;
}

std::vector<rows::ComponentRange> RowFilter::ComponentRanges(const schema::Table& table,
                                                             const std::vector<rows::RequestedColumn>& columns) const {
  std::vector<rows::ComponentRange> ranges;
  for (const Bound& bound : filters_) {
    const schema::Column& column = *table.FindColumn(columns[bound.column].id);
    if (column.kind != schema::ColumnKind::kClustering || bound.path != Path::kInteger || bound.integers.empty()) {
      continue;
    }
    const auto [least, greatest] = std::minmax_element(bound.integers.begin(), bound.integers.end());
    rows::ComponentRange range{.component = column.position};
    if (!IsBelow(bound.comparison)) range.min = *least;
    if (!IsAbove(bound.comparison)) range.max = *greatest;
    ranges.push_back(range);
  }
  return ranges;
}

int RowFilter::CompareTo(const Bound& bound, const columnar::Vector& vector, uint32_t row, size_t value) {
  const bool is_empty = vector.state(row) == columnar::CellState::kEmpty;
  if (!is_empty) {
    if (bound.path == Path::kInteger) return Order(vector.int64(row), bound.integers[value]);
    if (bound.path == Path::kNumber) return CompareDoubles(vector.number(row), bound.numbers[value]);
    if (bound.path == Path::kMemory) return vector.bytes(row).compare(bound.values[value]);
  }
  std::string serialized;
  if (!is_empty) vector.AppendSerialized(bound.type, row, &serialized);
  return types::Compare(bound.type, serialized, bound.values[value]);
}

// Whether the collection has what CONTAINS and its kin ask for.
bool RowFilter::Holds(const Bound& bound, std::string_view bytes) {
  std::vector<ValueView> items;
  if (!types::SplitComposite(bound.type, bytes, &items).ok()) return false;
  const size_t stride = bound.type.fields().size();
  const bool by_key = bound.comparison != Comparison::kContains;
  const size_t at = by_key ? 0 : stride - 1;
  for (size_t i = 0; i < items.size(); i += stride) {
    if (types::Compare(types::ItemType(bound.type, at), items[i + at].bytes, bound.values[0]) != 0) continue;
    if (bound.comparison != Comparison::kEntry) return true;
    return types::Compare(bound.type.element(1), items[i + 1].bytes, bound.values[1]) == 0;
  }
  return false;
}

bool RowFilter::Matches(const Bound& bound, const columnar::Vector& vector, uint32_t row) {
  if (vector.is_null(row)) return false;
  if (IsContains(bound.comparison))
    return vector.state(row) != columnar::CellState::kEmpty && Holds(bound, vector.bytes(row));
  for (size_t i = 0; i < bound.values.size(); ++i) {
    if (Satisfies(bound.comparison, CompareTo(bound, vector, row, i))) return true;
  }
  return false;
}

void RowFilter::Apply(const rows::RowBatch& batch, std::vector<uint32_t>* selection) const {
  for (const Bound& bound : filters_) {
    const columnar::Vector& vector = batch.columns[bound.column];
    if (vector.is_constant() && vector.size() > 0) {
      if (!Matches(bound, vector, 0)) selection->clear();
      continue;
    }
    size_t kept = 0;
    for (const uint32_t row : *selection) {
      (*selection)[kept] = row;
      kept += Matches(bound, vector, row);
    }
    selection->resize(kept);
  }
}

}  // namespace cassette::cql::exec

#include "cql/exec/bound_select.h"

#include <algorithm>

#include "codec/murmur3.h"
#include "cql/exec/bind_where.h"
#include "derived/index_layout.h"
#include "types/value.h"

namespace cassette::cql::exec {
namespace {

base::Result<uint64_t> LimitOf(const std::optional<analysis::Term>& term, Evaluator& evaluator) {
  if (!term) return kUnlimited;
  CASSETTE_ASSIGN_OR_RETURN(const types::ValueView value, evaluator.Evaluate(*term));
  if (value.is_unset()) return kUnlimited;
  if (value.is_null()) return base::InvalidArgument("Invalid null value of limit");
  if (value.bytes.size() != sizeof(int32_t)) return base::InvalidArgument("Invalid limit value");
  const int64_t limit = types::ToInt64(types::TypeKind::kInt, value.bytes);
  if (limit <= 0) return base::InvalidArgument("LIMIT must be strictly positive");
  return static_cast<uint64_t>(limit);
}

bool Reads(const analysis::SelectPlan& plan, schema::ColumnKind kind) {
  return std::any_of(plan.columns.begin(), plan.columns.end(), [&plan, kind](const rows::RequestedColumn& column) {
    return plan.table->FindColumn(column.id)->kind == kind;
  });
}

// Whether a static column is read beside rows that are named one by one. Who asks for key columns alone reads all.
bool ReadsStaticsOfNamedRows(const analysis::SelectPlan& plan) {
  if (plan.where.has_clustering_slice()) return false;
  if (plan.where.clustering_columns() < plan.table->clustering_count()) return false;
  if (Reads(plan, schema::ColumnKind::kStatic)) return true;
  return plan.table->has_statics() && !Reads(plan, schema::ColumnKind::kRegular);
}

base::Status BindRange(const analysis::SelectPlan& plan, Evaluator& evaluator, BoundSelect* bound) {
  CASSETTE_ASSIGN_OR_RETURN(const BoundTokens tokens, BindTokens(plan.where, evaluator));
  // Cassandra then reads the static row, and so checks the key, though no row is asked for.
  const bool is_key_unused = tokens.is_empty || (bound->is_empty && !ReadsStaticsOfNamedRows(plan));
  bound->is_empty |= tokens.is_empty;
  storage::engine::ReadCommand& command = bound->command;
  if (plan.where.is_scan()) {
    command.has_start_token = tokens.has_start;
    command.start_token = tokens.start;
    command.has_end_token = tokens.has_end;
    command.end_token = tokens.end;
    return base::Status::Ok();
  }
  CASSETTE_RETURN_IF_ERROR(BindPartitionKeys(*plan.table, plan.where, evaluator, is_key_unused, &command.keys));
  if (tokens.has_start || tokens.has_end || tokens.is_empty) {
    std::erase_if(command.keys,
                  [&tokens](const std::string& key) { return !tokens.Contains(codec::Murmur3Token(key)); });
  }
  bound->is_empty |= command.keys.empty();
  return base::Status::Ok();
}

base::Status Resume(const schema::Table& table, std::string_view paging_state, BoundSelect* bound) {
  CASSETTE_ASSIGN_OR_RETURN(PagingState state, DecodePagingState(table.id, paging_state));
  storage::engine::ReadCommand& command = bound->command;
  bound->limit = std::min(bound->limit, state.rows_left);
  command.has_resume = true;
  command.resume_key = state.key;
  // A partition whose limit is used up is over.
  command.has_resume_clustering = state.has_clustering && state.partition_rows_left > 0;
  command.resume_clustering = state.clustering;
  if (command.keys.empty()) {
    command.has_start_token = true;
    command.start_token = codec::Murmur3Token(state.key);
  }
  bound->resume = std::move(state);
  return base::Status::Ok();
}

base::Status CheckIndexedSize(std::string_view indexed) {
  if (indexed.size() <= derived::kMaxIndexedBytes) return base::Status::Ok();
  return base::InvalidArgument("Index expression values may not be larger than 64K");
}

// The bytes that the column's values are indexed by: those of a clustering column are what its key says.
base::Result<std::string> IndexedValue(const schema::Column& column, std::string_view value) {
  CASSETTE_RETURN_IF_ERROR(CheckIndexedSize(value));
  if (column.kind != schema::ColumnKind::kClustering) return std::string(value);
  std::string ordered;
  types::AppendOrdered(column.type, value, column.descending, &ordered);
  std::string_view rest = ordered;
  std::string indexed;
  CASSETTE_RETURN_IF_ERROR(types::DecodeOrdered(column.type, column.descending, &rest, &indexed));
  return indexed;
}

base::Status BindIndexes(const analysis::SelectPlan& plan, Evaluator& evaluator, BoundSelect* bound) {
  for (const analysis::IndexUse& use : plan.where.indexes) {
    const schema::Column& column = *plan.table->FindColumn(use.column);
    CASSETTE_ASSIGN_OR_RETURN(const types::ValueView value, evaluator.Evaluate(use.value));
    CASSETTE_ASSIGN_OR_RETURN(const std::string_view bytes, RequireValue(value, column.name));
    if (use.key) {
      const std::string map_value(bytes);
      CASSETTE_ASSIGN_OR_RETURN(const types::ValueView key, evaluator.Evaluate(*use.key));
      CASSETTE_ASSIGN_OR_RETURN(const std::string_view map_key, RequireValue(key, column.name));
      const std::string entries = derived::EntriesKey(map_key, map_value);
      CASSETTE_RETURN_IF_ERROR(CheckIndexedSize(derived::IndexedBytes(entries)));
      bound->indexes.push_back({use.index, entries});
      continue;
    }
    CASSETTE_ASSIGN_OR_RETURN(const std::string indexed, IndexedValue(column, bytes));
    bound->indexes.push_back({use.index, derived::EntriesKey(indexed)});
  }
  return base::Status::Ok();
}

// What lets the read stop early; the caller counts again. A partition gives at most `rows_per_partition`.
void SetHints(const analysis::SelectPlan& plan, const Request& request, uint64_t rows_per_partition,
              BoundSelect* bound) {
  if (plan.is_aggregate || !bound->filter.empty()) return;
  if (bound->partition_limit != kUnlimited) bound->command.per_partition_limit = bound->partition_limit;
  if (!plan.order.empty()) return;
  uint64_t limit = bound->limit;
  // One more than the page tells whether there is another page.
  if (request.page_rows > 0) limit = std::min(limit, static_cast<uint64_t>(request.page_rows) + 1);
  // The partition gone on with may give rows that its own limit leaves out.
  if (limit != kUnlimited && bound->partition_limit != kUnlimited) limit += bound->partition_limit;
  if (!bound->command.keys.empty() && rows_per_partition != kUnlimited) {
    limit = std::min(limit, bound->command.keys.size() * rows_per_partition);
  }
  if (limit != kUnlimited) bound->command.limit = limit;
}

// As new, but for what BindSelect fills in any case.
void Reset(BoundSelect* bound) {
  storage::engine::ReadCommand& command = bound->command;
  command.keys.clear();
  command.has_start_token = false;
  command.has_end_token = false;
  command.has_resume = false;
  command.has_resume_clustering = false;
  command.component_ranges.clear();
  command.limit = 0;
  command.per_partition_limit = 0;
  if (!bound->filter.empty()) bound->filter = RowFilter();
  bound->indexes.clear();
  bound->resume.reset();
}

}  // namespace

base::Status BindSelect(const analysis::SelectPlan& plan, const Request& request, int64_t now_seconds,
                        Evaluator& evaluator, BoundSelect* bound) {
  Reset(bound);
  storage::engine::ReadCommand& command = bound->command;
  if (command.table != plan.table) command.table = plan.table;
  command.columns = plan.columns;
  command.reversed = plan.reversed;
  command.distinct_partitions = plan.distinct;
  command.static_rows = plan.static_rows;
  command.now_seconds = now_seconds;
  CASSETTE_ASSIGN_OR_RETURN(bound->limit, LimitOf(plan.limit, evaluator));
  CASSETTE_ASSIGN_OR_RETURN(bound->partition_limit, LimitOf(plan.per_partition_limit, evaluator));
  uint64_t rows_per_partition = plan.table->clustering_count() == 0 ? 1 : kUnlimited;
  if (plan.where.clustering.empty()) {
    command.slices.resize(1);
    command.slices[0] = rows::ClusteringSlice::All();
  } else {
    CASSETTE_ASSIGN_OR_RETURN(BoundClustering clustering, BindClustering(*plan.table, plan.where, evaluator));
    command.slices = std::move(clustering.slices);
    // Whole clustering keys: each slice is a row.
    if (clustering.prefix_columns == plan.table->clustering_count()) rows_per_partition = command.slices.size();
  }
  bound->is_empty = command.slices.empty();
  CASSETTE_RETURN_IF_ERROR(BindRange(plan, evaluator, bound));
  if (!plan.where.filters.empty()) {
    CASSETTE_ASSIGN_OR_RETURN(bound->filter, RowFilter::Bind(plan, evaluator));
  }
  CASSETTE_RETURN_IF_ERROR(BindIndexes(plan, evaluator, bound));
  // An index's reader counts the rows that its entries name.
  if (bound->indexes.empty() && !bound->filter.empty()) {
    command.component_ranges = bound->filter.ComponentRanges(*plan.table, plan.columns);
  }
  if (!request.paging_state.empty()) CASSETTE_RETURN_IF_ERROR(Resume(*plan.table, request.paging_state, bound));
  SetHints(plan, request, rows_per_partition, bound);
  return base::Status::Ok();
}

}  // namespace cassette::cql::exec

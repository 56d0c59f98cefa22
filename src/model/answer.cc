#include "model/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <optional>

#include "types/calendar.h"
#include "types/value.h"

namespace cassette::model {
namespace {

struct Bound {
  std::string column;
  std::string op;
  std::string literal;
  std::string serialized;
};

std::string Usage(const DerivedTable& table) {
  std::vector<std::string> parts;
  for (const Query::By& by : table.query->by) {
    parts.push_back(by.comparison == Comparison::kEquals ? by.column + "=VALUE"
                                                         : fmt::format("'{0}>=VALUE' '{0}<VALUE'", by.column));
  }
  return fmt::format("{} takes {}", table.name, fmt::join(parts, " "));
}

base::Result<Bound> Bind(const DerivedTable& table, const Argument& argument) {
  const auto by = std::find_if(table.query->by.begin(), table.query->by.end(),
                               [&](const Query::By& candidate) { return candidate.column == argument.column; });
  if (by == table.query->by.end()) {
    return base::InvalidArgument(fmt::format("{} is not asked by '{}'; {}", table.name, argument.column, Usage(table)));
  }
  if (by->comparison == Comparison::kEquals && argument.op != "=") {
    return base::InvalidArgument(
        fmt::format("{} is asked by equality, not by '{}'; {}", argument.column, argument.op, Usage(table)));
  }
  for (const TableColumn& column : table.columns()) {
    if (column.name != argument.column) continue;
    base::Result<std::string> bytes = types::FromText(column.type, argument.value);
    if (!bytes.ok()) return bytes.status().WithContext(fmt::format("{}: ", argument.column));
    return Bound{argument.column, argument.op, types::ToCqlLiteral(column.type, *bytes), *bytes};
  }
  return base::InvalidArgument(fmt::format("{} has no column '{}'", table.name, argument.column));
}

// The first and the last millisecond asked for, from the bounds on the bucket's time stamp.
struct Span {
  std::optional<int64_t> first;
  std::optional<int64_t> last;
};

Span SpanOf(const DerivedTable& table, const std::vector<Bound>& bounds) {
  Span span;
  for (const Bound& bound : bounds) {
    if (bound.column != table.bucket_column) continue;
    const int64_t at = types::ToInt64(types::TypeKind::kTimestamp, bound.serialized);
    if (bound.op == "=" || bound.op == ">=") span.first = std::max(span.first.value_or(at), at);
    if (bound.op == ">") span.first = std::max(span.first.value_or(at + 1), at + 1);
    if (bound.op == "=" || bound.op == "<=") span.last = std::min(span.last.value_or(at), at);
    if (bound.op == "<") span.last = std::min(span.last.value_or(at - 1), at - 1);
  }
  return span;
}

// Clustering columns and the rest: what the asker does not know already.
std::string Selection(const DerivedTable& table) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    const bool asked = std::any_of(table.query->by.begin(), table.query->by.end(), [&](const Query::By& by) {
      return by.column == name && by.comparison == Comparison::kEquals;
    });
    if (!asked) names.push_back(name);
  };
  for (const ClusteringColumn& column : table.clustering) add(column.name);
  for (const TableColumn& column : table.regular) add(column.name);
  if (names.empty()) return "*";
  return fmt::format("{}", fmt::join(names, ", "));
}

// Bounds on a clustering column behind one that is not given by equality are a filter within the partition.
bool NeedsFiltering(const DerivedTable& table, const std::vector<Bound>& ranges) {
  bool is_prefix_given = true;
  for (const ClusteringColumn& column : table.clustering) {
    bool is_given = std::any_of(table.query->by.begin(), table.query->by.end(), [&](const Query::By& by) {
      return by.column == column.name && by.comparison == Comparison::kEquals;
    });
    for (const Bound& range : ranges) {
      if (range.column != column.name) continue;
      if (!is_prefix_given) return true;
      is_given |= range.op == "=";
    }
    is_prefix_given &= is_given;
  }
  return false;
}

std::string Statement(const DerivedTable& table, const std::vector<std::string>& terms,
                      const std::vector<Bound>& ranges) {
  std::vector<std::string> where = terms;
  for (const Bound& range : ranges) where.push_back(fmt::format("{} {} {}", range.column, range.op, range.literal));
  return fmt::format("SELECT {} FROM {}.{} WHERE {}{}", Selection(table), table.keyspace, table.name,
                     fmt::join(where, " AND "), NeedsFiltering(table, ranges) ? " ALLOW FILTERING" : "");
}

base::Result<AnswerPlan> PlanBuckets(const DerivedTable& table, const std::vector<std::string>& equals,
                                     const std::vector<Bound>& ranges) {
  const Span span = SpanOf(table, ranges);
  if (!span.first || !span.last) {
    return base::InvalidArgument(fmt::format("{} is bucketed by {}: give both ends of the span; {}", table.name,
                                             table.bucket_column, Usage(table)));
  }
  std::vector<Bound> others;  // On columns that decide no bucket.
  std::copy_if(ranges.begin(), ranges.end(), std::back_inserter(others),
               [&](const Bound& range) { return range.column != table.bucket_column; });
  AnswerPlan plan;
  for (int64_t at = *span.first; at <= *span.last;) {
    const int64_t next = NextBucketStart(table.bucket, at);
    const std::vector<int32_t> bucket = BucketOf(table.bucket, at);
    std::vector<std::string> terms = equals;
    for (size_t i = 0; i < bucket.size(); ++i) {
      const size_t column = table.partition_key.size() - bucket.size() + i;
      terms.push_back(fmt::format("{} = {}", table.partition_key[column].name, bucket[i]));
    }
    // A bucket that lies wholly in the span needs no look at its rows' times; what else is asked still decides.
    const bool is_whole = NextBucketStart(table.bucket, at - 1) == at && next - 1 <= *span.last;
    plan.statements.push_back(Statement(table, terms, is_whole ? others : ranges));
    if (++plan.partitions > kMaxBucketsPerQuestion) {
      return base::InvalidArgument(
          fmt::format("the span touches more than {} partitions; ask for a shorter one", kMaxBucketsPerQuestion));
    }
    at = next;
  }
  return plan;
}

}  // namespace

base::Result<Argument> ParseArgument(std::string_view text) {
  const size_t at = text.find_first_of("<>=");
  if (at == 0 || at == std::string_view::npos) {
    return base::InvalidArgument(fmt::format("'{}': expected column=value, 'column>=value' or the like", text));
  }
  const bool two = text[at] != '=' && at + 1 < text.size() && text[at + 1] == '=';
  const size_t size = two ? 2 : 1;
  return Argument{std::string(text.substr(0, at)), std::string(text.substr(at, size)),
                  std::string(text.substr(at + size))};
}

base::Result<AnswerPlan> PlanAnswer(const DerivedTable& table, const std::vector<Argument>& arguments) {
  std::vector<std::string> equals;
  std::vector<Bound> ranges;
  for (const Query::By& by : table.query->by) {
    bool found = false;
    for (const Argument& argument : arguments) {
      if (argument.column != by.column) continue;
      CASSETTE_ASSIGN_OR_RETURN(Bound bound, Bind(table, argument));
      found = true;
      if (by.comparison == Comparison::kEquals) {
        equals.push_back(fmt::format("{} = {}", bound.column, bound.literal));
      } else {
        ranges.push_back(std::move(bound));
      }
    }
    if (!found && by.comparison == Comparison::kEquals) {
      return base::InvalidArgument(fmt::format("'{}' is missing; {}", by.column, Usage(table)));
    }
  }
  for (const Argument& argument : arguments) CASSETTE_RETURN_IF_ERROR(Bind(table, argument).status());
  if (table.bucket != Bucket::kNone) return PlanBuckets(table, equals, ranges);
  return AnswerPlan{{Statement(table, equals, ranges)}, 1};
}

base::Status RunAnswer(session::Session& session, const AnswerPlan& plan,
                       const std::function<base::Status(const session::ResultPage&)>& on_page) {
  for (const std::string& statement : plan.statements) {
    session::QueryOptions options;
    do {
      CASSETTE_ASSIGN_OR_RETURN(const session::ResultPage page, session.Execute(statement, session::Values(), options));
      CASSETTE_RETURN_IF_ERROR(on_page(page));
      options.paging_state = page.paging_state;
    } while (!options.paging_state.empty());
  }
  return base::Status::Ok();
}

}  // namespace cassette::model

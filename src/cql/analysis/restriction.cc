#include "cql/analysis/restriction.h"

#include <fmt/format.h>

#include <algorithm>

namespace cassette::cql::analysis {
namespace {

std::string CommonColumns(const Restriction& a, const Restriction& b) {
  std::string names;
  for (const schema::Column* column : a.columns) {
    if (std::find(b.columns.begin(), b.columns.end(), column) == b.columns.end()) continue;
    names += (names.empty() ? "" : " ,") + column->name;
  }
  return names;
}

// Two slices of the same columns to one.
base::Status MergeSlice(const Restriction& added, Restriction* existing) {
  const std::string names = CommonColumns(*existing, added);
  if (added.kind != Restriction::Kind::kSlice) {
    return base::InvalidArgument(
        fmt::format("Column \"{}\" cannot be restricted by both an equality and an inequality relation", names));
  }
  if (added.columns.front() != existing->columns.front()) {
    const bool later = added.first_position() > existing->first_position();
    return base::InvalidArgument(
        fmt::format("Column \"{}\" cannot be restricted by two inequalities not starting with the same column",
                    later ? added.columns.front()->name : existing->columns.front()->name));
  }
  if (existing->start && added.start) {
    return base::InvalidArgument(fmt::format("More than one restriction was found for the start bound on {}", names));
  }
  if (existing->end && added.end) {
    return base::InvalidArgument(fmt::format("More than one restriction was found for the end bound on {}", names));
  }
  if (added.start) existing->start = added.start;
  if (added.end) existing->end = added.end;
  if (added.columns.size() > existing->columns.size()) existing->columns = added.columns;
  existing->is_tuple = existing->is_tuple || added.is_tuple;
  return base::Status::Ok();
}

base::Status MergeContains(const Restriction& added, Restriction* existing) {
  if (added.kind != Restriction::Kind::kContains) {
    return base::InvalidArgument(
        fmt::format("Collection column {} can only be restricted by CONTAINS, CONTAINS KEY, or map-entry equality",
                    CommonColumns(*existing, added)));
  }
  existing->holdings.insert(existing->holdings.end(), added.holdings.begin(), added.holdings.end());
  return base::Status::Ok();
}

base::Status Merge(const Restriction& added, Restriction* existing) {
  switch (existing->kind) {
    case Restriction::Kind::kContains:
      return MergeContains(added, existing);
    case Restriction::Kind::kEqual:
      return base::InvalidArgument(
          fmt::format("{} cannot be restricted by more than one relation if it includes an Equal",
                      CommonColumns(*existing, added)));
    case Restriction::Kind::kIn:
      return base::InvalidArgument(fmt::format("{} cannot be restricted by more than one relation if it includes a IN",
                                               CommonColumns(*existing, added)));
    case Restriction::Kind::kSlice:
      break;
  }
  return MergeSlice(added, existing);
}

}  // namespace

base::Status RestrictionSet::Add(Restriction restriction) {
  std::shared_ptr<Restriction> merged;
  for (const schema::Column* column : restriction.columns) {
    const auto existing = by_column_.find(column);
    if (existing == by_column_.end() || existing->second == merged) continue;
    CASSETTE_RETURN_IF_ERROR(Merge(restriction, existing->second.get()));
    merged = existing->second;
  }
  if (merged == nullptr) merged = std::make_shared<Restriction>(std::move(restriction));
  for (const schema::Column* column : merged->columns) by_column_[column] = merged;
  return base::Status::Ok();
}

const Restriction* RestrictionSet::Find(const schema::Column& column) const {
  const auto found = by_column_.find(&column);
  return found == by_column_.end() ? nullptr : found->second.get();
}

std::vector<const Restriction*> RestrictionSet::InOrder() const {
  std::vector<const Restriction*> result;
  for (const auto& [column, restriction] : by_column_) {
    if (result.empty() || result.back() != restriction.get()) result.push_back(restriction.get());
  }
  return result;
}

const Restriction& RestrictionSet::Last() const { return *by_column_.rbegin()->second; }

bool RestrictionSet::has_slice() const {
  return std::any_of(by_column_.begin(), by_column_.end(),
                     [](const auto& entry) { return entry.second->kind == Restriction::Kind::kSlice; });
}

bool RestrictionSet::has_contains() const {
  return std::any_of(by_column_.begin(), by_column_.end(),
                     [](const auto& entry) { return entry.second->kind == Restriction::Kind::kContains; });
}

bool RestrictionSet::has_in() const {
  return std::any_of(by_column_.begin(), by_column_.end(),
                     [](const auto& entry) { return entry.second->kind == Restriction::Kind::kIn; });
}

}  // namespace cassette::cql::analysis

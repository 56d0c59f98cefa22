#include "cql/exec/complex_update.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/assert.h"
#include "codec/fixed.h"
#include "codec/murmur3.h"
#include "types/value.h"

namespace cassette::cql::exec {
namespace {

using analysis::Assignment;
using types::TypeKind;
using types::ValueView;

// The elements of a serialized collection; of a map keys and values in turn.
base::Status Split(const types::DataType& type, std::string_view bytes, std::vector<ValueView>* elements) {
  elements->clear();
  if (bytes.empty()) return base::Status::Ok();
  if (type.kind() != TypeKind::kMap) return SplitList(bytes, elements);
  // The count is of entries; what follows it reads as a list of twice as many.
  std::string doubled;
  codec::AppendBig(2 * codec::LoadBig<uint32_t>(bytes.data()), &doubled);
  CASSETTE_RETURN_IF_ERROR(SplitList(doubled + std::string(bytes.substr(sizeof(uint32_t))), elements));
  // The copy is gone: the same places in what was given.
  size_t offset = sizeof(uint32_t);
  for (ValueView& element : *elements) {
    const size_t size = element.is_null() ? 0 : element.bytes.size();
    offset += sizeof(uint32_t);
    if (!element.is_null()) element.bytes = bytes.substr(offset, size);
    offset += size;
  }
  return base::Status::Ok();
}

base::Status CheckPath(std::string_view path) {
  if (path.size() <= rows::kMaxPathBytes) return base::Status::Ok();
  return base::InvalidArgument(
      fmt::format("Key length of {} is longer than maximum of {}", path.size(), rows::kMaxPathBytes));
}

}  // namespace

storage::engine::ReadCommand ReadOneRow(const schema::TablePtr& table, std::string_view key,
                                        std::string_view clustering, bool is_static, int64_t now_seconds) {
  storage::engine::ReadCommand command;
  command.table = table;
  command.keys = {std::string(key)};
  command.now_seconds = now_seconds;
  command.limit = 1;
  command.static_rows = is_static;
  if (!is_static) {
    rows::ClusteringSlice slice;
    slice.start = {std::string(clustering), rows::ClusteringBound::Side::kBefore};
    slice.end = {std::string(clustering), rows::ClusteringBound::Side::kAfter};
    command.slices = {slice};
  }
  return command;
}

void ComplexUpdate::Begin(const schema::Column& column, const RowPlace& place, const CellTimes& times,
                          const ListServices& services) {
  column_ = &column;
  path_type_ = rows::PathTypeOf(column.type);
  place_ = place;
  times_ = times;
  services_ = &services;
  deletion_ = {};
  cells_.clear();
  kept_.clear();
  has_list_ = false;
}

std::string_view ComplexUpdate::Keep(std::string bytes) { return kept_.emplace_front(std::move(bytes)); }

void ComplexUpdate::Put(std::string_view path, std::string_view value) {
  cells_.push_back({path,
                    {value.empty() ? rows::CellState::kEmpty : rows::CellState::kLive, times_.timestamp_micros,
                     times_.ttl_seconds, times_.expires_at_seconds, value}});
}

void ComplexUpdate::Remove(std::string_view path) {
  cells_.push_back(
      {path, {rows::CellState::kTombstone, times_.timestamp_micros, rows::kNoTtl, times_.now_seconds, {}}});
}

void ComplexUpdate::Delete(int64_t timestamp_micros) {
  const rows::DeletionTime deletion{timestamp_micros, times_.now_seconds};
  if (deletion.Supersedes(deletion_)) deletion_ = deletion;
}

base::Status ComplexUpdate::Add(const Assignment& assignment, Evaluator& evaluator) {
  using Operation = Assignment::Operation;
  ValueView key;
  if (assignment.key) {
    CASSETTE_ASSIGN_OR_RETURN(key, evaluator.Evaluate(*assignment.key));
  }
  CASSETTE_ASSIGN_OR_RETURN(const ValueView value, evaluator.Evaluate(assignment.value));
  switch (assignment.operation) {
    case Operation::kDelete:
      Delete(times_.timestamp_micros);
      return base::Status::Ok();
    case Operation::kSet:
      if (value.is_unset()) return base::Status::Ok();
      Delete(times_.timestamp_micros - 1);
      return AddElements(value, false);
    case Operation::kAdd:
      return AddElements(value, false);
    case Operation::kPrepend:
      return AddElements(value, true);
    case Operation::kDiscard:
      return DiscardElements(value);
    case Operation::kSetElement:
      return SetElement(key, value);
    case Operation::kDeleteElement:
      break;
  }
  return DeleteElement(key);
}

base::Status ComplexUpdate::AddElements(const ValueView& value, bool before) {
  if (value.state != ValueView::State::kSet) return base::Status::Ok();
  if (column_->type.kind() == TypeKind::kUdt) {
    AddFields(value);
    return base::Status::Ok();
  }
  Values elements;
  CASSETTE_RETURN_IF_ERROR(Split(column_->type, value.bytes, &elements));
  if (elements.empty()) return base::Status::Ok();
  if (column_->type.kind() == TypeKind::kList) {
    const auto count = static_cast<uint32_t>(elements.size());
    const int64_t first = before ? services_->paths->Prepend(services_->now_micros, count)
                                 : services_->paths->Append(services_->now_micros, count);
    const uint64_t random = services_->random->Next();
    for (uint32_t i = 0; i < count; ++i) Put(Keep(ListPathAt(first + i, random)), elements[i].bytes);
    return base::Status::Ok();
  }
  const bool is_map = column_->type.kind() == TypeKind::kMap;
  for (size_t i = 0; i < elements.size(); i += is_map ? 2 : 1) {
    CASSETTE_RETURN_IF_ERROR(CheckPath(elements[i].bytes));
    Put(elements[i].bytes, is_map ? elements[i + 1].bytes : std::string_view());
  }
  return base::Status::Ok();
}

// Fields that are null have no cell: the deletion before them is enough.
void ComplexUpdate::AddFields(const ValueView& value) {
  Values fields;
  const size_t count = column_->type.fields().size();
  const base::Status status = SplitTuple(value.bytes, count, &fields);
  CASSETTE_ASSERT(status.ok());  // The value was validated.
  for (size_t i = 0; i < count; ++i) {
    if (fields[i].is_null()) continue;
    std::string path;
    codec::AppendBig(static_cast<uint16_t>(i), &path);
    Put(Keep(std::move(path)), fields[i].bytes);
  }
}

base::Status ComplexUpdate::DiscardElements(const ValueView& value) {
  const bool is_list = column_->type.kind() == TypeKind::kList;
  Values list;
  if (is_list) {
    CASSETTE_ASSIGN_OR_RETURN(list, CurrentList());
  }
  if (value.state != ValueView::State::kSet) return base::Status::Ok();
  Values elements;
  // What is taken from a map is a set of its keys.
  if (!value.bytes.empty()) CASSETTE_RETURN_IF_ERROR(SplitList(value.bytes, &elements));
  if (!is_list) {
    for (const ValueView& element : elements) {
      CASSETTE_RETURN_IF_ERROR(CheckPath(element.bytes));
      Remove(element.bytes);
    }
    return base::Status::Ok();
  }
  for (size_t i = 0; i < list.size(); i += 2) {
    const auto is_same = [&](const ValueView& element) { return element.bytes == list[i + 1].bytes; };
    if (std::any_of(elements.begin(), elements.end(), is_same)) Remove(list[i].bytes);
  }
  return base::Status::Ok();
}

base::Status ComplexUpdate::SetElement(const ValueView& key, const ValueView& value) {
  std::string_view path = key.bytes;
  if (column_->type.kind() == TypeKind::kList) {
    if (key.is_unset()) return base::InvalidArgument("Invalid unset value for list index");
    CASSETTE_ASSIGN_OR_RETURN(path, PathOfIndex(key, "set an element on"));
  } else if (column_->type.kind() == TypeKind::kMap) {
    if (key.is_null()) return base::InvalidArgument("Invalid null map key");
    if (key.is_unset()) return base::InvalidArgument("Invalid unset map key");
  }
  CASSETTE_RETURN_IF_ERROR(CheckPath(path));
  if (value.is_null()) {
    Remove(path);
  } else if (!value.is_unset()) {
    Put(path, value.bytes);
  }
  return base::Status::Ok();
}

base::Status ComplexUpdate::DeleteElement(const ValueView& key) {
  std::string_view path = key.bytes;
  if (column_->type.kind() == TypeKind::kList) {
    if (key.is_unset()) return base::Status::Ok();
    CASSETTE_ASSIGN_OR_RETURN(path, PathOfIndex(key, "delete an element from"));
  } else {
    const char* name = column_->type.kind() == TypeKind::kMap ? "map key" : "set element";
    if (key.is_null()) return base::InvalidArgument(fmt::format("Invalid null {}", name));
    if (key.is_unset()) return base::InvalidArgument(fmt::format("Invalid unset {}", name));
  }
  CASSETTE_RETURN_IF_ERROR(CheckPath(path));
  Remove(path);
  return base::Status::Ok();
}

base::Result<std::string_view> ComplexUpdate::PathOfIndex(const ValueView& index, const char* attempted) {
  if (index.is_null() || index.bytes.empty()) return base::InvalidArgument("Invalid null value for list index");
  CASSETTE_ASSIGN_OR_RETURN(const Values list, CurrentList());
  if (list.empty()) return base::InvalidArgument(fmt::format("Attempted to {} a list which is null", attempted));
  const int64_t place = types::ToInt64(TypeKind::kInt, index.bytes);
  const auto size = static_cast<int64_t>(list.size() / 2);
  if (place < 0 || place >= size) {
    return base::InvalidArgument(fmt::format("List index {} out of bound, list has size {}", place, size));
  }
  return list[static_cast<size_t>(place) * 2].bytes;
}

base::Result<ComplexUpdate::Values> ComplexUpdate::CurrentList() {
  CASSETTE_RETURN_IF_ERROR(ReadList());
  Values list;
  if (deletion_.is_live()) list = list_;
  for (const rows::ComplexCell& cell : ReconciledCells()) {
    size_t place = 0;
    while (place < list.size() && ComparePaths(list[place].bytes, cell.path) < 0) place += 2;
    const auto at = list.begin() + static_cast<std::ptrdiff_t>(place);
    const bool is_there = at != list.end() && ComparePaths(at->bytes, cell.path) == 0;
    if (cell.cell.state == rows::CellState::kTombstone) {
      if (is_there) list.erase(at, at + 2);
    } else if (is_there) {
      at[1] = ValueView::Of(cell.cell.value);
    } else {
      list.insert(at, {ValueView::Of(cell.path), ValueView::Of(cell.cell.value)});
    }
  }
  return list;
}

base::Status ComplexUpdate::ReadList() {
  if (has_list_) return base::Status::Ok();
  has_list_ = true;
  list_.clear();
  storage::engine::ReadCommand command =
      ReadOneRow(*place_.table, place_.key, place_.clustering, place_.is_static, times_.now_seconds);
  command.columns = {{column_->id}};
  command.columns[0].with_paths = true;
  CASSETTE_ASSIGN_OR_RETURN(const auto reader, services_->engine->Read(command, nullptr));
  rows::RowBatch batch;
  CASSETTE_ASSIGN_OR_RETURN(const bool found, reader->Next(&batch));
  if (!found || batch.columns[0].is_null(0)) return base::Status::Ok();
  list_bytes_.assign(batch.columns[0].bytes(0));
  const types::DataType timeuuid(TypeKind::kTimeuuid);
  return Split(types::DataType::Map(timeuuid, column_->type.element(0), true), list_bytes_, &list_);
}

int ComplexUpdate::ComparePaths(std::string_view a, std::string_view b) const {
  return types::Compare(path_type_, a, b);
}

const std::vector<rows::ComplexCell>& ComplexUpdate::ReconciledCells() {
  std::stable_sort(cells_.begin(), cells_.end(), [&](const rows::ComplexCell& a, const rows::ComplexCell& b) {
    return ComparePaths(a.path, b.path) < 0;
  });
  size_t count = 0;
  for (const rows::ComplexCell& cell : cells_) {
    if (count == 0 || ComparePaths(cells_[count - 1].path, cell.path) != 0) {
      cells_[count++] = cell;
    } else if (!rows::Wins(cells_[count - 1].cell, cell.cell)) {
      cells_[count - 1] = cell;
    }
  }
  cells_.resize(count);
  return cells_;
}

const rows::CellView* ComplexUpdate::Finish() {
  builder_.Clear();
  builder_.SetDeletion(deletion_);
  for (const rows::ComplexCell& cell : ReconciledCells()) {
    if (!deletion_.Deletes(cell.cell.timestamp_micros)) builder_.Add(cell.path, cell.cell);
  }
  if (builder_.empty()) return nullptr;
  view_ = builder_.view();
  return &view_;
}

}  // namespace cassette::cql::exec

#include "storage/memtable/series.h"

#include <algorithm>

#include "base/assert.h"
#include "rows/keys.h"
#include "storage/memtable/counting_allocator.h"
#include "storage/memtable/meta_column.h"
#include "types/numbers.h"
#include "types/value.h"

namespace cassette::storage::memtable {
namespace {

const schema::Column& LastClustering(const Layout& layout) {
  return layout.table().clustering(layout.clustering_count() - 1);
}

template <typename Number>
size_t MetaBytes(const rows::MetaColumn<Number>& column) {
  return column.values.capacity() * sizeof(Number);
}

// Absent places up to `rows`.
void AppendAbsentTo(columnar::Vector* values, uint32_t rows) {
  if (values->size() == rows) return;
  CASSETTE_ASSERT(values->size() < rows);
  columnar::Vector absent(values->physical());
  absent.AppendState(columnar::CellState::kAbsent);
  absent.MakeConstant(rows - values->size());
  values->AppendRange(absent, 0, absent.size());
}

// The first place in [from, end) that is not below; `end` when all are.
template <typename IsBelow>
uint32_t FirstNot(uint32_t from, uint32_t end, const IsBelow& is_below) {
  uint32_t begin = from;
  // From where a reader stands the answer is often near: steps of growing length, before halves of what is left.
  for (uint32_t step = 1; from > 0 && begin < end; step *= 2) {
    const uint32_t probe = std::min(begin + step - 1, end - 1);
    if (!is_below(probe)) {
      end = probe;
      break;
    }
    begin = probe + 1;
  }
  while (begin < end) {
    const uint32_t middle = begin + (end - begin) / 2;
    if (is_below(middle)) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return begin;
}

}  // namespace

Series::Series(const Layout& layout, std::string_view prefix, std::string_view edge, bool ascending)
    : prefix_(prefix), edge_(edge), ascending_(ascending), keys_(LastClustering(layout).type.physical()) {
  CASSETTE_ASSERT(edge.substr(0, prefix.size()) == prefix);
}

columnar::Vector& Series::ColumnOf(const Layout& layout, schema::ColumnId id) {
  auto found = std::lower_bound(cells_.begin(), cells_.end(), id,
                                [](const Cells& cells, schema::ColumnId wanted) { return cells.id < wanted; });
  if (found == cells_.end() || found->id != id) {
    found = cells_.insert(found, {id, columnar::Vector(layout.type(id).physical())});
    AppendAbsentTo(&found->values, size_);
  }
  return found->values;
}

base::Status Series::Append(const Layout& layout, std::string_view clustering, const RowImage& row) {
  const schema::Column& component = LastClustering(layout);
  std::string_view rest = clustering.substr(prefix_.size());
  int64_t number = 0;
  std::string value;
  const bool is_number = types::DecodeOrderedInt64(component.type.kind(), component.descending, &rest, &number);
  if (!is_number) {
    CASSETTE_RETURN_IF_ERROR(types::DecodeOrdered(component.type, component.descending, &rest, &value));
  }
  if (!rest.empty()) return base::Corruption("malformed mutation: a clustering is too long");

  if (is_number) {
    if (size_ == 0) first_number_ = number;
    last_number_ = number;
    keys_.AppendInt64(number);
  } else {
    keys_.AppendValue(component.type, value);
  }
  AppendMeta(&timestamps_, size_, row.liveness.timestamp_micros);
  AppendMeta(&ttls_, size_, row.liveness.ttl_seconds);
  AppendMeta(&expiries_, size_, row.liveness.expires_at_seconds);
  size_t next = 0;  // Most rows have the cells of the row before: then the columns stand where they are expected.
  for (const rows::RowCell& cell : row.cells) {
    columnar::Vector& values =
        next < cells_.size() && cells_[next].id == cell.column ? cells_[next].values : ColumnOf(layout, cell.column);
    ++next;
    values.AppendValue(layout.type(cell.column), cell.cell.value);
    is_full_ |= values.heap().size() > kMaxHeapBytes;
  }
  is_full_ |= keys_.heap().size() > kMaxHeapBytes;
  ++size_;
  if (row.cells.size() < cells_.size()) {
    for (Cells& cells : cells_) AppendAbsentTo(&cells.values, size_);
  }
  edge_.assign(clustering);
  return {};
}

void Series::AppendKey(const Layout& layout, uint32_t place, std::string* out) const {
  CASSETTE_ASSERT(place < size_);
  const schema::Column& component = LastClustering(layout);
  std::string value;
  keys_.AppendSerialized(component.type, ArrivalOf(place), &value);
  out->append(prefix_);
  types::AppendOrdered(component.type, value, component.descending, out);
}

template <typename Below>
uint32_t Series::FirstNotBelowKey(const Layout& layout, uint32_t from, const Below& is_below) const {
  std::string key;
  return FirstNot(from, size_, [&](uint32_t place) {
    key.clear();
    AppendKey(layout, place, &key);
    return is_below(key);
  });
}

uint32_t Series::FirstAfter(const Layout& layout, const rows::ClusteringBound& bound, uint32_t from) const {
  return FirstNotBelowKey(layout, from, [&](const std::string& key) { return bound.CompareToRow(key) > 0; });
}

uint32_t Series::FirstNotBelow(const Layout& layout, std::string_view clustering, uint32_t from) const {
  int64_t number = 0;
  if (IsNumber(layout, clustering, &number)) {
    return FirstNotBelowNumber(number, LastClustering(layout).descending, from);
  }
  return FirstNotBelowKey(layout, from, [&](const std::string& key) { return key < clustering; });
}

std::optional<uint32_t> Series::Find(const Layout& layout, std::string_view clustering) const {
  if (!clustering.starts_with(prefix_) || LiesBeyond(clustering)) return std::nullopt;
  int64_t number = 0;
  if (IsNumber(layout, clustering, &number)) {
    const uint32_t place = FirstNotBelowNumber(number, LastClustering(layout).descending, 0);
    if (place == size_ || keys_.int64(ArrivalOf(place)) != number) return std::nullopt;
    return place;
  }
  const uint32_t place = FirstNotBelow(layout, clustering, 0);
  if (place == size_) return std::nullopt;
  std::string key;
  AppendKey(layout, place, &key);
  if (key != clustering) return std::nullopt;
  return place;
}

bool Series::IsNumber(const Layout& layout, std::string_view clustering, int64_t* number) const {
  if (!clustering.starts_with(prefix_) || !keys_.all_live()) return false;
  const schema::Column& component = LastClustering(layout);
  std::string_view rest = clustering.substr(prefix_.size());
  return types::DecodeOrderedInt64(component.type.kind(), component.descending, &rest, number) && rest.empty();
}

uint32_t Series::FirstNotBelowNumber(int64_t number, bool descending, uint32_t from) const {
  const auto at = [this](uint32_t place) { return keys_.int64(ArrivalOf(place)); };
  const auto is_below = [&](uint32_t place) { return descending ? at(place) > number : at(place) < number; };
  uint32_t expected = from;
  const double first = static_cast<double>(ascending_ ? first_number_ : last_number_);
  const double last = static_cast<double>(ascending_ ? last_number_ : first_number_);
  if (from == 0 && first != last) {
    // Numbers that come at a steady pace, as time stamps do, stand where they are expected.
    const double share = (static_cast<double>(number) - first) / (last - first);
    expected = static_cast<uint32_t>(std::clamp(share, 0.0, 1.0) * (size_ - 1) + 0.5);
  }
  if (expected > from && !is_below(expected - 1)) return FirstNot(from, expected - 1, is_below);
  return FirstNot(expected, size_, is_below);
}

void Series::ReadRow(const Layout& layout, uint32_t place, RowImage* row, std::vector<std::string>* storage) const {
  const uint32_t arrival = ArrivalOf(place);
  row->Clear();
  row->liveness = {timestamps_.at(arrival), ttls_.at(arrival), expiries_.at(arrival)};
  storage->assign(cells_.size(), std::string());
  for (size_t i = 0; i < cells_.size(); ++i) {
    const Cells& cells = cells_[i];
    const types::DataType* type = layout.FindType(cells.id);
    if (type == nullptr || cells.values.is_null(arrival)) continue;
    std::string& value = (*storage)[i];
    cells.values.AppendSerialized(*type, arrival, &value);
    row->cells.push_back(
        {cells.id,
         {value.empty() ? rows::CellState::kEmpty : rows::CellState::kLive, row->liveness.timestamp_micros,
          row->liveness.ttl_seconds, row->liveness.expires_at_seconds, value}});
  }
}

size_t Series::memory_bytes() const {
  size_t bytes = sizeof(Series) + prefix_.capacity() + edge_.capacity() + keys_.memory_bytes() +
                 MetaBytes(timestamps_) + MetaBytes(ttls_) + MetaBytes(expiries_) + cells_.capacity() * sizeof(Cells) +
                 (5 + cells_.size()) * kMallocOverheadBytes;
  for (const Cells& cells : cells_) bytes += cells.values.memory_bytes();
  return bytes;
}

}  // namespace cassette::storage::memtable

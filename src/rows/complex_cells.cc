#include "rows/complex_cells.h"

#include <algorithm>

#include "base/assert.h"
#include "codec/fixed.h"
#include "codec/varint.h"
#include "rows/row_bytes.h"
#include "types/value.h"

namespace cassette::rows {
namespace {

// First byte. On disk: DO NOT CHANGE.
constexpr uint8_t kVersion = 1;
constexpr uint8_t kVersionMask = 0x0f;
constexpr uint8_t kHasDeletion = 0x10;
constexpr uint8_t kHasCells = 0x20;

// An element of a serialized collection.
void AppendElement(std::string_view bytes, std::string* out) {
  codec::AppendBig(static_cast<uint32_t>(bytes.size()), out);
  out->append(bytes);
}
void AppendNullElement(std::string* out) { codec::AppendBig(uint32_t{0xffffffff}, out); }

int64_t Difference(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t Sum(int64_t a, int64_t b) { return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b)); }

// Reads an image that is known to be sound.
class Cursor {
 public:
  explicit Cursor(std::string_view image) {
    CASSETTE_ASSERT(reader_.Open(image));
    Advance();
  }
  bool done() const { return done_; }
  const ComplexCell& cell() const { return cell_; }
  const DeletionTime& deletion() const { return reader_.deletion(); }
  void Advance() {
    done_ = reader_.at_end();
    if (!done_) CASSETTE_ASSERT(reader_.Next(&cell_));
  }

 private:
  ComplexReader reader_;
  ComplexCell cell_;
  bool done_ = false;
};

// Adds what is written after both `deleted_at_micros` and the builder's deletion.
class Survivors {
 public:
  Survivors(int64_t deleted_at_micros, ComplexBuilder* out)
      : deleted_at_micros_(std::max(deleted_at_micros, out->deletion().marked_at_micros)), out_(*out) {}
  void Add(const ComplexCell& cell) {
    if (cell.cell.timestamp_micros > deleted_at_micros_) out_.Add(cell.path, cell.cell);
  }

 private:
  const int64_t deleted_at_micros_;
  ComplexBuilder& out_;
};

// The live cells of a collection or user type, as what readers get.
class LiveWriter {
 public:
  LiveWriter(const types::DataType& type, int64_t now_seconds, LiveComplex* out)
      : type_(type), now_seconds_(now_seconds), out_(*out) {
    out_.count = 0;
    for (std::string* text : {&out_.value, &out_.write_times, &out_.ttls}) text->assign(4, '\0');  // Room for a count.
    if (type_.kind() == types::TypeKind::kUdt) out_.value.clear();
  }
  void Add(const ComplexCell& cell) {
    ++out_.count;
    if (type_.kind() == types::TypeKind::kUdt) {
      CASSETTE_ASSERT(cell.path.size() == sizeof(uint16_t));
      PadFields(codec::LoadBig<uint16_t>(cell.path.data()));
      ++fields_;
    }
    if (type_.kind() == types::TypeKind::kSet || type_.kind() == types::TypeKind::kMap) {
      AppendElement(cell.path, &out_.value);
    }
    if (type_.kind() != types::TypeKind::kSet) AppendElement(cell.cell.value, &out_.value);
    AppendTimes(cell.cell);
  }
  void Finish() {
    if (type_.kind() == types::TypeKind::kUdt) PadFields(static_cast<uint32_t>(type_.fields().size()));
    codec::StoreBig(times_, out_.write_times.data());
    codec::StoreBig(times_, out_.ttls.data());
    if (type_.kind() != types::TypeKind::kUdt) codec::StoreBig(out_.count, out_.value.data());
  }

 private:
  void AppendTimes(const CellView& cell) {
    ++times_;
    codec::AppendBig(uint32_t{sizeof(int64_t)}, &out_.write_times);
    codec::AppendBig(static_cast<uint64_t>(cell.timestamp_micros), &out_.write_times);
    if (!cell.is_expiring()) return AppendNullElement(&out_.ttls);
    codec::AppendBig(uint32_t{sizeof(int32_t)}, &out_.ttls);
    codec::AppendBig(static_cast<uint32_t>(cell.expires_at_seconds - now_seconds_), &out_.ttls);
  }
  void PadFields(uint32_t end) {
    for (; fields_ < end; ++fields_) {
      AppendNullElement(&out_.value);
      AppendNullElement(&out_.write_times);
      AppendNullElement(&out_.ttls);
      ++times_;
    }
  }

  const types::DataType& type_;
  const int64_t now_seconds_;
  LiveComplex& out_;
  uint32_t fields_ = 0;
  uint32_t times_ = 0;
};

bool IsLive(const CellView& cell, int64_t now_seconds, int64_t deleted_at_micros) {
  return cell.timestamp_micros > deleted_at_micros && cell.IsLiveAt(now_seconds);
}

}  // namespace

types::DataType PathTypeOf(const types::DataType& type) {
  CASSETTE_ASSERT(type.is_multi_cell());
  switch (type.kind()) {
    case types::TypeKind::kSet:
    case types::TypeKind::kMap:
      return type.element(0);
    case types::TypeKind::kList:
      return types::DataType(types::TypeKind::kTimeuuid);
    default:
      return types::DataType(types::TypeKind::kSmallint);
  }
}

void ComplexBuilder::Clear() {
  image_.assign(1, static_cast<char>(kVersion));
  deletion_ = DeletionTime();
  is_first_ = true;
  reference_ = Liveness();
  latest_micros_ = kNoTimestamp;
  all_expire_ = true;
  last_to_expire_ = Liveness();
}

void ComplexBuilder::SetDeletion(const DeletionTime& deletion) {
  CASSETTE_ASSERT(image_.size() == 1);
  if (deletion.is_live()) return;
  deletion_ = deletion;
  latest_micros_ = deletion.marked_at_micros;
  image_[0] = static_cast<char>(kVersion | kHasDeletion);
  codec::AppendLittle(deletion.marked_at_micros, &image_);
  codec::AppendSignedVarint(deletion.local_seconds, &image_);
}

void ComplexBuilder::Add(std::string_view path, const CellView& cell) {
  CASSETTE_ASSERT(!image_.empty());
  CASSETTE_ASSERT(path.size() <= kMaxPathBytes);
  CASSETTE_ASSERT(cell.state != CellState::kAbsent);
  CASSETTE_ASSERT(cell.timestamp_micros != kNoTimestamp);
  if (is_first_) {
    is_first_ = false;
    image_[0] = static_cast<char>(image_[0] | kHasCells);
    codec::AppendLittle(cell.timestamp_micros, &image_);
    reference_.timestamp_micros = cell.timestamp_micros;
  }
  const bool is_tombstone = cell.state == CellState::kTombstone;
  // One spelling of a value of no bytes.
  const CellState state = is_tombstone ? cell.state : (cell.value.empty() ? CellState::kEmpty : CellState::kLive);
  const bool has_same_timestamp = cell.timestamp_micros == reference_.timestamp_micros;
  const bool expires = !is_tombstone && cell.is_expiring();
  const bool has_same_ttl =
      expires && cell.ttl_seconds == reference_.ttl_seconds && cell.expires_at_seconds == reference_.expires_at_seconds;
  image_.push_back(static_cast<char>(static_cast<uint8_t>(state) | (has_same_timestamp ? kCellSameTimestamp : 0) |
                                     (expires && !has_same_ttl ? kCellHasTtl : 0) | (has_same_ttl ? kCellSameTtl : 0)));
  if (!has_same_timestamp) {
    codec::AppendSignedVarint(Difference(cell.timestamp_micros, reference_.timestamp_micros), &image_);
    reference_.timestamp_micros = cell.timestamp_micros;
  }
  if (expires && !has_same_ttl) {
    codec::AppendVarint(static_cast<uint64_t>(cell.ttl_seconds), &image_);
    codec::AppendSignedVarint(cell.expires_at_seconds, &image_);
    reference_.ttl_seconds = cell.ttl_seconds;
    reference_.expires_at_seconds = cell.expires_at_seconds;
  }
  if (is_tombstone) codec::AppendSignedVarint(cell.expires_at_seconds, &image_);
  codec::AppendLengthPrefixed(path, &image_);
  if (state == CellState::kLive) codec::AppendLengthPrefixed(cell.value, &image_);

  latest_micros_ = std::max(latest_micros_, cell.timestamp_micros);
  all_expire_ = all_expire_ && expires;
  if (expires && (last_to_expire_.is_empty() || cell.expires_at_seconds > last_to_expire_.expires_at_seconds)) {
    last_to_expire_ = {cell.timestamp_micros, cell.ttl_seconds, cell.expires_at_seconds};
  }
}

CellView ComplexBuilder::view() const {
  CASSETTE_ASSERT(!empty());
  CellView view{CellState::kLive, latest_micros_, kNoTtl, kNeverExpires, image_};
  if (!is_first_ && all_expire_) {
    view.ttl_seconds = last_to_expire_.ttl_seconds;
    view.expires_at_seconds = last_to_expire_.expires_at_seconds;
  }
  return view;
}

bool ComplexReader::Open(std::string_view image) {
  codec::ByteReader reader(image);
  uint8_t flags = 0;
  if (!reader.ReadLittle(&flags) || (flags & kVersionMask) != kVersion) return false;
  if ((flags & ~(kVersionMask | kHasDeletion | kHasCells)) != 0) return false;
  deletion_ = DeletionTime();
  reference_ = Liveness();
  if ((flags & kHasDeletion) != 0) {
    if (!reader.ReadLittle(&deletion_.marked_at_micros) || !reader.ReadSignedVarint(&deletion_.local_seconds)) {
      return false;
    }
    if (deletion_.is_live()) return false;
  }
  if ((flags & kHasCells) != 0 && (!reader.ReadLittle(&reference_.timestamp_micros) || reader.empty())) return false;
  rest_ = reader.rest();
  return rest_.empty() == ((flags & kHasCells) == 0);
}

bool ComplexReader::Next(ComplexCell* out) {
  CASSETTE_ASSERT(!at_end());
  codec::ByteReader reader(rest_);
  uint8_t flags = 0;
  if (!reader.ReadLittle(&flags) || flags > kCellAllFlags) return false;
  CellView& cell = out->cell;
  cell = CellView();
  cell.state = static_cast<CellState>(flags & kCellStateMask);
  if (cell.state == CellState::kAbsent) return false;
  if ((flags & kCellSameTimestamp) == 0) {
    int64_t delta = 0;
    if (!reader.ReadSignedVarint(&delta)) return false;
    reference_.timestamp_micros = Sum(reference_.timestamp_micros, delta);
  }
  cell.timestamp_micros = reference_.timestamp_micros;
  if (cell.timestamp_micros == kNoTimestamp) return false;
  const bool expires = (flags & (kCellHasTtl | kCellSameTtl)) != 0;
  if (expires && cell.state == CellState::kTombstone) return false;
  if ((flags & kCellHasTtl) != 0) {
    uint64_t ttl = 0;
    if ((flags & kCellSameTtl) != 0 || !reader.ReadVarint(&ttl)) return false;
    if (ttl == kNoTtl || ttl > kExpiredLivenessTtl || !reader.ReadSignedVarint(&reference_.expires_at_seconds)) {
      return false;
    }
    reference_.ttl_seconds = static_cast<int32_t>(ttl);
  }
  if (expires) {
    cell.ttl_seconds = reference_.ttl_seconds;
    cell.expires_at_seconds = reference_.expires_at_seconds;
    if (cell.ttl_seconds == kNoTtl) return false;
  }
  if (cell.state == CellState::kTombstone && !reader.ReadSignedVarint(&cell.expires_at_seconds)) return false;
  if (!reader.ReadLengthPrefixed(&out->path) || out->path.size() > kMaxPathBytes) return false;
  if (cell.state == CellState::kLive && (!reader.ReadLengthPrefixed(&cell.value) || cell.value.empty())) return false;
  rest_ = reader.rest();
  return true;
}

bool IsValidComplex(std::string_view image) {
  ComplexReader reader;
  if (!reader.Open(image)) return false;
  ComplexCell cell;
  while (!reader.at_end()) {
    if (!reader.Next(&cell)) return false;
  }
  return true;
}

CellView ViewOf(std::string_view image) {
  Cursor cursor(image);
  CellView view{CellState::kLive, cursor.deletion().marked_at_micros, kNoTtl, kNeverExpires, image};
  bool all_expire = !cursor.done();
  Liveness last;
  for (; !cursor.done(); cursor.Advance()) {
    const CellView& cell = cursor.cell().cell;
    view.timestamp_micros = std::max(view.timestamp_micros, cell.timestamp_micros);
    all_expire = all_expire && cell.state != CellState::kTombstone && cell.is_expiring();
    if (last.is_empty() || cell.expires_at_seconds > last.expires_at_seconds) {
      last = {cell.timestamp_micros, cell.ttl_seconds, cell.expires_at_seconds};
    }
  }
  if (all_expire) {
    view.ttl_seconds = last.ttl_seconds;
    view.expires_at_seconds = last.expires_at_seconds;
  }
  return view;
}

void VisitComplex(std::string_view image, const std::function<void(const CellView&)>& visit) {
  Cursor cursor(image);
  const DeletionTime& deletion = cursor.deletion();
  if (!deletion.is_live()) {
    visit({CellState::kTombstone, deletion.marked_at_micros, kNoTtl, deletion.local_seconds, {}});
  }
  for (; !cursor.done(); cursor.Advance()) visit(cursor.cell().cell);
}

void MergeComplex(const types::DataType& type, std::string_view a, std::string_view b, int64_t deleted_at_micros,
                  ComplexBuilder* out) {
  const types::DataType path_type = PathTypeOf(type);
  Cursor left(a);
  Cursor right(b);
  out->Clear();
  const DeletionTime& deletion = left.deletion().Supersedes(right.deletion()) ? left.deletion() : right.deletion();
  if (!deletion.is_live() && deletion.marked_at_micros > deleted_at_micros) out->SetDeletion(deletion);
  Survivors survivors(deleted_at_micros, out);
  while (!left.done() && !right.done()) {
    const int order = types::Compare(path_type, left.cell().path, right.cell().path);
    if (order == 0) {
      survivors.Add(Wins(left.cell().cell, right.cell().cell) ? left.cell() : right.cell());
      left.Advance();
      right.Advance();
    } else {
      Cursor& first = order < 0 ? left : right;
      survivors.Add(first.cell());
      first.Advance();
    }
  }
  for (; !left.done(); left.Advance()) survivors.Add(left.cell());
  for (; !right.done(); right.Advance()) survivors.Add(right.cell());
}

void FilterComplex(std::string_view image, int64_t deleted_at_micros,
                   const std::function<bool(const DeletionTime&)>& keep_deletion,
                   const std::function<bool(CellView*)>& keep_cell, ComplexBuilder* out) {
  Cursor cursor(image);
  out->Clear();
  const DeletionTime& deletion = cursor.deletion();
  if (!deletion.is_live() && deletion.marked_at_micros > deleted_at_micros && keep_deletion(deletion)) {
    out->SetDeletion(deletion);
  }
  for (; !cursor.done(); cursor.Advance()) {
    ComplexCell cell = cursor.cell();
    if (cell.cell.timestamp_micros <= deleted_at_micros || deletion.Deletes(cell.cell.timestamp_micros)) continue;
    if (keep_cell(&cell.cell)) out->Add(cell.path, cell.cell);
  }
}

void CutComplex(std::string_view image, int64_t deleted_at_micros, ComplexBuilder* out) {
  FilterComplex(
      image, deleted_at_micros, [](const DeletionTime&) { return true; }, [](CellView*) { return true; }, out);
}

bool HasLiveComplex(std::string_view image, int64_t now_seconds, int64_t deleted_at_micros) {
  Cursor cursor(image);
  deleted_at_micros = std::max(deleted_at_micros, cursor.deletion().marked_at_micros);
  for (; !cursor.done(); cursor.Advance()) {
    if (IsLive(cursor.cell().cell, now_seconds, deleted_at_micros)) return true;
  }
  return false;
}

bool ReadLiveComplex(const types::DataType& type, std::string_view image, int64_t now_seconds,
                     int64_t deleted_at_micros, LiveComplex* out) {
  Cursor cursor(image);
  deleted_at_micros = std::max(deleted_at_micros, cursor.deletion().marked_at_micros);
  LiveWriter writer(type, now_seconds, out);
  for (; !cursor.done(); cursor.Advance()) {
    if (IsLive(cursor.cell().cell, now_seconds, deleted_at_micros)) writer.Add(cursor.cell());
  }
  writer.Finish();
  return out->count > 0;
}

}  // namespace cassette::rows

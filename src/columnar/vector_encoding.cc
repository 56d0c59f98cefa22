// A whole vector: which of its places are live, then the values of those.
#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "codec/varint.h"
#include "columnar/bit_packing.h"
#include "columnar/corruption.h"
#include "columnar/encoding.h"
#include "columnar/run_length.h"

namespace cassette::columnar {
namespace {

// First byte when there are states; otherwise it is an Encoding, all of which are smaller. On disk: DO NOT CHANGE.
constexpr uint8_t kStatesConstant = 0x40;  // Plus the state.
constexpr uint8_t kStatesRunLength = 0x50;
constexpr uint8_t kStatesPacked = 0x51;
constexpr uint32_t kStateBits = 2;

void AppendValues(const Vector& vector, std::string* out) {
  switch (vector.physical()) {
    case PhysicalType::kInt64:
      EncodeInts(vector.ints(), out);
      return;
    case PhysicalType::kDouble:
      EncodeDoubles(vector.doubles(), out);
      return;
    case PhysicalType::kBytes:
      EncodeBytes(vector.offsets(), vector.heap(), out);
      return;
  }
}

void AppendStates(const std::vector<CellState>& states, std::string* out) {
  const uint32_t count = static_cast<uint32_t>(states.size());
  int64_t flat[kMaxVectorRows];
  int64_t run_states[kMaxVectorRows];
  int64_t lengths[kMaxVectorRows];
  for (uint32_t i = 0; i < count; ++i) flat[i] = static_cast<int64_t>(states[i]);
  const uint32_t runs = CollapseRuns(flat, count, [](int64_t a, int64_t b) { return a == b; }, run_states, lengths);
  if (runs == 1) {
    out->push_back(static_cast<char>(kStatesConstant + run_states[0]));
    return;
  }
  const size_t start = out->size();
  out->push_back(static_cast<char>(kStatesRunLength));
  AppendRunLengths(lengths, runs, out);
  PackBits(run_states, runs, 0, kStateBits, out);
  if (out->size() - start <= 1 + PackedBytes(count, kStateBits)) return;
  out->resize(start);
  out->push_back(static_cast<char>(kStatesPacked));
  PackBits(flat, count, 0, kStateBits, out);
}

Vector LiveOnly(const Vector& vector) {
  Vector live(vector.physical());
  for (uint32_t row = 0; row < vector.size(); ++row) {
    if (vector.state(row) == CellState::kLive) live.AppendFrom(vector, row);
  }
  return live;
}

base::Status ReadStates(uint8_t marker, uint32_t rows, codec::ByteReader* reader, std::vector<CellState>* states) {
  int64_t numbers[kMaxVectorRows];
  int64_t lengths[kMaxVectorRows];
  uint32_t runs = rows;
  if (marker == kStatesRunLength) {
    CASSETTE_RETURN_IF_ERROR(ReadRunLengths(rows, reader, &runs, lengths));
  } else if (marker != kStatesPacked) {
    return Malformed("neither states nor an encoding");
  }
  std::string_view packed;
  if (!reader->ReadBytes(PackedBytes(runs, kStateBits), &packed)) return Malformed("states end early");
  UnpackBits(packed, runs, 0, kStateBits, numbers);
  if (marker == kStatesRunLength) ExpandRuns(rows, runs, lengths, numbers);
  states->resize(rows);
  for (uint32_t row = 0; row < rows; ++row) (*states)[row] = static_cast<CellState>(numbers[row]);
  return base::Status::Ok();
}

template <typename Value>
void Spread(const std::vector<CellState>& states, uint32_t live, std::vector<Value>* values) {
  values->resize(states.size());
  for (size_t row = states.size(); row-- > 0;) {
    (*values)[row] = states[row] == CellState::kLive ? (*values)[--live] : Value{};
  }
}

void SpreadOffsets(const std::vector<CellState>& states, uint32_t live, std::vector<uint32_t>* offsets) {
  offsets->resize(states.size() + 1);
  for (size_t row = states.size(); row-- > 0;) {
    (*offsets)[row + 1] = (*offsets)[live];
    if (states[row] == CellState::kLive) --live;
  }
}

base::Status ReadValues(std::string_view encoded, uint32_t count, Vector* vector) {
  switch (vector->physical()) {
    case PhysicalType::kInt64:
      vector->mutable_ints().resize(count);
      return DecodeInts(encoded, count, vector->mutable_ints().data());
    case PhysicalType::kDouble:
      vector->mutable_doubles().resize(count);
      return DecodeDoubles(encoded, count, vector->mutable_doubles().data());
    case PhysicalType::kBytes:
      return DecodeBytes(encoded, count, &vector->mutable_offsets(), &vector->mutable_heap());
  }
  return Malformed("no such physical type");
}

// One place stands for all rows.
base::Status ReadConstantVector(std::string_view encoded, uint32_t rows, Vector* vector) {
  CASSETTE_RETURN_IF_ERROR(ReadValues(encoded, 1, vector));
  vector->SetSize(rows);
  vector->SetConstant(true);
  return base::Status::Ok();
}

base::Status ReadConstantState(uint8_t marker, uint32_t rows, const codec::ByteReader& reader, Vector* vector) {
  const CellState state = static_cast<CellState>(marker - kStatesConstant);
  if (state == CellState::kLive) return Malformed("states that need not be told");
  if (!reader.empty()) return Malformed("bytes after the last value");
  vector->AppendState(state);
  vector->MakeConstant(rows);
  return base::Status::Ok();
}

base::Status ReadSparseVector(uint8_t marker, uint32_t rows, codec::ByteReader* reader, Vector* vector) {
  std::vector<CellState>& states = vector->mutable_states();
  CASSETTE_RETURN_IF_ERROR(ReadStates(marker, rows, reader, &states));
  const uint32_t live = static_cast<uint32_t>(std::count(states.begin(), states.end(), CellState::kLive));
  if (live > 0) {
    CASSETTE_RETURN_IF_ERROR(ReadValues(reader->rest(), live, vector));
  } else if (!reader->empty()) {
    return Malformed("bytes after the last value");
  }
  if (vector->physical() == PhysicalType::kInt64) Spread(states, live, &vector->mutable_ints());
  if (vector->physical() == PhysicalType::kDouble) Spread(states, live, &vector->mutable_doubles());
  if (vector->physical() == PhysicalType::kBytes) SpreadOffsets(states, live, &vector->mutable_offsets());
  vector->SetSize(rows);
  return base::Status::Ok();
}

}  // namespace

void EncodeVector(const Vector& vector, std::string* out) {
  CASSETTE_ASSERT(vector.size() <= kMaxVectorRows);
  if (vector.size() == 0) return;
  const std::vector<CellState>& states = vector.states();
  const bool all_live = std::all_of(states.begin(), states.end(), [](CellState s) { return s == CellState::kLive; });
  if (all_live) return AppendValues(vector, out);  // Of a constant vector the one value it has.
  AppendStates(states, out);
  if (vector.is_constant()) return;
  const Vector live = LiveOnly(vector);
  if (live.size() > 0) AppendValues(live, out);
}

base::Status DecodeVector(std::string_view encoded, uint32_t rows, Vector* vector) {
  CASSETTE_ASSERT(vector->size() == 0);
  CASSETTE_ASSERT(!vector->is_constant());
  if (rows > kMaxVectorRows) return Malformed("too many rows");
  codec::ByteReader reader(encoded);
  if (rows == 0) return encoded.empty() ? base::Status::Ok() : Malformed("bytes after the last value");
  uint8_t first = 0;
  if (!reader.ReadLittle(&first)) return Malformed("no encoding");
  if (first == static_cast<uint8_t>(Encoding::kConstant)) return ReadConstantVector(encoded, rows, vector);
  if (first >= kStatesConstant && first < kStatesRunLength) {
    if (first > kStatesConstant + static_cast<uint8_t>(CellState::kEmpty)) return Malformed("no such state");
    return ReadConstantState(first, rows, reader, vector);
  }
  if (first > kStatesConstant) return ReadSparseVector(first, rows, &reader, vector);
  CASSETTE_RETURN_IF_ERROR(ReadValues(encoded, rows, vector));
  vector->SetSize(rows);
  return base::Status::Ok();
}

std::string_view EncodingName(Encoding encoding) {
  switch (encoding) {
    case Encoding::kReserved:
      return "reserved";
    case Encoding::kConstant:
      return "constant";
    case Encoding::kRunLength:
      return "run-length";
    case Encoding::kFrameOfReference:
      return "frame-of-reference";
    case Encoding::kDelta:
      return "delta";
    case Encoding::kDeltaOfDelta:
      return "delta-of-delta";
    case Encoding::kAlp:
      return "alp";
    case Encoding::kAlpRd:
      return "alp-rd";
    case Encoding::kRaw:
      return "raw";
    case Encoding::kDictionary:
      return "dictionary";
    case Encoding::kFsst:
      return "fsst";
    case Encoding::kZstd:
      return "zstd";
    case Encoding::kAlpSteps:
      return "alp-steps";
  }
  return "unknown";
}

}  // namespace cassette::columnar

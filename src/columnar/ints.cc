// Encodings of integers, and the choice among them.
#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "codec/varint.h"
#include "columnar/corruption.h"
#include "columnar/encoding.h"
#include "columnar/frame.h"
#include "columnar/nested.h"
#include "columnar/number_dictionary.h"
#include "columnar/run_length.h"
#include "columnar/statistics.h"

namespace cassette::columnar {
namespace {

constexpr uint32_t kSampleSize = kTrimSample;
constexpr uint32_t kMinimumForDeltas = 3;
constexpr uint32_t kMinimumForSampling = 8;
// What each encoding's header costs more than a frame's, in bits.
constexpr uint64_t kDeltaHeaderBits = 16;
constexpr uint64_t kDeltaOfDeltaHeaderBits = 24;
constexpr uint64_t kRunLengthHeaderBits = 48;
constexpr uint32_t kMinimumRunLength = 3;  // On average; below it runs are not worth a look.

uint64_t Minus(int64_t a, int64_t b) { return static_cast<uint64_t>(a) - static_cast<uint64_t>(b); }
int64_t Signed(uint64_t value) { return static_cast<int64_t>(value); }

uint32_t Width(int64_t low, int64_t high) { return static_cast<uint32_t>(std::bit_width(Minus(high, low))); }

// Values, deltas and their deltas at places spread over the vector.
struct Samples {
  uint32_t size = 0;
  int64_t values[kSampleSize];
  int64_t deltas[kSampleSize];
  int64_t delta_deltas[kSampleSize];
};

Samples TakeSamples(const int64_t* values, uint32_t count) {
  Samples samples;
  const uint32_t places = count - 2;
  samples.size = std::min(places, kSampleSize);
  for (uint32_t i = 0; i < samples.size; ++i) {
    const int64_t* at = values + 2 + uint64_t{i} * places / samples.size;
    const uint64_t delta = Minus(at[0], at[-1]);
    samples.values[i] = at[0];
    samples.deltas[i] = Signed(delta);
    samples.delta_deltas[i] = Signed(delta - Minus(at[-1], at[-2]));
  }
  return samples;
}

// Bits of the frame of `count` values of this range: packed all alike, or a few patched.
uint64_t FrameBits(const IntRange& range, const int64_t* sample, uint32_t sample_size, uint32_t count) {
  constexpr uint64_t kMinimumPatchBits = 160;
  const uint64_t all = uint64_t{count} * Width(range.min, range.max);
  const TrimmedRange typical = Trim(sample, sample_size);
  const uint64_t most = uint64_t{count} * Width(typical.low, typical.high);
  return std::min(all, most + std::max<uint64_t>(count, kMinimumPatchBits));
}

struct Costs {
  uint64_t frame = 0;
  uint64_t delta = UINT64_MAX;
  uint64_t delta_of_delta = UINT64_MAX;
};

Costs Estimate(const int64_t* values, uint32_t count, const IntStatistics& statistics) {
  Costs costs;
  if (count < kMinimumForSampling) {
    costs.frame = uint64_t{count} * Width(statistics.values.min, statistics.values.max);
    if (count < kMinimumForDeltas) return costs;
    costs.delta = uint64_t{count} * Width(statistics.deltas.min, statistics.deltas.max);
    costs.delta_of_delta = uint64_t{count} * Width(statistics.delta_deltas.min, statistics.delta_deltas.max);
  } else {
    const Samples samples = TakeSamples(values, count);
    costs.frame = FrameBits(statistics.values, samples.values, samples.size, count);
    costs.delta = FrameBits(statistics.deltas, samples.deltas, samples.size, count);
    costs.delta_of_delta = FrameBits(statistics.delta_deltas, samples.delta_deltas, samples.size, count);
  }
  costs.delta += kDeltaHeaderBits;
  costs.delta_of_delta += kDeltaOfDeltaHeaderBits;
  return costs;
}

Encoding Cheapest(const Costs& costs, uint64_t* bits) {
  *bits = costs.frame;
  Encoding best = Encoding::kFrameOfReference;
  // A delta must win by a sixteenth: its decoding is slower.
  if (costs.delta < *bits - *bits / 16) {
    *bits = costs.delta;
    best = Encoding::kDelta;
  }
  if (costs.delta_of_delta < *bits - *bits / 16) {
    *bits = costs.delta_of_delta;
    best = Encoding::kDeltaOfDelta;
  }
  return best;
}

Encoding Choose(const int64_t* values, uint32_t count, const IntStatistics& statistics) {
  uint64_t bits = 0;
  const Encoding best = Cheapest(Estimate(values, count, statistics), &bits);
  if (uint64_t{statistics.runs} * kMinimumRunLength > count) return best;
  const uint64_t value_bits = std::min(Width(statistics.values.min, statistics.values.max),
                                       Width(statistics.deltas.min, statistics.deltas.max));
  const uint64_t length_bits = static_cast<uint64_t>(std::bit_width(count / statistics.runs)) + 1;
  const uint64_t run_bits = statistics.runs * (value_bits + length_bits) + kRunLengthHeaderBits;
  return run_bits < bits - bits / 8 ? Encoding::kRunLength : best;
}

// The delta before the first value is set equal to the one after it: then there are as many deltas as values, which
// keeps whole packed blocks whole, and the first costs nothing.
void AppendDeltas(const int64_t* values, uint32_t count, const IntRange& range, std::string* out) {
  int64_t deltas[kMaxVectorRows];
  Subtract(values, count, deltas);
  deltas[0] = deltas[1];
  codec::AppendSignedVarint(Signed(Minus(values[0], deltas[0])), out);
  AppendFrame(deltas, count, range.min, range.max, out);
}

void AppendDeltaDeltas(const int64_t* values, uint32_t count, const IntRange& range, std::string* out) {
  int64_t deltas[kMaxVectorRows];
  int64_t delta_deltas[kMaxVectorRows];
  Subtract(values, count, deltas);
  deltas[0] = deltas[1];
  Subtract(deltas, count, delta_deltas);
  delta_deltas[0] = 0;
  codec::AppendSignedVarint(Signed(Minus(values[0], deltas[0])), out);
  codec::AppendSignedVarint(deltas[0], out);
  AppendFrame(delta_deltas, count, std::min<int64_t>(range.min, 0), std::max<int64_t>(range.max, 0), out);
}

void AppendRuns(const int64_t* values, uint32_t count, std::string* out) {
  int64_t run_values[kMaxVectorRows];
  int64_t lengths[kMaxVectorRows];
  const auto same = [](int64_t a, int64_t b) { return a == b; };
  const uint32_t runs = CollapseRuns(values, count, same, run_values, lengths);
  AppendRunLengths(lengths, runs, out);
  EncodeIntsNested(run_values, runs, Nesting::kInRuns, out);
}

base::Status ReadDeltas(uint32_t count, codec::ByteReader* reader, int64_t* values) {
  int64_t start = 0;
  if (!reader->ReadSignedVarint(&start)) return Malformed("deltas end early");
  CASSETTE_RETURN_IF_ERROR(ReadFrame(count, reader, values));
  PrefixSum(static_cast<uint64_t>(start), count, values);
  return base::Status::Ok();
}

base::Status ReadDeltaDeltas(uint32_t count, codec::ByteReader* reader, int64_t* values) {
  int64_t start = 0;
  int64_t start_delta = 0;
  if (!reader->ReadSignedVarint(&start) || !reader->ReadSignedVarint(&start_delta)) {
    return Malformed("deltas of deltas end early");
  }
  CASSETTE_RETURN_IF_ERROR(ReadFrame(count, reader, values));
  PrefixSum(static_cast<uint64_t>(start_delta), count, values);
  PrefixSum(static_cast<uint64_t>(start), count, values);
  return base::Status::Ok();
}

// Puts a dictionary in place of what stands in `out` from `start` on where that is smaller.
bool TryDictionary(const int64_t* values, uint32_t count, size_t start, std::string* out) {
  NumberDictionary dictionary;
  if (!FindDictionary(values, count, out->size() - start, &dictionary)) return false;
  std::string encoded_values;
  EncodeIntsNested(dictionary.values, dictionary.size, Nesting::kInDictionary, &encoded_values);
  return KeepDictionary(dictionary, count, encoded_values, start, out);
}

base::Status ReadRuns(uint32_t count, Nesting nesting, codec::ByteReader* reader, int64_t* values) {
  if (nesting == Nesting::kInRuns) return Malformed("runs of runs");
  int64_t lengths[kMaxVectorRows];
  uint32_t runs = 0;
  CASSETTE_RETURN_IF_ERROR(ReadRunLengths(count, reader, &runs, lengths));
  CASSETTE_RETURN_IF_ERROR(DecodeIntsNested(reader->rest(), runs, Nesting::kInRuns, values));
  ExpandRuns(count, runs, lengths, values);
  return base::Status::Ok();
}

base::Status ReadConstant(uint32_t count, codec::ByteReader* reader, int64_t* values) {
  int64_t value = 0;
  if (!reader->ReadSignedVarint(&value)) return Malformed("a constant ends early");
  std::fill_n(values, count, value);
  return base::Status::Ok();
}

base::Status ExpectEnd(const codec::ByteReader& reader) {
  return reader.empty() ? base::Status::Ok() : Malformed("bytes after the last value");
}

}  // namespace

Encoding EncodeInts(std::span<const int64_t> values, std::string* out) {
  CASSETTE_ASSERT(values.size() <= kMaxVectorRows);
  return EncodeIntsNested(values.data(), static_cast<uint32_t>(values.size()), Nesting::kOuter, out);
}

Encoding EncodeIntsNested(const int64_t* values, uint32_t count, Nesting nesting, std::string* out) {
  if (count == 0) {
    out->push_back(static_cast<char>(Encoding::kRaw));
    return Encoding::kRaw;
  }
  const size_t start = out->size();
  const IntStatistics statistics = Survey(values, count);
  const Encoding encoding = statistics.runs == 1 ? Encoding::kConstant : Choose(values, count, statistics);
  out->push_back(static_cast<char>(encoding));
  switch (encoding) {
    case Encoding::kConstant:
      codec::AppendSignedVarint(values[0], out);
      break;
    case Encoding::kRunLength:
      AppendRuns(values, count, out);
      break;
    case Encoding::kDelta:
      AppendDeltas(values, count, statistics.deltas, out);
      break;
    case Encoding::kDeltaOfDelta:
      AppendDeltaDeltas(values, count, statistics.delta_deltas, out);
      break;
    default:
      AppendFrame(values, count, statistics.values.min, statistics.values.max, out);
      break;
  }
  const bool may_repeat = nesting == Nesting::kOuter && encoding != Encoding::kConstant;
  return may_repeat && TryDictionary(values, count, start, out) ? Encoding::kDictionary : encoding;
}

base::Status DecodeIntsNested(std::string_view encoded, uint32_t count, Nesting nesting, int64_t* values) {
  if (count > kMaxVectorRows) return Malformed("too many values");
  codec::ByteReader reader(encoded);
  uint8_t first = 0;
  if (!reader.ReadLittle(&first)) return Malformed("no encoding");
  switch (static_cast<Encoding>(first)) {
    case Encoding::kConstant:
      CASSETTE_RETURN_IF_ERROR(ReadConstant(count, &reader, values));
      break;
    case Encoding::kRunLength:
      return ReadRuns(count, nesting, &reader, values);
    case Encoding::kFrameOfReference:
      CASSETTE_RETURN_IF_ERROR(ReadFrame(count, &reader, values));
      break;
    case Encoding::kDelta:
      CASSETTE_RETURN_IF_ERROR(ReadDeltas(count, &reader, values));
      break;
    case Encoding::kDeltaOfDelta:
      CASSETTE_RETURN_IF_ERROR(ReadDeltaDeltas(count, &reader, values));
      break;
    case Encoding::kDictionary:
      return ReadNumberDictionary(count, nesting, &reader, DecodeIntsNested, values);
    case Encoding::kRaw:  // Of nothing; wherever there are values another encoding is smaller.
      if (count != 0) return Malformed("raw integers");
      break;
    default:
      return Malformed("not an encoding of integers");
  }
  return ExpectEnd(reader);
}

base::Status DecodeInts(std::string_view encoded, uint32_t count, int64_t* values) {
  return DecodeIntsNested(encoded, count, Nesting::kOuter, values);
}

}  // namespace cassette::columnar

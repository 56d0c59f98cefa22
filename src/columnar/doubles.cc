// Encodings of doubles, and the choice among them.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

#include "base/assert.h"
#include "codec/fixed.h"
#include "codec/varint.h"
#include "columnar/alp.h"
#include "columnar/alp_rd.h"
#include "columnar/corruption.h"
#include "columnar/encoding.h"
#include "columnar/nested.h"
#include "columnar/number_dictionary.h"
#include "columnar/run_length.h"
#include "columnar/statistics.h"

namespace cassette::columnar {
namespace {

constexpr double kMaxDigits = 0x1p51;         // As ALP's own.
constexpr uint32_t kStepsExceptionsMin = 64;  // Steps are tried where one value in so many is an exception.
constexpr uint32_t kMinimumRunLength = 4;     // On average; below it, runs cost more than they save.

// The sign and exponent first, zero bytes at the end left out.
void AppendConstant(double value, std::string* out) {
  for (uint64_t bits = std::bit_cast<uint64_t>(value); bits != 0; bits <<= 8) {
    out->push_back(static_cast<char>(bits >> 56));
  }
}

void AppendRuns(const double* values, uint32_t count, std::string* out) {
  double run_values[kMaxVectorRows];
  int64_t lengths[kMaxVectorRows];
  const auto same = [](double a, double b) { return std::bit_cast<uint64_t>(a) == std::bit_cast<uint64_t>(b); };
  const uint32_t runs = CollapseRuns(values, count, same, run_values, lengths);
  AppendRunLengths(lengths, runs, out);
  EncodeDoublesNested(run_values, runs, Nesting::kInRuns, out);
}

struct Digits {
  explicit Digits(AlpScheme its_scheme) : scheme(its_scheme) {}  // The arrays stay as they are: they are large.

  AlpScheme scheme;
  uint32_t exceptions = 0;
  int64_t digits[kMaxVectorRows];
  uint16_t places[kMaxVectorRows];
};

void AppendAlp(const double* values, uint32_t count, const Digits& digits, std::string* out) {
  out->push_back(static_cast<char>(digits.scheme.number()));
  codec::AppendVarint(digits.exceptions, out);
  for (uint32_t i = 0, next = 0; i < digits.exceptions; ++i) {
    codec::AppendVarint(digits.places[i] - next, out);
    codec::AppendLittle(values[digits.places[i]], out);
    next = digits.places[i] + 1u;
  }
  EncodeInts({digits.digits, count}, out);
}

// Decimals that went through arithmetic are a few steps, from one double to the next, away from the nearest double of
// their digits: 42.766000000000005. As an exception each would cost nine bytes.
void AppendAlpSteps(const double* values, uint32_t count, const Digits& digits, std::string* out) {
  int64_t nearest[kMaxVectorRows];
  std::copy_n(digits.digits, count, nearest);
  for (uint32_t i = 0; i < digits.exceptions; ++i) {
    const uint16_t place = digits.places[i];
    const double scaled = values[place] * digits.scheme.encode_by() * digits.scheme.encode_then_by();
    if (std::abs(scaled) < kMaxDigits) nearest[place] = std::llrint(scaled);
  }
  double decoded[kMaxVectorRows];
  AlpToDoubles(digits.scheme, nearest, count, decoded);
  int64_t steps[kMaxVectorRows];
  for (uint32_t i = 0; i < count; ++i) {
    steps[i] = static_cast<int64_t>(std::bit_cast<uint64_t>(values[i]) - std::bit_cast<uint64_t>(decoded[i]));
  }
  out->push_back(static_cast<char>(digits.scheme.number()));
  std::string encoded;
  EncodeInts({nearest, count}, &encoded);
  codec::AppendLengthPrefixed(encoded, out);
  EncodeInts({steps, count}, out);
}

// The digits by `scheme`; where it leaves too many exceptions, by division.
void FindDigits(AlpScheme scheme, const double* values, uint32_t count, Digits* digits) {
  digits->scheme = scheme;
  digits->exceptions = AlpToDigits(scheme, values, count, digits->digits, digits->places);
  const bool can_divide = !scheme.is_integers() && !scheme.is_division();
  if (!can_divide || digits->exceptions <= count / 256) return;
  const AlpScheme division = scheme.ToDivision();
  uint16_t places[kMaxVectorRows];
  int64_t divided[kMaxVectorRows];
  const uint32_t exceptions = AlpToDigits(division, values, count, divided, places);
  if (exceptions + count / 256 >= digits->exceptions) return;
  digits->scheme = division;
  digits->exceptions = exceptions;
  std::copy_n(divided, count, digits->digits);
  std::copy_n(places, exceptions, digits->places);
}

// Replaces what stands in `out` from `start` on by ALP-rd or raw doubles where that is smaller.
Encoding KeepSmallest(const double* values, uint32_t count, size_t start, Encoding encoding, std::string* out) {
  std::string other(1, static_cast<char>(Encoding::kAlpRd));
  AppendAlpRd(values, count, &other);
  if (encoding == Encoding::kReserved || other.size() < out->size() - start) {
    out->replace(start, std::string::npos, other);
    encoding = Encoding::kAlpRd;
  }
  if (out->size() - start <= count * sizeof(double)) return encoding;
  out->resize(start);
  out->push_back(static_cast<char>(Encoding::kRaw));
  out->append(reinterpret_cast<const char*>(values), count * sizeof(double));
  return Encoding::kRaw;
}

Encoding EncodeNumbers(const double* values, uint32_t count, std::string* out) {
  const size_t start = out->size();
  const std::optional<AlpScheme> scheme = ChooseAlp(values, count);
  if (!scheme.has_value()) return KeepSmallest(values, count, start, Encoding::kReserved, out);
  Digits digits(*scheme);
  FindDigits(*scheme, values, count, &digits);
  out->push_back(static_cast<char>(Encoding::kAlp));
  AppendAlp(values, count, digits, out);
  Encoding encoding = Encoding::kAlp;
  if (digits.exceptions * kStepsExceptionsMin > count) {
    std::string steps(1, static_cast<char>(Encoding::kAlpSteps));
    AppendAlpSteps(values, count, digits, &steps);
    if (steps.size() < out->size() - start) {
      out->replace(start, std::string::npos, steps);
      encoding = Encoding::kAlpSteps;
    }
  }
  constexpr size_t kBytesWorthKeeping = 6;  // A value; ALP-rd hardly ever does better.
  if (out->size() - start <= count * kBytesWorthKeeping) return encoding;
  return KeepSmallest(values, count, start, encoding, out);
}

// Puts a dictionary in place of what stands in `out` from `start` on where that is smaller.
bool TryDictionary(const double* values, uint32_t count, size_t start, std::string* out) {
  int64_t patterns[kMaxVectorRows];
  std::memcpy(patterns, values, count * sizeof(double));
  NumberDictionary dictionary;
  if (!FindDictionary(patterns, count, out->size() - start, &dictionary)) return false;
  double distinct[kMaxVectorRows];
  std::memcpy(distinct, dictionary.values, dictionary.size * sizeof(double));
  std::string encoded_values;
  EncodeDoublesNested(distinct, dictionary.size, Nesting::kInDictionary, &encoded_values);
  return KeepDictionary(dictionary, count, encoded_values, start, out);
}

base::Status ReadConstant(uint32_t count, std::string_view bytes, double* values) {
  if (bytes.size() > sizeof(double)) return Malformed("a constant is too long");
  uint64_t bits = 0;
  for (size_t i = 0; i < bytes.size(); ++i) bits |= uint64_t{static_cast<uint8_t>(bytes[i])} << (56 - 8 * i);
  std::fill_n(values, count, std::bit_cast<double>(bits));
  return base::Status::Ok();
}

base::Status ReadRuns(uint32_t count, Nesting nesting, codec::ByteReader* reader, double* values) {
  if (nesting == Nesting::kInRuns) return Malformed("runs of runs");
  int64_t lengths[kMaxVectorRows];
  uint32_t runs = 0;
  CASSETTE_RETURN_IF_ERROR(ReadRunLengths(count, reader, &runs, lengths));
  CASSETTE_RETURN_IF_ERROR(DecodeDoublesNested(reader->rest(), runs, Nesting::kInRuns, values));
  ExpandRuns(count, runs, lengths, values);
  return base::Status::Ok();
}

base::Status ReadAlp(uint32_t count, codec::ByteReader* reader, double* values) {
  uint8_t number = 0;
  uint64_t exceptions = 0;
  if (!reader->ReadLittle(&number) || !reader->ReadVarint(&exceptions)) return Malformed("ALP ends early");
  const std::optional<AlpScheme> scheme = AlpScheme::FromNumber(number);
  if (!scheme.has_value()) return Malformed("no such ALP scheme");
  if (exceptions > count) return Malformed("more exceptions than values");
  uint16_t places[kMaxVectorRows];
  const char* doubles[kMaxVectorRows];
  for (uint64_t i = 0, next = 0; i < exceptions; ++i) {
    uint64_t gap = 0;
    std::string_view bytes;
    if (!reader->ReadVarint(&gap) || !reader->ReadBytes(sizeof(double), &bytes)) {
      return Malformed("an exception ends early");
    }
    if (gap >= count - next) return Malformed("an exception lies outside its vector");
    next += gap;
    places[i] = static_cast<uint16_t>(next++);
    doubles[i] = bytes.data();
  }
  int64_t digits[kMaxVectorRows];
  CASSETTE_RETURN_IF_ERROR(DecodeIntsNested(reader->rest(), count, Nesting::kOuter, digits));
  AlpToDoubles(*scheme, digits, count, values);
  for (uint64_t i = 0; i < exceptions; ++i) values[places[i]] = codec::LoadLittle<double>(doubles[i]);
  return base::Status::Ok();
}

base::Status ReadAlpSteps(uint32_t count, codec::ByteReader* reader, double* values) {
  uint8_t number = 0;
  std::string_view encoded_digits;
  if (!reader->ReadLittle(&number) || !reader->ReadLengthPrefixed(&encoded_digits)) return Malformed("ALP ends early");
  const std::optional<AlpScheme> scheme = AlpScheme::FromNumber(number);
  if (!scheme.has_value()) return Malformed("no such ALP scheme");
  int64_t numbers[kMaxVectorRows];
  CASSETTE_RETURN_IF_ERROR(DecodeIntsNested(encoded_digits, count, Nesting::kOuter, numbers));
  AlpToDoubles(*scheme, numbers, count, values);
  CASSETTE_RETURN_IF_ERROR(DecodeIntsNested(reader->rest(), count, Nesting::kOuter, numbers));
  for (uint32_t i = 0; i < count; ++i) {
    values[i] = std::bit_cast<double>(std::bit_cast<uint64_t>(values[i]) + static_cast<uint64_t>(numbers[i]));
  }
  return base::Status::Ok();
}

base::Status ReadRaw(uint32_t count, std::string_view bytes, double* values) {
  if (bytes.size() != count * sizeof(double)) return Malformed("raw doubles of another length");
  if (count > 0) std::memcpy(values, bytes.data(), bytes.size());
  return base::Status::Ok();
}

}  // namespace

Encoding EncodeDoubles(std::span<const double> values, std::string* out) {
  CASSETTE_ASSERT(values.size() <= kMaxVectorRows);
  return EncodeDoublesNested(values.data(), static_cast<uint32_t>(values.size()), Nesting::kOuter, out);
}

Encoding EncodeDoublesNested(const double* values, uint32_t count, Nesting nesting, std::string* out) {
  if (count == 0) {
    out->push_back(static_cast<char>(Encoding::kRaw));
    return Encoding::kRaw;
  }
  const uint32_t runs = CountRuns(values, count);
  if (runs == 1) {
    out->push_back(static_cast<char>(Encoding::kConstant));
    AppendConstant(values[0], out);
    return Encoding::kConstant;
  }
  if (runs * kMinimumRunLength <= count) {
    out->push_back(static_cast<char>(Encoding::kRunLength));
    AppendRuns(values, count, out);
    return Encoding::kRunLength;
  }
  const size_t start = out->size();
  const Encoding encoding = EncodeNumbers(values, count, out);
  if (nesting == Nesting::kOuter && TryDictionary(values, count, start, out)) return Encoding::kDictionary;
  return encoding;
}

base::Status DecodeDoublesNested(std::string_view encoded, uint32_t count, Nesting nesting, double* values) {
  if (count > kMaxVectorRows) return Malformed("too many values");
  codec::ByteReader reader(encoded);
  uint8_t first = 0;
  if (!reader.ReadLittle(&first)) return Malformed("no encoding");
  switch (static_cast<Encoding>(first)) {
    case Encoding::kConstant:
      return ReadConstant(count, reader.rest(), values);
    case Encoding::kRunLength:
      return ReadRuns(count, nesting, &reader, values);
    case Encoding::kDictionary:
      return ReadNumberDictionary(count, nesting, &reader, DecodeDoublesNested, values);
    case Encoding::kAlp:
      return ReadAlp(count, &reader, values);
    case Encoding::kAlpSteps:
      return ReadAlpSteps(count, &reader, values);
    case Encoding::kAlpRd:
      CASSETTE_RETURN_IF_ERROR(ReadAlpRd(count, &reader, values));
      return reader.empty() ? base::Status::Ok() : Malformed("bytes after the last value");
    case Encoding::kRaw:
      return ReadRaw(count, reader.rest(), values);
    default:
      return Malformed("not an encoding of doubles");
  }
}

base::Status DecodeDoubles(std::string_view encoded, uint32_t count, double* values) {
  return DecodeDoublesNested(encoded, count, Nesting::kOuter, values);
}

}  // namespace cassette::columnar

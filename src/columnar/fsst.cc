#include "columnar/fsst.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <vector>

#include "base/assert.h"
#include "columnar/corruption.h"

namespace cassette::columnar {
namespace {

constexpr uint32_t kMaxSymbols = 255;
constexpr uint32_t kMaxSymbolBytes = 8;
constexpr uint8_t kEscape = 255;
constexpr size_t kMaxSampleBytes = 2048;
constexpr size_t kSampleChunkBytes = 256;
constexpr int kGenerations = 5;
// What the tables of later generations may save of the bytes of this one's, in eighths: symbols double in length from
// one to the next. When that is not enough training ends.
constexpr size_t kEighthsToSave[kGenerations] = {7, 3, 2, 1, 1};

// `bytes` holds the symbol from the low byte on, zeroes above.
struct Symbol {
  uint64_t bytes = 0;
  uint32_t length = 0;
  uint32_t gain = 0;  // Bytes of the sample it stands for.
};

uint64_t Mask(uint32_t length) { return length == kMaxSymbolBytes ? ~uint64_t{0} : (uint64_t{1} << 8 * length) - 1; }

// Up to eight bytes at `text`, zeroes beyond its end.
uint64_t Peek(const char* text, const char* end) {
  uint64_t bytes = 0;
  if (end - text >= static_cast<ptrdiff_t>(sizeof(bytes))) {
    std::memcpy(&bytes, text, sizeof(bytes));  // Of constant size: one load.
  } else {
    std::memcpy(&bytes, text, static_cast<size_t>(end - text));
  }
  return bytes;
}

// Symbols in places by their first two bytes, there the longest first; those of one byte apart.
class Table {
 public:
  Table() { singles_.fill(kEscape); }
  explicit Table(std::vector<Symbol> symbols) : Table() {
    symbols_ = std::move(symbols);
    std::sort(symbols_.begin(), symbols_.end(), [](const Symbol& a, const Symbol& b) {
      const uint32_t place_a = PlaceOf(a);
      const uint32_t place_b = PlaceOf(b);
      if (place_a != place_b) return place_a < place_b;
      return a.length != b.length ? a.length > b.length : a.bytes < b.bytes;
    });
    for (uint32_t i = 0; i < symbols_.size(); ++i) {
      if (symbols_[i].length == 1) singles_[static_cast<uint8_t>(symbols_[i].bytes)] = static_cast<uint8_t>(i);
      ++begins_[PlaceOf(symbols_[i]) + 1];
    }
    for (size_t i = 1; i < begins_.size(); ++i) begins_[i] = static_cast<uint8_t>(begins_[i] + begins_[i - 1]);
  }

  const std::vector<Symbol>& symbols() const { return symbols_; }
  // What it takes before the codes.
  size_t stored_bytes() const {
    size_t bytes = kMaxSymbolBytes;
    for (const Symbol& symbol : symbols_) bytes += symbol.length;
    return bytes;
  }

  // The longest symbol that the text begins with, or kEscape.
  uint32_t Match(const char* text, const char* end) const {
    const uint64_t bytes = Peek(text, end);
    const uint32_t available = static_cast<uint32_t>(std::min<ptrdiff_t>(end - text, kMaxSymbolBytes));
    const uint32_t place = PlaceOf(bytes);
    for (uint32_t i = begins_[place]; i < begins_[place + 1]; ++i) {
      const Symbol& symbol = symbols_[i];
      if (symbol.length <= available && (bytes & Mask(symbol.length)) == symbol.bytes) return i;
    }
    return singles_[static_cast<uint8_t>(bytes)];
  }

 private:
  static constexpr uint32_t kPlaces = 1025;  // The last is of single bytes.

  static uint32_t PlaceOf(uint64_t bytes) {
    return static_cast<uint32_t>(static_cast<uint16_t>(bytes) * 0x9e3779b1u >> 22);
  }
  static uint32_t PlaceOf(const Symbol& symbol) { return symbol.length == 1 ? kPlaces - 1 : PlaceOf(symbol.bytes); }

  std::vector<Symbol> symbols_;
  std::array<uint8_t, kPlaces + 1> begins_{};  // At most kMaxSymbols.
  std::array<uint8_t, 256> singles_;
};

std::string Sample(std::string_view text) {
  if (text.size() <= kMaxSampleBytes) return std::string(text);
  constexpr size_t kChunks = kMaxSampleBytes / kSampleChunkBytes;
  std::string sample;
  sample.reserve(kMaxSampleBytes);
  for (size_t i = 0; i < kChunks; ++i) {
    sample.append(text.substr(i * (text.size() - kSampleChunkBytes) / (kChunks - 1), kSampleChunkBytes));
  }
  return sample;
}

// Symbols that a next table could have, with what they would stand for: a hash table, since most are met often.
class Candidates {
 public:
  Candidates() : slots_(kSlots) { used_.reserve(2 * kMaxSampleBytes); }

  void Clear() {
    for (const uint16_t slot : used_) slots_[slot] = Symbol();
    used_.clear();
  }

  void Add(uint64_t bytes, uint32_t length) {
    uint64_t slot = (bytes * 0x9e3779b97f4a7c15 ^ bytes >> 29) * (2 * length + 1) >> 40 & (kSlots - 1);
    while (slots_[slot].gain > 0 && (slots_[slot].bytes != bytes || slots_[slot].length != length)) {
      slot = (slot + 1) & (kSlots - 1);
    }
    if (slots_[slot].gain == 0) {
      slots_[slot] = {bytes, length, 0};
      used_.push_back(static_cast<uint16_t>(slot));
    }
    slots_[slot].gain += length;
  }

  // Those that stand for most bytes, of all that were met more than once.
  std::vector<Symbol> Best() const {
    std::vector<Symbol> best;
    for (const uint16_t slot : used_) {
      if (slots_[slot].gain > slots_[slot].length) best.push_back(slots_[slot]);
    }
    const auto better = [](const Symbol& a, const Symbol& b) {
      if (a.gain != b.gain) return a.gain > b.gain;
      return a.length != b.length ? a.length > b.length : a.bytes < b.bytes;
    };
    if (best.size() > kMaxSymbols) {
      std::nth_element(best.begin(), best.begin() + kMaxSymbols, best.end(), better);
      best.resize(kMaxSymbols);
    }
    return best;
  }

 private:
  static constexpr uint32_t kSlots = 16384;
  static_assert(kSlots >= 4 * kMaxSampleBytes, "two candidates a byte must leave room");

  std::vector<Symbol> slots_;
  std::vector<uint16_t> used_;
};

// Adds every symbol of the sample as the table reads it, and every pair of neighbours that would fit in one. Returns
// the bytes that the sample's codes take.
size_t Gather(const Table& table, std::string_view sample, Candidates* candidates) {
  const char* end = sample.data() + sample.size();
  size_t code_bytes = 0;
  Symbol before;
  for (const char* place = sample.data(); place < end;) {
    const uint32_t code = table.Match(place, end);
    Symbol symbol{static_cast<uint8_t>(*place), 1, 0};
    if (code != kEscape) symbol = table.symbols()[code];
    code_bytes += code == kEscape ? 2 : 1;
    candidates->Add(symbol.bytes, symbol.length);
    const uint32_t length = before.length + symbol.length;
    if (before.length > 0 && length <= kMaxSymbolBytes) {
      candidates->Add(before.bytes | symbol.bytes << 8 * before.length, length);
    }
    before = symbol;
    place += symbol.length;
  }
  return code_bytes;
}

// The table that fits the sample, and the bytes that the sample's codes take by it; no table when they would be far
// more than `limit`.
Table Fit(std::string_view sample, size_t limit, size_t* code_bytes) {
  // Its slots are many: kept from one text to the next.
  thread_local Candidates candidates;
  Table table;
  for (int generation = 0; generation < kGenerations; ++generation) {
    candidates.Clear();
    *code_bytes = Gather(table, sample, &candidates);
    if (*code_bytes - *code_bytes * kEighthsToSave[generation] / 8 >= limit) return Table();
    table = Table(candidates.Best());
  }
  candidates.Clear();
  *code_bytes = Gather(table, sample, &candidates);
  return table;
}

// How many symbols of each length there are, then the symbols' bytes in the order of their codes: by length.
void AppendTable(const Table& table, std::string* out, std::array<uint8_t, kMaxSymbols>* codes) {
  uint8_t next = 0;
  std::string bytes;
  for (uint32_t length = 1; length <= kMaxSymbolBytes; ++length) {
    uint8_t count = 0;
    for (size_t i = 0; i < table.symbols().size(); ++i) {
      const Symbol& symbol = table.symbols()[i];
      if (symbol.length != length) continue;
      (*codes)[i] = next++;
      ++count;
      bytes.append(reinterpret_cast<const char*>(&symbol.bytes), length);
    }
    out->push_back(static_cast<char>(count));
  }
  out->append(bytes);
}

}  // namespace

std::string FsstCompress(std::string_view text, size_t limit) {
  if (text.empty()) return {};
  const std::string sample = Sample(text);
  size_t sample_codes = 0;
  const Table table = Fit(sample, limit * sample.size() / text.size(), &sample_codes);
  if (table.symbols().empty()) return {};
  if (table.stored_bytes() + sample_codes * text.size() / sample.size() >= limit) return {};
  std::string out;
  out.reserve(limit);
  std::array<uint8_t, kMaxSymbols> codes{};
  AppendTable(table, &out, &codes);
  const char* end = text.data() + text.size();
  for (const char* place = text.data(); place < end;) {
    if (out.size() + 2 > limit) return {};
    const uint32_t code = table.Match(place, end);
    if (code == kEscape) {
      out.push_back(static_cast<char>(kEscape));
      out.push_back(*place++);
    } else {
      out.push_back(static_cast<char>(codes[code]));
      place += table.symbols()[code].length;
    }
  }
  return out;
}

base::Status FsstDecompress(std::string_view compressed, size_t size_bytes, std::string* out) {
  if (compressed.size() < kMaxSymbolBytes) return Malformed("a symbol table ends early");
  if (size_bytes / kMaxSymbolBytes > compressed.size()) return Malformed("more text than there are codes");
  std::array<uint64_t, 256> symbols{};
  std::array<uint8_t, 256> lengths{};
  uint32_t count = 0;
  size_t next = kMaxSymbolBytes;
  for (uint32_t length = 1; length <= kMaxSymbolBytes; ++length) {
    for (uint32_t left = static_cast<uint8_t>(compressed[length - 1]); left > 0; --left, next += length) {
      if (count == kMaxSymbols) return Malformed("too many symbols");
      if (compressed.size() - next < length) return Malformed("a symbol table ends early");
      std::memcpy(&symbols[count], compressed.data() + next, length);
      lengths[count++] = static_cast<uint8_t>(length);
    }
  }
  const size_t start = out->size();
  out->resize(start + size_bytes + kMaxSymbolBytes);  // Every symbol is stored as eight bytes.
  char* place = out->data() + start;
  char* const end = place + size_bytes;
  for (; next < compressed.size(); ++next) {
    const uint8_t code = static_cast<uint8_t>(compressed[next]);
    if (code < count) {
      std::memcpy(place, &symbols[code], kMaxSymbolBytes);
      place += lengths[code];
    } else {
      if (code != kEscape || ++next == compressed.size()) return Malformed("no such symbol");
      *place++ = compressed[next];
    }
    if (place > end) return Malformed("more text than announced");
  }
  if (place != end) return Malformed("less text than announced");
  out->resize(start + size_bytes);
  return base::Status::Ok();
}

}  // namespace cassette::columnar

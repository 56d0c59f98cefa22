#include "cql/parser/keyword.h"

#include <array>
#include <cstddef>

#include "base/assert.h"

namespace cassette::cql::parser {
namespace {

struct Entry {
  Keyword keyword;
  std::string_view spelling;
  KeywordClass keyword_class;
};

constexpr Entry kEntries[] = {
#define CASSETTE_ENTRY(enumerator, spelling, keyword_class) \
  {Keyword::enumerator, spelling, KeywordClass::keyword_class},
    CASSETTE_CQL_KEYWORDS(CASSETTE_ENTRY)
#undef CASSETTE_ENTRY
};
constexpr size_t kEntryCount = std::size(kEntries);
constexpr size_t kKeywordCount = static_cast<size_t>(Keyword::kWriteTime) + 1;

constexpr size_t kSpellingLengthMin = 2;
constexpr size_t kSpellingLengthMax = 15;

// Of the length, the first two letters, the middle one and the last. The factor is one that gives nearly every keyword
// a slot of its own. REQUIRES: two letters at least.
constexpr uint32_t HashWord(std::string_view word) {
  const auto letter = [word](size_t i) { return uint32_t{static_cast<uint8_t>(word[i])} | 0x20u; };
  const uint32_t letters = letter(0) | letter(1) << 8 | letter(word.size() / 2) << 16 | letter(word.size() - 1) << 24;
  return (letters ^ static_cast<uint32_t>(word.size()) << 5) * 2013152867u;
}

// Open addressing; four times as many slots as entries keeps probes near one.
constexpr size_t kSlotCount = 1024;
static_assert(kEntryCount * 4 < kSlotCount && kSlotCount == size_t{1} << (32 - 22));

constexpr size_t SlotOf(std::string_view word) { return HashWord(word) >> 22; }

constexpr auto kSlots = [] {
  std::array<uint8_t, kSlotCount> slots{};  // Index into kEntries plus one.
  for (size_t i = 0; i < kEntryCount; ++i) {
    size_t slot = SlotOf(kEntries[i].spelling);
    while (slots[slot] != 0) slot = (slot + 1) % kSlotCount;
    slots[slot] = static_cast<uint8_t>(i + 1);
  }
  return slots;
}();
static_assert(kEntryCount < 255);

// Where a keyword's class and first spelling stand; the later spelling ("table", "tables") is the commoner one.
constexpr auto kEntryOfKeyword = [] {
  std::array<uint8_t, kKeywordCount> entries{};
  for (size_t i = 0; i < kEntryCount; ++i) entries[static_cast<size_t>(kEntries[i].keyword)] = static_cast<uint8_t>(i);
  return entries;
}();

bool EqualsIgnoringCase(std::string_view word, std::string_view lower) {
  if (word.size() != lower.size()) return false;
  for (size_t i = 0; i < word.size(); ++i) {
    const char c = word[i];
    const char folded = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    if (folded != lower[i]) return false;
  }
  return true;
}

constexpr auto kUpperSpellings = [] {
  std::array<std::array<char, kSpellingLengthMax + 1>, kKeywordCount> upper{};
  for (const Entry& entry : kEntries) {
    auto& word = upper[static_cast<size_t>(entry.keyword)];
    word = {};
    for (size_t i = 0; i < entry.spelling.size(); ++i) {
      const char c = entry.spelling[i];
      word[i] = c >= 'a' && c <= 'z' ? static_cast<char>(c - 0x20) : c;
    }
  }
  return upper;
}();

}  // namespace

Keyword FindKeyword(std::string_view word) {
  if (word.size() < kSpellingLengthMin || word.size() > kSpellingLengthMax) return Keyword::kNone;
  for (size_t slot = SlotOf(word); kSlots[slot] != 0; slot = (slot + 1) % kSlotCount) {
    const Entry& entry = kEntries[kSlots[slot] - 1];
    if (EqualsIgnoringCase(word, entry.spelling)) return entry.keyword;
  }
  return Keyword::kNone;
}

KeywordClass ClassOf(Keyword keyword) {
  CASSETTE_ASSERT(keyword != Keyword::kNone);
  return kEntries[kEntryOfKeyword[static_cast<size_t>(keyword)]].keyword_class;
}

std::string_view SpellingOf(Keyword keyword) {
  CASSETTE_ASSERT(keyword != Keyword::kNone);
  return kUpperSpellings[static_cast<size_t>(keyword)].data();
}

}  // namespace cassette::cql::parser

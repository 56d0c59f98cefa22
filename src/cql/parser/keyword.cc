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

constexpr uint32_t HashWord(std::string_view word) {
  uint32_t hash = kKeywordHashSeed;
  for (char letter : word) hash = HashLetter(hash, letter);
  return hash;
}

// Open addressing; four times as many slots as entries keeps probes near one.
constexpr size_t kSlotCount = 1024;
static_assert(kEntryCount * 4 < kSlotCount);

constexpr size_t SlotOf(uint32_t hash) { return (hash ^ (hash >> 15)) % kSlotCount; }

constexpr auto kSlots = [] {
  std::array<uint8_t, kSlotCount> slots{};  // Index into kEntries plus one.
  for (size_t i = 0; i < kEntryCount; ++i) {
    size_t slot = SlotOf(HashWord(kEntries[i].spelling));
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

constexpr size_t kSpellingLengthMax = 16;

constexpr auto kUpperSpellings = [] {
  std::array<std::array<char, kSpellingLengthMax>, kKeywordCount> upper{};
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

Keyword FindKeyword(std::string_view word, uint32_t hash) {
  for (size_t slot = SlotOf(hash); kSlots[slot] != 0; slot = (slot + 1) % kSlotCount) {
    const Entry& entry = kEntries[kSlots[slot] - 1];
    if (EqualsIgnoringCase(word, entry.spelling)) return entry.keyword;
  }
  return Keyword::kNone;
}

Keyword FindKeyword(std::string_view word) { return FindKeyword(word, HashWord(word)); }

KeywordClass ClassOf(Keyword keyword) {
  CASSETTE_ASSERT(keyword != Keyword::kNone);
  return kEntries[kEntryOfKeyword[static_cast<size_t>(keyword)]].keyword_class;
}

std::string_view SpellingOf(Keyword keyword) {
  CASSETTE_ASSERT(keyword != Keyword::kNone);
  return kUpperSpellings[static_cast<size_t>(keyword)].data();
}

}  // namespace cassette::cql::parser

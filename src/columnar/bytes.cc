// Encodings of strings and blobs, and the choice among them.
#include <xxhash.h>

#include <algorithm>
#include <cstring>

#include "base/assert.h"
#include "codec/varint.h"
#include "columnar/block_compression.h"
#include "columnar/corruption.h"
#include "columnar/encoding.h"
#include "columnar/frame.h"
#include "columnar/fsst.h"

namespace cassette::columnar {
namespace {

// Strings of a heap. Offsets need not start at zero.
struct Strings {
  const uint32_t* offsets;
  uint32_t count;
  std::string_view heap;

  std::string_view operator[](uint32_t i) const { return {heap.data() + offsets[i], offsets[i + 1] - offsets[i]}; }
  size_t size_bytes() const { return offsets[count] - offsets[0]; }
};

// What all strings begin with and end with, stored once; the rest of each is its middle.
struct Affixes {
  size_t prefix = 0;
  size_t suffix = 0;
};

Affixes CommonAffixes(const Strings& strings) {
  const std::string_view first = strings[0];
  size_t shortest = first.size();
  Affixes common{first.size(), first.size()};
  for (uint32_t i = 1; i < strings.count; ++i) {
    const std::string_view string = strings[i];
    shortest = std::min(shortest, string.size());
    common.prefix = std::min(common.prefix, string.size());
    common.suffix = std::min(common.suffix, string.size());
    common.prefix = static_cast<size_t>(
        std::mismatch(first.begin(), first.begin() + static_cast<ptrdiff_t>(common.prefix), string.begin()).first -
        first.begin());
    common.suffix = static_cast<size_t>(
        std::mismatch(first.rbegin(), first.rbegin() + static_cast<ptrdiff_t>(common.suffix), string.rbegin()).first -
        first.rbegin());
    if (common.prefix + common.suffix == 0) break;
  }
  common.suffix = std::min(common.suffix, shortest - common.prefix);
  return common;
}

void AppendAffixes(std::string_view example, const Affixes& affixes, std::string* out) {
  codec::AppendVarint(affixes.prefix << 1 | (affixes.suffix != 0 ? 1 : 0), out);
  if (affixes.suffix != 0) codec::AppendVarint(affixes.suffix, out);
  out->append(example.substr(0, affixes.prefix));
  out->append(example.substr(example.size() - affixes.suffix));
}

std::string Middles(const Strings& strings, const Affixes& affixes) {
  std::string middles;
  middles.reserve(strings.size_bytes());
  for (uint32_t i = 0; i < strings.count; ++i) {
    const std::string_view string = strings[i];
    middles.append(string.substr(affixes.prefix, string.size() - affixes.prefix - affixes.suffix));
  }
  return middles;
}

// Affixes and lengths, then the middles in whichever form is smallest.
Encoding AppendPlain(const Strings& strings, std::string* out) {
  const size_t start = out->size();
  out->push_back(static_cast<char>(Encoding::kRaw));
  const Affixes affixes = CommonAffixes(strings);
  AppendAffixes(strings[0], affixes, out);
  int64_t lengths[kMaxVectorRows];
  for (uint32_t i = 0; i < strings.count; ++i) {
    lengths[i] = static_cast<int64_t>(strings[i].size() - affixes.prefix - affixes.suffix);
  }
  AppendFrame(lengths, strings.count, out);
  std::string owned;
  std::string_view middles = {strings.heap.data() + strings.offsets[0], strings.size_bytes()};
  if (affixes.prefix + affixes.suffix != 0) middles = owned = Middles(strings, affixes);
  const Encoding encoding = AppendBlock(middles, out);
  (*out)[start] = static_cast<char>(encoding);
  return encoding;
}

// The distinct strings in the order in which they first appear.
struct Dictionary {
  uint32_t size = 0;
  uint32_t offsets[kMaxVectorRows + 1];
  std::string heap;
  int64_t codes[kMaxVectorRows];
};

// Whether no more than `limit` strings are distinct.
bool FindDistinct(const Strings& strings, uint32_t limit, Dictionary* dictionary) {
  constexpr uint32_t kSlots = 4 * kMaxVectorRows;
  uint16_t slots[kSlots] = {};  // Code plus one.
  dictionary->offsets[0] = 0;
  for (uint32_t i = 0; i < strings.count; ++i) {
    const std::string_view string = strings[i];
    if (i > 0 && string == strings[i - 1]) {
      dictionary->codes[i] = dictionary->codes[i - 1];
      continue;
    }
    uint32_t slot = static_cast<uint32_t>(XXH3_64bits(string.data(), string.size())) % kSlots;
    for (; slots[slot] != 0; slot = (slot + 1) % kSlots) {
      const uint32_t code = slots[slot] - 1u;
      const uint32_t begin = dictionary->offsets[code];
      if (std::string_view(dictionary->heap).substr(begin, dictionary->offsets[code + 1] - begin) == string) break;
    }
    if (slots[slot] == 0) {
      if (dictionary->size == limit) return false;
      slots[slot] = static_cast<uint16_t>(++dictionary->size);
      dictionary->heap.append(string);
      dictionary->offsets[dictionary->size] = static_cast<uint32_t>(dictionary->heap.size());
    }
    dictionary->codes[i] = slots[slot] - 1;
  }
  return true;
}

void AppendDictionary(const Dictionary& dictionary, uint32_t count, std::string* out) {
  out->push_back(static_cast<char>(Encoding::kDictionary));
  codec::AppendVarint(dictionary.size, out);
  std::string strings;
  AppendPlain({dictionary.offsets, dictionary.size, dictionary.heap}, &strings);
  codec::AppendLengthPrefixed(strings, out);
  EncodeInts({dictionary.codes, count}, out);
}

// A dictionary pays when strings are met again often enough.
uint32_t DistinctLimit(uint32_t count) { return count / 2 + 1; }

base::Status ReadAffixes(codec::ByteReader* reader, std::string_view* prefix, std::string_view* suffix) {
  uint64_t head = 0;
  uint64_t suffix_bytes = 0;
  if (!reader->ReadVarint(&head)) return Malformed("strings end early");
  if ((head & 1) != 0 && !reader->ReadVarint(&suffix_bytes)) return Malformed("strings end early");
  if (!reader->ReadBytes(head >> 1, prefix)) return Malformed("a common prefix ends early");
  if (!reader->ReadBytes(suffix_bytes, suffix)) return Malformed("a common suffix ends early");
  return base::Status::Ok();
}

// Offsets of the middles, which begin at `begin`.
base::Status ReadOffsets(uint32_t count, size_t affix_bytes, size_t begin, codec::ByteReader* reader,
                         uint32_t* offsets) {
  int64_t lengths[kMaxVectorRows];
  CASSETTE_RETURN_IF_ERROR(ReadFrame(count, reader, lengths));
  uint64_t end = begin;
  offsets[0] = static_cast<uint32_t>(begin);
  for (uint32_t i = 0; i < count; ++i) {
    if (lengths[i] < 0 || static_cast<uint64_t>(lengths[i]) > kMaxHeapBytes) return Malformed("an impossible length");
    end += static_cast<uint64_t>(lengths[i]);
    offsets[i + 1] = static_cast<uint32_t>(end);
    if (end + (i + 1) * affix_bytes > kMaxHeapBytes) return Malformed("strings are too long together");
  }
  return base::Status::Ok();
}

// Puts the affixes around the middles, which lie in the heap from offsets[0] on. From the end, in place.
void AddAffixes(uint32_t count, std::string_view prefix, std::string_view suffix, uint32_t* offsets,
                std::string* heap) {
  const uint32_t added = static_cast<uint32_t>(prefix.size() + suffix.size());
  if (added == 0) return;
  heap->resize(heap->size() + size_t{count} * added);
  for (uint32_t i = count; i-- > 0;) {
    const uint32_t length = offsets[i + 1] - offsets[i];
    char* place = heap->data() + offsets[i] + i * added;
    std::memmove(place + prefix.size(), heap->data() + offsets[i], length);
    std::copy(prefix.begin(), prefix.end(), place);
    std::copy(suffix.begin(), suffix.end(), place + prefix.size() + length);
    offsets[i + 1] += (i + 1) * added;
  }
}

// Appends strings to the heap; offsets[0] is where it ended before.
base::Status ReadPlain(std::string_view encoded, uint32_t count, uint32_t* offsets, std::string* heap) {
  codec::ByteReader reader(encoded);
  uint8_t first = 0;
  std::string_view prefix;
  std::string_view suffix;
  if (!reader.ReadLittle(&first)) return Malformed("no encoding");
  CASSETTE_RETURN_IF_ERROR(ReadAffixes(&reader, &prefix, &suffix));
  CASSETTE_RETURN_IF_ERROR(ReadOffsets(count, prefix.size() + suffix.size(), heap->size(), &reader, offsets));
  CASSETTE_RETURN_IF_ERROR(ReadBlock(static_cast<Encoding>(first), reader.rest(), offsets[count] - offsets[0], heap));
  AddAffixes(count, prefix, suffix, offsets, heap);
  return base::Status::Ok();
}

constexpr size_t kCopyBytes = 32;

base::Status ReadDictionary(uint32_t count, codec::ByteReader* reader, uint32_t* offsets, std::string* heap) {
  uint64_t size = 0;
  std::string_view strings;
  if (!reader->ReadVarint(&size) || !reader->ReadLengthPrefixed(&strings)) return Malformed("a dictionary ends early");
  if (size == 0 || size > count) return Malformed("a dictionary of an impossible size");
  uint32_t entries[kMaxVectorRows + 1];
  CASSETTE_RETURN_IF_ERROR(ReadPlain(strings, static_cast<uint32_t>(size), entries, heap));
  int64_t codes[kMaxVectorRows];
  CASSETTE_RETURN_IF_ERROR(DecodeInts(reader->rest(), count, codes));
  uint64_t total = 0;
  offsets[0] = 0;
  for (uint32_t i = 0; i < count; ++i) {
    const uint64_t code = static_cast<uint64_t>(codes[i]);
    if (code >= size) return Malformed("a code outside its dictionary");
    total += entries[code + 1] - entries[code];
    if (total > kMaxHeapBytes) return Malformed("strings are too long together");
    offsets[i + 1] = static_cast<uint32_t>(total);
  }
  // The strings are spelled out behind the dictionary, which then goes; so nothing but the heap is allocated.
  const size_t dictionary_bytes = heap->size();
  heap->resize(dictionary_bytes + total + kCopyBytes);
  char* strings_begin = heap->data() + dictionary_bytes;
  for (uint32_t i = 0; i < count; ++i) {
    const char* entry = heap->data() + entries[codes[i]];
    const size_t length = offsets[i + 1] - offsets[i];
    // A copy of constant size is a few moves, and what it writes too much the next string overwrites. (Reading past
    // the entry stays within the heap.)
    char copy[kCopyBytes];
    if (length <= kCopyBytes) {
      std::memcpy(copy, entry, kCopyBytes);
      std::memcpy(strings_begin + offsets[i], copy, kCopyBytes);
    } else {
      std::memcpy(strings_begin + offsets[i], entry, length);
    }
  }
  heap->resize(dictionary_bytes + total);
  heap->erase(0, dictionary_bytes);
  return base::Status::Ok();
}

base::Status ReadConstant(uint32_t count, std::string_view value, uint32_t* offsets, std::string* heap) {
  if (value.size() * count > kMaxHeapBytes) return Malformed("strings are too long together");
  for (uint32_t i = 0; i < count; ++i) {
    heap->append(value);
    offsets[i + 1] = static_cast<uint32_t>(heap->size());
  }
  offsets[0] = 0;
  return base::Status::Ok();
}

}  // namespace

Encoding EncodeBytes(std::span<const uint32_t> offsets, std::string_view heap, std::string* out) {
  const uint32_t count = offsets.empty() ? 0 : static_cast<uint32_t>(offsets.size() - 1);
  CASSETTE_ASSERT(count <= kMaxVectorRows);
  if (count == 0) {
    out->push_back(static_cast<char>(Encoding::kRaw));
    return Encoding::kRaw;
  }
  CASSETTE_ASSERT(offsets[count] <= heap.size());
  CASSETTE_ASSERT(offsets[count] - offsets[0] <= kMaxHeapBytes);
  const Strings strings{offsets.data(), count, heap};
  Dictionary dictionary;
  if (!FindDistinct(strings, DistinctLimit(count), &dictionary)) return AppendPlain(strings, out);
  if (dictionary.size == 1) {
    out->push_back(static_cast<char>(Encoding::kConstant));
    out->append(strings[0]);
    return Encoding::kConstant;
  }
  const size_t start = out->size();
  AppendDictionary(dictionary, count, out);
  // Of a few short strings the codes alone may take as much as the strings.
  if (out->size() - start <= strings.size_bytes() / 2) return Encoding::kDictionary;
  std::string plain;
  const Encoding encoding = AppendPlain(strings, &plain);
  if (out->size() - start <= plain.size()) return Encoding::kDictionary;
  out->replace(start, std::string::npos, plain);
  return encoding;
}

base::Status DecodeBytes(std::string_view encoded, uint32_t count, std::vector<uint32_t>* offsets, std::string* heap) {
  if (count > kMaxVectorRows) return Malformed("too many values");
  if (encoded.empty()) return Malformed("no encoding");
  heap->clear();
  offsets->assign(count + 1, 0);
  const std::string_view rest = encoded.substr(1);
  codec::ByteReader reader(rest);
  switch (static_cast<Encoding>(encoded[0])) {
    case Encoding::kConstant:
      return ReadConstant(count, rest, offsets->data(), heap);
    case Encoding::kDictionary:
      return ReadDictionary(count, &reader, offsets->data(), heap);
    case Encoding::kRaw:
      if (count == 0) return rest.empty() ? base::Status::Ok() : Malformed("bytes after the last value");
      return ReadPlain(encoded, count, offsets->data(), heap);
    case Encoding::kFsst:
    case Encoding::kZstd:
      return ReadPlain(encoded, count, offsets->data(), heap);
    default:
      return Malformed("not an encoding of bytes");
  }
}

}  // namespace cassette::columnar

// HashTable: entries found by 64-bit hashes, in one miss of the cache each. Linear probing from the place that the
// hash's leading bits say: entries stand about in the order of their hashes, so that growing moves them from front to
// back.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace cassette::pipeline {

// `Entry` is a plain struct with a member `hash`, which is 0 in an empty place.
// Thread safety: const methods may be called from many threads. Lifetime: pointers are valid until the next Insert.
template <typename Entry>
class HashTable {
 public:
  size_t size() const { return size_; }

  // Asks for the memory where `hash` stands or would stand.
  void Prefetch(uint64_t hash) const { __builtin_prefetch(&entries_[PlaceOf(hash)]); }
  bool Contains(uint64_t hash) const { return entries_[Probe(Legal(hash))].hash != 0; }
  // The entry of `hash`, and whether it is new.
  std::pair<Entry*, bool> Insert(uint64_t hash) {
    hash = Legal(hash);
    size_t place = Probe(hash);
    if (entries_[place].hash != 0) return {&entries_[place], false};
    if (size_ >= entries_.size() / 3 * 2) {
      Grow();
      place = Probe(hash);
    }
    ++size_;
    entries_[place].hash = hash;
    return {&entries_[place], true};
  }
  template <typename Visitor>
  void ForEach(const Visitor& visitor) const {
    for (const Entry& entry : entries_) {
      if (entry.hash != 0) visitor(entry);
    }
  }

 private:
  static constexpr size_t kFirstPlaces = 64;  // A power of two.

  static uint64_t Legal(uint64_t hash) { return hash == 0 ? 1 : hash; }
  size_t PlaceOf(uint64_t hash) const { return hash >> shift_; }
  // Where `hash` stands, or the empty place for it.
  size_t Probe(uint64_t hash) const {
    size_t place = PlaceOf(hash);
    while (entries_[place].hash != 0 && entries_[place].hash != hash) place = (place + 1) & (entries_.size() - 1);
    return place;
  }
  void Grow() {
    std::vector<Entry> old = std::exchange(entries_, std::vector<Entry>(2 * entries_.size()));
    --shift_;
    for (const Entry& entry : old) {
      if (entry.hash != 0) entries_[Probe(entry.hash)] = entry;
    }
  }

  size_t size_ = 0;
  std::vector<Entry> entries_ = std::vector<Entry>(kFirstPlaces);
  int shift_ = 64 - std::countr_zero(kFirstPlaces);
};

}  // namespace cassette::pipeline

// CountingAllocator: the standard allocator, and a count of the bytes it has out.
#pragma once

#include <cstddef>
#include <new>

namespace cassette::storage::memtable {

// What malloc adds to a block, about.
inline constexpr size_t kMallocOverheadBytes = 8;

// Thread safety: whoever guards the container guards the count. Lifetime: the count outlives the container.
template <typename T>
class CountingAllocator {
 public:
  using value_type = T;

  explicit CountingAllocator(size_t* bytes) : bytes_(bytes) {}
  template <typename Other>
  CountingAllocator(const CountingAllocator<Other>& other) : bytes_(other.bytes()) {}  // NOLINT: as allocators do.

  T* allocate(size_t count) {
    *bytes_ += count * sizeof(T) + kMallocOverheadBytes;
    return static_cast<T*>(::operator new(count * sizeof(T)));
  }
  void deallocate(T* memory, size_t count) {
    *bytes_ -= count * sizeof(T) + kMallocOverheadBytes;
    ::operator delete(memory);
  }

  size_t* bytes() const { return bytes_; }
  template <typename Other>
  bool operator==(const CountingAllocator<Other>& other) const {
    return bytes_ == other.bytes();
  }

 private:
  size_t* bytes_;
};

}  // namespace cassette::storage::memtable

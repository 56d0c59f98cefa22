// MutationList: mutations of several tables, one after the other in one piece of memory, which is kept.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cassette::derived {

// Thread safety: not thread safe.
class MutationList {
 public:
  void Add(std::string_view mutation) {
    if (bytes_.empty()) bytes_.reserve(kFirstBytes);
    bytes_.append(mutation);
    ends_.push_back(bytes_.size());
  }
  void Clear() {
    bytes_.clear();
    ends_.clear();
  }
  size_t size() const { return ends_.size(); }
  // Lifetime: until the next Add.
  std::string_view at(size_t index) const {
    const size_t begin = index == 0 ? 0 : ends_[index - 1];
    return std::string_view(bytes_).substr(begin, ends_[index] - begin);
  }

 private:
  static constexpr size_t kFirstBytes = 1024;  // The entries of most writes.

  std::string bytes_;
  std::vector<size_t> ends_;
};

}  // namespace cassette::derived

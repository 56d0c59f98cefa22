// Integers with a name: a SegmentId is not a TableId, whatever both are made of.
#pragma once

#include <compare>
#include <functional>

namespace cassette::base {

// using SegmentId = StrongType<uint64_t, struct SegmentIdTag>;
template <typename Number, typename Tag>
class StrongType {
 public:
  constexpr StrongType() = default;
  constexpr explicit StrongType(Number value) : value_(value) {}
  constexpr Number value() const { return value_; }
  constexpr auto operator<=>(const StrongType&) const = default;

 private:
  Number value_{};
};

}  // namespace cassette::base

template <typename Number, typename Tag>
struct std::hash<cassette::base::StrongType<Number, Tag>> {
  size_t operator()(const cassette::base::StrongType<Number, Tag>& id) const { return std::hash<Number>()(id.value()); }
};

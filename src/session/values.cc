#include "session/session.h"

namespace cassette::session {

using types::ValueView;

Values& Values::Null() {
  const uint32_t at = static_cast<uint32_t>(buffer_.size());
  entries_.push_back({ValueView::State::kNull, at, at});
  return *this;
}

Values& Values::Unset() {
  const uint32_t at = static_cast<uint32_t>(buffer_.size());
  entries_.push_back({ValueView::State::kUnset, at, at});
  return *this;
}

Values& Values::Bytes(std::string_view serialized) {
  const uint32_t begin = static_cast<uint32_t>(buffer_.size());
  buffer_.append(serialized);
  entries_.push_back({ValueView::State::kSet, begin, static_cast<uint32_t>(buffer_.size())});
  return *this;
}

Values& Values::Int(int32_t value) { return Number(types::TypeKind::kInt, value); }
Values& Values::Bigint(int64_t value) { return Number(types::TypeKind::kBigint, value); }
Values& Values::Boolean(bool value) { return Number(types::TypeKind::kBoolean, value ? 1 : 0); }

Values& Values::Number(types::TypeKind kind, int64_t value) {
  const uint32_t begin = static_cast<uint32_t>(buffer_.size());
  types::AppendFromInt64(kind, value, &buffer_);
  entries_.push_back({ValueView::State::kSet, begin, static_cast<uint32_t>(buffer_.size())});
  return *this;
}

Values& Values::Double(double value) {
  const uint32_t begin = static_cast<uint32_t>(buffer_.size());
  types::AppendDouble(value, &buffer_);
  entries_.push_back({ValueView::State::kSet, begin, static_cast<uint32_t>(buffer_.size())});
  return *this;
}

void Values::Clear() {
  buffer_.clear();
  entries_.clear();
  names.clear();
}

}  // namespace cassette::session

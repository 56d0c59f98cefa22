#include "cql/functions/write_times.h"

#include <algorithm>
#include <optional>

#include "codec/fixed.h"
#include "types/value.h"

namespace cassette::cql::functions {
namespace {

using types::DataType;
using types::TypeKind;

class MaxFunction final : public ScalarFunction {
 public:
  MaxFunction()
      : ScalarFunction("maxwritetime", {DataType::List(DataType(TypeKind::kBigint), false)},
                       DataType(TypeKind::kBigint)) {}

  base::Result<bool> Evaluate(std::span<const types::ValueView> arguments, const EvalContext&,
                              std::string* out) const override {
    out->clear();
    if (arguments[0].state != types::ValueView::State::kSet) return true;
    std::string_view bytes = arguments[0].bytes;
    bytes.remove_prefix(std::min(bytes.size(), sizeof(uint32_t)));
    std::optional<int64_t> largest;
    while (bytes.size() >= sizeof(uint32_t)) {
      const bool is_null = codec::LoadBig<uint32_t>(bytes.data()) != sizeof(int64_t);
      bytes.remove_prefix(sizeof(uint32_t));
      if (is_null || bytes.size() < sizeof(int64_t)) continue;
      const auto micros = static_cast<int64_t>(codec::LoadBig<uint64_t>(bytes.data()));
      largest = std::max(largest.value_or(micros), micros);
      bytes.remove_prefix(sizeof(int64_t));
    }
    if (!largest) return true;
    types::AppendFromInt64(TypeKind::kBigint, *largest, out);
    return false;
  }
};

}  // namespace

std::shared_ptr<const ScalarFunction> MaxOfWriteTimes() { return std::make_shared<MaxFunction>(); }

}  // namespace cassette::cql::functions

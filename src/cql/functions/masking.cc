// mask_null, mask_default, mask_replace, mask_inner and mask_outer (org.apache.cassandra.cql3.functions.masking). Made
// on demand: their types are those of their first argument.
#include <fmt/format.h>

#include "cql/functions/native_function.h"
#include "cql/functions/registry.h"
#include "types/inet.h"
#include "types/value.h"

namespace cassette::cql::functions {

namespace {

constexpr NativeScalarFunction::Traits kTraits = {NullRule::kNone, true, nullptr};
constexpr char kPadding = '*';

enum class Part : uint8_t { kInner, kOuter };

FunctionPtr Make(std::string_view name, std::vector<DataType> arguments, const DataType& result, ScalarBody body) {
  return std::make_shared<NativeScalarFunction>(std::string(name), std::move(arguments), result, std::move(body),
                                                kTraits);
}

FunctionPtr MaskNull(std::string_view name, const DataType& type) {
  return Make(name, {type}, type,
              [](std::span<const ValueView>, const EvalContext&, std::string*) -> base::Result<bool> { return true; });
}

FunctionPtr MaskReplace(std::string_view name, const DataType& type) {
  return Make(name, {type, type}, type,
              [](std::span<const ValueView> arguments, const EvalContext&, std::string* out) -> base::Result<bool> {
                if (arguments[1].state != ValueView::State::kSet) return true;
                out->append(arguments[1].bytes);
                return false;
              });
}

// The value that stands for all values of a scalar type: **** or zero.
std::string MaskedValue(TypeKind kind) {
  switch (kind) {
    case TypeKind::kAscii:
    case TypeKind::kText:
      return "****";
    case TypeKind::kBlob:
      return "";
    case TypeKind::kDate:
      return std::string("\x80\0\0\0", 4);
    case TypeKind::kDecimal:
      return std::string(5, '\0');
    case TypeKind::kDuration:
      return std::string(3, '\0');
    case TypeKind::kInet:
      return std::string(4, '\0');
    case TypeKind::kUuid:
      return std::string(16, '\0');
    case TypeKind::kTimeuuid: {
      const base::Result<std::string> least = types::FromText(DataType(kind), "13814000-1dd2-11b2-8080-808080808080");
      CASSETTE_ASSERT(least.ok());
      return *least;
    }
    case TypeKind::kVarint:
      return std::string(1, '\0');
    default:
      return std::string(types::FixedSizeBytes(kind), '\0');
  }
}

base::Result<FunctionPtr> MaskDefault(std::string_view name, const DataType& type) {
  if (!type.is_scalar()) return base::Unsupported(fmt::format("function {} of {}", name, type.ToString()));
  const std::string masked = MaskedValue(type.kind());
  return Make(name, {type}, type,
              [=](std::span<const ValueView>, const EvalContext&, std::string* out) -> base::Result<bool> {
                out->append(masked);
                return false;
              });
}

bool IsContinuation(char byte) { return (static_cast<uint8_t>(byte) & 0xc0) == 0x80; }

// Characters of UTF-8 text.
int64_t CountCharacters(std::string_view text) {
  int64_t count = 0;
  for (char byte : text) count += IsContinuation(byte) ? 0 : 1;
  return count;
}

void MaskCharacters(Part part, std::string_view text, int64_t begin, int64_t end, std::string_view padding,
                    std::string* out) {
  const int64_t last = CountCharacters(text) - 1 - end;
  int64_t position = -1;
  bool is_masked = false;
  for (char byte : text) {
    if (!IsContinuation(byte)) {
      ++position;
      const bool is_inner = position >= begin && position <= last;
      is_masked = is_inner == (part == Part::kInner);
      if (is_masked) out->append(padding);
    }
    if (!is_masked) out->push_back(byte);
  }
}

// A null number of characters is none.
int64_t CharactersOf(const ValueView& argument) {
  const bool is_null = argument.state != ValueView::State::kSet || argument.bytes.empty();
  return is_null ? 0 : types::ToInt64(TypeKind::kInt, argument.bytes);
}

FunctionPtr MaskPart(std::string_view name, Part part, const DataType& type, bool has_padding) {
  std::vector<DataType> arguments = {type, DataType(TypeKind::kInt), DataType(TypeKind::kInt)};
  if (has_padding) arguments.emplace_back(TypeKind::kText);
  const std::string own_name(name);
  return Make(name, std::move(arguments), type,
              [=](std::span<const ValueView> values, const EvalContext&, std::string* out) -> base::Result<bool> {
                if (values[0].state != ValueView::State::kSet) return true;
                std::string_view padding(&kPadding, 1);
                if (values.size() == 4 && values[3].state == ValueView::State::kSet) padding = values[3].bytes;
                if (CountCharacters(padding) != 1) {
                  return base::InvalidArgument(fmt::format(
                      "The padding argument for function system.{} should be single-character, but '{}' has {} "
                      "characters.",
                      own_name, padding, CountCharacters(padding)));
                }
                MaskCharacters(part, values[0].bytes, CharactersOf(values[1]), CharactersOf(values[2]), padding, out);
                return false;
              });
}

struct Shape {
  std::string_view name;
  size_t least_arguments;
  size_t most_arguments;
  std::string_view signature;
};
constexpr Shape kShapes[] = {
    {"mask_null", 1, 1, "any"},
    {"mask_default", 1, 1, "any"},
    {"mask_replace", 2, 2, "any, any"},
    {"mask_inner", 3, 4, "[text|varchar|ascii], int, int, [text]"},
    {"mask_outer", 3, 4, "[text|varchar|ascii], int, int, [text]"},
};

const Shape* FindShape(std::string_view name) {
  for (const Shape& shape : kShapes) {
    if (shape.name == name) return &shape;
  }
  return nullptr;
}

base::Result<FunctionPtr> MakeMask(const Shape& shape, const DataType& type, size_t argument_count) {
  if (shape.name == "mask_null") return MaskNull(shape.name, type);
  if (shape.name == "mask_default") return MaskDefault(shape.name, type);
  if (shape.name == "mask_replace") return MaskReplace(shape.name, type);
  if (type.kind() != TypeKind::kText && type.kind() != TypeKind::kAscii) {
    return base::InvalidArgument(
        fmt::format("Function system.{} requires an argument of type [text|varchar|ascii], but found an argument of "
                    "type {}",
                    shape.name, type.ToString()));
  }
  return MaskPart(shape.name, shape.name == "mask_inner" ? Part::kInner : Part::kOuter, type, argument_count == 4);
}

}  // namespace

bool IsMask(std::string_view name) { return FindShape(name) != nullptr; }

base::Result<FunctionPtr> ResolveMask(std::string_view name, std::span<const Argument> arguments,
                                      const DataType* receiver) {
  const Shape* shape = FindShape(name);
  CASSETTE_ASSERT(shape != nullptr);
  if (arguments.size() < shape->least_arguments || arguments.size() > shape->most_arguments) {
    return base::InvalidArgument(
        fmt::format("Invalid number of arguments for function system.{}({})", name, shape->signature));
  }
  std::optional<DataType> type = PreferredType(arguments[0]);
  if (!type && receiver != nullptr) type = *receiver;
  if (!type) {
    return base::InvalidArgument(fmt::format(
        "Cannot infer type of argument {} in call to function system.{}({}): use type casts to disambiguate",
        arguments[0].text, name, shape->signature));
  }
  return MakeMask(*shape, *type, arguments.size());
}

}  // namespace cassette::cql::functions

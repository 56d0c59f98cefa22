// DataType to and from bytes: docs/format/data_type.md.
#include <string>
#include <utility>
#include <vector>

#include "codec/varint.h"
#include "types/data_type.h"

namespace cassette::types {

namespace {

constexpr uint8_t kFrozenFlag = 1;

base::Status Malformed(std::string_view what) { return base::Corruption("malformed type: " + std::string(what)); }

bool IsScalarKind(uint64_t kind) {
  return kind <= static_cast<uint64_t>(TypeKind::kDuration) ? TypeKindName(static_cast<TypeKind>(kind)) != "unknown"
                                                            : kind == static_cast<uint64_t>(TypeKind::kEmpty);
}

class TypeReader {
 public:
  explicit TypeReader(std::string_view bytes) : reader_(bytes) {}

  base::Result<DataType> Read(int depth) {
    if (depth > kMaxTypeDepth) return Malformed("nested too deeply");
    uint64_t kind = 0;
    if (!reader_.ReadVarint(&kind)) return Malformed("no kind");
    if (IsScalarKind(kind)) return DataType(static_cast<TypeKind>(kind));
    if (kind > UINT16_MAX) return Malformed("unknown kind");
    return ReadComposite(static_cast<TypeKind>(kind), depth);
  }
  std::string_view rest() const { return reader_.rest(); }

 private:
  base::Result<DataType> ReadComposite(TypeKind kind, int depth) {
    uint8_t flags = 0;
    if (!reader_.ReadLittle(&flags) || flags > kFrozenFlag) return Malformed("bad flags");
    const bool frozen = (flags & kFrozenFlag) != 0;
    switch (kind) {
      case TypeKind::kList: {
        CASSETTE_ASSIGN_OR_RETURN(auto elements, ReadTypes(1, depth));
        return DataType::List(std::move(elements[0]), frozen);
      }
      case TypeKind::kSet: {
        CASSETTE_ASSIGN_OR_RETURN(auto elements, ReadTypes(1, depth));
        return DataType::Set(std::move(elements[0]), frozen);
      }
      case TypeKind::kMap: {
        CASSETTE_ASSIGN_OR_RETURN(auto elements, ReadTypes(2, depth));
        return DataType::Map(std::move(elements[0]), std::move(elements[1]), frozen);
      }
      case TypeKind::kTuple: {
        CASSETTE_ASSIGN_OR_RETURN(uint64_t count, ReadCount());
        CASSETTE_ASSIGN_OR_RETURN(auto elements, ReadTypes(count, depth));
        return DataType::Tuple(std::move(elements));
      }
      case TypeKind::kVector: {
        uint64_t dimension = 0;
        if (!reader_.ReadVarint(&dimension) || dimension > UINT32_MAX) return Malformed("bad dimension");
        CASSETTE_ASSIGN_OR_RETURN(auto elements, ReadTypes(1, depth));
        return DataType::Vector(std::move(elements[0]), static_cast<uint32_t>(dimension));
      }
      case TypeKind::kUdt:
        return ReadUdt(frozen, depth);
      default:
        return Malformed("unknown kind");
    }
  }

  base::Result<DataType> ReadUdt(bool frozen, int depth) {
    std::string_view keyspace;
    std::string_view name;
    if (!reader_.ReadLengthPrefixed(&keyspace) || !reader_.ReadLengthPrefixed(&name)) return Malformed("no name");
    CASSETTE_ASSIGN_OR_RETURN(uint64_t count, ReadCount());
    std::vector<std::string> names;
    std::vector<DataType> field_types;
    for (uint64_t i = 0; i < count; ++i) {
      std::string_view field_name;
      if (!reader_.ReadLengthPrefixed(&field_name)) return Malformed("no field name");
      names.emplace_back(field_name);
      CASSETTE_ASSIGN_OR_RETURN(DataType type, Read(depth + 1));
      field_types.push_back(std::move(type));
    }
    return DataType::Udt(std::string(keyspace), std::string(name), std::move(names), std::move(field_types), frozen);
  }

  base::Result<uint64_t> ReadCount() {
    uint64_t count = 0;
    if (!reader_.ReadVarint(&count) || count > kMaxTypeFields) return Malformed("bad number of fields");
    return count;
  }

  base::Result<std::vector<DataType>> ReadTypes(uint64_t count, int depth) {
    std::vector<DataType> result;
    for (uint64_t i = 0; i < count; ++i) {
      CASSETTE_ASSIGN_OR_RETURN(DataType type, Read(depth + 1));
      result.push_back(std::move(type));
    }
    return result;
  }

  codec::ByteReader reader_;
};

}  // namespace

void AppendType(const DataType& type, std::string* out) {
  codec::AppendVarint(static_cast<uint64_t>(type.kind()), out);
  if (type.is_scalar()) return;
  out->push_back(type.frozen() ? static_cast<char>(kFrozenFlag) : '\0');
  if (type.kind() == TypeKind::kVector) codec::AppendVarint(type.dimension(), out);
  if (type.kind() == TypeKind::kUdt) {
    codec::AppendLengthPrefixed(type.udt_keyspace(), out);
    codec::AppendLengthPrefixed(type.udt_name(), out);
  }
  if (type.kind() == TypeKind::kUdt || type.kind() == TypeKind::kTuple) codec::AppendVarint(type.fields().size(), out);
  for (const DataType::Field& field : type.fields()) {
    if (type.kind() == TypeKind::kUdt) codec::AppendLengthPrefixed(field.name, out);
    AppendType(*field.type, out);
  }
}

base::Result<DataType> ParseType(std::string_view* bytes) {
  TypeReader reader(*bytes);
  CASSETTE_ASSIGN_OR_RETURN(DataType type, reader.Read(1));
  *bytes = reader.rest();
  return type;
}

}  // namespace cassette::types

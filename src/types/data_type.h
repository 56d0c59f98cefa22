// DataType: a CQL type as a small immutable value, from `int` to `frozen<map<text, tuple<int, double>>>`.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"

namespace cassette::types {

// Numbers of the native protocol's [option] (native_protocol_v5.spec, 4.2.5.2); on disk too: DO NOT CHANGE.
enum class TypeKind : uint16_t {
  kCustom = 0x0000,
  kAscii = 0x0001,
  kBigint = 0x0002,
  kBlob = 0x0003,
  kBoolean = 0x0004,
  kCounter = 0x0005,
  kDecimal = 0x0006,
  kDouble = 0x0007,
  kFloat = 0x0008,
  kInt = 0x0009,
  kTimestamp = 0x000b,
  kUuid = 0x000c,
  kText = 0x000d,  // varchar
  kVarint = 0x000e,
  kTimeuuid = 0x000f,
  kInet = 0x0010,
  kDate = 0x0011,
  kTime = 0x0012,
  kSmallint = 0x0013,
  kTinyint = 0x0014,
  kDuration = 0x0015,
  kList = 0x0020,
  kMap = 0x0021,
  kSet = 0x0022,
  kUdt = 0x0030,
  kTuple = 0x0031,
  kVector = 0x0080,  // Ours: on the wire it is custom.
  kEmpty = 0x0081,   // Ours: the type of nothing (EmptyType).
};

// How a value lies in memory in a columnar::Vector.
enum class PhysicalType : uint8_t {
  kInt64 = 1,   // boolean, tinyint, smallint, int, bigint, counter, timestamp (ms), time (ns), date (days, as
                // Cassandra's unsigned number minus 2^31), float (its 32 bits, zero-extended)
  kDouble = 2,  // double
  kBytes = 3,   // everything else: the serialized value
};

// Thread safety: immutable, copyable, share freely.
class DataType {
 public:
  struct Field {
    std::string name;  // Of a user type; empty in a tuple.
    std::shared_ptr<const DataType> type;
  };

  DataType() : DataType(TypeKind::kEmpty) {}
  // A scalar type. Collections and the like come from the factories below.
  explicit DataType(TypeKind kind) : kind_(kind) {}

  static DataType List(DataType element, bool frozen);
  static DataType Set(DataType element, bool frozen);
  static DataType Map(DataType key, DataType value, bool frozen);
  static DataType Tuple(std::vector<DataType> elements);
  static DataType Udt(std::string keyspace, std::string name, std::vector<std::string> names,
                      std::vector<DataType> field_types, bool frozen);
  static DataType Vector(DataType element, uint32_t dimension);

  TypeKind kind() const { return kind_; }
  bool frozen() const { return frozen_; }
  // Element, key and value, tuple or user type fields; empty for scalars.
  const std::vector<Field>& fields() const;
  const DataType& element(size_t index) const { return *fields()[index].type; }
  // Of a user type.
  std::string_view udt_keyspace() const;
  std::string_view udt_name() const;
  // Of a vector.
  uint32_t dimension() const { return dimension_; }

  bool is_scalar() const { return params_ == nullptr; }
  bool is_collection() const { return kind_ == TypeKind::kList || kind_ == TypeKind::kSet || kind_ == TypeKind::kMap; }
  // Cells with paths of their own: a non-frozen collection or user type.
  bool is_multi_cell() const { return !frozen_ && (is_collection() || kind_ == TypeKind::kUdt); }

  // The frozen form of this type, its elements frozen too; a scalar is what it is. (The factories freeze the elements
  // of whatever is frozen; tuples and vectors always are.)
  DataType Freeze() const;

  // Whether the user type of this keyspace and name is this type or part of it.
  bool ReferencesUdt(std::string_view keyspace, std::string_view name) const;
  // This type with every user type of `definition`'s keyspace and name replaced by it, frozen where it was.
  DataType WithUdt(const DataType& definition) const;
  // With tuples for user types: what stays of a dropped column's type, whatever becomes of the user types.
  DataType ExpandUdts() const;

  // 1 of a scalar; of others one more than that of their deepest field.
  int depth() const;
  PhysicalType physical() const;
  // As DESCRIBE and system_schema print it: "frozen<list<int>>".
  std::string ToString() const;

  bool operator==(const DataType& other) const;

 private:
  struct Params;

  static DataType Make(TypeKind kind, std::vector<DataType> elements, bool frozen);
  DataType WithFieldTypes(std::vector<DataType> field_types) const;

  TypeKind kind_;
  bool frozen_ = false;
  uint32_t dimension_ = 0;
  std::shared_ptr<const Params> params_;
};

// Of a value of this kind in a columnar::Vector.
PhysicalType PhysicalTypeOf(TypeKind kind);

// "int", "text", "list": the kind's name in CQL, "custom", "udt" and "empty" being ours.
std::string_view TypeKindName(TypeKind kind);

// "int", "varchar" and the like; kNotFound for a name that is no scalar type.
base::Result<DataType> ScalarTypeByName(std::string_view name);

// Bounds of what ParseType accepts, and of what Cassette creates.
inline constexpr int kMaxTypeDepth = 32;
inline constexpr uint32_t kMaxTypeFields = 4096;

// To and from bytes (schema records; docs/format/data_type.md). Parse consumes from the front of `bytes`; kCorruption
// when they are no type.
void AppendType(const DataType& type, std::string* out);
base::Result<DataType> ParseType(std::string_view* bytes);

}  // namespace cassette::types

#include "types/data_type.h"

#include <algorithm>
#include <utility>

#include "types/identifier.h"

namespace cassette::types {

struct DataType::Params {
  std::vector<Field> fields;
  std::string keyspace;
  std::string name;
};

namespace {

struct KindName {
  TypeKind kind;
  std::string_view name;
};

constexpr KindName kKindNames[] = {
    {TypeKind::kCustom, "custom"},
    {TypeKind::kAscii, "ascii"},
    {TypeKind::kBigint, "bigint"},
    {TypeKind::kBlob, "blob"},
    {TypeKind::kBoolean, "boolean"},
    {TypeKind::kCounter, "counter"},
    {TypeKind::kDecimal, "decimal"},
    {TypeKind::kDouble, "double"},
    {TypeKind::kFloat, "float"},
    {TypeKind::kInt, "int"},
    {TypeKind::kTimestamp, "timestamp"},
    {TypeKind::kUuid, "uuid"},
    {TypeKind::kText, "text"},
    {TypeKind::kVarint, "varint"},
    {TypeKind::kTimeuuid, "timeuuid"},
    {TypeKind::kInet, "inet"},
    {TypeKind::kDate, "date"},
    {TypeKind::kTime, "time"},
    {TypeKind::kSmallint, "smallint"},
    {TypeKind::kTinyint, "tinyint"},
    {TypeKind::kDuration, "duration"},
    {TypeKind::kList, "list"},
    {TypeKind::kMap, "map"},
    {TypeKind::kSet, "set"},
    {TypeKind::kUdt, "udt"},
    {TypeKind::kTuple, "tuple"},
    {TypeKind::kVector, "vector"},
    {TypeKind::kEmpty, "empty"},
};

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool EqualsIgnoringCase(std::string_view a, std::string_view lower) {
  if (a.size() != lower.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    if (LowerAscii(a[i]) != lower[i]) return false;
  }
  return true;
}

bool IsComposite(TypeKind kind) {
  return kind == TypeKind::kList || kind == TypeKind::kMap || kind == TypeKind::kSet || kind == TypeKind::kUdt ||
         kind == TypeKind::kTuple || kind == TypeKind::kVector;
}

std::string Join(const std::vector<DataType::Field>& fields) {
  std::string result;
  for (const DataType::Field& field : fields) {
    if (!result.empty()) result += ", ";
    result += field.type->ToString();
  }
  return result;
}

}  // namespace

std::string_view TypeKindName(TypeKind kind) {
  for (const KindName& entry : kKindNames) {
    if (entry.kind == kind) return entry.name;
  }
  return "unknown";
}

base::Result<DataType> ScalarTypeByName(std::string_view name) {
  if (EqualsIgnoringCase(name, "varchar")) return DataType(TypeKind::kText);
  for (const KindName& entry : kKindNames) {
    if (EqualsIgnoringCase(name, entry.name) && entry.kind != TypeKind::kCustom && !IsComposite(entry.kind)) {
      return DataType(entry.kind);
    }
  }
  return base::NotFound("unknown type " + std::string(name));
}

DataType DataType::Make(TypeKind kind, std::vector<DataType> elements, bool frozen) {
  auto params = std::make_shared<Params>();
  params->fields.reserve(elements.size());
  for (DataType& element : elements) {
    params->fields.push_back({"", std::make_shared<const DataType>(frozen ? element.Freeze() : std::move(element))});
  }
  DataType result(kind);
  result.frozen_ = frozen;
  result.params_ = std::move(params);
  return result;
}

DataType DataType::List(DataType element, bool frozen) { return Make(TypeKind::kList, {std::move(element)}, frozen); }

DataType DataType::Set(DataType element, bool frozen) { return Make(TypeKind::kSet, {std::move(element)}, frozen); }

DataType DataType::Map(DataType key, DataType value, bool frozen) {
  return Make(TypeKind::kMap, {std::move(key), std::move(value)}, frozen);
}

DataType DataType::Tuple(std::vector<DataType> elements) { return Make(TypeKind::kTuple, std::move(elements), true); }

DataType DataType::Udt(std::string keyspace, std::string name, std::vector<std::string> names,
                       std::vector<DataType> field_types, bool frozen) {
  CASSETTE_ASSERT(names.size() == field_types.size());
  DataType result = Make(TypeKind::kUdt, std::move(field_types), frozen);
  auto params = std::make_shared<Params>(*result.params_);
  params->keyspace = std::move(keyspace);
  params->name = std::move(name);
  for (size_t i = 0; i < names.size(); ++i) params->fields[i].name = std::move(names[i]);
  result.params_ = std::move(params);
  return result;
}

DataType DataType::Vector(DataType element, uint32_t dimension) {
  DataType result = Make(TypeKind::kVector, {std::move(element)}, true);
  result.dimension_ = dimension;
  return result;
}

DataType DataType::Freeze() const {
  if (is_scalar() || frozen_) return *this;
  auto params = std::make_shared<Params>(*params_);
  for (Field& field : params->fields) field.type = std::make_shared<const DataType>(field.type->Freeze());
  DataType result(kind_);
  result.frozen_ = true;
  result.dimension_ = dimension_;
  result.params_ = std::move(params);
  return result;
}

DataType DataType::WithFieldTypes(std::vector<DataType> field_types) const {
  auto params = std::make_shared<Params>(*params_);
  for (size_t i = 0; i < field_types.size(); ++i) {
    params->fields[i].type = std::make_shared<const DataType>(std::move(field_types[i]));
  }
  DataType result = *this;
  result.params_ = std::move(params);
  return result;
}

int DataType::depth() const {
  int deepest = 0;
  for (const Field& field : fields()) deepest = std::max(deepest, field.type->depth());
  return deepest + 1;
}

bool DataType::ReferencesUdt(std::string_view keyspace, std::string_view name) const {
  if (kind_ == TypeKind::kUdt && udt_keyspace() == keyspace && udt_name() == name) return true;
  for (const Field& field : fields()) {
    if (field.type->ReferencesUdt(keyspace, name)) return true;
  }
  return false;
}

DataType DataType::WithUdt(const DataType& definition) const {
  if (!ReferencesUdt(definition.udt_keyspace(), definition.udt_name())) return *this;
  const bool is_it =
      kind_ == TypeKind::kUdt && udt_keyspace() == definition.udt_keyspace() && udt_name() == definition.udt_name();
  if (is_it) return frozen_ ? definition.Freeze() : definition;
  std::vector<DataType> field_types;
  for (const Field& field : fields()) field_types.push_back(field.type->WithUdt(definition));
  return WithFieldTypes(std::move(field_types));
}

DataType DataType::ExpandUdts() const {
  if (is_scalar()) return *this;
  std::vector<DataType> field_types;
  for (const Field& field : fields()) field_types.push_back(field.type->ExpandUdts());
  return kind_ == TypeKind::kUdt ? Tuple(std::move(field_types)) : WithFieldTypes(std::move(field_types));
}

const std::vector<DataType::Field>& DataType::fields() const {
  static const std::vector<Field> kNone;
  return params_ ? params_->fields : kNone;
}

std::string_view DataType::udt_keyspace() const { return params_ ? std::string_view(params_->keyspace) : ""; }

std::string_view DataType::udt_name() const { return params_ ? std::string_view(params_->name) : ""; }

PhysicalType DataType::physical() const { return PhysicalTypeOf(kind_); }

PhysicalType PhysicalTypeOf(TypeKind kind) {
  switch (kind) {
    case TypeKind::kBoolean:
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInt:
    case TypeKind::kBigint:
    case TypeKind::kCounter:
    case TypeKind::kTimestamp:
    case TypeKind::kTime:
    case TypeKind::kDate:
    case TypeKind::kFloat:
      return PhysicalType::kInt64;
    case TypeKind::kDouble:
      return PhysicalType::kDouble;
    default:
      return PhysicalType::kBytes;
  }
}

std::string DataType::ToString() const {
  if (is_scalar()) return std::string(TypeKindName(kind_));
  // A vector has no frozen form of its own.
  if (kind_ == TypeKind::kVector) return "vector<" + Join(fields()) + ", " + std::to_string(dimension_) + ">";
  std::string inner =
      kind_ == TypeKind::kUdt ? MaybeQuote(udt_name()) : std::string(TypeKindName(kind_)) + "<" + Join(fields()) + ">";
  return frozen_ ? "frozen<" + inner + ">" : inner;
}

bool DataType::operator==(const DataType& other) const {
  if (kind_ != other.kind_ || frozen_ != other.frozen_ || dimension_ != other.dimension_) return false;
  if (params_ == other.params_) return true;
  if (!params_ || !other.params_) return false;
  if (params_->keyspace != other.params_->keyspace || params_->name != other.params_->name) return false;
  if (fields().size() != other.fields().size()) return false;
  for (size_t i = 0; i < fields().size(); ++i) {
    if (fields()[i].name != other.fields()[i].name || element(i) != other.element(i)) return false;
  }
  return true;
}

}  // namespace cassette::types

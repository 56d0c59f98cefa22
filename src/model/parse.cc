#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <map>

#include "model/model.h"
#include "types/identifier.h"
#include "types/value.h"

namespace cassette::model {
namespace {

// What a header is called that names its column itself.
constexpr std::string_view kColumn = "column";

using Keys = std::vector<std::string_view>;

constexpr char kTypeNames[] =
    "ascii, bigint, blob, boolean, date, decimal, double, duration, float, inet, int, smallint, text, time, timestamp, "
    "timeuuid, tinyint, uuid, varchar, varint";

// Words that Cassandra prints in quotes and takes without them.
constexpr std::string_view kLegalWords[] = {"default", "mbean", "mbeans", "replace", "unset"};

// Whether CQL takes the word for a name in quotes only.
bool IsReserved(std::string_view name) {
  return types::IsReservedWord(name) && std::ranges::find(kLegalWords, name) == std::end(kLegalWords);
}

// Whether `minimum` and `maximum` mean something: a value is a number, or a time that is one number.
bool HasLimits(types::TypeKind kind) {
  using types::TypeKind;
  switch (kind) {
    case TypeKind::kTinyint:
    case TypeKind::kSmallint:
    case TypeKind::kInt:
    case TypeKind::kBigint:
    case TypeKind::kCounter:
    case TypeKind::kVarint:
    case TypeKind::kFloat:
    case TypeKind::kDouble:
    case TypeKind::kDecimal:
    case TypeKind::kTimestamp:
    case TypeKind::kDate:
    case TypeKind::kTime:
      return true;
    default:
      return false;
  }
}

// Reads one model file. Every method fails with path:line:column, the key and what would be legal.
class ModelParser {
 public:
  explicit ModelParser(const std::string& path) { model_.path = path; }

  base::Result<Model> Parse(const YAML::Node& root) {
    CASSETTE_RETURN_IF_ERROR(
        CheckMap(root, "the model", {"keyspace", "replication", "source", "formats", "ignore", "queries"}));
    CASSETTE_RETURN_IF_ERROR(ParseKeyspace(root));
    if (!root["source"]) return Error(root, "the key 'source' is missing: it says where rows come from");
    CASSETTE_ASSIGN_OR_RETURN(model_.source, ParseFormat("source", root["source"]));
    if (root["formats"]) {
      CASSETTE_RETURN_IF_ERROR(CheckIsMap(root["formats"], "formats"));
      for (const auto& entry : root["formats"]) {
        CASSETTE_ASSIGN_OR_RETURN(Format format, ParseFormat(entry.first.as<std::string>(), entry.second));
        model_.formats.push_back(std::move(format));
      }
    }
    if (root["ignore"]) {
      CASSETTE_ASSIGN_OR_RETURN(model_.ignore, List(root["ignore"], "ignore"));
    }
    if (!root["queries"]) return Error(root, "the key 'queries' is missing: it holds what is asked of the rows");
    CASSETTE_RETURN_IF_ERROR(CheckIsMap(root["queries"], "queries"));
    for (const auto& entry : root["queries"]) CASSETTE_RETURN_IF_ERROR(ParseQuery(entry.first, entry.second));
    if (model_.queries.empty()) return Error(root["queries"], "'queries' is empty: ask at least one question");
    return std::move(model_);
  }

 private:
  base::Status Error(const YAML::Node& node, std::string_view what) const {
    const Place place = PlaceOf(node);
    return base::InvalidArgument(fmt::format("{}:{}:{}: {}", model_.path, place.line, place.column, what));
  }
  static Place PlaceOf(const YAML::Node& node) { return {node.Mark().line + 1, node.Mark().column + 1}; }

  base::Status CheckIsMap(const YAML::Node& node, std::string_view what) const {
    if (!node.IsMap()) return Error(node, fmt::format("{} must be a map of keys and values", what));
    // yaml-cpp keeps both entries of a key that stands twice, and a look by key finds the first alone.
    std::map<std::string, Place> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.as<std::string>();
      const auto [first, inserted] = seen.emplace(key, PlaceOf(entry.first));
      if (!inserted) {
        return Error(entry.first, fmt::format("key '{}' stands twice in {}; first at {}:{}", key, what,
                                              first->second.line, first->second.column));
      }
    }
    return base::Status::Ok();
  }

  base::Status CheckMap(const YAML::Node& node, std::string_view what, const Keys& allowed) const {
    CASSETTE_RETURN_IF_ERROR(CheckIsMap(node, what));
    for (const auto& entry : node) {
      const std::string key = entry.first.as<std::string>();
      if (std::find(allowed.begin(), allowed.end(), key) == allowed.end()) {
        return Error(entry.first,
                     fmt::format("unknown key '{}' in {}; allowed: {}", key, what, fmt::join(allowed, ", ")));
      }
    }
    return base::Status::Ok();
  }

  base::Result<std::string> Text(const YAML::Node& node, std::string_view what) const {
    if (!node.IsScalar()) return Error(node, fmt::format("{} must be a single value", what));
    return node.as<std::string>();
  }

  // A name that needs no quotes in CQL.
  base::Result<std::string> Name(const YAML::Node& node, std::string_view what) const {
    CASSETTE_ASSIGN_OR_RETURN(std::string name, Text(node, what));
    const bool legal = !name.empty() && std::islower(static_cast<unsigned char>(name[0])) && name.size() <= 48 &&
                       std::all_of(name.begin(), name.end(),
                                   [](unsigned char c) { return std::islower(c) || std::isdigit(c) || c == '_'; });
    if (!legal) {
      return Error(node, fmt::format("{} '{}' must be 1 to 48 of a-z, 0-9 and _, a letter first", what, name));
    }
    if (!IsReserved(name)) return name;
    return Error(node, fmt::format("{} '{}' is a reserved word of CQL; {}", what, name,
                                   what == kColumn ? "rename it with 'as'" : "choose another name"));
  }

  // "a, b" or [a, b].
  base::Result<std::vector<std::string>> List(const YAML::Node& node, std::string_view what) const {
    std::vector<std::string> items;
    if (node.IsSequence()) {
      for (const YAML::Node& item : node) {
        CASSETTE_ASSIGN_OR_RETURN(std::string text, Text(item, what));
        items.push_back(std::move(text));
      }
      return items;
    }
    CASSETTE_ASSIGN_OR_RETURN(const std::string all, Text(node, what));
    for (size_t begin = 0; begin <= all.size();) {
      const size_t end = std::min(all.find(',', begin), all.size());
      const std::string item = Trim(all.substr(begin, end - begin));
      if (item.empty()) return Error(node, fmt::format("{} has an empty item", what));
      items.push_back(item);
      begin = end + 1;
    }
    return items;
  }

  static std::string Trim(std::string text) {
    const size_t begin = text.find_first_not_of(" \t");
    if (begin == std::string::npos) return {};
    return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
  }

  base::Status ParseKeyspace(const YAML::Node& root) {
    if (!root["keyspace"]) return Error(root, "the key 'keyspace' is missing");
    CASSETTE_ASSIGN_OR_RETURN(model_.keyspace, Name(root["keyspace"], "keyspace"));
    model_.replication = {{"class", "SimpleStrategy"}, {"replication_factor", "1"}};
    if (!root["replication"]) return base::Status::Ok();
    CASSETTE_RETURN_IF_ERROR(CheckIsMap(root["replication"], "replication"));
    model_.replication.clear();
    for (const auto& entry : root["replication"]) {
      CASSETTE_ASSIGN_OR_RETURN(model_.replication[entry.first.as<std::string>()], Text(entry.second, "replication"));
    }
    return base::Status::Ok();
  }

  base::Result<Format> ParseFormat(const std::string& name, const YAML::Node& node) {
    Format format;
    format.name = name;
    given_.clear();
    format.place = PlaceOf(node);
    CASSETTE_RETURN_IF_ERROR(CheckIsMap(node, name));
    if (node["generate"]) {
      CASSETTE_RETURN_IF_ERROR(ParseGenerator(name, node, &format));
      return format;
    }
    CASSETTE_RETURN_IF_ERROR(CheckMap(node, name, {"files", "columns", "set", "unpivot", "keep"}));
    if (!node["files"]) return Error(node, fmt::format("{} needs 'files' (a pattern) or 'generate'", name));
    CASSETTE_ASSIGN_OR_RETURN(format.files, Text(node["files"], "files"));
    if (!node["columns"]) return Error(node, fmt::format("{} needs 'columns'", name));
    CASSETTE_RETURN_IF_ERROR(CheckIsMap(node["columns"], "columns"));
    for (const auto& entry : node["columns"]) CASSETTE_RETURN_IF_ERROR(ParseColumn(entry.first, entry.second, &format));
    if (node["set"]) CASSETTE_RETURN_IF_ERROR(ParseSet(node["set"], &format));
    if (node["unpivot"]) CASSETTE_RETURN_IF_ERROR(ParseUnpivot(node["unpivot"], &format));
    if (node["keep"]) CASSETTE_RETURN_IF_ERROR(ParseKeep(node["keep"], &format));
    return format;
  }

  // What network_metrics gives; its settings are checked by netmon.
  base::Status ParseGenerator(const std::string& name, const YAML::Node& node, Format* format) {
    CASSETTE_ASSIGN_OR_RETURN(format->generate, Text(node["generate"], "generate"));
    if (format->generate != "network_metrics") {
      return Error(node["generate"],
                   fmt::format("unknown generator '{}'; there is: network_metrics", format->generate));
    }
    CASSETTE_RETURN_IF_ERROR(
        CheckMap(node, name, {"generate", "resources", "metrics", "every", "from", "days", "weeks", "seed"}));
    for (const auto& entry : node) {
      const std::string key = entry.first.as<std::string>();
      if (key == "generate") continue;
      CASSETTE_ASSIGN_OR_RETURN(format->settings[key], Text(entry.second, key));
    }
    using types::TypeKind;
    const std::pair<const char*, TypeKind> columns[] = {{"resource", TypeKind::kText},
                                                        {"metric_name", TypeKind::kText},
                                                        {"collected_at", TypeKind::kTimestamp},
                                                        {"value", TypeKind::kDouble}};
    for (const auto& [column, kind] : columns) {
      CASSETTE_RETURN_IF_ERROR(DeclareColumn(node, *format, column, types::DataType(kind)));
    }
    return base::Status::Ok();
  }

  // A column that `format` gives.
  base::Status DeclareColumn(const YAML::Node& node, const Format& format, const std::string& name,
                             const types::DataType& type) {
    const auto [first, is_new] = given_.emplace(name, PlaceOf(node));
    if (!is_new) {
      return Error(node, fmt::format("{} gives column {} twice; first at {}:{}", format.name, name, first->second.line,
                                     first->second.column));
    }
    const auto [found, inserted] = model_.columns.emplace(name, type);
    if (inserted || found->second == type) return base::Status::Ok();
    return Error(node, fmt::format("column {} is {} here and {} elsewhere in the model", name, type.ToString(),
                                   found->second.ToString()));
  }

  base::Status ParseColumn(const YAML::Node& key, const YAML::Node& node, Format* format) {
    SourceColumn column;
    column.header = key.as<std::string>();
    column.name = column.header;
    column.type = types::DataType(types::TypeKind::kText);
    column.place = PlaceOf(key);
    const std::string what = fmt::format("column '{}'", column.header);
    if (!node.IsNull()) {
      CASSETTE_RETURN_IF_ERROR(CheckMap(node, what, {"as", "type", "required", "minimum", "maximum"}));
      if (node["as"]) {
        CASSETTE_ASSIGN_OR_RETURN(column.name, Name(node["as"], "as"));
      }
      if (node["type"]) {
        CASSETTE_ASSIGN_OR_RETURN(const std::string type_name, Text(node["type"], "type"));
        base::Result<types::DataType> type = types::ScalarTypeByName(type_name);
        if (!type.ok())
          return Error(node["type"], fmt::format("{}: {}; allowed: {}", what, type.status().message(), kTypeNames));
        column.type = *type;
      }
      CASSETTE_RETURN_IF_ERROR(ParseRules(node, &column));
    }
    if (!node.IsMap() || !node["as"]) CASSETTE_RETURN_IF_ERROR(Name(key, kColumn).status());
    CASSETTE_RETURN_IF_ERROR(DeclareColumn(key, *format, column.name, column.type));
    format->columns.push_back(std::move(column));
    return base::Status::Ok();
  }

  base::Status ParseRules(const YAML::Node& node, SourceColumn* column) const {
    if (node["required"] && !YAML::convert<bool>::decode(node["required"], column->required)) {
      return Error(node["required"], "required must be true or false");
    }
    for (const auto& [key, limit] : {std::pair{"minimum", &column->minimum}, std::pair{"maximum", &column->maximum}}) {
      double number = 0;
      if (!node[key]) continue;
      if (!HasLimits(column->type.kind())) {
        return Error(node[key], fmt::format("column '{}': {} is for numbers and times; {} is neither", column->header,
                                            key, column->type.ToString()));
      }
      if (!YAML::convert<double>::decode(node[key], number))
        return Error(node[key], fmt::format("{} must be a number", key));
      *limit = number;
    }
    return base::Status::Ok();
  }

  base::Status ParseSet(const YAML::Node& node, Format* format) {
    CASSETTE_RETURN_IF_ERROR(CheckIsMap(node, "set"));
    for (const auto& entry : node) {
      SetColumn set;
      set.place = PlaceOf(entry.first);
      CASSETTE_ASSIGN_OR_RETURN(set.name, Name(entry.first, "set"));
      CASSETTE_ASSIGN_OR_RETURN(set.pattern, Text(entry.second, "set"));
      CASSETTE_RETURN_IF_ERROR(DeclareColumn(entry.first, *format, set.name, types::DataType(types::TypeKind::kText)));
      format->set.push_back(std::move(set));
    }
    return base::Status::Ok();
  }

  base::Status ParseUnpivot(const YAML::Node& node, Format* format) {
    CASSETTE_RETURN_IF_ERROR(CheckMap(node, "unpivot", {"names", "values", "except"}));
    if (!node["names"] || !node["values"]) return Error(node, "unpivot needs 'names' and 'values'");
    Unpivot unpivot;
    CASSETTE_ASSIGN_OR_RETURN(unpivot.names, Name(node["names"], "names"));
    CASSETTE_ASSIGN_OR_RETURN(unpivot.values, Name(node["values"], "values"));
    if (node["except"]) {
      CASSETTE_ASSIGN_OR_RETURN(unpivot.except, List(node["except"], "except"));
    }
    CASSETTE_RETURN_IF_ERROR(
        DeclareColumn(node["names"], *format, unpivot.names, types::DataType(types::TypeKind::kText)));
    CASSETTE_RETURN_IF_ERROR(
        DeclareColumn(node["values"], *format, unpivot.values, types::DataType(types::TypeKind::kDouble)));
    format->unpivot = std::move(unpivot);
    return base::Status::Ok();
  }

  base::Status ParseKeep(const YAML::Node& node, Format* format) const {
    if (node.IsSequence()) {
      for (const YAML::Node& item : node) CASSETTE_RETURN_IF_ERROR(ParseCondition(item, format));
      return base::Status::Ok();
    }
    return ParseCondition(node, format);
  }

  base::Status ParseCondition(const YAML::Node& node, Format* format) const {
    CASSETTE_ASSIGN_OR_RETURN(const std::string text, Text(node, "keep"));
    using Operator = Condition::Operator;
    static constexpr std::pair<std::string_view, Operator> kOperators[] = {
        {"!=", Operator::kNotEqual}, {"<=", Operator::kLessOrEqual}, {">=", Operator::kGreaterOrEqual},
        {"=", Operator::kEqual},     {"<", Operator::kLess},         {">", Operator::kGreater}};
    for (const auto& [symbol, op] : kOperators) {
      const size_t at = text.find(symbol);
      if (at == std::string::npos) continue;
      Condition condition{Trim(text.substr(0, at)), op, Trim(text.substr(at + symbol.size()))};
      const auto source = std::find_if(format->columns.begin(), format->columns.end(),
                                       [&](const SourceColumn& column) { return column.name == condition.column; });
      if (source == format->columns.end())
        return Error(node, fmt::format("keep: '{}' is no column of {}", condition.column, format->name));
      std::string& value = condition.value;
      if (value.size() >= 2 && value.front() == '\'' && value.back() == '\'') value = value.substr(1, value.size() - 2);
      if (!value.empty() && !types::FromText(source->type, value).ok()) {
        return Error(node, fmt::format("keep: '{}' is no {}, which column {} is", value, source->type.ToString(),
                                       condition.column));
      }
      format->keep.push_back(std::move(condition));
      return base::Status::Ok();
    }
    return Error(node, fmt::format("keep: '{}' is no condition; write: column != 'text' (=, !=, <, <=, >, >=)", text));
  }

  base::Status CheckKnown(const YAML::Node& node, std::string_view what, const std::string& column) const {
    if (model_.columns.contains(column)) return base::Status::Ok();
    std::vector<std::string> names;
    for (const auto& [name, type] : model_.columns) names.push_back(name);
    return Error(node,
                 fmt::format("{}: no source gives a column '{}'; there are: {}", what, column, fmt::join(names, ", ")));
  }

  base::Status ParseQuery(const YAML::Node& key, const YAML::Node& node) {
    Query query;
    query.place = PlaceOf(key);
    CASSETTE_ASSIGN_OR_RETURN(query.name, Name(key, "query"));
    const std::string what = "query " + query.name;
    CASSETTE_RETURN_IF_ERROR(CheckMap(node, what, {"question", "find", "by", "order", "each", "bucket"}));
    if (node["question"]) {
      CASSETTE_ASSIGN_OR_RETURN(query.question, Text(node["question"], "question"));
    }
    if (!node["find"]) return Error(node, fmt::format("{} needs 'find': the columns of the answer", what));
    CASSETTE_ASSIGN_OR_RETURN(query.find, List(node["find"], "find"));
    for (const std::string& column : query.find) CASSETTE_RETURN_IF_ERROR(CheckKnown(node["find"], what, column));
    CASSETTE_RETURN_IF_ERROR(ParseBy(node, what, &query));
    if (node["order"]) CASSETTE_RETURN_IF_ERROR(ParseOrder(node["order"], what, &query));
    if (node["each"]) {
      CASSETTE_ASSIGN_OR_RETURN(query.each, Text(node["each"], "each"));
      CASSETTE_RETURN_IF_ERROR(CheckKnown(node["each"], what, query.each));
    }
    if (node["bucket"]) CASSETTE_RETURN_IF_ERROR(ParseBucket(node["bucket"], &query));
    model_.queries.push_back(std::move(query));
    return base::Status::Ok();
  }

  base::Status ParseBy(const YAML::Node& node, const std::string& what, Query* query) const {
    if (!node["by"]) return Error(node, fmt::format("{} needs 'by': what the asker knows", what));
    CASSETTE_RETURN_IF_ERROR(CheckIsMap(node["by"], "by"));
    for (const auto& entry : node["by"]) {
      Query::By by{entry.first.as<std::string>(), Comparison::kEquals};
      CASSETTE_RETURN_IF_ERROR(CheckKnown(entry.first, what, by.column));
      CASSETTE_ASSIGN_OR_RETURN(const std::string comparison, Text(entry.second, "by"));
      if (comparison == "range") {
        by.comparison = Comparison::kRange;
      } else if (comparison != "equals") {
        return Error(entry.second, fmt::format("{}: '{}' is no comparison; allowed: equals, range", what, comparison));
      }
      query->by.push_back(std::move(by));
    }
    return base::Status::Ok();
  }

  base::Status ParseOrder(const YAML::Node& node, const std::string& what, Query* query) const {
    CASSETTE_ASSIGN_OR_RETURN(const std::vector<std::string> items, List(node, "order"));
    for (const std::string& item : items) {
      const size_t blank = item.find(' ');
      Query::Order order{item.substr(0, blank), false};
      CASSETTE_RETURN_IF_ERROR(CheckKnown(node, what, order.column));
      const std::string direction = blank == std::string::npos ? "asc" : Trim(item.substr(blank));
      if (direction != "asc" && direction != "desc") {
        return Error(node, fmt::format("{}: '{}' is no direction; allowed: asc, desc", what, direction));
      }
      order.descending = direction == "desc";
      query->order.push_back(std::move(order));
    }
    return base::Status::Ok();
  }

  base::Status ParseBucket(const YAML::Node& node, Query* query) const {
    CASSETTE_ASSIGN_OR_RETURN(const std::string bucket, Text(node, "bucket"));
    static constexpr std::pair<std::string_view, Bucket> kBuckets[] = {
        {"day", Bucket::kDay}, {"week", Bucket::kWeek}, {"month", Bucket::kMonth}, {"none", Bucket::kNone}};
    for (const auto& [name, value] : kBuckets) {
      if (bucket != name) continue;
      query->bucket = value;
      return base::Status::Ok();
    }
    return Error(node,
                 fmt::format("query {}: '{}' is no bucket; allowed: day, week, month, none", query->name, bucket));
  }

  Model model_;
  std::map<std::string, Place> given_;  // Columns of the format that is being read, and where it names them.
};

}  // namespace

const Query* Model::FindQuery(std::string_view name) const {
  for (const Query& query : queries) {
    if (query.name == name) return &query;
  }
  return nullptr;
}

base::Result<Model> ParseModel(std::string_view yaml, const std::string& path) {
  // yaml-cpp reports by exception; they end here.
  try {
    return ModelParser(path).Parse(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    return base::SyntaxError(fmt::format("{}:{}:{}: {}", path, error.mark.line + 1, error.mark.column + 1, error.msg));
  }
}

}  // namespace cassette::model

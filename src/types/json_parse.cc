// ParseJson of json.h, with nlohmann-json's lexer. Its own tree of values would lose the digits of long integers.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "types/json.h"

namespace cassette::types {
namespace {

// Takes the parser's events. The answer of each event is whether to go on.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return Add({}); }
  bool boolean(bool value) override {
    JsonValue json;
    json.kind = JsonValue::Kind::kBoolean;
    json.boolean = value;
    return Add(std::move(json));
  }
  bool number_integer(number_integer_t value) override { return AddInteger(fmt::format("{}", value)); }
  bool number_unsigned(number_unsigned_t value) override { return AddInteger(fmt::format("{}", value)); }
  // Integers past 64 bits come here, too.
  bool number_float(number_float_t value, const string_t& text) override {
    if (text.find_first_of(".eE") == std::string::npos) return AddInteger(text);
    JsonValue json;
    json.kind = JsonValue::Kind::kFloat;
    json.number = value;
    return Add(std::move(json));
  }
  bool string(string_t& value) override {
    JsonValue json;
    json.kind = JsonValue::Kind::kString;
    json.text = std::move(value);
    return Add(std::move(json));
  }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return Open(JsonValue::Kind::kObject); }
  bool start_array(size_t) override { return Open(JsonValue::Kind::kList); }
  bool key(string_t& name) override {
    open_.back().names.push_back(std::move(name));
    return true;
  }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool parse_error(size_t position, const std::string& token, const nlohmann::detail::exception&) override {
    error_ = fmt::format("unexpected '{}' at character {}", token, position);
    return false;
  }

  JsonValue& root() { return root_; }
  const std::string& error() const { return error_; }

 private:
  bool AddInteger(std::string digits) {
    JsonValue json;
    json.kind = JsonValue::Kind::kInteger;
    json.text = std::move(digits);
    return Add(std::move(json));
  }
  bool Add(JsonValue json) {
    if (open_.empty()) {
      root_ = std::move(json);
    } else {
      open_.back().items.push_back(std::move(json));
    }
    return true;
  }
  bool Open(JsonValue::Kind kind) {
    if (open_.size() == kMaxJsonDepth) {
      error_ = fmt::format("more than {} lists and objects within one another", kMaxJsonDepth);
      return false;
    }
    open_.emplace_back();
    open_.back().kind = kind;
    return true;
  }
  bool Close() {
    JsonValue json = std::move(open_.back());
    open_.pop_back();
    return Add(std::move(json));
  }

  JsonValue root_;
  std::vector<JsonValue> open_;
  std::string error_;
};

}  // namespace

base::Result<JsonValue> ParseJson(std::string_view text) {
  TreeBuilder builder;
  const bool is_json =
      nlohmann::json::sax_parse(text.begin(), text.end(), &builder, nlohmann::json::input_format_t::json, false);
  if (!is_json) return base::InvalidArgument(fmt::format("Could not decode JSON string: {}", builder.error()));
  return std::move(builder.root());
}

}  // namespace cassette::types

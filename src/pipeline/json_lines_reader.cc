#include "pipeline/json_lines_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

namespace cassette::pipeline {
namespace {

constexpr size_t kReadBytes = 1 << 20;

// Takes the members of one object as the texts that CSV fields would have. It listens to the parser, since a parsed
// value no longer has the digits of its number.
class MemberReader final : public nlohmann::json_sax<nlohmann::json> {
 public:
  MemberReader(const std::vector<std::string>& names, std::vector<std::string>* values)
      : names_(names), values_(*values) {}

  // Why the line is no object of single values; empty when it is one.
  const std::string& error() const { return error_; }

  bool null() override { return Take("null", {}); }
  bool boolean(bool value) override { return Take("boolean", value ? "true" : "false"); }
  bool number_integer(number_integer_t value) override { return Take("number", std::to_string(value)); }
  bool number_unsigned(number_unsigned_t value) override { return Take("number", std::to_string(value)); }
  bool number_float(number_float_t /*value*/, const string_t& literal) override { return Take("number", literal); }
  bool string(string_t& value) override { return Take("string", std::move(value)); }
  bool binary(binary_t& /*value*/) override { return false; }  // Text has none.

  bool start_object(size_t /*size*/) override {
    if (depth_++ == 1) RefuseMember("object");
    return true;
  }
  bool start_array(size_t /*size*/) override {
    if (depth_ == 0) Refuse("expected a JSON object, found array");
    if (depth_++ == 1) RefuseMember("array");
    return true;
  }
  bool end_object() override {
    --depth_;
    return true;
  }
  bool end_array() override {
    --depth_;
    return true;
  }

  bool key(string_t& name) override {
    if (depth_ != 1) return true;
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) Refuse(fmt::format("unknown member '{}'", name));
    member_ = static_cast<size_t>(found - names_.begin());
    return true;
  }

  bool parse_error(size_t /*position*/, const std::string& /*token*/,
                   const nlohmann::json::exception& /*error*/) override {
    return false;
  }

 private:
  // The first one counts; the rest of the line is still parsed, as it may be no JSON.
  void Refuse(std::string error) {
    if (error_.empty()) error_ = std::move(error);
  }
  void RefuseMember(std::string_view found) {
    if (error_.empty()) Refuse(fmt::format("member '{}': expected a single value, found {}", names_[member_], found));
  }
  bool Take(std::string_view type, std::string text) {
    if (depth_ == 0) Refuse(fmt::format("expected a JSON object, found {}", type));
    if (error_.empty()) values_[member_] = std::move(text);
    return true;
  }

  const std::vector<std::string>& names_;
  std::vector<std::string>& values_;
  std::string error_;
  int depth_ = 0;
  size_t member_ = 0;  // Whose value comes next.
};

}  // namespace

JsonLinesReader::JsonLinesReader(std::unique_ptr<ByteStream> stream, std::vector<std::string> names)
    : stream_(std::move(stream)), names_(std::move(names)), buffer_(kReadBytes) {}

base::Result<bool> JsonLinesReader::NextLine(std::string_view* line) {
  too_long_ = false;
  size_t scanned = begin_;
  for (;;) {
    const void* found = std::memchr(buffer_.data() + scanned, '\n', end_ - scanned);
    if (found != nullptr) {
      const size_t at = static_cast<size_t>(static_cast<const char*>(found) - buffer_.data());
      *line = std::string_view(buffer_.data() + begin_, at - begin_);
      begin_ = at + 1;
      return true;
    }
    if (at_end_) {
      *line = std::string_view(buffer_.data() + begin_, end_ - begin_);
      const bool any = begin_ < end_;
      begin_ = end_;
      return any;
    }
    if (end_ - begin_ > kMaxRecordBytes) {  // Keep its beginning, skip the rest.
      too_long_ = true;
      end_ = begin_ + kMaxRecordBytes;
    }
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    scanned = end_;
    if (buffer_.size() < end_ + kReadBytes) buffer_.resize(end_ + kReadBytes);
    CASSETTE_ASSIGN_OR_RETURN(const size_t count, stream_->Read(std::span(buffer_.data() + end_, kReadBytes)));
    end_ += count;
    at_end_ = count == 0;
  }
}

base::Result<bool> JsonLinesReader::Next(Record* record) {
  std::string_view line;
  do {
    CASSETTE_ASSIGN_OR_RETURN(const bool found, NextLine(&line));
    if (!found) return false;
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
  } while (line.find_first_not_of(" \t") == std::string_view::npos);
  record->line = line_;
  record->raw = line;
  record->error.clear();
  record->error_column = 1;
  record->fields.assign(names_.size(), {});
  record->columns.assign(names_.size(), 1);
  if (too_long_) {
    record->error = fmt::format("record of more than {} bytes", kMaxRecordBytes);
  } else {
    Parse(line, record);
  }
  return true;
}

void JsonLinesReader::Parse(std::string_view line, Record* record) {
  values_.assign(names_.size(), {});
  MemberReader members(names_, &values_);
  if (!nlohmann::json::sax_parse(line, &members)) {
    record->error = "expected a JSON object, found text that is no JSON";
    return;
  }
  record->error = members.error();
  for (size_t i = 0; i < names_.size(); ++i) record->fields[i] = values_[i];
}

}  // namespace cassette::pipeline

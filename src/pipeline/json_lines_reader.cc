#include "pipeline/json_lines_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>

namespace cassette::pipeline {
namespace {

constexpr size_t kReadBytes = 1 << 20;

// A scalar member as the text a CSV field would have.
std::string TextOf(const nlohmann::json& value) {
  if (value.is_null()) return {};
  if (value.is_string()) return value.get<std::string>();
  return value.dump();
}

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
  const nlohmann::json object = nlohmann::json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    record->error = object.is_discarded() ? "expected a JSON object, found text that is no JSON"
                                          : fmt::format("expected a JSON object, found {}", object.type_name());
    return;
  }
  values_.assign(names_.size(), {});
  for (const auto& [name, value] : object.items()) {
    const auto found = std::find(names_.begin(), names_.end(), name);
    if (found == names_.end()) {
      record->error = fmt::format("unknown member '{}'", name);
      return;
    }
    if (value.is_structured()) {
      record->error = fmt::format("member '{}': expected a single value, found {}", name, value.type_name());
      return;
    }
    values_[static_cast<size_t>(found - names_.begin())] = TextOf(value);
  }
  for (size_t i = 0; i < names_.size(); ++i) record->fields[i] = values_[i];
}

}  // namespace cassette::pipeline

#include "cql_runner/golden_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/assert.h"

namespace cassette::cql_runner {
namespace {

constexpr std::string_view kBlanks = " \t\r";

std::string Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return std::string(text.substr(begin, text.find_last_not_of(kBlanks) - begin + 1));
}

std::string Lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return result;
}

Lines SplitAt(std::string_view text, char separator) {
  Lines parts;
  while (true) {
    const size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

Lines Words(const std::string& text) {
  std::istringstream stream(text);
  Lines words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

// A statement ends with a line that ends with ';'; a batch with the line that ends with APPLY BATCH;.
bool EndsStatement(const Lines& statement) {
  const std::string last = Lower(Trimmed(statement.back()));
  if (!last.ends_with(';')) return false;
  const Lines first_words = Words(Lower(statement.front()));
  if (first_words.empty() || first_words[0] != "begin") return true;
  const Lines words = Words(last.substr(0, last.size() - 1));
  return words.size() >= 2 && words[words.size() - 2].ends_with("apply") && words.back() == "batch";
}

std::string Joined(const Lines& lines) {
  std::string text;
  for (const std::string& line : lines) text += (&line == &lines.front() ? "" : "\n") + line;
  return text;
}

// "0x2200" of "error 0x2200 wording"; nothing when the answer is no error.
std::optional<std::string> ErrorCode(const Lines& lines) {
  if (lines.size() != 1) return std::nullopt;
  const Lines words = Words(lines[0]);
  if (words.size() < 2 || words[0] != "error") return std::nullopt;
  return words[1];
}

}  // namespace

base::Result<GoldenFile> GoldenFile::Parse(const std::string& path, std::string_view text) {
  GoldenFile file;
  file.path_ = path;
  CASSETTE_RETURN_IF_ERROR(file.Read(text));
  CASSETTE_RETURN_IF_ERROR(file.Check());
  return file;
}

base::Status GoldenFile::Read(std::string_view text) {
  Lines statement;
  size_t statement_line = 0;
  Step next;
  size_t number = 0;
  for (const std::string& line : SplitAt(text, '\n')) {
    ++number;
    if (statement.empty()) {
      if (line.starts_with("-->")) {
        if (steps_.empty()) {
          return base::InvalidArgument(fmt::format("{}:{}: expected output before the first statement", path_, number));
        }
        steps_.back().expected.push_back(Trimmed(std::string_view(line).substr(3)));
        continue;
      }
      if (Trimmed(line).empty() || line.starts_with("--")) {
        CASSETTE_RETURN_IF_ERROR(TakeComment(line, &next));
        blocks_.push_back({{line}, std::nullopt});
        continue;
      }
      statement_line = number;
    }
    statement.push_back(line);
    if (!EndsStatement(statement)) continue;
    next.statement = Joined(statement);
    next.line = statement_line;
    steps_.push_back(std::move(next));
    next = {};
    blocks_.push_back({statement, steps_.size() - 1});
    statement.clear();
  }
  if (statement.empty()) return base::Status::Ok();
  return base::InvalidArgument(
      fmt::format("{}:{}: this statement has no ';' at the end of a line", path_, statement_line));
}

base::Status GoldenFile::TakeComment(const std::string& line, Step* next) {
  const auto after = [&line](std::string_view key) -> std::optional<std::string> {
    if (!line.starts_with(key)) return std::nullopt;
    return Trimmed(std::string_view(line).substr(key.size()));
  };
  if (const auto name = after("-- name:")) name_ = *name;
  if (const auto description = after("-- description:")) description_ = *description;
  if (const auto tags = after("-- tags:")) tags_ = Words(*tags);
  if (const auto wait = after("-- wait:")) {
    const auto [end, error] = std::from_chars(wait->data(), wait->data() + wait->size(), next->wait_seconds);
    if (error != std::errc() || next->wait_seconds < 0) {
      return base::InvalidArgument(fmt::format("{}: '-- wait:' takes seconds, not '{}'", path_, *wait));
    }
  }
  if (const auto login = after("-- login:")) {
    const Lines words = Words(*login);
    if (words.size() != 2) {
      return base::InvalidArgument(
          fmt::format("{}: '-- login:' takes a role and its password, not '{}'", path_, *login));
    }
    next->login_role = words[0];
    next->login_password = words[1];
  }
  return base::Status::Ok();
}

base::Status GoldenFile::Check() const {
  const auto missing = [this](std::string_view key) {
    return base::InvalidArgument(fmt::format("{}: '-- {}:' is missing", path_, key));
  };
  if (name_.empty()) return missing("name");
  if (description_.empty()) return missing("description");
  if (tags_.empty()) return missing("tags");
  return base::Status::Ok();
}

bool GoldenFile::HasTag(std::string_view tag) const {
  return std::find(tags_.begin(), tags_.end(), tag) != tags_.end();
}

std::string GoldenFile::WithExpectations(const std::vector<Lines>& actual) const {
  CASSETTE_ASSERT(actual.size() == steps_.size());
  Lines out;
  for (const Block& block : blocks_) {
    out.insert(out.end(), block.lines.begin(), block.lines.end());
    if (!block.step.has_value()) continue;
    for (const std::string& line : actual[*block.step]) out.push_back(line.empty() ? "-->" : "--> " + line);
  }
  return Joined(out);
}

bool Matches(const Lines& expected, const Lines& actual) {
  const auto expected_code = ErrorCode(expected);
  if (expected_code.has_value()) return ErrorCode(actual) == expected_code;
  return std::equal(expected.begin(), expected.end(), actual.begin(), actual.end(),
                    [](const std::string& a, const std::string& b) { return Trimmed(a) == Trimmed(b); });
}

std::string KeyspaceOf(std::string_view relative_path) {
  if (relative_path.ends_with(".cql")) relative_path.remove_suffix(4);
  std::string keyspace = Lower(relative_path);
  for (char& c : keyspace) {
    const bool kept = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (!kept) c = '_';
  }
  return keyspace;
}

}  // namespace cassette::cql_runner

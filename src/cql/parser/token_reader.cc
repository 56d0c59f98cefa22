#include "cql/parser/token_reader.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/assert.h"
#include "cql/parser/parser.h"
#include "cql/parser/source.h"

namespace cassette::cql::parser {
namespace {

// Past this many characters what was found is cut in messages.
constexpr size_t kFoundLengthMax = 40;

}  // namespace

TokenReader::TokenReader(std::string_view text, bool explain) : text_(text), lexer_(text), explain_(explain) {
  current_ = lexer_.Next(0);
  if (current_.kind == TokenKind::kInvalid) FailWith({current_.offset}, current_.problem);
}

void TokenReader::Advance() {
  if (failed_) return;
  current_ = lexer_.Next(current_.end);
  if (current_.kind == TokenKind::kInvalid) FailWith({current_.offset}, current_.problem);
}

void TokenReader::Restore(const Mark& mark) {
  current_ = mark.token;
  failed_ = mark.failed;
  if (!failed_) failure_.clear();
}

void TokenReader::Fail() {
  if (failed_) return;
  failed_ = true;
  failed_token_ = current_;
  failure_position_ = {current_.offset};
  current_.kind = TokenKind::kFailed;
  current_.keyword = Keyword::kNone;
}

void TokenReader::FailWith(SourcePosition position, std::string message) {
  if (failed_) return;
  Fail();
  failure_ = std::move(message);
  failure_position_ = position;
}

void TokenReader::Expected(std::string_view what) {
  if (!explain_ || failed_) return;
  if (!expectations_.empty() && expectations_.back().offset < current_.offset) {
    std::erase_if(expectations_, [this](const Expectation& e) { return e.offset < current_.offset; });
  }
  expectations_.push_back({current_.offset, std::string(what)});
}

BindMarker TokenReader::NewMarker(std::optional<Identifier> name) {
  if (markers_.size() == kBindMarkersMax) {
    FailWith(position(), fmt::format("a statement has at most {} bind markers", kBindMarkersMax));
    return {};
  }
  BindMarker marker{static_cast<uint16_t>(markers_.size()), std::move(name)};
  markers_.push_back(marker);
  return marker;
}

bool TokenReader::Enter() {
  ++depth_;
  deepest_ = std::max(deepest_, depth_);
  return CheckNesting(depth_);
}

bool TokenReader::CheckNesting(uint32_t depth) {
  if (depth <= kNestingDepthMax) return true;
  FailWith(position(), fmt::format("this is nested more than {} levels deep", kNestingDepthMax));
  return false;
}

std::string TokenReader::Found() const {
  const Token& token = failed_token_;
  if (token.kind == TokenKind::kEnd) return "the end of the statement";
  std::string_view raw = Raw(token);
  std::string shown(raw.substr(0, kFoundLengthMax));
  if (shown.size() < raw.size()) {
    while (!shown.empty() && (shown.back() & 0xC0) == 0x80) shown.pop_back();
    shown += "...";
  }
  const bool quotes = shown.find('\'') != std::string::npos;
  return quotes ? shown : fmt::format("'{}'", shown);
}

// What the writer may have meant, after the plain fact.
std::string TokenReader::Hint() const {
  const auto expects = [this](std::string_view part) {
    return std::any_of(expectations_.begin(), expectations_.end(), [&](const Expectation& e) {
      return e.offset == failure_position_.offset && e.what.find(part) != std::string::npos;
    });
  };
  const Token& token = failed_token_;
  if (token.kind == TokenKind::kKeyword && ClassOf(token.keyword) == KeywordClass::kReserved && expects("name")) {
    return fmt::format("; {} is a reserved word: in double quotes it can be a name", SpellingOf(token.keyword));
  }
  if (token.kind == TokenKind::kQuotedName && (expects("a term") || expects("a string"))) {
    return "; text stands in single quotes, double quotes are for names";
  }
  if (token.kind == TokenKind::kString && expects("name")) {
    return "; names stand in double quotes, single quotes are for text";
  }
  if (token.kind == TokenKind::kIdentifier && expects("a term")) {
    return "; text stands in single quotes";
  }
  if (token.kind == TokenKind::kInteger && text_[token.offset] == '-' && expects("an operator")) {
    return "; '-' directly before a digit belongs to the number: put a blank between";
  }
  return "";
}

base::Status TokenReader::Error() const {
  CASSETTE_ASSERT(failed_);
  if (!failure_.empty()) return base::SyntaxError(MessageAt(text_, failure_position_, failure_));
  std::vector<std::string_view> wanted;
  for (const Expectation& expectation : expectations_) {
    if (expectation.offset != failure_position_.offset) continue;
    if (std::find(wanted.begin(), wanted.end(), expectation.what) == wanted.end()) wanted.push_back(expectation.what);
  }
  std::string message = fmt::format("found {}", Found());
  for (size_t i = 0; i < wanted.size(); ++i) {
    message += i == 0 ? ", expected " : (i + 1 == wanted.size() ? " or " : ", ");
    message += wanted[i];
  }
  return base::SyntaxError(MessageAt(text_, failure_position_, message + Hint()));
}

}  // namespace cassette::cql::parser

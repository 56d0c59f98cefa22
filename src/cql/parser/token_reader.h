// TokenReader: what the grammar's functions read from, and where they report.
//
// Errors are sticky: after the first one the reader shows a token that matches nothing, so that every function falls
// through to its end, and the error is taken once, by ParseStatement. The first run over a text records nothing but
// that it failed; a second run, made only then, records what was expected at each place, so that a right statement
// never pays for the message of a wrong one.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status.h"
#include "cql/parser/ast_base.h"
#include "cql/parser/ast_expression.h"
#include "cql/parser/lexer.h"
#include "cql/parser/token.h"

namespace cassette::cql::parser {

// Thread safety: a TokenReader belongs to one thread. Lifetime: the text must outlive the TokenReader.
class TokenReader {
 public:
  // `explain`: record what is expected, for the message of Error().
  TokenReader(std::string_view text, bool explain);
  TokenReader(const TokenReader&) = delete;
  TokenReader& operator=(const TokenReader&) = delete;

  const Token& current() const { return current_; }
  SourcePosition position() const { return {current_.offset}; }
  std::string_view text() const { return text_; }

  bool At(TokenKind kind) {
    if (current_.kind == kind) return true;
    if (explain_) Expected(DescribeTokenKind(kind));
    return false;
  }
  bool At(Keyword keyword) {
    if (current_.keyword == keyword) return true;
    if (explain_) Expected(SpellingOf(keyword));
    return false;
  }
  // The same without a trace in messages: for looking ahead.
  bool Is(TokenKind kind) const { return current_.kind == kind; }
  bool Is(Keyword keyword) const { return current_.keyword == keyword; }

  template <typename Wanted>
  bool Accept(Wanted wanted) {
    if (!At(wanted)) return false;
    Advance();
    return true;
  }
  // Fails unless `wanted` stands here.
  template <typename Wanted>
  bool Expect(Wanted wanted) {
    if (Accept(wanted)) return true;
    Fail();
    return false;
  }

  // The current token, and on to the next.
  Token Take() {
    const Token token = current_;
    Advance();
    return token;
  }
  // The token after the current one.
  Token Peek() const { return lexer_.Next(current_.end); }

  // The characters of `token`, as written.
  std::string_view Raw(const Token& token) const { return text_.substr(token.offset, token.end - token.offset); }

  // A place to come back to. Looking ahead may fail; Restore forgets that.
  struct Mark {
    Token token;
    bool failed;
  };
  Mark Save() const { return {current_, failed_}; }
  void Restore(const Mark& mark);

  // The statement is wrong here: what is expected is what At, Accept and Expected asked for at this place.
  void Fail();
  // The statement is wrong at `position`, for the reason that `message` gives.
  void FailWith(SourcePosition position, std::string message);
  bool failed() const { return failed_; }
  // Notes something that would be right here, in the words of a message ("a term").
  void Expected(std::string_view what);
  bool explain() const { return explain_; }

  // REQUIRES: failed().
  base::Status Error() const;

  // The next bind marker. Fails past kBindMarkersMax.
  BindMarker NewMarker(std::optional<Identifier> name);
  std::vector<BindMarker> TakeMarkers() { return std::move(markers_); }

  // Counts one level of nesting; fails past kNestingDepthMax. Every function that calls itself, however indirectly,
  // holds one and returns when !ok().
  class Nesting {
   public:
    explicit Nesting(TokenReader& reader) : reader_(reader), ok_(reader.Enter()) {}
    ~Nesting() { --reader_.depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;
    bool ok() const { return ok_; }

   private:
    TokenReader& reader_;
    bool ok_;
  };
  // Counts the levels of a tree that grows upwards without recursion, as `a + b + c` does: what was read before becomes
  // one level deeper with each Grow().
  class Growth {
   public:
    explicit Growth(TokenReader& reader) : reader_(reader), outer_deepest_(reader.deepest_) {
      reader.deepest_ = reader.depth_;
    }
    ~Growth() { reader_.deepest_ = std::max(reader_.deepest_, outer_deepest_); }
    Growth(const Growth&) = delete;
    Growth& operator=(const Growth&) = delete;
    // Fails past kNestingDepthMax.
    void Grow() { reader_.CheckNesting(++reader_.deepest_); }

   private:
    TokenReader& reader_;
    uint32_t outer_deepest_;
  };

 private:
  void Advance();
  bool Enter();
  bool CheckNesting(uint32_t depth);
  std::string Found() const;
  std::string Hint() const;

  std::string_view text_;
  Lexer lexer_;
  Token current_;
  bool failed_ = false;
  const bool explain_;
  uint32_t depth_ = 0;
  uint32_t deepest_ = 0;  // Of what was read since the innermost Growth began.
  std::vector<BindMarker> markers_;

  struct Expectation {
    uint32_t offset;
    std::string what;
  };
  std::vector<Expectation> expectations_;
  Token failed_token_;
  std::string failure_;  // The message of FailWith; empty after Fail.
  SourcePosition failure_position_;
};

}  // namespace cassette::cql::parser

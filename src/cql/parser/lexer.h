// The lexer: CQL's tokens as Cassandra's Lexer.g cuts them, '-' before digits included (`a -3` is a name and a number).
#pragma once

#include <cstdint>
#include <string_view>

#include "cql/parser/token.h"

namespace cassette::cql::parser {

// Cuts tokens from a text, one after another, allocating nothing.
// Thread safety: a Lexer belongs to one thread. Lifetime: the text must outlive the Lexer.
class Lexer {
 public:
  // REQUIRES: text.size() <= UINT32_MAX.
  explicit Lexer(std::string_view text);

  // The first token at or after `offset`, blanks and comments skipped. At the end of the text: kEnd, again and again.
  Token Next(uint32_t offset) const;

 private:
  char At(uint32_t offset) const { return offset < size_ ? data_[offset] : '\0'; }
  // Skips blanks and comments; an open `/*` stops at its own offset with `open_comment` set.
  uint32_t SkipBlanks(uint32_t offset, bool* open_comment) const;
  Token Word(uint32_t offset) const;
  Token NumberLike(uint32_t offset) const;
  Token AfterMinus(uint32_t offset) const;
  Token Quoted(uint32_t offset, char quote) const;
  Token DollarString(uint32_t offset) const;
  Token Punctuation(uint32_t offset) const;
  // Where the token of that kind ends that begins at `offset`; 0 when there is none.
  uint32_t UuidEnd(uint32_t offset) const;
  uint32_t DurationEnd(uint32_t offset) const;
  uint32_t IsoDurationEnd(uint32_t offset) const;
  uint32_t DigitsEnd(uint32_t offset) const;

  const char* data_;
  uint32_t size_;
};

}  // namespace cassette::cql::parser

#include "cql/parser/lexer.h"

#include <array>
#include <cstring>
#include <limits>

#include "base/assert.h"

namespace cassette::cql::parser {
namespace {

enum CharClass : uint8_t { kDigit = 1, kLetter = 2, kHex = 4, kWord = 8, kBeginsBlank = 16 };

constexpr std::array<uint8_t, 256> MakeClasses() {
  std::array<uint8_t, 256> classes = {};
  for (int c = '0'; c <= '9'; ++c) classes[c] = kDigit | kHex | kWord;
  for (int c = 'a'; c <= 'z'; ++c) classes[c] = classes[c - 'a' + 'A'] = kLetter | kWord | (c <= 'f' ? kHex : 0);
  classes['_'] = kWord;
  for (const char c : {' ', '\t', '\n', '\r', '-', '/'}) classes[static_cast<uint8_t>(c)] = kBeginsBlank;
  return classes;
}

constexpr std::array<uint8_t, 256> kClasses = MakeClasses();

bool Is(char c, CharClass char_class) { return (kClasses[static_cast<uint8_t>(c)] & char_class) != 0; }
bool IsDigit(char c) { return Is(c, kDigit); }
bool IsLetter(char c) { return Is(c, kLetter); }
bool IsWord(char c) { return Is(c, kWord); }
bool IsHex(char c) { return Is(c, kHex); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

Token MakeToken(TokenKind kind, uint32_t offset, uint32_t end) {
  Token token;
  token.kind = kind;
  token.offset = offset;
  token.end = end;
  return token;
}

Token Invalid(uint32_t offset, uint32_t end, const char* problem) {
  Token token = MakeToken(TokenKind::kInvalid, offset, end);
  token.problem = problem;
  return token;
}

bool SpellsIgnoringCase(const char* text, std::string_view lower) {
  for (size_t i = 0; i < lower.size(); ++i) {
    if (Lower(text[i]) != lower[i]) return false;
  }
  return true;
}

}  // namespace

Lexer::Lexer(std::string_view text) : data_(text.data()), size_(static_cast<uint32_t>(text.size())) {
  CASSETTE_ASSERT(text.size() <= std::numeric_limits<uint32_t>::max());
}

Token Lexer::Next(uint32_t offset) const {
  if (offset < size_ && data_[offset] == ' ') ++offset;
  if (offset < size_ && Is(data_[offset], kBeginsBlank)) {
    bool open_comment = false;
    offset = SkipBlanks(offset, &open_comment);
    if (open_comment) return Invalid(offset, size_, "this comment has no end: '*/' is missing");
  }
  if (offset >= size_) return MakeToken(TokenKind::kEnd, size_, size_);
  const char c = data_[offset];
  if (IsLetter(c)) return Word(offset);
  if (IsDigit(c)) return NumberLike(offset);
  if (c == '-') return AfterMinus(offset);
  if (c == '\'' || c == '"') return Quoted(offset, c);
  if (c == '$') return DollarString(offset);
  return Punctuation(offset);
}

uint32_t Lexer::SkipBlanks(uint32_t offset, bool* open_comment) const {
  while (offset < size_) {
    const char c = data_[offset];
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      ++offset;
      continue;
    }
    if (c != '-' && c != '/') break;
    const char next = At(offset + 1);
    if ((c == '-' && next == '-') || (c == '/' && next == '/')) {
      while (offset < size_ && data_[offset] != '\n' && data_[offset] != '\r') ++offset;
    } else if (c == '/' && next == '*') {
      const size_t end = std::string_view(data_, size_).find("*/", offset + 2);
      *open_comment = end == std::string_view::npos;
      if (*open_comment) return offset;
      offset = static_cast<uint32_t>(end) + 2;
    } else {
      break;
    }
  }
  return offset;
}

Token Lexer::Word(uint32_t offset) const {
  uint32_t end = offset + 1;
  while (end < size_ && IsWord(data_[end])) ++end;
  if (end - offset == 8 && At(end) == '-') {
    const uint32_t uuid_end = UuidEnd(offset);
    if (uuid_end != 0) return MakeToken(TokenKind::kUuid, offset, uuid_end);
  }
  if (data_[offset] == 'P') {
    const uint32_t duration_end = IsoDurationEnd(offset);
    if (duration_end >= end) return MakeToken(TokenKind::kDuration, offset, duration_end);
  }
  const std::string_view word(data_ + offset, end - offset);
  Token token = MakeToken(TokenKind::kIdentifier, offset, end);
  token.keyword = FindKeyword(word);
  if (token.keyword != Keyword::kNone) {
    token.kind = TokenKind::kKeyword;
  } else if ((word.size() == 4 && SpellsIgnoringCase(word.data(), "true")) ||
             (word.size() == 5 && SpellsIgnoringCase(word.data(), "false"))) {
    token.kind = TokenKind::kBoolean;
  }
  return token;
}

uint32_t Lexer::DigitsEnd(uint32_t offset) const {
  while (offset < size_ && IsDigit(data_[offset])) ++offset;
  return offset;
}

// REQUIRES: a digit at `offset`, or '-' and a digit.
Token Lexer::NumberLike(uint32_t offset) const {
  const bool negative = data_[offset] == '-';
  const uint32_t digits = offset + (negative ? 1 : 0);
  uint32_t end = DigitsEnd(digits);
  if (!negative) {
    if (data_[offset] == '0' && end == offset + 1 && (At(end) == 'x' || At(end) == 'X')) {
      uint32_t blob_end = end + 1;
      while (blob_end < size_ && IsHex(data_[blob_end])) ++blob_end;
      return MakeToken(TokenKind::kBlob, offset, blob_end);
    }
    const uint32_t uuid_end = end - offset <= 8 ? UuidEnd(offset) : 0;
    if (uuid_end != 0) return MakeToken(TokenKind::kUuid, offset, uuid_end);
  }
  const uint32_t duration_end = DurationEnd(digits);
  if (duration_end != 0) return MakeToken(TokenKind::kDuration, offset, duration_end);

  TokenKind kind = TokenKind::kInteger;
  if (At(end) == '.' && At(end + 1) == '.' && At(end + 2) != '.') return MakeToken(kind, offset, end);
  if (At(end) == '.') {
    kind = TokenKind::kFloat;
    end = DigitsEnd(end + 1);
  }
  if (At(end) == 'e' || At(end) == 'E') {
    const uint32_t exponent = end + ((At(end + 1) == '+' || At(end + 1) == '-') ? 2 : 1);
    const uint32_t exponent_end = DigitsEnd(exponent);
    if (exponent_end > exponent) return MakeToken(TokenKind::kFloat, offset, exponent_end);
  }
  return MakeToken(kind, offset, end);
}

Token Lexer::AfterMinus(uint32_t offset) const {
  const char next = At(offset + 1);
  if (IsDigit(next)) return NumberLike(offset);
  if (next == '=') return MakeToken(TokenKind::kMinusEqual, offset, offset + 2);
  if (next == 'P') {
    const uint32_t end = IsoDurationEnd(offset + 1);
    if (end != 0 && !IsWord(At(end))) return MakeToken(TokenKind::kDuration, offset, end);
  }
  const uint32_t rest = size_ - offset - 1;
  if (rest >= 3 && SpellsIgnoringCase(data_ + offset + 1, "nan") && !IsWord(At(offset + 4))) {
    return MakeToken(TokenKind::kNegativeNan, offset, offset + 4);
  }
  if (rest >= 8 && SpellsIgnoringCase(data_ + offset + 1, "infinity") && !IsWord(At(offset + 9))) {
    return MakeToken(TokenKind::kNegativeInfinity, offset, offset + 9);
  }
  return MakeToken(TokenKind::kMinus, offset, offset + 1);
}

Token Lexer::Quoted(uint32_t offset, char quote) const {
  bool escaped = false;
  uint32_t end = offset + 1;
  while (true) {
    const void* found = std::memchr(data_ + end, quote, size_ - end);
    if (found == nullptr) {
      return Invalid(offset, size_,
                     quote == '"' ? "this quoted name has no closing '\"'" : "this string has no closing quote (')");
    }
    end = static_cast<uint32_t>(static_cast<const char*>(found) - data_) + 1;
    if (At(end) != quote || end >= size_) break;
    // "" at the very start is an empty name, unless a third quote makes it an escaped one.
    escaped = true;
    ++end;
  }
  if (quote == '\'') {
    Token token = MakeToken(TokenKind::kString, offset, end);
    token.escaped = escaped;
    return token;
  }
  Token token = MakeToken(end == offset + 2 ? TokenKind::kEmptyQuotedName : TokenKind::kQuotedName, offset, end);
  token.escaped = escaped;
  return token;
}

Token Lexer::DollarString(uint32_t offset) const {
  if (At(offset + 1) != '$') return Invalid(offset, offset + 1, "'$' begins nothing here; a string may be $$text$$");
  const size_t end = std::string_view(data_, size_).find("$$", offset + 2);
  if (end == std::string_view::npos) return Invalid(offset, size_, "this string has no closing '$$'");
  return MakeToken(TokenKind::kDollarString, offset, static_cast<uint32_t>(end) + 2);
}

Token Lexer::Punctuation(uint32_t offset) const {
  const char next = At(offset + 1);
  const auto one = [&](TokenKind kind) { return MakeToken(kind, offset, offset + 1); };
  const auto two = [&](TokenKind kind) { return MakeToken(kind, offset, offset + 2); };
  switch (data_[offset]) {
    case '(':
      return one(TokenKind::kLeftParenthesis);
    case ')':
      return one(TokenKind::kRightParenthesis);
    case '[':
      return one(TokenKind::kLeftBracket);
    case ']':
      return one(TokenKind::kRightBracket);
    case '{':
      return one(TokenKind::kLeftBrace);
    case '}':
      return one(TokenKind::kRightBrace);
    case ',':
      return one(TokenKind::kComma);
    case ';':
      return one(TokenKind::kSemicolon);
    case ':':
      return one(TokenKind::kColon);
    case '?':
      return one(TokenKind::kQuestionMark);
    case '*':
      return one(TokenKind::kStar);
    case '/':
      return one(TokenKind::kSlash);
    case '%':
      return one(TokenKind::kPercent);
    case '=':
      return one(TokenKind::kEqual);
    case '.':
      return next == '.' ? two(TokenKind::kRange) : one(TokenKind::kDot);
    case '+':
      return next == '=' ? two(TokenKind::kPlusEqual) : one(TokenKind::kPlus);
    case '<':
      return next == '=' ? two(TokenKind::kLessOrEqual) : one(TokenKind::kLess);
    case '>':
      return next == '=' ? two(TokenKind::kGreaterOrEqual) : one(TokenKind::kGreater);
    case '!':
      return next == '=' ? two(TokenKind::kNotEqual) : Invalid(offset, offset + 1, "'!' stands only in '!='");
    case '_':
      return Invalid(offset, offset + 1, "a name begins with a letter, unless it is quoted (\"_name\")");
    case '\0':
      return Invalid(offset, offset + 1, "a NUL byte is not part of CQL");
    default:
      return Invalid(offset, offset + 1, "this character is not part of CQL outside of quotes");
  }
}

uint32_t Lexer::UuidEnd(uint32_t offset) const {
  constexpr uint32_t kUuidLength = 36;
  if (size_ - offset < kUuidLength) return 0;
  for (uint32_t i = 0; i < kUuidLength; ++i) {
    const char c = data_[offset + i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !IsHex(c)) return 0;
  }
  return offset + kUuidLength;
}

// DIGIT+ UNIT (DIGIT+ UNIT)*, where units are y mo w d h m s ms us µs ns in any case. REQUIRES: a digit at `offset`.
uint32_t Lexer::DurationEnd(uint32_t offset) const {
  uint32_t complete = 0;
  while (true) {
    const uint32_t digits_end = DigitsEnd(offset);
    if (digits_end == offset) return complete;
    const char unit = Lower(At(digits_end));
    const char next = Lower(At(digits_end + 1));
    if ((unit == 'm' && (next == 'o' || next == 's')) || ((unit == 'u' || unit == 'n') && next == 's')) {
      offset = digits_end + 2;
    } else if (unit == '\xC2' && next == '\xB5' && Lower(At(digits_end + 2)) == 's') {
      offset = digits_end + 3;
    } else if (unit != '\0' && std::strchr("ywdhms", unit) != nullptr) {
      offset = digits_end + 1;
    } else {
      return complete;
    }
    complete = offset;
  }
}

// P1Y2M3DT4H5M6S, P3W or P0001-02-03T04:05:06. REQUIRES: 'P' at `offset`.
uint32_t Lexer::IsoDurationEnd(uint32_t offset) const {
  constexpr std::string_view kAlternative = "P....-..-..T..:..:..";
  if (size_ - offset >= kAlternative.size()) {
    bool matches = true;
    for (uint32_t i = 1; i < kAlternative.size() && matches; ++i) {
      matches = kAlternative[i] == '.' ? IsDigit(data_[offset + i]) : kAlternative[i] == data_[offset + i];
    }
    if (matches) return offset + static_cast<uint32_t>(kAlternative.size());
  }
  const auto designators = [&](uint32_t from, std::string_view letters) {
    size_t next_letter = 0;
    while (true) {
      const uint32_t digits_end = DigitsEnd(from);
      if (digits_end == from) return from;
      const size_t letter = letters.find(At(digits_end), next_letter);
      if (At(digits_end) == '\0' || letter == std::string_view::npos) return from;
      next_letter = letter + 1;
      from = digits_end + 1;
    }
  };
  uint32_t end = designators(offset + 1, "W");
  if (end != offset + 1) return end;
  end = designators(offset + 1, "YMD");
  if (At(end) == 'T') {
    const uint32_t time_end = designators(end + 1, "HMS");
    if (time_end != end + 1) end = time_end;
  }
  return end == offset + 1 ? 0 : end;
}

std::string_view DescribeTokenKind(TokenKind kind) {
  switch (kind) {
    case TokenKind::kEnd:
      return "the end of the statement";
    case TokenKind::kInvalid:
      return "something that is not CQL";
    case TokenKind::kFailed:
      return "nothing";
    case TokenKind::kIdentifier:
      return "a name";
    case TokenKind::kKeyword:
      return "a keyword";
    case TokenKind::kQuotedName:
      return "a quoted name";
    case TokenKind::kEmptyQuotedName:
      return "an empty quoted name";
    case TokenKind::kString:
    case TokenKind::kDollarString:
      return "a string";
    case TokenKind::kInteger:
      return "an integer";
    case TokenKind::kFloat:
    case TokenKind::kNegativeNan:
    case TokenKind::kNegativeInfinity:
      return "a number";
    case TokenKind::kBoolean:
      return "true or false";
    case TokenKind::kDuration:
      return "a duration";
    case TokenKind::kUuid:
      return "a uuid";
    case TokenKind::kBlob:
      return "a blob";
    case TokenKind::kQuestionMark:
      return "'?'";
    case TokenKind::kRange:
      return "'..'";
    case TokenKind::kLeftParenthesis:
      return "'('";
    case TokenKind::kRightParenthesis:
      return "')'";
    case TokenKind::kLeftBracket:
      return "'['";
    case TokenKind::kRightBracket:
      return "']'";
    case TokenKind::kLeftBrace:
      return "'{'";
    case TokenKind::kRightBrace:
      return "'}'";
    case TokenKind::kComma:
      return "','";
    case TokenKind::kSemicolon:
      return "';'";
    case TokenKind::kColon:
      return "':'";
    case TokenKind::kDot:
      return "'.'";
    case TokenKind::kPlus:
      return "'+'";
    case TokenKind::kMinus:
      return "'-'";
    case TokenKind::kStar:
      return "'*'";
    case TokenKind::kSlash:
      return "'/'";
    case TokenKind::kPercent:
      return "'%'";
    case TokenKind::kEqual:
      return "'='";
    case TokenKind::kNotEqual:
      return "'!='";
    case TokenKind::kLess:
      return "'<'";
    case TokenKind::kLessOrEqual:
      return "'<='";
    case TokenKind::kGreater:
      return "'>'";
    case TokenKind::kGreaterOrEqual:
      return "'>='";
    case TokenKind::kPlusEqual:
      return "'+='";
    case TokenKind::kMinusEqual:
      return "'-='";
  }
  return "nothing";
}

}  // namespace cassette::cql::parser

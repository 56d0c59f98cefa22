#include "cql/parser/split.h"

#include "cql/parser/lexer.h"

namespace cassette::cql::parser {
namespace {

// Follows one statement's tokens to its end.
class Splitter {
 public:
  explicit Splitter(std::string_view script) : script_(script), lexer_(script) {}

  // The statement at or after `offset`; false when only blanks, comments and ';' are left.
  bool Next(uint32_t& offset, StatementText& statement) {
    Token token = lexer_.Next(offset);
    while (token.kind == TokenKind::kSemicolon) token = lexer_.Next(token.end);
    if (token.kind == TokenKind::kEnd) return false;
    const uint32_t begin = token.offset;
    uint32_t end = begin;
    bool in_batch = token.keyword == Keyword::kBegin;
    bool complete = false;
    Keyword previous = Keyword::kNone;
    while (token.kind != TokenKind::kEnd) {
      if (IsOpen(token)) {
        end = static_cast<uint32_t>(script_.size());
        token = Token{};
        token.end = end;
        break;
      }
      if (previous == Keyword::kApply && token.keyword == Keyword::kBatch) in_batch = false;
      if (token.kind == TokenKind::kSemicolon && !in_batch) {
        complete = true;
        break;
      }
      end = token.end;
      previous = token.keyword;
      token = lexer_.Next(token.end);
    }
    statement = {script_.substr(begin, end - begin), {begin}, complete};
    offset = token.end;
    return true;
  }

 private:
  // A string, name or comment that the script's end cuts off.
  bool IsOpen(const Token& token) const {
    if (token.kind != TokenKind::kInvalid || token.end != script_.size()) return false;
    const char first = script_[token.offset];
    return token.end - token.offset > 1 || first == '\'' || first == '"';
  }

  std::string_view script_;
  Lexer lexer_;
};

}  // namespace

std::vector<StatementText> SplitStatements(std::string_view script) {
  std::vector<StatementText> statements;
  Splitter splitter(script);
  uint32_t offset = 0;
  StatementText statement;
  while (splitter.Next(offset, statement)) statements.push_back(statement);
  return statements;
}

}  // namespace cassette::cql::parser

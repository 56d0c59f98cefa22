// Any text: the parser and the splitter answer, what parses prints, and without its constants it parses, too.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "cql/parser/lift.h"
#include "cql/parser/parser.h"
#include "cql/parser/split.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  namespace parser = cassette::cql::parser;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto result = parser::ParseStatement(text);
  if (result.ok()) {
    const auto* select = result->As<parser::SelectStatement>();
    if (select != nullptr) {
      for (const auto& selector : select->selectors) (void)parser::ToString(selector.expression);
    }
  }
  if (const auto lifted = parser::LiftLiterals(text); lifted && result.ok()) {
    const auto statement = parser::ParseStatement(lifted->text);
    CASSETTE_ASSERT(statement.ok() && statement->markers.size() == lifted->literals.size());
  }
  (void)parser::SplitStatements(text);
  return 0;
}

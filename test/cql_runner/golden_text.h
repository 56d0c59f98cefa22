// Answers as the lines of golden files.
#pragma once

#include <string>
#include <string_view>

#include "base/status.h"
#include "cql_runner/golden_file.h"
#include "session/session.h"
#include "types/data_type.h"

namespace cassette::cql_runner {

// "error 0x2200 message", the message's first line at most, cut at 200 characters.
Lines ErrorLines(const base::Status& status);

// Rows: a line of column names, then a line a row, fields with " | " between; anything else: no lines.
Lines AnswerLines(const session::ResultPage& page);

// One value as text: types::ToText for scalars, CQL literals for collections.
std::string ValueText(const types::DataType& type, std::string_view bytes);

// On one line, in which a bare '|' separates columns only.
std::string Escaped(std::string_view text);

}  // namespace cassette::cql_runner

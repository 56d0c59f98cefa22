// Answers: a model's question by name, as CQL over the Session. A span over bucketed tables reads exactly the buckets
// that it touches, one statement each.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/status.h"
#include "model/derive.h"
#include "session/session.h"

namespace cassette::model {

// "column=value", "column>=value", "column<value" as the command line gives them.
struct Argument {
  std::string column;
  std::string op;  // = >= <= > <
  std::string value;
};
base::Result<Argument> ParseArgument(std::string_view text);

// The statements to run, values bound as literals, in the order of the answer.
struct AnswerPlan {
  std::vector<std::string> statements;
  uint64_t partitions = 0;
};

// At most this many buckets a question may span.
inline constexpr uint64_t kMaxBucketsPerQuestion = 10'000;

// kInvalidArgument names what is missing, unknown or of the wrong type, and what the question takes.
base::Result<AnswerPlan> PlanAnswer(const DerivedTable& table, const std::vector<Argument>& arguments);

// Runs the plan page by page; `on_page` sees each page (columns are the same in all). Stops at its first failure.
base::Status RunAnswer(session::Session& session, const AnswerPlan& plan,
                       const std::function<base::Status(const session::ResultPage&)>& on_page);

}  // namespace cassette::model

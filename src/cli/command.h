// Command: one sub-command of the program. Each adds its options to the parser and runs when it was chosen.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/status.h"
#include "cli/parser.h"
#include "cli/place.h"

namespace cassette::cli {

class Command {
 public:
  virtual ~Command() = default;
  // The sub-command's parser, made under `parent`.
  virtual Parser Register(const Parser& parent) = 0;
  // Does the work. A failure's message goes to standard error and the exit status is 1.
  virtual base::Status Run(const Environment& environment) = 0;
};

std::unique_ptr<Command> MakeRunCommand();
std::unique_ptr<Command> MakeQueryCommand();
std::unique_ptr<Command> MakeDesignCommand();
std::unique_ptr<Command> MakeShellCommand();
std::unique_ptr<Command> MakeServeCommand();
std::unique_ptr<Command> MakeGenerateCommand();
std::unique_ptr<Command> MakeBenchCommand();
std::unique_ptr<Command> MakeAdminCommand();

}  // namespace cassette::cli

// Parser: the options of one sub-command, in front of CLI11, whose header costs seconds to compile and is included in
// parser.cc and program.cc alone.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace cassette::cli {

// A handle; copy freely. Lifetime: the program's parser and all variables given outlive it.
class Parser {
 public:
  explicit Parser(CLI::App* app) : app_(app) {}

  // A sub-command of this one. The example is printed below its help.
  Parser Sub(const std::string& name, const std::string& help, const std::string& example) const;
  void RequireSub() const;

  // Arguments by place.
  void Required(const std::string& name, std::string* value, const std::string& help) const;
  void Optional(const std::string& name, std::string* value, const std::string& help) const;
  void Rest(const std::string& name, std::vector<std::string>* values, const std::string& help) const;
  // "--seed", or "-e,--execute". The value it has now is shown as the default.
  void Option(const std::string& name, std::string* value, const std::string& help) const;
  void Option(const std::string& name, uint64_t* value, const std::string& help) const;
  void Option(const std::string& name, uint32_t* value, const std::string& help) const;
  void Option(const std::string& name, double* value, const std::string& help) const;
  void Option(const std::string& name, std::function<void(const std::string&)> use, const std::string& help) const;
  // "--name" alone means "true"; a value may follow.
  void Switch(const std::string& name, std::function<void(const std::string&)> use, const std::string& help) const;
  void Flag(const std::string& name, bool* value, const std::string& help) const;

  // Whether the command line chose this sub-command.
  bool chosen() const;
  std::string name() const;

 private:
  CLI::App* app_;
};

}  // namespace cassette::cli

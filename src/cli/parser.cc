#include "cli/parser.h"

#include <CLI/CLI.hpp>

namespace cassette::cli {

Parser Parser::Sub(const std::string& name, const std::string& help, const std::string& example) const {
  CLI::App* sub = app_->add_subcommand(name, help);
  sub->footer(example);
  return Parser(sub);
}

void Parser::RequireSub() const { app_->require_subcommand(1); }

void Parser::Required(const std::string& name, std::string* value, const std::string& help) const {
  app_->add_option(name, *value, help)->required();
}

void Parser::Optional(const std::string& name, std::string* value, const std::string& help) const {
  app_->add_option(name, *value, help);
}

void Parser::Rest(const std::string& name, std::vector<std::string>* values, const std::string& help) const {
  app_->add_option(name, *values, help);
}

void Parser::Option(const std::string& name, std::string* value, const std::string& help) const {
  CLI::Option* option = app_->add_option(name, *value, help);
  if (!value->empty()) option->capture_default_str();
}

void Parser::Option(const std::string& name, uint64_t* value, const std::string& help) const {
  app_->add_option(name, *value, help)->capture_default_str();
}

void Parser::Option(const std::string& name, uint32_t* value, const std::string& help) const {
  app_->add_option(name, *value, help)->capture_default_str();
}

void Parser::Option(const std::string& name, double* value, const std::string& help) const {
  app_->add_option(name, *value, help)->capture_default_str();
}

void Parser::Option(const std::string& name, std::function<void(const std::string&)> use,
                    const std::string& help) const {
  app_->add_option_function<std::string>(name, std::move(use), help);
}

void Parser::Switch(const std::string& name, std::function<void(const std::string&)> use,
                    const std::string& help) const {
  const auto use_value = [use = std::move(use)](const std::string& value) { use(value.empty() ? "true" : value); };
  app_->add_option_function<std::string>(name, use_value, help)->expected(0, 1);
}

void Parser::Flag(const std::string& name, bool* value, const std::string& help) const {
  app_->add_flag(name, *value, help);
}

bool Parser::chosen() const { return app_->parsed(); }

std::string Parser::name() const { return app_->get_name(); }

}  // namespace cassette::cli

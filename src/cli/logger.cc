#include "cli/logger.h"

#include <fmt/format.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace cassette::cli {
namespace {

constexpr size_t kRotateBytes = 10 << 20;
constexpr size_t kRotatedFiles = 5;

spdlog::level::level_enum ToSpdlog(base::LogLevel level) {
  switch (level) {
    case base::LogLevel::kDebug:
      return spdlog::level::debug;
    case base::LogLevel::kInfo:
      return spdlog::level::info;
    case base::LogLevel::kWarning:
      return spdlog::level::warn;
    case base::LogLevel::kError:
      return spdlog::level::err;
  }
  return spdlog::level::off;
}

class SpdlogLogger final : public base::Logger {
 public:
  explicit SpdlogLogger(std::shared_ptr<spdlog::logger> logger) : logger_(std::move(logger)) {}
  bool Enabled(base::LogLevel level) const override { return logger_->should_log(ToSpdlog(level)); }
  void Write(base::LogLevel level, std::string_view message) override {
    logger_->log(ToSpdlog(level), spdlog::string_view_t(message.data(), message.size()));
  }

 private:
  std::shared_ptr<spdlog::logger> logger_;
};

base::Result<spdlog::level::level_enum> ParseLevel(const std::string& level) {
  if (level == "debug") return spdlog::level::debug;
  if (level == "info") return spdlog::level::info;
  if (level == "warning") return spdlog::level::warn;
  if (level == "error") return spdlog::level::err;
  if (level == "off") return spdlog::level::off;
  return base::InvalidArgument(fmt::format("log_level: '{}' is none of debug, info, warning, error, off", level));
}

}  // namespace

base::Result<std::unique_ptr<base::Logger>> MakeLogger(const std::string& level, const std::string& path) {
  CASSETTE_ASSIGN_OR_RETURN(const spdlog::level::level_enum threshold, ParseLevel(level));
  std::shared_ptr<spdlog::sinks::sink> sink;
  try {  // spdlog reports by exception; they end here.
    if (path.empty()) {
      sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
    } else {
      sink = std::make_shared<spdlog::sinks::rotating_file_sink_mt>(path, kRotateBytes, kRotatedFiles);
    }
  } catch (const spdlog::spdlog_ex& error) {
    return base::IoError(fmt::format("log_file: {}", error.what()));
  }
  auto logger = std::make_shared<spdlog::logger>("cassette", std::move(sink));
  logger->set_level(threshold);
  logger->flush_on(spdlog::level::info);
  logger->set_pattern("%Y-%m-%dT%H:%M:%S.%e %l %v");
  return std::unique_ptr<base::Logger>(new SpdlogLogger(std::move(logger)));
}

}  // namespace cassette::cli

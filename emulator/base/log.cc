#include "emulator/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "emulator/base/check.h"

namespace kless {
namespace {

bool g_json = false;

spdlog::level::level_enum ToSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return spdlog::level::debug;
    case LogLevel::kInfo:
      return spdlog::level::info;
    case LogLevel::kWarning:
      return spdlog::level::warn;
    case LogLevel::kError:
      return spdlog::level::err;
    case LogLevel::kOff:
      return spdlog::level::off;
  }
  return spdlog::level::info;
}

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("kless",
                                                 std::make_shared<spdlog::sinks::stderr_sink_st>());
    made->set_level(spdlog::level::warn);
    made->flush_on(spdlog::level::debug);
    return made;
  }();
  return *logger;
}

}  // namespace

void InitializeLog(LogLevel level, bool json) {
  g_json = json;
  Logger().set_level(ToSpdlog(level));
  Logger().set_pattern(
      json ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v})" : "%Y-%m-%dT%H:%M:%S.%eZ %L %v",
      spdlog::pattern_time_type::utc);
}

bool LogEnabled(LogLevel level) { return Logger().should_log(ToSpdlog(level)); }

void Log(LogLevel level, std::string_view component, std::string_view message) {
  if (!LogEnabled(level)) return;
  if (g_json) {
    const auto replace = nlohmann::json::error_handler_t::replace;
    Logger().log(ToSpdlog(level), R"("component":{},"message":{})",
                 nlohmann::json(component).dump(-1, ' ', false, replace),
                 nlohmann::json(message).dump(-1, ' ', false, replace));
    return;
  }
  Logger().log(ToSpdlog(level), "[{}] {}", component, message);
}

void CheckFailed(const char* file, int line, const char* condition, std::string_view message) {
  std::fprintf(stderr, "kless: %s:%d: check failed: %s: %.*s\n", file, line, condition,
               static_cast<int>(message.size()), message.data());
  std::abort();
}

}  // namespace kless

#include "emulator/base/system/log.h"

#include <spdlog/fmt/fmt.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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

std::string Quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// As text, a value is quoted if its end would be ambiguous.
std::string FieldText(const LogField& field) {
  if (const auto* const number = std::get_if<std::uint64_t>(&field.value)) {
    return fmt::format("{}", *number);
  }
  if (const auto* const number = std::get_if<double>(&field.value)) {
    return fmt::format("{:.3f}", *number);
  }
  const std::string_view text = std::get<std::string_view>(field.value);
  const bool is_word = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
  });
  return g_json || !is_word ? Quoted(text) : std::string(text);
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

void Log(LogLevel level, std::string_view component, std::string_view message,
         std::initializer_list<LogField> fields) {
  if (!LogEnabled(level)) return;
  std::string line =
      g_json ? fmt::format(R"("component":{},"message":{})", Quoted(component), Quoted(message))
             : fmt::format("[{}] {}", component, message);
  for (const LogField& field : fields) {
    line += g_json ? fmt::format(R"(,"{}":{})", field.name, FieldText(field))
                   : fmt::format(" {}={}", field.name, FieldText(field));
  }
  Logger().log(ToSpdlog(level), "{}", line);
}

}  // namespace kless

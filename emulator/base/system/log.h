// Logging to stderr through spdlog, which this header does not include, to keep builds fast.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <variant>

namespace kless {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// `json`: one JSON object per line instead of text.  Call it once, before the loop starts.
void InitializeLog(LogLevel level, bool json);

// A value with its name, for lines that programs parse: "id=7 target=/api" as text, members as
// JSON.
struct LogField {
  std::string_view name;  // snake_case with its unit: "duration_ms"
  std::variant<std::string_view, std::uint64_t, double> value;
};

// `component` is the source ("store", "pool", ...), `message` one sentence, or the name of the
// record that the fields describe.
void Log(LogLevel level, std::string_view component, std::string_view message,
         std::initializer_list<LogField> fields = {});
bool LogEnabled(LogLevel level);

}  // namespace kless

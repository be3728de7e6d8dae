// Logging to stderr through spdlog, which this header does not include, to keep builds fast.
#pragma once

#include <string_view>

namespace kless {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// `json`: one JSON object per line instead of text.  Call it once, before the loop starts.
void InitializeLog(LogLevel level, bool json);

// `component` is the source ("store", "pool", ...), `message` one sentence.
void Log(LogLevel level, std::string_view component, std::string_view message);
bool LogEnabled(LogLevel level);

}  // namespace kless

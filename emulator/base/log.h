// Logging to stderr through spdlog, kept out of this header for build time.
#pragma once

#include <string_view>

namespace kless {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// `json`: one JSON object a line instead of text.  Called once, before the loop starts.
void InitializeLog(LogLevel level, bool json);

// component: where it comes from ("store", "pool", ...).  message: one sentence.
void Log(LogLevel level, std::string_view component, std::string_view message);
bool LogEnabled(LogLevel level);

}  // namespace kless

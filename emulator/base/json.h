// The JSON helpers that every layer uses, over nlohmann/json (forward-declared here).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "emulator/base/error.h"

namespace kless {

constexpr int kJsonMaxDepth = 256;

// kInvalidArgument: not JSON (with the place), or nested deeper than kJsonMaxDepth (empty objects
// and arrays may be one level deeper).
Result<nlohmann::json> ParseJson(std::string_view text);
// Compact; ill-formed UTF-8 is replaced and never causes an exception.
std::string DumpJson(const nlohmann::json& json);
// Appends `text` as a quoted JSON string.
void AppendJsonString(std::string& out, std::string_view text);

}  // namespace kless

// Latency profiles as files.
#pragma once

#include <string>

#include "emulator/base/error.h"
#include "emulator/config.h"
#include "functions/pool/latency_profile.h"

namespace kless {

// A latency profile by name ("aws-2026") or path of a YAML file, found as
// base/system/config_files.h says. Errors name file and line.
Result<LatencyProfile> LoadLatencyProfile(const std::string& name_or_path);
// If no latency profile was given and a file with other values wins over the compiled-in "instant",
// applies that file: a Config begins with the compiled-in values.
Result<void> ApplyDefaultLatency(Config* config);

}  // namespace kless

// Reads and writes whole files: configuration and reports, nothing of the emulated world.
#pragma once

#include <string>
#include <string_view>

#include "emulator/base/error.h"

namespace kless {

// kNotFound: the file cannot be read; the message has the system's reason.
Result<std::string> ReadFile(const std::string& path);
// Replaces an existing file; its folder must exist. kUnavailable: it cannot be written; the message
// has the reason.
Result<void> WriteFile(const std::string& path, std::string_view text);
// Creates the folder and its missing parents. kUnavailable: it cannot be created.
Result<void> MakeFolder(const std::string& path);

}  // namespace kless

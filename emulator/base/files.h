// Whole files at once.  Nothing of the emulated world goes through here: configuration comes in and
// reports go out.
#pragma once

#include <string>
#include <string_view>

#include "emulator/base/error.h"

namespace kless {

// kNotFound: it cannot be read, with the system's reason.
Result<std::string> ReadFile(const std::string& path);
// Replaces what is there; its folder exists.  kUnavailable: it cannot be written, with the reason.
Result<void> WriteFile(const std::string& path, std::string_view text);
// Creates it and what is missing above it.  kUnavailable: it cannot be made.
Result<void> MakeFolder(const std::string& path);

}  // namespace kless

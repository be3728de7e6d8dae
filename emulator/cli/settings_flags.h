// The settings table (emulator/config.h) as flags of a command.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "emulator/config.h"

namespace CLI {
class App;
}

namespace kless::cli {

// What was given on the command line.
struct SettingsFlags {
  std::string config_file;
  std::map<std::string, std::string> values;  // by flag; absent: not given
};

// Adds --config and a flag for every setting; `flags` outlives the parse.
void AddSettingsFlags(CLI::App& command, SettingsFlags* flags);

// Defaults, then the file (--config or KLESS_CONFIG), then the environment, then the flags.  The
// error lists every problem of the first source that has any.
Result<Config> LoadConfig(const SettingsFlags& flags);

// The flags as arguments for another kless.
std::vector<std::string> ToArguments(const SettingsFlags& flags);

}  // namespace kless::cli

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

// The values given on the command line.
struct SettingsFlags {
  std::string config_file;
  std::map<std::string, std::string> values;  // by flag; absent: not given
  std::vector<std::string> functions;         // --function: NAME.FIELD=VALUE, in their order
};

// Adds --config, --function and a flag for every other setting; `flags` outlives the parse.  The
// help shows those that most users need, in groups; `kless help settings` has them all. `defaults`:
// what the help says instead of a setting's own default, by flag.
void AddSettingsFlags(CLI::App& command, SettingsFlags* flags,
                      const std::map<std::string, std::string>& defaults = {});

// Describes --function, for the end of a --help.
std::string FunctionFlagHelp();
// Returns "memory_mb, timeout_ms, ...": every field of a function and its mapping.
std::string FunctionFieldNames();

// Applies defaults, then the file (--config or KLESS_CONFIG), then the environment, then the flags.
// The error lists all problems of the first source that has any.  `warnings` (may be null) gets a
// sentence for each variable that looks like a setting but is unknown.
Result<Config> LoadConfig(const SettingsFlags& flags, std::vector<std::string>* warnings = nullptr);

// Returns the config file that LoadConfig reads; "" if there is none.
std::string ConfigFileOf(const SettingsFlags& flags);

// The flags as arguments for another kless.
std::vector<std::string> ToArguments(const SettingsFlags& flags);

}  // namespace kless::cli

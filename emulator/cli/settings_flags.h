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
  std::vector<std::string> functions;         // --function: NAME.FIELD=VALUE, in their order
};

// Adds --config, --function and a flag for every other setting; `flags` outlives the parse.  The
// help shows those that most users need, in groups; `kless help settings` has them all. `defaults`:
// what the help says instead of a setting's own default, by flag.
void AddSettingsFlags(CLI::App& command, SettingsFlags* flags,
                      const std::map<std::string, std::string>& defaults = {});

// What --function takes, for the end of a --help.
std::string FunctionFlagHelp();
// "memory_mb, timeout_ms, ...": every field of a function and its mapping.
std::string FunctionFieldNames();
// In lines of at most 100 characters.
std::string Wrapped(const std::string& text);

// Defaults, then the file (--config or KLESS_CONFIG), then the environment, then the flags.  The
// error lists every problem of the first source that has any.  `warnings` (null: dropped) gets a
// sentence for each variable that looks like a setting and is none.
Result<Config> LoadConfig(const SettingsFlags& flags, std::vector<std::string>* warnings = nullptr);

// The flags as arguments for another kless.
std::vector<std::string> ToArguments(const SettingsFlags& flags);

}  // namespace kless::cli

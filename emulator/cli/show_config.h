// Commands that list and print the files which come with kless (base/config_files.h).
#pragma once

#include <string>
#include <vector>

#include "emulator/cli/commands.h"

namespace kless::cli {

// Where files are looked for by name, for the help of the commands that list them.
extern const char* const kPlacesOfConfigs;

struct ListedConfig {
  std::string name, description, origin;
};
// A table on standard output, which names the origin of whatever is not compiled in; 0.
int PrintConfigList(const std::vector<ListedConfig>& rows);

// `parent show NAME`: prints the file of `kind` ("experiments") that its readers would take. `what`
// names it in messages ("scenario"); `examples` are the lines of help under "Examples:".
void AddShowConfig(CLI::App& parent, Action& action, const std::string& kind,
                   const std::string& what, const std::string& examples);

}  // namespace kless::cli

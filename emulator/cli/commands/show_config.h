// Commands that list and print the files that come with kless (base/system/config_files.h).
#pragma once

#include <string>
#include <vector>

#include "emulator/cli/commands.h"

namespace kless::cli {

// The places where files are searched by name, for the help of the commands that list them.
extern const char* const kPlacesOfConfigs;

struct ListedConfig {
  std::string name, description, origin;
};
// Prints a table to standard output, with the origin of each file that is not compiled in; returns
// 0.
int PrintConfigList(const std::vector<ListedConfig>& rows);

// `parent show NAME`: prints the file of `kind` ("experiments") that would be used.  `what` names
// it in messages ("scenario"); `examples` are the lines of help under "Examples:".
void AddShowConfig(CLI::App& parent, Action& action, const std::string& kind,
                   const std::string& what, const std::string& examples);

}  // namespace kless::cli

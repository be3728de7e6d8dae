#include "emulator/cli/bench/cost.h"

#include <unistd.h>

#include <cstdlib>
#include <string_view>

#include "emulator/base/strings.h"

namespace kless::cli {

std::string ProgramInPath(const std::string& name) {
  const char* path = std::getenv("PATH");
  for (const std::string_view folder : Split(path == nullptr ? "" : path, ':')) {
    const std::string program = std::string(folder) + "/" + name;
    if (access(program.c_str(), X_OK) == 0) return program;
  }
  return "";
}

std::vector<std::string> QuietFlags() { return {"--loops", "none", "--nodes", "0"}; }

}  // namespace kless::cli

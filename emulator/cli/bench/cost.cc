#include "emulator/cli/bench/cost.h"

namespace kless::cli {

std::vector<std::string> QuietFlags() { return {"--loops", "none", "--nodes", "0"}; }

}  // namespace kless::cli

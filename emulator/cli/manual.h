// The manual page of `kless`, generated from the tree of commands that parses its command line.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace kless::cli {

// Text for man(7).  `root` must have been built, but not parsed.
std::string ManualPage(const CLI::App& root);

}  // namespace kless::cli

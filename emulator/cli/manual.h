// The manual page of `kless`, made of the tree of commands that parses its command line.
#pragma once

#include <string>

namespace CLI {
class App;
}

namespace kless::cli {

// Text for man(7).  `root` has been built, not parsed.
std::string ManualPage(const CLI::App& root);

}  // namespace kless::cli

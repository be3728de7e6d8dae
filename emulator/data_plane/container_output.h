// The standard output of a container, derived from its command line.  No I/O.
#pragma once

#include <string>
#include <vector>

#include "emulator/base/clock.h"

namespace kless::data_plane {

struct OutputLine {
  Duration after_start;  // run time of the container at which it is written
  std::string text;      // without the newline
};

// The output of `echo ...`, and of the echos in scripts that container_behaviour.h understands,
// each after the sleeps before it.  An unknown command, and everything after it, has no output.
std::vector<OutputLine> OutputOf(const std::vector<std::string>& command_line);

}  // namespace kless::data_plane

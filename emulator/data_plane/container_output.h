// What a container writes to its standard output, read from its command line.  No I/O.
#pragma once

#include <string>
#include <vector>

#include "emulator/base/clock.h"

namespace kless::data_plane {

struct OutputLine {
  Duration after_start;  // when the container has run for so long
  std::string text;      // without the line break
};

// Of `echo ...`, and of the scripts that container_behaviour.h understands: what their echos say,
// each behind the sleeps before it.  Nothing for commands that are not known, and behind them.
std::vector<OutputLine> OutputOf(const std::vector<std::string>& command_line);

}  // namespace kless::data_plane

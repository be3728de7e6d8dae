// RunProcess: runs another program to its end, without a shell.  For tools that work on files; it
// blocks the emulated world.
#pragma once

#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless {

struct ProcessOutcome {
  int exit_code = 0;   // 128 + n if it was ended by signal n
  std::string errors;  // its standard error
};

// command[0] is searched in PATH; its working directory is `folder`; standard input is empty,
// standard output is discarded. kNotFound: no such program. kUnavailable: it cannot be run.
Result<ProcessOutcome> RunProcess(const std::vector<std::string>& command,
                                  const std::string& folder);

// Returns the texts as exec and spawn take them; they must outlive the pointers.
std::vector<char*> ExecPointers(const std::vector<std::string>& texts);

}  // namespace kless

// RunProcess: one other program, run to its end, without a shell.  For tools that work on files;
// nothing of the emulated world waits for one.
#pragma once

#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless {

struct ProcessOutcome {
  int exit_code = 0;   // 128 + n if signal n ended it
  std::string errors;  // what it wrote to standard error
};

// command[0] is found by PATH; its working directory is `folder`; standard input is empty, standard
// output is dropped.  kNotFound: no such program.  kUnavailable: it cannot be run.
Result<ProcessOutcome> RunProcess(const std::vector<std::string>& command,
                                  const std::string& folder);

}  // namespace kless

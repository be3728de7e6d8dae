// CommandRunner: other programs, run to their end beside the loop.  Whoever waits for one waits
// through the scheduler; nothing blocks.
//
// Each command is a process group of its own, without a shell.  Nothing of it outlives Run(): at
// the deadline, when the command's first process has ended, and when the waiting coroutine is
// destroyed, what is left of the group is killed.  Only if this process itself is killed may a
// command go on.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/event.h"
#include "emulator/base/scheduler.h"
#include "emulator/base/task.h"

namespace kless {

struct Command {
  // [0] is found by this process's PATH; with a slash it is a path, below `folder` if it is
  // relative.
  std::vector<std::string> arguments;
  std::string folder;                              // where it runs; empty: where this process runs
  std::map<std::string, std::string> environment;  // added to this process's variables
  std::string input;                               // its standard input
  std::size_t output_limit = 0;                    // bytes of standard output
  // Hears each line of standard error as it comes, without its end; long lines in pieces.  May be
  // empty.
  std::function<void(std::string_view)> on_error_line;
};

struct CommandOutcome {
  int exit_code = 0;     // 128 + n if signal n ended it
  std::string output;    // its standard output
  bool flooded = false;  // it wrote more than output_limit, and was killed for it
};

class CommandRunner {
 public:
  // The scheduler outlives the runner, and the runner every Run().
  explicit CommandRunner(Scheduler& scheduler);

  // kNotFound: no such program or folder.  kUnavailable: it cannot be started.  kTimedOut: it was
  // killed at the deadline.
  Task<Result<CommandOutcome>> Run(Command command, TimePoint deadline);

 private:
  class Process;
  Scheduler& scheduler_;
  Event changed_;  // some command has ended
};

// Whether Run() would find the program and the folder.  kInvalidArgument says which it would not.
Result<void> CheckCommand(const std::vector<std::string>& arguments, const std::string& folder);

}  // namespace kless

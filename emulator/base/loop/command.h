// CommandRunner: runs other programs to their end without blocking the loop.  Callers wait through
// the scheduler.
//
// Each command is a process group of its own, without a shell.  Nothing of it outlives Run(): the
// rest of the group is killed at the deadline, when the command's first process has ended, and when
// the waiting coroutine is destroyed.  A command may continue only if this process itself is
// killed; a process that ends without destroying its runners calls KillRunningCommands().
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/base/loop/event.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"

namespace kless {

struct Command {
  // [0] is searched in this process's PATH; with a slash it is a path, relative to `folder`.
  std::vector<std::string> arguments;
  // its working directory; empty: that of this process
  std::string folder;
  std::map<std::string, std::string> environment;  // added to this process's variables
  std::string input;                               // its standard input
  std::size_t output_limit = 0;                    // bytes of standard output
  // Called with each line of standard error as it arrives, without its end; long lines in pieces.
  // May be empty.
  std::function<void(std::string_view)> on_error_line;
};

struct CommandOutcome {
  int exit_code = 0;     // 128 + n if it was ended by signal n
  std::string output;    // its standard output
  bool flooded = false;  // it was killed because it wrote more than output_limit
};

class CommandRunner {
 public:
  // The event loop must outlive the runner, and the runner every Run().
  explicit CommandRunner(EventLoop& event_loop);

  // kNotFound: the program or folder does not exist. kUnavailable: the program cannot be started.
  // kTimedOut: it was killed at the deadline.
  Task<Result<CommandOutcome>> Run(Command command, TimePoint deadline);

 private:
  class Process;
  EventLoop& event_loop_;
  Event changed_;  // notified when a command has ended
};

// Kills all commands of this process, with their process groups, without waiting: for a process
// that ends at once.
void KillRunningCommands();

// Checks that Run() would find the program and the folder. kInvalidArgument names the missing one.
Result<void> CheckCommand(const std::vector<std::string>& arguments, const std::string& folder);

}  // namespace kless

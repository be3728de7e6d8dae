// Child processes of `kless exec`: the daemon it starts and the command it runs.  Both die with the
// keeper that is their parent.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/cli/keeper.h"

namespace kless::cli {

// A daemon in a process group of its own, out of reach of the terminal's Ctrl-C.
class DaemonChild {
 public:
  // Hears each line that the daemon writes to standard error, without its end.
  using ErrorLine = std::function<void(std::string_view)>;

  // arguments[0] is the path of the program.  `on_error_line` null: standard error is this
  // process's own.  The keeper outlives the daemon.
  static Result<DaemonChild> Start(Keeper& keeper, const std::vector<std::string>& arguments,
                                   ErrorLine on_error_line);
  DaemonChild(DaemonChild&& other) noexcept;
  DaemonChild& operator=(DaemonChild&&) = delete;
  // Kills it, if it was not stopped.
  ~DaemonChild();

  pid_t pid() const { return pid_; }
  // The next line of its standard output, "" at the end.  kCancelled: a signal of the keeper came
  // first, which is left in *signal.
  Result<std::string> ReadLine(QueuedSignal* signal);
  // Readable when the daemon has written to standard error; -1: nothing is to be read.
  int errors() const { return errors_; }
  // Hands on what there is to read now, without waiting.
  void ReadErrors();
  // SIGTERM, then SIGKILL after `patience`; returns once it has ended and all that it wrote has
  // been read.
  void Stop(std::chrono::milliseconds patience);
  // Its exit code if it has ended by itself.
  std::optional<int> Ended();

 private:
  DaemonChild(Keeper& keeper, pid_t pid, int output, int errors, ErrorLine on_error_line);

  Keeper* keeper_;
  pid_t pid_ = -1;
  int output_ = -1;      // read end of its standard output
  int errors_ = -1;      // read end of its standard error
  std::string pending_;  // the last line of standard error, so far
  ErrorLine on_error_line_;
};

struct CommandEnd {
  int exit_code = 0;                    // 128 + n if signal n ended it
  bool front_gone = false;              // the front was killed: the command was killed, too
  bool refused = false;                 // it never began: a signal came before
  std::optional<int> daemon_exit_code;  // the daemon ended before the command did
};

// Runs a command found by PATH in the front's process group, with variables added to the
// environment; passes signals on to it and returns once it has ended.  Signals of the terminal
// reach it without that.  kNotFound, or kInvalidArgument if it cannot be run.
Result<CommandEnd> RunCommand(Keeper& keeper, DaemonChild& daemon,
                              const std::vector<std::string>& command,
                              const std::map<std::string, std::string>& variables);

// The path of this program's file.
std::string OwnPath();

}  // namespace kless::cli

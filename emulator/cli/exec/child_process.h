// Child processes of `kless exec`: the daemon that it starts and the command that it runs.  Both
// end with the keeper, their parent.
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
#include "emulator/cli/exec/keeper.h"

namespace kless::cli {

// A daemon in a process group of its own, out of reach of the terminal's Ctrl-C.
class DaemonChild {
 public:
  // Receives each line that the daemon writes to standard error, without its newline.
  using ErrorLine = std::function<void(std::string_view)>;

  // arguments[0] is the path of the program.  If `on_error_line` is null, the daemon shares this
  // process's standard error.  The keeper must outlive the daemon.
  static Result<DaemonChild> Start(Keeper& keeper, const std::vector<std::string>& arguments,
                                   ErrorLine on_error_line);
  DaemonChild(DaemonChild&& other) noexcept;
  DaemonChild& operator=(DaemonChild&&) = delete;
  // Kills it unless it was stopped.
  ~DaemonChild();

  pid_t pid() const { return pid_; }
  // Returns the next line of its standard output, "" at the end.  kCancelled: a signal of the
  // keeper came first; it is left in *signal.
  Result<std::string> ReadLine(QueuedSignal* signal);
  // Readable when the daemon has written to standard error; -1 if there is nothing to read.
  int errors() const { return errors_; }
  // Forwards the available output, without waiting.
  void ReadErrors();
  // Sends SIGTERM, then SIGKILL after `patience`; returns once the daemon has ended and all its
  // output has been read.
  void Stop(std::chrono::milliseconds patience);
  // Returns its exit code if it has ended by itself.
  std::optional<int> Ended();

 private:
  DaemonChild(Keeper& keeper, pid_t pid, int output, int errors, ErrorLine on_error_line);

  Keeper* keeper_;
  pid_t pid_ = -1;
  int output_ = -1;      // read end of its standard output
  int errors_ = -1;      // read end of its standard error
  std::string pending_;  // the last, incomplete line of standard error
  ErrorLine on_error_line_;
};

struct CommandEnd {
  int exit_code = 0;                    // 128 + n if signal n ended it
  bool front_gone = false;              // the front was killed, and the command with it
  bool refused = false;                 // a signal came before the command could start
  std::optional<int> daemon_exit_code;  // the daemon ended before the command did
};

// Runs a command found by PATH in the front's process group, with variables added to the
// environment; passes signals on to it and returns once it has ended.  Signals of the terminal
// reach it directly. kNotFound: no such program. kUnavailable: it cannot be run.
Result<CommandEnd> RunCommand(Keeper& keeper, DaemonChild& daemon,
                              const std::vector<std::string>& command,
                              const std::map<std::string, std::string>& variables);

// The path of this program's file.
std::string OwnPath();

}  // namespace kless::cli

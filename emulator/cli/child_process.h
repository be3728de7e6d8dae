// Child processes of `kless exec`: the daemon it starts and the command it runs.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless::cli {

// A daemon that ends with this process, out of reach of the terminal's Ctrl-C.
class ChildProcess {
 public:
  // arguments[0] is the path of the program.
  static Result<ChildProcess> StartDaemon(const std::vector<std::string>& arguments);
  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&&) = delete;
  // Kills it, if it was not stopped.
  ~ChildProcess();

  // The next line of its standard output, "" at the end.
  std::string ReadLine();
  // SIGTERM, then SIGKILL after `patience`; returns once it has ended.
  void Stop(std::chrono::milliseconds patience);

 private:
  ChildProcess(pid_t pid, int output) : pid_(pid), output_(output) {}
  pid_t pid_ = -1;
  int output_ = -1;  // read end of its standard output
};

// Runs a command found by PATH with variables added to the environment, passes SIGINT, SIGTERM,
// SIGHUP and SIGQUIT on to it, and returns its exit code (128 + n if signal n ended it). kNotFound,
// or kInvalidArgument if it cannot be run.
Result<int> RunForwardingSignals(const std::vector<std::string>& command,
                                 const std::map<std::string, std::string>& variables);

// The path of this program's file.
std::string OwnPath();
// A new folder under $TMPDIR or /tmp; "" if none can be made.
std::string MakeTemporaryFolder(const std::string& prefix);

}  // namespace kless::cli

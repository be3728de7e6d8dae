// Other programs: how they are started, without a shell, and how they end.  Everything that runs a
// program goes through StartProcess.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/error.h"

namespace kless {

// A pipe whose ends are closed with it and by exec, unless they are released.
class Pipe {
 public:
  Pipe();  // makes the pipe; if that fails, it is not ok() and errno says why
  ~Pipe();
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool ok() const { return ends_[0] >= 0; }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  // The caller closes the end that it gets.
  int ReleaseReadEnd();
  int ReleaseWriteEnd();
  // The read end meets the end of the data only once every copy of the write end is closed.
  void CloseWriteEnd();
  // Everything up to the end of the data.
  std::string ReadToEnd() const;

 private:
  std::array<int, 2> ends_{-1, -1};
};

// For a stream of a SpawnPlan, instead of a descriptor.
inline constexpr int kSameStream = -1;  // that of this process
inline constexpr int kNoStream = -2;    // /dev/null

// What a program is run with.  What is not said here is inherited from this process.
struct SpawnPlan {
  // [0] is searched in this process's PATH; with a slash it is a path, relative to `folder`.
  std::vector<std::string> arguments;
  std::string folder;                              // its working directory; empty: inherited
  std::map<std::string, std::string> environment;  // added to this process's variables
  // Descriptors of this process that become its standard input, output and error.
  int input = kNoStream;
  int output = kSameStream;
  int errors = kSameStream;
  bool closes_others = false;        // it gets no other descriptor, whatever lacks close-on-exec
  std::optional<pid_t> group;        // the process group that it enters; 0: a new one of its own
  int parent_death_signal = 0;       // it gets this signal when this process ends; 0: none
  sigset_t blocked_signals{};        // none
  std::vector<int> default_signals;  // it does not ignore these, even if this process does
};

// Returns its process ID, once it runs; it has to be waited for. kNotFound: no such program or
// folder. kUnavailable: it cannot be started.
Result<pid_t> StartProcess(const SpawnPlan& plan);

// The exit code of a process that this one started: 128 + n if signal n ended it.
int WaitForExit(pid_t process);
// The same without waiting; nullopt while it runs.
std::optional<int> PollExit(pid_t process);

struct ProcessOutcome {
  int exit_code = 0;   // as of WaitForExit
  std::string errors;  // its standard error
};

// Runs a program to its end: for tools that work on files; it blocks the emulated world.  Standard
// input is empty, standard output is discarded.  Errors are those of StartProcess.
Result<ProcessOutcome> RunProcess(const std::vector<std::string>& command,
                                  const std::string& folder);

}  // namespace kless

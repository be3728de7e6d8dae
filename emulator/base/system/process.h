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

// What a program sees of the machine: its own processes and its own file system.  Linux namespaces,
// see namespaces(7); IsolationProblem() says whether they can be had here.
struct Isolation {
  // One step of building the root folder; paths are absolute.  Folders and mounts end with the
  // program's last process.
  struct Step {
    enum class Kind { kFolder, kLink, kBind, kReadOnlyBind };
    Kind kind = Kind::kFolder;
    std::string source;  // kLink: what it says; kBind: what appears at the target, with its mounts
    std::string target;  // within `root`
  };
  std::string root;  // an existing empty folder, over which the new file system is mounted
  std::vector<Step> steps;
  std::string folder;  // the working directory, as the program sees it
  // Whether this process may not make namespaces itself, but a user namespace in which it may.
  bool in_user_namespace = false;
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
  bool only_environment = false;                   // it gets none of this process's variables
  // Descriptors of this process that become its standard input, output and error.
  int input = kNoStream;
  int output = kSameStream;
  int errors = kSameStream;
  bool closes_others = false;        // it gets no other descriptor, whatever lacks close-on-exec
  std::optional<pid_t> group;        // the process group that it enters; 0: a new one of its own
  int parent_death_signal = 0;       // it gets this signal when this process ends; 0: none
  sigset_t blocked_signals{};        // none
  std::vector<int> default_signals;  // it does not ignore these, even if this process does
  // Null: it sees what this process sees.  Otherwise it is the first process of a PID namespace:
  // when it ends, for whatever reason, the kernel kills all others there.
  const Isolation* isolation = nullptr;
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

// The folders in which programs are searched: this process's PATH.
std::string ProgramFolders();
// The absolute path of a program that ProgramFolders() has; "" if there is none.
std::string FindProgram(const std::string& name);

// Runs a program to its end: for tools that work on files; it blocks the emulated world.  Standard
// input is empty, standard output is discarded.  Errors are those of StartProcess.
Result<ProcessOutcome> RunProcess(const std::vector<std::string>& command,
                                  const std::string& folder);

}  // namespace kless

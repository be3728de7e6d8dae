#include "emulator/base/system/process.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>
#include <utility>

#include "emulator/base/strings.h"

namespace kless {
namespace {

constexpr std::size_t kStackBytes = 256u << 10;  // of a child, until exec

// What a child does between clone and exec.  It shares this process's memory, so it must not
// allocate; this process stands still meanwhile.
struct ChildBeforeExec {
  const SpawnPlan& plan;
  uid_t user;
  gid_t group;
  char* const* arguments;
  char* const* environment;
  pid_t parent;
  int failure = 0;  // the errno of the step that failed
};

// A handler of this process must not run in the child once signals are no longer blocked.
void DropHandlers() {
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction action {};
    if (sigaction(signal, nullptr, &action) != 0) continue;
    if (action.sa_handler == SIG_IGN || action.sa_handler == SIG_DFL) continue;
    action = {};
    sigaction(signal, &action, nullptr);
  }
}

bool Attach(int source, int stream) {
  if (source == kSameStream) return true;
  if (source == kNoStream) source = open("/dev/null", O_RDWR | O_CLOEXEC);
  // dup2 of a descriptor to itself would leave it to be closed by exec.
  if (source == stream) return fcntl(stream, F_SETFD, 0) == 0;
  return dup2(source, stream) >= 0;
}

bool WriteFile(const char* path, const char* text) {
  const int file = open(path, O_WRONLY | O_CLOEXEC);
  if (file < 0) return false;
  const bool written = write(file, text, std::strlen(text)) >= 0;
  close(file);
  return written;
}

// "1000 1000 1\n": the user keeps its number.
bool WriteMap(const char* path, unsigned number) {
  char digits[16];
  char text[40] = "";
  std::size_t length = 0;
  do {
    digits[length++] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  std::size_t end = 0;
  for (int twice = 0; twice < 2; ++twice) {
    for (std::size_t i = length; i > 0; --i) text[end++] = digits[i - 1];
    text[end++] = ' ';
  }
  text[end++] = '1';
  text[end] = '\n';
  return WriteFile(path, text);
}

bool Bind(const Isolation::Step& step) {
  const char* const target = step.target.c_str();
  if (mount(step.source.c_str(), target, nullptr, MS_BIND | MS_REC, nullptr) != 0) return false;
  if (step.kind != Isolation::Step::Kind::kReadOnlyBind) return true;
  // In a user namespace the flags that the original has may not be taken away.
  constexpr unsigned long kReadOnly = MS_BIND | MS_REMOUNT | MS_RDONLY;
  return mount(nullptr, target, nullptr, kReadOnly, nullptr) == 0 ||
         mount(nullptr, target, nullptr, kReadOnly | MS_NOSUID | MS_NODEV, nullptr) == 0;
}

// Builds the root folder out of the old one, and enters it.
bool Isolate(const Isolation& isolation, uid_t user, gid_t group) {
  using Kind = Isolation::Step::Kind;
  if (isolation.in_user_namespace) {
    // A process without privileges may map its group only where groups cannot be dropped.
    if (!WriteFile("/proc/self/setgroups", "deny") || !WriteMap("/proc/self/uid_map", user) ||
        !WriteMap("/proc/self/gid_map", group)) {
      return false;
    }
  }
  const char* const root = isolation.root.c_str();
  if (mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      mount("kless", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") != 0) {
    return false;
  }
  for (const Isolation::Step& step : isolation.steps) {
    const char* const target = step.target.c_str();
    const bool done = step.kind == Kind::kFolder ? mkdir(target, 0755) == 0
                      : step.kind == Kind::kLink ? symlink(step.source.c_str(), target) == 0
                                                 : Bind(step);
    if (!done) return false;
  }
  if (chdir(root) != 0 || syscall(SYS_pivot_root, ".", ".") != 0) return false;
  if (umount2(".", MNT_DETACH) != 0) return false;
  // Where a container hides parts of /proc, the kernel does not allow another one: then the program
  // sees that of the machine.
  mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr);
  return chdir(isolation.folder.c_str()) == 0;
}

bool Prepare(const SpawnPlan& plan) {
  if (plan.group) setpgid(0, *plan.group);  // The group may have gone.
  if (!Attach(plan.input, STDIN_FILENO) || !Attach(plan.output, STDOUT_FILENO) ||
      !Attach(plan.errors, STDERR_FILENO)) {
    return false;
  }
  if (plan.closes_others && close_range(STDERR_FILENO + 1, ~0u, 0) != 0) return false;
  if (!plan.folder.empty() && chdir(plan.folder.c_str()) != 0) return false;
  for (const int number : plan.default_signals) signal(number, SIG_DFL);
  return sigprocmask(SIG_SETMASK, &plan.blocked_signals, nullptr) == 0;
}

// The sanitizer does not know the stack that this runs on.
[[gnu::no_sanitize_address]] int RunUntilExec(void* argument) {
  ChildBeforeExec& child = *static_cast<ChildBeforeExec*>(argument);
  if (child.plan.parent_death_signal != 0) {
    prctl(PR_SET_PDEATHSIG, child.plan.parent_death_signal);
    // It died before prctl.  In a PID namespace the parent has no number.
    if (child.plan.isolation == nullptr && getppid() != child.parent) return 1;
  }
  DropHandlers();
  const bool isolated =
      child.plan.isolation == nullptr || Isolate(*child.plan.isolation, child.user, child.group);
  if (isolated && Prepare(child.plan))
    execvpe(child.arguments[0], child.arguments, child.environment);
  child.failure = errno;
  return 127;
}

std::vector<char*> Pointers(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const std::string& text : texts) {
    pointers.push_back(const_cast<char*>(text.c_str()));  // exec does not write to them
  }
  pointers.push_back(nullptr);
  return pointers;
}

// This process's variables unless `only` those added, overridden by `added`, as NAME=VALUE.
std::vector<std::string> Variables(const std::map<std::string, std::string>& added, bool only) {
  std::vector<std::string> variables;
  for (char** variable = environ; !only && *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    if (!added.contains(std::string(text.substr(0, text.find('='))))) variables.emplace_back(text);
  }
  for (const auto& [name, value] : added) variables.push_back(name + "=" + value);
  return variables;
}

Error CannotRun(const std::string& program, int reason) {
  const bool missing = reason == ENOENT || reason == ENOTDIR;
  return MakeError(missing ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                   "cannot run " + program + ": " + std::strerror(reason));
}

int ExitCodeOf(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

Pipe::Pipe() {
  if (pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
}

Pipe::~Pipe() {
  for (const int end : ends_) {
    if (end >= 0) close(end);
  }
}

int Pipe::ReleaseReadEnd() { return std::exchange(ends_[0], -1); }
int Pipe::ReleaseWriteEnd() { return std::exchange(ends_[1], -1); }
void Pipe::CloseWriteEnd() { close(ReleaseWriteEnd()); }

std::string Pipe::ReadToEnd() const {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t got = read(read_end(), buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(buffer.data(), static_cast<std::size_t>(got));
  }
}

// As posix_spawn, which cannot set the signal of a parent's death: a fork would copy the page
// tables of a large daemon for each command of a function.
Result<pid_t> StartProcess(const SpawnPlan& plan) {
  const std::vector<std::string> variables = Variables(plan.environment, plan.only_environment);
  const std::vector<char*> arguments = Pointers(plan.arguments);
  const std::vector<char*> environment = Pointers(variables);
  const auto stack = std::make_unique_for_overwrite<char[]>(kStackBytes);
  ChildBeforeExec child{plan, geteuid(), getegid(), arguments.data(), environment.data(), getpid()};
  int namespaces = 0;
  if (plan.isolation != nullptr) {
    namespaces = CLONE_NEWPID | CLONE_NEWNS;
    if (plan.isolation->in_user_namespace) namespaces |= CLONE_NEWUSER;
  }
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  // Returns when the child has called exec, or has ended.
  const pid_t process = clone(RunUntilExec, stack.get() + kStackBytes,
                              CLONE_VM | CLONE_VFORK | SIGCHLD | namespaces, &child);
  const int reason = process < 0 ? errno : child.failure;
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (process > 0 && reason != 0) WaitForExit(process);
  if (reason != 0) return CannotRun(plan.arguments[0], reason);
  return process;
}

int WaitForExit(pid_t process) {
  int status = 0;
  while (waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return ExitCodeOf(status);
}

std::optional<int> PollExit(pid_t process) {
  int status = 0;
  pid_t ended = 0;
  do {
    ended = waitpid(process, &status, WNOHANG);
  } while (ended < 0 && errno == EINTR);
  if (ended != process) return std::nullopt;
  return ExitCodeOf(status);
}

std::string ProgramFolders() {
  const char* const path = std::getenv("PATH");
  return path == nullptr ? "/usr/bin:/bin" : path;
}

std::string FindProgram(const std::string& name) {
  const std::string folders = ProgramFolders();
  for (const std::string_view folder : Split(folders, ':')) {
    const std::string path = std::string(folder.empty() ? "." : folder) + "/" + name;
    std::error_code error;
    if (access(path.c_str(), X_OK) == 0 && std::filesystem::is_regular_file(path, error)) {
      return std::filesystem::absolute(path, error).string();
    }
  }
  return "";
}

Result<ProcessOutcome> RunProcess(const std::vector<std::string>& command,
                                  const std::string& folder) {
  Pipe errors;
  if (!errors.ok()) return CannotRun(command[0], errno);
  SpawnPlan plan;
  plan.arguments = command;
  plan.folder = folder;
  plan.output = kNoStream;
  plan.errors = errors.write_end();
  KLESS_TRY(const pid_t process, StartProcess(plan));
  errors.CloseWriteEnd();
  ProcessOutcome outcome;
  outcome.errors = errors.ReadToEnd();
  outcome.exit_code = WaitForExit(process);
  return outcome;
}

}  // namespace kless

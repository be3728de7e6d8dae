#include "emulator/cli/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>

#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

std::vector<char*> Pointers(const std::vector<std::string>& arguments) {
  std::vector<char*> pointers;
  for (const std::string& argument : arguments) {
    pointers.push_back(const_cast<char*>(argument.c_str()));  // execvp does not write to them
  }
  pointers.push_back(nullptr);
  return pointers;
}

// A pipe whose write end tells the parent the errno of a failed exec: it closes on success.
struct ErrorPipe {
  std::array<int, 2> ends{-1, -1};
  ErrorPipe() {
    if (pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
  }
  [[noreturn]] void ReportAndExit() const {
    const int reason = errno;
    [[maybe_unused]] const auto written = write(ends[1], &reason, sizeof reason);
    _exit(127);
  }
  // 0: the exec succeeded.
  int Await() {
    close(ends[1]);
    int reason = 0;
    ssize_t got = 0;
    do {
      got = read(ends[0], &reason, sizeof reason);
    } while (got < 0 && errno == EINTR);
    close(ends[0]);
    return got == static_cast<ssize_t>(sizeof reason) ? reason : 0;
  }
};

Error ExecFailure(const std::string& program, int reason) {
  return MakeError(reason == ENOENT ? ErrorCode::kNotFound : ErrorCode::kInvalidArgument,
                   "cannot run " + program + ": " + std::strerror(reason));
}

sigset_t ForwardedSignals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) sigaddset(&set, number);
  return set;
}

// The exit code of `pid` if it has ended.
bool Reap(pid_t pid, int* exit_code) {
  int status = 0;
  pid_t done = 0;
  do {
    done = waitpid(pid, &status, WNOHANG);
  } while (done < 0 && errno == EINTR);
  if (done != pid) return false;
  *exit_code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  return true;
}

}  // namespace

ChildProcess::ChildProcess(ChildProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), output_(std::exchange(other.output_, -1)) {}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) Stop(std::chrono::milliseconds(0));
  if (output_ >= 0) close(output_);
}

Result<ChildProcess> ChildProcess::StartDaemon(const std::vector<std::string>& arguments) {
  std::array<int, 2> output{};
  if (pipe2(output.data(), O_CLOEXEC) != 0) return ExecFailure(arguments[0], errno);
  ErrorPipe failure;
  const std::vector<char*> pointers = Pointers(arguments);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return ExecFailure(arguments[0], errno);
  if (pid == 0) {
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != parent) _exit(1);  // the parent died before prctl
    dup2(output[1], STDOUT_FILENO);
    execv(pointers[0], pointers.data());
    failure.ReportAndExit();
  }
  close(output[1]);
  ChildProcess child(pid, output[0]);
  if (const int reason = failure.Await()) return ExecFailure(arguments[0], reason);
  return child;
}

std::string ChildProcess::ReadLine() {
  std::string line;
  for (;;) {
    char c = 0;
    const ssize_t got = read(output_, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == '\n') return line;
    line.push_back(c);
  }
}

void ChildProcess::Stop(std::chrono::milliseconds patience) {
  if (pid_ <= 0) return;
  const Stopwatch stopwatch;
  int exit_code = 0;
  kill(pid_, SIGTERM);
  while (!Reap(pid_, &exit_code)) {
    if (stopwatch.Elapsed() >= patience) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      break;
    }
    Pause(std::chrono::milliseconds(1));
  }
  pid_ = -1;
}

Result<int> RunForwardingSignals(const std::vector<std::string>& command,
                                 const std::map<std::string, std::string>& variables) {
  // The signals wait in the kernel until sigwaitinfo takes them: no handler, no race with the end
  // of the child.
  const sigset_t forwarded = ForwardedSignals();
  sigset_t awaited = forwarded;
  sigaddset(&awaited, SIGCHLD);
  sigset_t before;
  sigprocmask(SIG_BLOCK, &awaited, &before);
  ErrorPipe failure;
  const std::vector<char*> pointers = Pointers(command);
  const pid_t pid = fork();
  if (pid < 0) return ExecFailure(command[0], errno);
  if (pid == 0) {
    sigprocmask(SIG_SETMASK, &before, nullptr);
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
    execvp(pointers[0], pointers.data());
    failure.ReportAndExit();
  }
  const int reason = failure.Await();
  int exit_code = 0;
  while (!Reap(pid, &exit_code)) {
    siginfo_t info{};
    const int number = sigwaitinfo(&awaited, &info);
    // The terminal's own Ctrl-C has reached the command already: it is in our process group.
    if (number > 0 && sigismember(&forwarded, number) == 1 && info.si_code != SI_KERNEL) {
      kill(pid, number);
    }
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  if (reason != 0) return ExecFailure(command[0], reason);
  return exit_code;
}

std::string OwnPath() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "";
}

std::string MakeTemporaryFolder(const std::string& prefix) {
  std::string base = EnvironmentVariable("TMPDIR");
  if (base.empty()) base = "/tmp";
  std::string path = base + "/" + prefix + "XXXXXX";
  return mkdtemp(path.data()) == nullptr ? "" : path;
}

}  // namespace kless::cli

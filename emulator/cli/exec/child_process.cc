#include "emulator/cli/exec/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "emulator/base/system/process.h"
#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

// A pipe through which the child reports the errno of a failed exec: it closes on success.
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
  // Returns 0 if the exec succeeded.
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

int ExitCodeOfStatus(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// The exit code of `pid` if it has ended.
bool Reap(pid_t pid, int* exit_code) {
  int status = 0;
  pid_t done = 0;
  do {
    done = waitpid(pid, &status, WNOHANG);
  } while (done < 0 && errno == EINTR);
  if (done != pid) return false;
  *exit_code = ExitCodeOfStatus(status);
  return true;
}

// Called in a new child: it ends when the keeper does.
void DieWithKeeper(pid_t keeper, int signal) {
  prctl(PR_SET_PDEATHSIG, signal);
  if (getppid() != keeper) _exit(1);  // the keeper died before prctl
}

}  // namespace

DaemonChild::DaemonChild(Keeper& keeper, pid_t pid, int output, int errors, ErrorLine on_error_line)
    : keeper_(&keeper),
      pid_(pid),
      output_(output),
      errors_(errors),
      on_error_line_(std::move(on_error_line)) {}

DaemonChild::DaemonChild(DaemonChild&& other) noexcept
    : keeper_(other.keeper_),
      pid_(std::exchange(other.pid_, -1)),
      output_(std::exchange(other.output_, -1)),
      errors_(std::exchange(other.errors_, -1)),
      pending_(std::move(other.pending_)),
      on_error_line_(std::move(other.on_error_line_)) {}

DaemonChild::~DaemonChild() {
  Stop(std::chrono::milliseconds(0));
  if (output_ >= 0) close(output_);
  if (errors_ >= 0) close(errors_);
}

Result<DaemonChild> DaemonChild::Start(Keeper& keeper, const std::vector<std::string>& arguments,
                                       ErrorLine on_error_line) {
  std::array<int, 2> output{};
  std::array<int, 2> errors{-1, -1};
  if (pipe2(output.data(), O_CLOEXEC) != 0) return ExecFailure(arguments[0], errno);
  if (on_error_line && pipe2(errors.data(), O_CLOEXEC) != 0) {
    return ExecFailure(arguments[0], errno);
  }
  ErrorPipe failure;
  const std::vector<char*> pointers = ExecPointers(arguments);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return ExecFailure(arguments[0], errno);
  if (pid == 0) {
    setpgid(0, 0);
    DieWithKeeper(parent, SIGTERM);
    keeper.signals().RestoreMask();
    if (const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC); nothing >= 0) {
      dup2(nothing, STDIN_FILENO);
    }
    dup2(output[1], STDOUT_FILENO);
    if (errors[1] >= 0) dup2(errors[1], STDERR_FILENO);
    execv(pointers[0], pointers.data());
    failure.ReportAndExit();
  }
  close(output[1]);
  if (errors[1] >= 0) {
    close(errors[1]);
    fcntl(errors[0], F_SETFL, O_NONBLOCK);
  }
  DaemonChild child(keeper, pid, output[0], errors[0], std::move(on_error_line));
  if (const int reason = failure.Await()) return ExecFailure(arguments[0], reason);
  return child;
}

Result<std::string> DaemonChild::ReadLine(QueuedSignal* signal) {
  std::string line;
  while (true) {
    std::array<pollfd, 3> polls = {{{output_, POLLIN, 0},
                                    {keeper_->signals().descriptor(), POLLIN, 0},
                                    {errors_, POLLIN, 0}}};  // poll ignores -1
    if (poll(polls.data(), polls.size(), -1) < 0) continue;
    if (polls[2].revents != 0) ReadErrors();
    while (const auto taken = keeper_->signals().Take()) {
      if (taken->number == SIGCHLD) continue;
      *signal = *taken;
      return MakeError(ErrorCode::kCancelled, "interrupted while the daemon was starting");
    }
    if (polls[0].revents == 0) continue;
    char c = 0;
    const ssize_t got = read(output_, &c, 1);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0 || c == '\n') return line;
    line.push_back(c);
  }
}

void DaemonChild::ReadErrors() {
  if (errors_ < 0) return;
  std::array<char, 65536> buffer{};
  while (true) {
    const ssize_t got = read(errors_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return;  // nothing to read now
    if (got == 0) {
      if (!pending_.empty()) on_error_line_(pending_);
      pending_.clear();
      close(std::exchange(errors_, -1));
      return;
    }
    pending_.append(buffer.data(), static_cast<std::size_t>(got));
    std::size_t begin = 0;
    for (auto end = pending_.find('\n'); end != std::string::npos;
         end = pending_.find('\n', begin)) {
      on_error_line_(std::string_view(pending_).substr(begin, end - begin));
      begin = end + 1;
    }
    pending_.erase(0, begin);
  }
}

std::optional<int> DaemonChild::Ended() {
  int exit_code = 0;
  if (pid_ <= 0 || !Reap(pid_, &exit_code)) return std::nullopt;
  pid_ = -1;
  ReadErrors();
  return exit_code;
}

void DaemonChild::Stop(std::chrono::milliseconds patience) {
  if (pid_ <= 0) return;
  const Stopwatch stopwatch;
  int exit_code = 0;
  kill(pid_, SIGTERM);
  while (!Reap(pid_, &exit_code)) {
    ReadErrors();  // it must not block on a full pipe
    if (stopwatch.Elapsed() >= patience) {
      kill(pid_, SIGKILL);
      waitpid(pid_, nullptr, 0);
      break;
    }
    Pause(std::chrono::milliseconds(1));
  }
  pid_ = -1;
  ReadErrors();
}

Result<CommandEnd> RunCommand(Keeper& keeper, DaemonChild& daemon,
                              const std::vector<std::string>& command,
                              const std::map<std::string, std::string>& variables) {
  CommandEnd end;
  while (const auto signal = keeper.signals().Take()) {
    if (signal->number == SIGCHLD) continue;
    end.refused = true;
    end.front_gone = Keeper::IsFrontGone(*signal);
    end.exit_code = 128 + signal->number;
  }
  if (end.refused) return end;
  ErrorPipe failure;
  const std::vector<char*> pointers = ExecPointers(command);
  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return ExecFailure(command[0], errno);
  if (pid == 0) {
    DieWithKeeper(parent, SIGKILL);
    setpgid(0, keeper.front_group());
    keeper.signals().RestoreMask();
    for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
    execvp(pointers[0], pointers.data());
    failure.ReportAndExit();
  }
  const int reason = failure.Await();
  // Signals sent before the command was in the terminal's group may not have reached it.
  bool pass_all = true;
  while (!Reap(pid, &end.exit_code)) {
    std::array<pollfd, 2> polls = {
        {{keeper.signals().descriptor(), POLLIN, 0}, {daemon.errors(), POLLIN, 0}}};
    poll(polls.data(), polls.size(), pass_all ? 0 : -1);
    while (const auto signal = keeper.signals().Take()) {
      if (Keeper::IsFrontGone(*signal)) {
        end.front_gone = true;
        kill(pid, SIGKILL);
      } else if (signal->number != SIGCHLD && (pass_all || !signal->from_terminal)) {
        kill(pid, signal->number);
      }
    }
    pass_all = false;
    Keeper::ReapOrphans({pid, daemon.pid()});
    daemon.ReadErrors();
    if (const auto ended = daemon.Ended()) end.daemon_exit_code = ended;
  }
  if (reason != 0) return ExecFailure(command[0], reason);
  return end;
}

std::string OwnPath() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "";
}

}  // namespace kless::cli

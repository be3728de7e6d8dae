#include "emulator/cli/exec/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <utility>

#include "emulator/base/system/process.h"
#include "emulator/cli/system.h"

namespace kless::cli {

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
  Pipe output;
  Pipe errors;
  if (!output.ok() || !errors.ok()) {
    return MakeError(ErrorCode::kUnavailable, "cannot run " + arguments[0] + ": no pipe");
  }
  SpawnPlan plan;
  plan.arguments = arguments;
  plan.output = output.write_end();
  if (on_error_line) plan.errors = errors.write_end();
  plan.group = 0;
  plan.parent_death_signal = SIGTERM;
  plan.blocked_signals = keeper.signals().mask_before();
  KLESS_TRY(const pid_t pid, StartProcess(plan));
  fcntl(errors.read_end(), F_SETFL, O_NONBLOCK);
  const int error_end = on_error_line ? errors.ReleaseReadEnd() : -1;
  return DaemonChild(keeper, pid, output.ReleaseReadEnd(), error_end, std::move(on_error_line));
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
  if (pid_ <= 0) return std::nullopt;
  const auto exit_code = PollExit(pid_);
  if (!exit_code) return std::nullopt;
  pid_ = -1;
  ReadErrors();
  return exit_code;
}

void DaemonChild::Stop(std::chrono::milliseconds patience) {
  if (pid_ <= 0) return;
  const Stopwatch stopwatch;
  kill(pid_, SIGTERM);
  while (!PollExit(pid_)) {
    ReadErrors();  // it must not block on a full pipe
    if (stopwatch.Elapsed() >= patience) {
      kill(pid_, SIGKILL);
      WaitForExit(pid_);
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
  SpawnPlan plan;
  plan.arguments = command;
  plan.environment = variables;
  plan.input = kSameStream;
  plan.group = keeper.front_group();
  plan.parent_death_signal = SIGKILL;
  plan.blocked_signals = keeper.signals().mask_before();
  KLESS_TRY(const pid_t pid, StartProcess(plan));
  // Signals sent before the command was in the terminal's group may not have reached it.
  bool pass_all = true;
  std::optional<int> exit_code;
  while (!(exit_code = PollExit(pid))) {
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
  end.exit_code = *exit_code;
  return end;
}

std::string OwnPath() {
  std::array<char, PATH_MAX> path{};
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size() - 1);
  return length > 0 ? std::string(path.data(), static_cast<std::size_t>(length)) : "";
}

}  // namespace kless::cli

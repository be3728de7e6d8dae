#include "emulator/base/loop/command.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/write.hpp>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/base/system/process.h"

namespace kless {
namespace {

using boost::system::error_code;

constexpr std::size_t kReadBytes = 64u << 10;
// The default capacity of a Linux pipe.
constexpr std::size_t kPipeBytes = 64u << 10;
constexpr std::size_t kErrorLineBytes = 4u << 10;  // longer lines are delivered in pieces

void DoNotBlock(int descriptor) { fcntl(descriptor, F_SETFL, O_NONBLOCK); }

bool IsFolder(const std::string& path) {
  struct stat status {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

bool IsProgram(const std::string& path) {
  return access(path.c_str(), X_OK) == 0 && !IsFolder(path);
}

// The process groups of all commands that run.
std::set<pid_t>& RunningGroups() {
  static std::set<pid_t> groups;
  return groups;
}

}  // namespace

// One command.  Its completion handlers keep it alive; once abandoned, it does not touch the
// runner.
class CommandRunner::Process : public std::enable_shared_from_this<Process> {
 public:
  Process(asio::io_context& context, Command command, Event* changed)
      : command_(std::move(command)),
        changed_(changed),
        input_(context),
        output_(context),
        errors_(context),
        exit_(context) {}
  ~Process() {
    Kill();
    Reap();
  }

  Result<void> Start();
  bool ended() const { return ended_; }
  // Kills the rest of the command and releases the runner.  The process is reaped once it is dead.
  void Abandon() {
    changed_ = nullptr;
    Kill();
    for (asio::posix::stream_descriptor* descriptor : {&input_, &output_, &errors_}) {
      error_code ignored;
      descriptor->close(ignored);
    }
  }
  CommandOutcome TakeOutcome() { return std::move(outcome_); }

 private:
  // A pipe or the descriptor of the process cannot be made; errno says why.
  Error CannotFollow() const {
    return MakeError(ErrorCode::kUnavailable,
                     "cannot run " + command_.arguments[0] + ": " + std::strerror(errno));
  }
  void Write();
  // Takes what a pipe holds whenever there is something, until its end.
  template <typename Take>
  void Follow(asio::posix::stream_descriptor& descriptor, std::vector<char>& buffer, Take take);
  void TakeOutput(std::size_t bytes);
  void TakeErrors(std::size_t bytes);
  void SayErrors(bool all);
  void AwaitExit();
  void Finish();
  // Takes the contents of a pipe without waiting.
  template <typename Take>
  void Drain(asio::posix::stream_descriptor& descriptor, std::vector<char>& buffer, Take take);
  // The process is reaped after its group is killed, so that its number cannot belong to another
  // process.
  void Kill() {
    if (pid_ > 0) kill(-pid_, SIGKILL);
  }
  void Reap();

  Command command_;
  Event* changed_;
  asio::posix::stream_descriptor input_, output_, errors_, exit_;
  std::vector<char> output_buffer_, error_buffer_;
  std::string error_text_;  // not yet passed on
  pid_t pid_ = -1;          // -1: not started, or already reaped
  CommandOutcome outcome_;
  bool ended_ = false;
};

Result<void> CommandRunner::Process::Start() {
  Pipe input;
  Pipe output;
  Pipe errors;
  if (!input.ok() || !output.ok() || !errors.ok()) return CannotFollow();
  SpawnPlan plan;
  plan.arguments = command_.arguments;
  plan.folder = command_.folder;
  plan.environment = command_.environment;
  plan.input = input.read_end();
  plan.output = output.write_end();
  plan.errors = errors.write_end();
  // The sockets lack close-on-exec: a command that outlives a killed daemon must not hold its port.
  plan.closes_others = true;
  plan.group = 0;
  plan.default_signals = {SIGPIPE};
  KLESS_TRY(pid_, StartProcess(plan));
  RunningGroups().insert(pid_);
  const auto exit = static_cast<int>(syscall(SYS_pidfd_open, pid_, 0));
  if (exit < 0) return CannotFollow();  // The destructor kills the process.
  for (const int end : {input.write_end(), output.read_end(), errors.read_end()}) DoNotBlock(end);
  exit_.assign(exit);
  input_.assign(input.ReleaseWriteEnd());
  output_.assign(output.ReleaseReadEnd());
  errors_.assign(errors.ReleaseReadEnd());
  output_buffer_.resize(kReadBytes);
  error_buffer_.resize(kErrorLineBytes);
  Write();
  Follow(output_, output_buffer_, [this](std::size_t bytes) { TakeOutput(bytes); });
  Follow(errors_, error_buffer_, [this](std::size_t bytes) { TakeErrors(bytes); });
  AwaitExit();
  return {};
}

// A command that does not read its input may still end normally.
void CommandRunner::Process::Write() {
  asio::async_write(input_, asio::buffer(command_.input),
                    [self = shared_from_this()](error_code, std::size_t) {
                      error_code ignored;
                      self->input_.close(ignored);
                    });
}

// Only the wait is asynchronous.  An asynchronous read would take bytes out of the pipe before its
// handler runs, and the exit may be handled in between: those bytes would be lost.
template <typename Take>
void CommandRunner::Process::Follow(asio::posix::stream_descriptor& descriptor,
                                    std::vector<char>& buffer, Take take) {
  descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                        [self = shared_from_this(), &descriptor, &buffer, take](error_code error) {
                          if (error || self->ended_) return;
                          const ssize_t got =
                              read(descriptor.native_handle(), buffer.data(), buffer.size());
                          if (got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN)) return;
                          if (got > 0) take(static_cast<std::size_t>(got));
                          self->Follow(descriptor, buffer, take);
                        });
}

void CommandRunner::Process::TakeOutput(std::size_t bytes) {
  if (outcome_.output.size() + bytes > command_.output_limit) {
    outcome_.flooded = true;
    Kill();
    return;
  }
  outcome_.output.append(output_buffer_.data(), bytes);
}

void CommandRunner::Process::TakeErrors(std::size_t bytes) {
  error_text_.append(error_buffer_.data(), bytes);
  SayErrors(false);
}

void CommandRunner::Process::SayErrors(bool all) {
  std::string_view left = error_text_;
  while (!left.empty()) {
    const auto end = left.find('\n');
    if (end == std::string_view::npos && !all && left.size() < kErrorLineBytes) break;
    const std::string_view line = left.substr(0, end);
    if (command_.on_error_line && !line.empty()) command_.on_error_line(line);
    left.remove_prefix(end == std::string_view::npos ? left.size() : end + 1);
  }
  error_text_.erase(0, error_text_.size() - left.size());
}

void CommandRunner::Process::AwaitExit() {
  exit_.async_wait(asio::posix::stream_descriptor::wait_read,
                   [self = shared_from_this()](error_code error) {
                     if (!error) self->Finish();
                   });
}

template <typename Take>
void CommandRunner::Process::Drain(asio::posix::stream_descriptor& descriptor,
                                   std::vector<char>& buffer, Take take) {
  // Reads at most the capacity of a pipe: a process that still writes to it is not part of the
  // command.
  std::size_t left = kPipeBytes;
  while (!outcome_.flooded && left > 0) {
    const ssize_t got =
        read(descriptor.native_handle(), buffer.data(), std::min(left, buffer.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    left -= static_cast<std::size_t>(got);
    take(static_cast<std::size_t>(got));
  }
}

// The first process of the command has ended.
void CommandRunner::Process::Finish() {
  Kill();  // Its remaining processes write no more.
  if (changed_ != nullptr) {
    Drain(output_, output_buffer_, [this](std::size_t bytes) { TakeOutput(bytes); });
    Drain(errors_, error_buffer_, [this](std::size_t bytes) { TakeErrors(bytes); });
    SayErrors(true);
  }
  ended_ = true;
  Event* const changed = changed_;
  Abandon();
  Reap();
  if (changed != nullptr) changed->NotifyAll();
}

void CommandRunner::Process::Reap() {
  if (pid_ <= 0) return;
  outcome_.exit_code = WaitForExit(pid_);
  RunningGroups().erase(pid_);
  pid_ = -1;
}

CommandRunner::CommandRunner(EventLoop& event_loop)
    : event_loop_(event_loop), changed_(event_loop) {
  // A command that ends without reading its input must not end this process.
  std::signal(SIGPIPE, SIG_IGN);
}

Task<Result<CommandOutcome>> CommandRunner::Run(Command command, TimePoint deadline) {
  // Releases the runner and the command however this ends.  It must not use the scheduler, which
  // may be destroyed by then.
  struct Keeper {
    std::shared_ptr<Process> process;
    ~Keeper() { process->Abandon(); }
  };
  const Keeper keeper{
      std::make_shared<Process>(event_loop_.context(), std::move(command), &changed_)};
  Process& process = *keeper.process;
  const Result<void> started = process.Start();
  if (started.has_error()) co_return started.error();
  while (!process.ended()) {
    if (event_loop_.Now() >= deadline) {
      co_return MakeError(ErrorCode::kTimedOut, "it was killed at its deadline");
    }
    co_await changed_.Wait(deadline);
  }
  co_return process.TakeOutcome();
}

void KillRunningCommands() {
  for (const pid_t group : RunningGroups()) kill(-group, SIGKILL);
}

Result<void> CheckCommand(const std::vector<std::string>& arguments, const std::string& folder) {
  const auto invalid = [](std::string message) {
    return MakeError(ErrorCode::kInvalidArgument, std::move(message));
  };
  if (!folder.empty() && !IsFolder(folder)) return invalid("'" + folder + "' is not a folder");
  const std::string& program = arguments.at(0);
  if (program.find('/') != std::string::npos) {
    const bool whole = program.front() == '/' || folder.empty();
    const std::string path =
        whole ? program : std::filesystem::path(folder + "/" + program).lexically_normal().string();
    if (IsProgram(path)) return {};
    std::error_code error;
    if (std::filesystem::is_regular_file(path, error)) {
      return invalid("the file '" + path + "' is not executable; 'chmod +x' makes it a program");
    }
    return invalid("cannot find the program '" + path + "'");
  }
  const char* const path = std::getenv("PATH");
  for (const std::string_view place : Split(path == nullptr ? "/usr/bin:/bin" : path, ':')) {
    if (IsProgram(std::string(place.empty() ? "." : place) + "/" + program)) return {};
  }
  return invalid("cannot find the program '" + program + "' in the PATH");
}

}  // namespace kless

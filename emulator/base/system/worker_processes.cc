#include "emulator/base/system/worker_processes.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <thread>
#include <utility>

#include "emulator/base/system/process.h"

namespace kless {
namespace {

constexpr int kPollMilliseconds = 200;
constexpr int kPatienceMilliseconds = 2000;

volatile std::sig_atomic_t interrupts = 0;

pid_t catching_process = 0;  // children have the handler, too, and say nothing

void OnInterrupt(int signal) {
  if (interrupts == 0) {
    interrupts = 1;
    return;
  }
  constexpr std::string_view kEnded = "\nended at once: unfinished files stay as they are\n";
  if (getpid() == catching_process) {
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kEnded.data(), kEnded.size());
  }
  std::_Exit(128 + signal);
}

struct Child {
  std::size_t task = 0;
  pid_t pid = -1;
  int pipe = -1;
  std::string text;
};

void WriteAll(int pipe, const std::string& text) {
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t step = write(pipe, text.data() + written, text.size() - written);
    if (step < 0 && errno == EINTR) continue;
    if (step <= 0) std::_Exit(2);
    written += static_cast<std::size_t>(step);
  }
}

// In the child: one letter says whether a result or an error follows.
[[noreturn]] void RunChild(int pipe, std::size_t index,
                           const std::function<Result<std::string>(std::size_t)>& task) {
  std::string answer;
  try {
    auto result = task(index);
    answer = result.has_value() ? "R" + std::move(result.value())
                                : (result.error().code == ErrorCode::kCancelled ? "C" : "E") +
                                      result.error().message;
  } catch (const std::exception& error) {
    answer = std::string("E") + error.what();
  }
  WriteAll(pipe, answer);
  std::_Exit(0);
}

class Workers {
 public:
  ~Workers() {
    // Children that catch the signal clean up first.
    for (const Child& child : children_) kill(child.pid, SIGTERM);
    for (const Child& child : children_) {
      pollfd ended{child.pipe, POLLIN, 0};
      std::array<char, 65536> rest{};
      while (poll(&ended, 1, kPatienceMilliseconds) > 0 &&
             read(child.pipe, rest.data(), rest.size()) > 0) {
      }
      kill(child.pid, SIGKILL);
      Reap(child);
    }
  }

  std::size_t size() const { return children_.size(); }

  Result<void> Start(std::size_t index,
                     const std::function<Result<std::string>(std::size_t)>& task) {
    Pipe pipe;
    if (!pipe.ok()) return Failure("pipe");
    const pid_t pid = fork();
    if (pid < 0) return Failure("fork");
    if (pid == 0) {
      close(pipe.ReleaseReadEnd());
      RunChild(pipe.write_end(), index, task);
    }
    children_.push_back({index, pid, pipe.ReleaseReadEnd(), {}});
    return {};
  }

  // Waits a while for children; calls finished(task, text, exit code) for each that has ended.
  template <typename Finished>
  void Wait(Finished finished) {
    std::vector<pollfd> polls;
    for (const Child& child : children_) polls.push_back({child.pipe, POLLIN, 0});
    if (poll(polls.data(), polls.size(), kPollMilliseconds) <= 0) return;
    for (std::size_t i = polls.size(); i-- > 0;) {
      if (polls[i].revents == 0) continue;
      Child& child = children_[i];
      std::array<char, 65536> buffer{};
      const ssize_t got = read(child.pipe, buffer.data(), buffer.size());
      if (got > 0) {
        child.text.append(buffer.data(), static_cast<std::size_t>(got));
        continue;
      }
      if (got < 0 && errno == EINTR) continue;
      Child ended = std::move(child);
      children_.erase(children_.begin() + static_cast<std::ptrdiff_t>(i));
      const int exit_code = Reap(ended);
      finished(ended.task, std::move(ended.text), exit_code);
    }
  }

 private:
  static Error Failure(const char* what) {
    return MakeError(ErrorCode::kUnavailable,
                     std::string("cannot start a process: ") + what + ": " + std::strerror(errno));
  }
  static int Reap(const Child& child) {
    close(child.pipe);
    return WaitForExit(child.pid);
  }
  std::vector<Child> children_;
};

}  // namespace

Result<std::vector<std::string>> RunInProcesses(
    std::size_t tasks, int processes, const std::function<Result<std::string>(std::size_t)>& task,
    const std::function<void(std::size_t)>& done, const std::function<bool()>& interrupted) {
  std::vector<std::string> results(tasks);
  Workers workers;
  std::size_t next = 0, ended = 0;
  Result<void> failure;
  while (ended < tasks) {
    if (interrupted && interrupted()) return MakeError(ErrorCode::kCancelled, "interrupted");
    while (next < tasks && workers.size() < static_cast<std::size_t>(std::max(1, processes))) {
      KLESS_TRY_VOID(workers.Start(next, task));
      ++next;
    }
    workers.Wait([&](std::size_t index, std::string text, int exit_code) {
      ++ended;
      if (!text.empty() && text[0] == 'R' && exit_code == 0) {
        results[index] = text.substr(1);
        if (done) done(index);
        return;
      }
      if (failure.has_error()) return;
      const bool cancelled = !text.empty() && text[0] == 'C';
      failure = MakeError(cancelled ? ErrorCode::kCancelled : ErrorCode::kInternal,
                          text.empty() ? "a worker process ended without a result (exit code " +
                                             std::to_string(exit_code) + ")"
                                       : text.substr(1));
    });
    if (failure.has_error()) return failure.error();
  }
  return results;
}

int ProcessorCount() { return static_cast<int>(std::max(1U, std::thread::hardware_concurrency())); }

void CatchInterrupts() {
  catching_process = getpid();
  std::signal(SIGINT, OnInterrupt);
  std::signal(SIGTERM, OnInterrupt);
  if (std::signal(SIGHUP, OnInterrupt) == SIG_IGN) std::signal(SIGHUP, SIG_IGN);
}

bool Interrupted() { return interrupts != 0; }

}  // namespace kless

// What may outlive this object is in Streams: handlers of the I/O context that have not run yet
// keep it alive, and find that its owner is gone.  All that the process writes is read at a bounded
// rate, so that a function that floods its output waits for kless, and not the reverse.
#include "emulator/processes/environment_process.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/processes/memory_use.h"

namespace kless::processes {
namespace {

using boost::system::error_code;

constexpr std::size_t kReadBytes = 64u << 10;
// After a full read the next one waits this long: 32 MB/s.
constexpr auto kFloodPause = std::chrono::milliseconds(2);
constexpr std::size_t kLineBytes = 64u << 10;  // longer lines come in pieces
constexpr std::size_t kPipeBytes = 64u << 10;  // the default capacity of a Linux pipe
constexpr auto kMemoryPeriod = std::chrono::milliseconds(50);

std::string HowItEnded(int code) {
  if (code == 0) return "Error: Runtime exited without providing a reason";
  if (code > 128) {
    const char* const name = strsignal(code - 128);
    std::string lower = name == nullptr ? std::to_string(code - 128) : name;
    if (!lower.empty()) lower[0] = static_cast<char>(std::tolower(lower[0]));
    return "Error: Runtime exited with error: signal: " + lower;
  }
  return "Error: Runtime exited with error: exit status " + std::to_string(code);
}

std::string ErrorText(std::string_view type, std::string_view message) {
  std::string body = R"({"errorType":)";
  AppendJsonString(body, type);
  body += R"(,"errorMessage":)";
  AppendJsonString(body, message);
  return body + "}";
}

// "ValueError: boom"
std::string MessageOf(const RuntimeError& error) {
  const auto body = ParseJson(error.body);
  const auto member = [&](const char* name) {
    if (body.has_error() || !body.value().is_object()) return std::string();
    const auto found = body.value().find(name);
    const bool is_text = found != body.value().end() && found->is_string();
    return is_text ? found->get<std::string>() : std::string();
  };
  const std::string type = error.type.empty() ? member("errorType") : error.type;
  const std::string message = member("errorMessage");
  if (type.empty() && message.empty()) return "the function failed";
  return type + (type.empty() || message.empty() ? "" : ": ") + message;
}

// Kills what has left its parents, where there is no PID namespace to do it: every process that has
// this variable.
void KillByVariable(const std::string& variable) {
  const std::string wanted = '\0' + variable + '\0';
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/proc", error)) {
    const std::string name = entry.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "environ", std::ios::binary);
    std::stringstream text;
    text << '\0' << file.rdbuf();
    if (text.str().find(wanted) != std::string::npos) kill(std::stoi(name), SIGKILL);
  }
}

}  // namespace

class EnvironmentProcess::Streams : public std::enable_shared_from_this<Streams> {
 public:
  Streams(asio::io_context& context, EnvironmentProcess& owner)
      : owner_(&owner),
        exit_(context),
        memory_timer_(context),
        outputs_{Output(context), Output(context)} {}
  ~Streams() { Kill(); }

  Result<void> Start(const ProcessPlan& plan);
  // Kills the process and all that it has started; the owner hears nothing more.
  void Abandon() {
    owner_ = nullptr;
    Kill();
    error_code ignored;
    exit_.close(ignored);
    memory_timer_.cancel();
    for (Output& output : outputs_) {
      output.descriptor.close(ignored);
      output.pause.cancel();
    }
  }
  pid_t process() const { return process_; }
  bool HasEnded();
  // Takes what is in the pipes now: a runtime flushes its output before it answers, and its lines
  // belong to that invocation.
  void Drain();
  void WatchMemory();

 private:
  struct Output {
    explicit Output(asio::io_context& context) : descriptor(context), pause(context) {}
    asio::posix::stream_descriptor descriptor;
    asio::steady_timer pause;
    std::string text;  // not yet passed on
  };

  void Follow(Output& output);
  // Returns the number of bytes; 0 if there is nothing, or nothing more.
  std::size_t ReadOnce(Output& output);
  void SayLines(Output& output, bool all);
  void AwaitExit();
  void Kill();

  EnvironmentProcess* owner_;
  asio::posix::stream_descriptor exit_;
  asio::steady_timer memory_timer_;
  bool watches_memory_ = false;
  std::array<Output, 2> outputs_;
  pid_t process_ = -1;
  int exit_code_ = 0;
  bool isolated_ = false;
  std::string variable_;  // that all its processes have
};

Result<void> EnvironmentProcess::Streams::Start(const ProcessPlan& plan) {
  Pipe output;
  Pipe errors;
  if (!output.ok() || !errors.ok()) {
    return MakeError(ErrorCode::kUnavailable, std::string("no pipe: ") + std::strerror(errno));
  }
  SpawnPlan spawn;
  spawn.arguments = plan.arguments;
  spawn.environment = plan.environment;
  spawn.only_environment = true;
  spawn.output = output.write_end();
  spawn.errors = errors.write_end();
  spawn.closes_others = true;
  spawn.group = 0;
  spawn.parent_death_signal = SIGKILL;
  spawn.default_signals = {SIGPIPE};
  if (plan.isolation) {
    spawn.isolation = &*plan.isolation;
  } else {
    spawn.folder = plan.folder;
  }
  isolated_ = plan.isolation.has_value();
  const auto address = plan.environment.find("AWS_LAMBDA_RUNTIME_API");
  if (address != plan.environment.end()) variable_ = address->first + "=" + address->second;
  KLESS_TRY(process_, StartProcess(spawn));
  const auto exit = static_cast<int>(syscall(SYS_pidfd_open, process_, 0));
  if (exit < 0) {
    Kill();
    return MakeError(ErrorCode::kUnavailable, std::string("no pidfd: ") + std::strerror(errno));
  }
  exit_.assign(exit);
  for (const int end : {output.read_end(), errors.read_end()}) fcntl(end, F_SETFL, O_NONBLOCK);
  outputs_[0].descriptor.assign(output.ReleaseReadEnd());
  outputs_[1].descriptor.assign(errors.ReleaseReadEnd());
  for (Output& each : outputs_) Follow(each);
  AwaitExit();
  WatchMemory();
  return {};
}

void EnvironmentProcess::Streams::Follow(Output& output) {
  output.descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                               [self = shared_from_this(), &output](error_code error) {
                                 if (error || self->owner_ == nullptr || self->process_ < 0) return;
                                 const std::size_t bytes = self->ReadOnce(output);
                                 if (self->owner_ == nullptr || bytes == 0) return;
                                 if (bytes < kReadBytes) return self->Follow(output);
                                 output.pause.expires_after(kFloodPause);
                                 output.pause.async_wait([self, &output](error_code ended) {
                                   if (!ended && self->owner_ != nullptr) self->Follow(output);
                                 });
                               });
}

std::size_t EnvironmentProcess::Streams::ReadOnce(Output& output) {
  static std::array<char, kReadBytes> buffer;
  ssize_t bytes = 0;
  do {
    bytes = read(output.descriptor.native_handle(), buffer.data(), buffer.size());
  } while (bytes < 0 && errno == EINTR);
  if (bytes <= 0) return 0;
  output.text.append(buffer.data(), static_cast<std::size_t>(bytes));
  SayLines(output, false);
  return static_cast<std::size_t>(bytes);
}

void EnvironmentProcess::Streams::SayLines(Output& output, bool all) {
  std::string_view left = output.text;
  while (!left.empty() && owner_ != nullptr) {
    const auto end = left.find('\n');
    if (end == std::string_view::npos && !all && left.size() < kLineBytes) break;
    std::string_view line = left.substr(0, std::min(end, kLineBytes));
    left.remove_prefix(std::min(left.size(), line.size() + (line.size() == end ? 1 : 0)));
    owner_->on_line_(line);
  }
  output.text.erase(0, output.text.size() - left.size());
}

void EnvironmentProcess::Streams::AwaitExit() {
  exit_.async_wait(asio::posix::stream_descriptor::wait_read,
                   [self = shared_from_this()](error_code error) {
                     if (error || self->owner_ == nullptr) return;
                     self->Kill();  // What it has started writes no more.
                     self->Drain();
                     for (Output& output : self->outputs_) self->SayLines(output, true);
                     EnvironmentProcess* const owner = self->owner_;
                     if (owner != nullptr) owner->OnExit(self->exit_code_);
                   });
}

// At most the capacity of a pipe: a process that continues to write is read later.
void EnvironmentProcess::Streams::Drain() {
  for (Output& output : outputs_) {
    std::size_t left = kPipeBytes;
    while (left > 0 && owner_ != nullptr) {
      const std::size_t bytes = ReadOnce(output);
      if (bytes == 0) break;
      left -= std::min(left, bytes);
    }
  }
}

bool EnvironmentProcess::Streams::HasEnded() {
  if (process_ < 0) return true;
  pollfd exit{exit_.native_handle(), POLLIN, 0};
  return poll(&exit, 1, 0) > 0;
}

// An idle function is not sampled: it uses no more memory than before.
void EnvironmentProcess::Streams::WatchMemory() {
  if (watches_memory_ || owner_ == nullptr || process_ < 0) return;
  watches_memory_ = true;
  memory_timer_.expires_after(kMemoryPeriod);
  memory_timer_.async_wait([self = shared_from_this()](error_code error) {
    self->watches_memory_ = false;
    if (error || self->owner_ == nullptr || self->process_ < 0) return;
    EnvironmentProcess& owner = *self->owner_;
    owner.SampleMemory();
    if (owner.busy_ || owner.init_ended_) self->WatchMemory();
  });
}

void EnvironmentProcess::Streams::Kill() {
  if (process_ < 0) return;
  if (!isolated_) kill(-process_, SIGKILL);
  kill(process_, SIGKILL);
  exit_code_ = WaitForExit(process_);
  process_ = -1;
  if (!isolated_ && !variable_.empty()) KillByVariable(variable_);
}

EnvironmentProcess::EnvironmentProcess(EventLoop& event_loop, OnLine on_line)
    : event_loop_(event_loop),
      on_line_(std::move(on_line)),
      api_(event_loop, *this),
      changed_(event_loop) {}

EnvironmentProcess::~EnvironmentProcess() {
  if (init_timer_) event_loop_.Cancel(*init_timer_);
  if (streams_) streams_->Abandon();
}

void EnvironmentProcess::Stop() {
  init_ended_ = nullptr;
  if (init_timer_) event_loop_.Cancel(*std::exchange(init_timer_, std::nullopt));
  if (streams_) streams_->Abandon();
  ended_ = true;
  Answer({.failed = true, .body = "", .message = "the environment was ended", .ended = true});
  changed_.NotifyAll();
}

bool EnvironmentProcess::HasEnded() const { return ended_ || (streams_ && streams_->HasEnded()); }

void EnvironmentProcess::Start(ProcessPlan plan, Duration limit, EnvironmentHost::InitEnded ended) {
  init_ended_ = std::move(ended);
  started_at_ = event_loop_.Now();
  memory_limit_ = std::int64_t{plan.memory_mb} << 20;
  const auto launched = Launch(std::move(plan));
  if (launched.has_error()) {
    const std::string message = "Error: " + launched.error().message;
    return EndInit(InitFailure{message, "Runtime.InvalidEntrypoint", ""});
  }
  init_timer_ = event_loop_.CallAt(started_at_ + limit, [this, limit] {
    init_timer_.reset();
    EndInit(InitFailure{
        fmt::format("Error: Task timed out after {:.2f} seconds", ToMilliseconds(limit) / 1000),
        "Sandbox.Timedout", ""});
  });
}

Result<void> EnvironmentProcess::Launch(ProcessPlan plan) {
  KLESS_TRY_VOID(api_.Listen());
  plan.environment["AWS_LAMBDA_RUNTIME_API"] = "127.0.0.1:" + std::to_string(api_.port());
  streams_ = std::make_shared<Streams>(event_loop_.context(), *this);
  return streams_->Start(plan);
}

void EnvironmentProcess::EndInit(std::optional<InitFailure> failure) {
  if (!init_ended_) return;
  init_ = event_loop_.Now() - started_at_;
  if (init_timer_) event_loop_.Cancel(*std::exchange(init_timer_, std::nullopt));
  event_loop_.Post([ended = std::exchange(init_ended_, nullptr), failure = std::move(failure)] {
    ended(failure);
  });
}

void EnvironmentProcess::Begin(RuntimeInvocation invocation) {
  busy_ = true;
  answer_.reset();
  request_id_ = invocation.request_id;
  invocation_ = std::move(invocation);
  if (streams_) streams_->WatchMemory();
  Deliver();
}

void EnvironmentProcess::Deliver() {
  if (!invocation_ || !api_.waiting()) return;
  api_.Send(*std::exchange(invocation_, std::nullopt));
}

ProcessAnswer EnvironmentProcess::TakeAnswer() {
  busy_ = false;
  return *std::exchange(answer_, std::nullopt);
}

void EnvironmentProcess::Answer(ProcessAnswer answer) {
  if (!busy_ || answer_) return;
  if (!answer.ended) streams_->Drain();
  answer_ = std::move(answer);
  changed_.NotifyAll();
}

void EnvironmentProcess::OnNext() {
  EndInit(std::nullopt);
  Deliver();
}

void EnvironmentProcess::OnResponse(std::string body) {
  Answer({.failed = false, .body = std::move(body), .message = "", .ended = false});
}

void EnvironmentProcess::OnResponseTooLarge() {
  const std::string message =
      "Response payload size exceeded maximum allowed payload size (6291556 bytes).";
  Answer({.failed = true,
          .body = ErrorText("Function.ResponseSizeTooLarge", message),
          .message = message,
          .ended = false});
}

void EnvironmentProcess::OnError(RuntimeError error) {
  std::string message = MessageOf(error);
  Answer({.failed = true,
          .body = std::move(error.body),
          .message = std::move(message),
          .ended = false});
}

void EnvironmentProcess::OnInitError(RuntimeError error) {
  EndInit(InitFailure{"Error: " + MessageOf(error), error.type, std::move(error.body)});
}

void EnvironmentProcess::OnExit(int code) {
  ended_ = true;
  const std::string message = HowItEnded(code);
  if (init_ended_) return EndInit(InitFailure{message, "Runtime.ExitError", ""});
  const std::string whole = "RequestId: " + request_id_ + " " + message;
  Answer({.failed = true,
          .body = ErrorText(out_of_memory_ ? "Runtime.OutOfMemory" : "Runtime.ExitError", whole),
          .message = whole,
          .ended = true});
}

void EnvironmentProcess::SampleMemory() {
  const pid_t process = streams_->process();
  if (process < 0) return;
  const std::int64_t bytes = ResidentBytes(TreeOf(process));
  peak_bytes_ = std::max(peak_bytes_, bytes);
  if (bytes <= memory_limit_ || out_of_memory_) return;
  out_of_memory_ = true;
  kill(process, SIGKILL);  // OnExit follows.
}

}  // namespace kless::processes

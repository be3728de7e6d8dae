// EnvironmentProcess: the process of one environment, from its start to its end: its init, one
// invocation at a time, its output, its memory.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/base/system/process.h"
#include "emulator/processes/runtime_api.h"
#include "functions/pool/environment_host.h"

namespace kless::processes {

// How an invocation ended, as the process or its end says.
struct ProcessAnswer {
  bool failed = false;
  std::string body;     // the response, or the error as JSON
  std::string message;  // of a failure, for the log
  bool ended = false;   // the process is gone
};

struct ProcessPlan {
  std::vector<std::string> arguments;
  std::string folder;
  std::map<std::string, std::string> environment;  // AWS_LAMBDA_RUNTIME_API is added
  std::optional<Isolation> isolation;
  int memory_mb = 128;
};

class EnvironmentProcess final : private RuntimeApi::Listener {
 public:
  // A line of output, without its end.
  using OnLine = std::function<void(std::string_view line)>;

  // The event loop must outlive this object.
  EnvironmentProcess(EventLoop& event_loop, OnLine on_line);
  // Kills the process and everything that it has started.
  ~EnvironmentProcess() override;

  // `ended` is called once, in a later step: with nothing when the runtime asks for its first
  // invocation; with a failure when it reports one, ends, or `limit` has passed.
  void Start(ProcessPlan plan, Duration limit, EnvironmentHost::InitEnded ended);
  // Runs one invocation; only one at a time, and only after a successful init.
  void Begin(RuntimeInvocation invocation);
  // Kills the process and everything that it has started; a running invocation is answered.
  void Stop();
  // Whether the process has ended, even if OnExit has not run yet.
  bool HasEnded() const;
  // Whether the invocation has its answer; changed() is notified when it gets it.
  bool answered() const { return answer_.has_value(); }
  ProcessAnswer TakeAnswer();
  Event& changed() { return changed_; }
  // The most memory that it has used so far, in bytes.
  std::int64_t peak_bytes() const { return peak_bytes_; }
  // The time from its start to the end of its init.
  Duration init() const { return init_; }

 private:
  class Streams;

  void OnNext() override;
  void OnResponse(std::string body) override;
  void OnResponseTooLarge() override;
  void OnError(RuntimeError error) override;
  void OnInitError(RuntimeError error) override;

  Result<void> Launch(ProcessPlan plan);
  void EndInit(std::optional<InitFailure> failure);
  void Answer(ProcessAnswer answer);
  void OnExit(int code);
  void Deliver();
  void SampleMemory();

  EventLoop& event_loop_;
  OnLine on_line_;
  RuntimeApi api_;
  std::shared_ptr<Streams> streams_;  // null: not started
  EnvironmentHost::InitEnded init_ended_;
  std::optional<EventLoop::TimerId> init_timer_;
  TimePoint started_at_{};
  Duration init_{};
  std::optional<RuntimeInvocation> invocation_;  // not yet taken by the runtime
  std::string request_id_;                       // of the running invocation
  bool busy_ = false;
  bool ended_ = false;
  std::optional<ProcessAnswer> answer_;
  Event changed_;
  std::int64_t memory_limit_ = 0;
  std::int64_t peak_bytes_ = 0;
  bool out_of_memory_ = false;
};

}  // namespace kless::processes

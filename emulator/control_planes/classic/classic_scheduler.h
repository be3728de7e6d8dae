// ClassicScheduler: kube-scheduler as a process of its own: a watch, one scheduling cycle after
// another, and asynchronous bindings limited by the client's token bucket.
#pragma once

#include <cstdint>
#include <memory>

#include "emulator/base/loop/event.h"
#include "emulator/control_planes/classic/api_server.h"
#include "emulator/control_planes/classic/event_sink.h"
#include "emulator/control_planes/classic/plan_runner.h"
#include "emulator/control_planes/feed_follower.h"
#include "functions/controllers/scheduler/scheduler_core.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class ClassicScheduler {
 public:
  // All references must outlive it; telemetry may be null.
  ClassicScheduler(EventLoop& event_loop, Store& store, ApiServer& server,
                   const ClassicProfile& profile, Telemetry* telemetry, Event& changed,
                   std::uint64_t seed);

  void Start();  // call it once
  void Stop() { stopping_ = true; }

  // Whether everything committed has arrived, no pod is to be tried now, and no binding is in
  // progress.
  bool Idle() const;
  bool Quiet() const { return open_ == 0 && events_.Idle(); }
  std::uint64_t position() const { return follower_.position(); }

 private:
  FeedFollower::Handlers MakeHandlers();
  Task<bool> List(std::uint64_t* position);
  // Tries every active pod, then sets a timer for the next one.
  void Schedule();
  void WakeLater();
  Task<> Bind(controllers::scheduler::Decision decision);
  Task<> Fail(controllers::scheduler::Decision decision);
  Task<Result<void>> Execute(controllers::scheduler::Decision decision, controllers::Plan plan);

  EventLoop& event_loop_;
  Store& store_;
  const ClassicProfile& profile_;
  Event& changed_;
  Random random_;
  std::unique_ptr<controllers::scheduler::SchedulerCore> core_ =
      std::make_unique<controllers::scheduler::SchedulerCore>();
  ApiClient client_;
  ApiClient event_client_;  // events have a client of their own
  EventSink events_;
  PlanRunner runner_;
  FeedFollower follower_;
  std::optional<EventLoop::TimerId> wake_;
  bool stopping_ = false;
  int open_ = 0;  // bindings and failures that are being written
  std::uint64_t cycles_ = 0;
};

}  // namespace kless::control_planes

// ViewController: a loop with a view (functions/controllers/loop/loop_view.h), such as
// kube-scheduler, as a process of its own: a watch that feeds the view, one step after another, and
// asynchronous writes limited by the client's token bucket.  There is only one, so it needs no
// claims.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "emulator/base/loop/event.h"
#include "emulator/control_planes/classic/api_server.h"
#include "emulator/control_planes/classic/controller.h"
#include "emulator/control_planes/classic/event_sink.h"
#include "emulator/control_planes/classic/loop_watch.h"
#include "emulator/control_planes/classic/plan_runner.h"
#include "functions/controllers/loop/control_loop.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class ViewController : public Controller {
 public:
  // All references must outlive it; telemetry may be null.  The loop must have a view.
  ViewController(EventLoop& event_loop, Store& store, ApiServer& server,
                 const ClassicProfile& profile, const controllers::ControlLoop& loop,
                 Telemetry* telemetry, Event& changed, std::uint64_t seed);

  void Start() override;
  void Stop() override { stopping_ = true; }
  bool Idle() const override;
  bool AtRest() const override { return Idle(); }
  bool Quiet() const override { return open_ == 0 && events_.Idle(); }
  std::uint64_t position() const override { return watch_.position(); }

 private:
  LoopWatch::Handlers WatchHandlers();
  // Begins every step that there is, then sets a timer for the next one.
  void TakeSteps();
  void WakeLater();
  // Carries out a step with a claim.
  Task<> Take(controllers::ViewStep step);
  // Carries out a step without one.
  Task<> CarryOut(controllers::ViewStep step);
  Task<Result<void>> Execute(ResourceId id, controllers::EventTarget target,
                             controllers::Plan plan);

  EventLoop& event_loop_;
  const controllers::ControlLoop& loop_;
  Event& changed_;
  Random random_;
  std::unique_ptr<controllers::LoopView> view_;
  ApiClient client_;
  ApiClient event_client_;  // events have a client of their own
  EventSink events_;
  PlanRunner runner_;
  LoopWatch watch_;
  std::optional<EventLoop::TimerId> wake_;
  bool stopping_ = false;
  int open_ = 0;  // steps that are being written
  std::uint64_t steps_ = 0;
};

}  // namespace kless::control_planes

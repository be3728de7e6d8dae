// LoopController: a control loop (functions/controllers/loop/control_loop.h) as a controller of the
// classic control plane: a watch that queues keys, a rate-limited work queue, workers, one client
// with a token bucket of its own.
//
// A reconcile reads the table itself, which is at least as fresh as a cache would be, and free, as
// a cache is.  Delayed requests of a plan use add-after; memos are kept in memory and lost with the
// process.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/control_planes/classic/api_server.h"
#include "emulator/control_planes/classic/controller.h"
#include "emulator/control_planes/classic/event_sink.h"
#include "emulator/control_planes/classic/loop_watch.h"
#include "emulator/control_planes/classic/plan_runner.h"
#include "emulator/control_planes/classic/work_queue.h"
#include "functions/controllers/loop/control_loop.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class LoopController : public Controller {
 public:
  // All references must outlive it; telemetry may be null.
  LoopController(EventLoop& event_loop, Store& store, ApiServer& server,
                 const ClassicProfile& profile, const controllers::ControlLoop& loop,
                 Telemetry* telemetry, Event& changed, std::uint64_t seed);

  void Start() override;
  void Stop() override { stopping_ = true; }

  bool Idle() const override {
    return watch_.CaughtUp() && queue_.Quiet(Duration::zero()) && Quiet();
  }
  bool AtRest() const override { return Idle() && (loop_.housekeeping || queue_.Idle()); }
  bool Quiet() const override { return in_hand_ == 0 && events_.Idle(); }
  std::uint64_t position() const override { return watch_.position(); }

 private:
  LoopWatch::Handlers WatchHandlers();
  void OnChange(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image);
  Task<> Work();
  Task<Result<void>> Reconcile(std::string key);
  Result<void> Answer(controllers::World& world, const controllers::World::Question& question);

  EventLoop& event_loop_;
  Store& store_;
  const controllers::ControlLoop& loop_;
  Event& changed_;
  Random random_;
  ApiClient client_;
  EventSink events_;
  PlanRunner runner_;
  WorkQueue queue_;
  LoopWatch watch_;
  std::map<std::string, std::string> memos_;  // by key
  bool stopping_ = false;
  int in_hand_ = 0;
  std::uint64_t syncs_ = 0;
};

}  // namespace kless::control_planes

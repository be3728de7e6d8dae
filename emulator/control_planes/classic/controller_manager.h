// ControllerManager: the classic control plane.  An API server with latency, and for each control
// loop a controller that runs the same reconcile code as the serverless control plane: a
// LoopController, a PromiseController (the Job controller) or a ViewController (the scheduler).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "emulator/base/loop/event.h"
#include "emulator/base/random.h"
#include "emulator/control_planes/classic/api_server.h"
#include "emulator/control_planes/classic/controller.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

class PromiseController;

class ControllerManager {
 public:
  // All references must outlive it; telemetry may be null.  `loops` are the control loops that run,
  // by the names of their settings.
  ControllerManager(EventLoop& event_loop, Store& store, const LatencyProfile& profile,
                    Telemetry* telemetry, std::uint64_t seed,
                    const std::vector<std::string>& loops = {"job"});
  ~ControllerManager();

  // Runs the stages of the profile's start-up, one after another; then the controllers work.  Call
  // it once.
  void Start();
  // Stops reading the work queues; running syncs finish.
  void Stop();

  // Whether it is operational, everything committed has arrived, and no key is queued for the next
  // batch period, being synced, or having its event written.
  bool Idle() const;
  // Idle, and no key waits for its time.
  bool AtRest() const;
  // No sync is running, and no event is being written.
  bool Quiet() const;
  bool operational() const { return operational_; }
  // The feed's records up to here have arrived in all caches.
  std::uint64_t position() const;
  // The keys that wait in the Job controller's queue, and the number of its syncs so far.
  std::size_t queue_depth() const;
  std::uint64_t syncs() const;
  // Also serves requests from outside: submitters share its cores.
  ApiServer& api_server() { return server_; }
  Event& changed() { return changed_; }

 private:
  Task<> Run();

  EventLoop& event_loop_;
  Store& store_;
  const ClassicProfile& profile_;
  Telemetry* const telemetry_;
  Random random_;
  Event changed_;
  ApiServer server_;
  std::vector<std::unique_ptr<Controller>> controllers_;  // in the order in which they start
  const PromiseController* jobs_ = nullptr;               // null if the loop does not run
  bool operational_ = false;
};

}  // namespace kless::control_planes

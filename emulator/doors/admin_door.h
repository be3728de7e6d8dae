// AdminDoor: kless's own API under /kless/v1: health and numbers, items and feed of any table, the
// clock, faults, functions and their invocations, snapshots.  COMPATIBILITY.md lists paths and
// bodies.
//
// JSON in and out; errors are {"error":{"code","message"}}; unknown query parameters and fields are
// errors.  Replies do not wait for the commit: the HTTP server does that for every reply.
#pragma once

#include <utility>

#include "emulator/base/router.h"
#include "emulator/doors/admin_world.h"

namespace kless::doors {

class AdminDoor {
 public:
  // `clock`: null in a virtual run, where the clock belongs to the run and not to requests.
  // Everything outlives the door.
  AdminDoor(Scheduler& scheduler, RealScheduler* clock, Store& store, FunctionPool& pool,
            EventSourceMappings& mappings, Faults& faults);
  // What a world with a classic control plane also waits for until it is idle.
  void SetControllerManager(const control_planes::ControllerManager* manager) {
    world_.controller_manager = manager;
  }
  void SetTimers(const control_planes::TimerService* timers) { world_.timers = timers; }
  // Simulated nodes: their routes, and what a world also waits for until it is idle.
  void SetDataPlane(data_plane::DataPlane* data_plane) { world_.data_plane = data_plane; }
  // Functions of users; none in a virtual run.
  void SetUserFunctions(UserFunctions* functions) { world_.user_functions = functions; }
  void SetFacts(DaemonFacts facts) { world_.facts = std::move(facts); }
  // The door outlives the router's last request.
  void Register(Router& router);

 private:
  AdminWorld world_;
};

}  // namespace kless::doors

// AdminDoor: kless's own API under /kless/v1: health and numbers, items and feed of any table, the
// clock, faults, functions and their invocations, snapshots.  COMPATIBILITY.md lists paths and
// bodies.
//
// Requests and replies are JSON; errors are {"error":{"code","message"}}; unknown query parameters
// and fields are errors.  Replies do not wait for the commit: the HTTP server does that for every
// reply.
#pragma once

#include <utility>

#include "emulator/doors/admin/context.h"
#include "emulator/doors/http/router.h"

namespace kless::doors {

class AdminDoor {
 public:
  // `clock` is null in a virtual run, where requests cannot change the clock.  All references must
  // outlive the door.
  AdminDoor(EventLoop& event_loop, RealEventLoop* clock, Store& store, FunctionPool& pool,
            EventSourceMappings& mappings, Faults& faults);
  // Sets the classic control plane, which must also be idle for the world to be idle.
  void SetControllerManager(const control_planes::ControllerManager* manager) {
    context_.controller_manager = manager;
  }
  void SetTimers(const control_planes::TimerService* timers) { context_.timers = timers; }
  // Sets the simulated nodes: adds their routes, and they must also be idle for the world to be
  // idle.
  void SetDataPlane(data_plane::DataPlane* data_plane) { context_.data_plane = data_plane; }
  // Sets the user functions; a virtual run has none.
  void SetUserFunctions(UserFunctions* functions) { context_.user_functions = functions; }
  // Sets the service that describes the tables and splits their streams.
  void SetDynamoDb(dynamodb::Service* service) { context_.dynamodb = service; }
  void SetFacts(DaemonFacts facts) { context_.facts = std::move(facts); }
  // The door must outlive the router's last request.
  void Register(Router& router);

 private:
  AdminContext context_;
};

}  // namespace kless::doors

// WorldReconciler: reconciles a key of a loop that observes through a World, with the key's timer
// and fence.
#pragma once

#include <string>

#include "emulator/control_planes/loop_invocation.h"
#include "emulator/control_planes/plan_executor.h"
#include "emulator/control_planes/timer_item.h"

namespace kless::control_planes {

class WorldReconciler {
 public:
  explicit WorldReconciler(const LoopInvocation& run) : run_(run) {}

  // Returns true if nothing is left to do, false if the key must be observed again.
  Task<Result<bool>> Once(std::string key);

 private:
  Task<Result<Fence>> ReadFence(std::string key);
  // Returns false if another environment wrote it.
  Task<Result<bool>> Write(TimerItem timer);
  Task<Result<void>> Answer(controllers::World* world, controllers::World::Question question);

  const LoopInvocation& run_;
};

}  // namespace kless::control_planes

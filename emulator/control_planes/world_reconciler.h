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

  // kOvertaken: the key must be observed again, since another writer was faster or the plan asks to
  // be followed by another at once.
  Task<Result<Outcome>> Once(std::string key);

 private:
  Task<Result<Fence>> ReadFence(std::string key);
  Task<Result<Outcome>> Write(TimerItem timer);
  Task<Result<void>> Answer(controllers::World* world, controllers::World::Question question);

  const LoopInvocation& run_;
};

}  // namespace kless::control_planes

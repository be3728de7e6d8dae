// ViewReconciler: one invocation of a loop with a view (functions/controllers/loop/loop_view.h).
//
// An environment keeps the view in its memory: first listed, then updated from the change feed by
// each invocation.  Several environments may act at once, each with a view of its own, and must not
// take the same room twice: a scheduler's binding assigns room on a node.  So every step with a
// claim is a transaction with that claim, an item of type "claim", which must be at the version
// that the view has seen.  An environment that was overtaken takes the step back, reads the feed,
// and tries again.  A view that has read the claim's record has read the object's, too, since they
// are in one transaction.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "emulator/control_planes/loop_invocation.h"
#include "emulator/control_planes/plan_executor.h"

namespace kless::control_planes {

constexpr const char* kClaimType = "claim";

// The view and its place in the feed, which are lost with the environment.
struct ViewMemory {
  std::unique_ptr<controllers::LoopView> view;
  bool listed = false;
  std::uint64_t position = 0;                   // the feed has been read up to here
  std::map<std::string, std::uint64_t> claims;  // versions, by name; 0 or absent: none
};

class ViewReconciler {
 public:
  // The loop must have a view.  `memory` outlives the invocation.
  ViewReconciler(const LoopInvocation& run, ViewMemory& memory) : run_(run), memory_(memory) {}

  // Carries out steps until there are none, or the invocation has done its share.
  Task<Result<void>> Run();

 private:
  std::int64_t Now() const { return run_.context->event_loop.UnixNanos(); }
  void Observe(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image);
  // Lists everything that it watches, or reads the feed since the last time.
  Task<Result<void>> CatchUp();
  // Rebuilds the view.
  Task<Result<void>> List();
  Task<Result<void>> Take(controllers::ViewStep step);
  // Another environment has taken the claim, or the object has changed: its writes are in the feed
  // once they are committed.
  Task<Result<void>> AwaitClaim(std::string name);
  Task<Result<void>> Execute(controllers::ViewStep step);
  // Sets the timer for changes that only time brings: the end of a back-off, or the flush of
  // unschedulable pods.  `more`: there are steps left.
  Task<Result<void>> ArmTimer(bool more);
  // kOvertaken: another environment has written it meanwhile.
  Task<Result<Outcome>> TryToArm(bool more);

  const LoopInvocation& run_;
  ViewMemory& memory_;
};

}  // namespace kless::control_planes

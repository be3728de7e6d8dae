// PromiseReconciler: reconciles an owner of a loop with promises, whose dependents are named by its
// intent (intent.h; emulator/control_planes/DESIGN.md, "Exactly once").
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "emulator/control_planes/loop_invocation.h"
#include "emulator/control_planes/plan_executor.h"
#include "emulator/control_planes/timer_item.h"

namespace kless::control_planes {

// What the records of a batch say about one owner.  Their contents are never acted on.
struct OwnerNews {
  bool reconcile = false;
  // The newest record: an older index must not be trusted.
  std::uint64_t newest = 0;
  // Owners that may be gone: their uid and, if the batch has it, their last image.
  std::map<std::string, ItemPtr> perhaps_gone;
};
using OwnersNews = std::map<std::string, OwnerNews>;  // by resource name of the owner

OwnersNews NewsOf(const controllers::Promises& promises, const ResourceTable& resources,
                  const FunctionEvent& event);

class PromiseReconciler {
 public:
  // The loop must have promises.
  explicit PromiseReconciler(const LoopInvocation& run)
      : run_(run), promises_(*run.loop.promises) {}

  // kOvertaken: the owner must be observed again, since another writer was faster or the plan asks
  // to be followed by another at once.
  Task<Result<Outcome>> Once(std::string key, OwnerNews news);

 private:
  using Dependents = std::vector<controllers::Dependent>;

  Task<Result<Outcome>> Reconcile(ResourceId id, ItemPtr item, std::string uid,
                                  std::uint64_t newest);
  // For the owner with this uid, which is gone.
  Task<Result<Outcome>> CleanUp(ResourceId id, ItemPtr last, std::string uid, std::uint64_t newest);
  // Reads the owner index.  A read that does not show every record up to `newest` is repeated (on
  // AWS a function compares the versions of their images).
  Task<Result<std::vector<OwnedResource>>> ReadIndex(std::string uid, std::uint64_t newest);
  // Observes the dependents: the index for the facts it has, the intent for those that must exist,
  // and a strong read wherever the two differ.
  Task<Result<Dependents>> Observe(Owner& owner, std::uint64_t newest);
  // Reads those that the controller must see whole.
  Task<Result<Dependents>> ReadWhole(ItemPtr owner, Dependents dependents);
  // Reads the dependents of a namespace that have no controller.
  Task<Result<Dependents>> ReadOrphans(std::string namespace_name);
  Task<Result<void>> ReadIntent(Owner& owner);
  // From then on no environment keeps a promise of this owner any more.
  Task<Result<Outcome>> Close(Owner& owner);
  Task<Result<void>> RemoveIntent(Owner& owner);
  // The intent says whether there is a timer, so that an owner without one costs no read.
  Task<Result<TimerItem>> ReadOwnTimer(const Owner& owner);
  // Writes the timer item and, for the first one, its mark in the intent, in one transaction.
  Task<Result<Outcome>> SetTimer(Owner& owner, TimerItem timer);
  // Removes the owner's timer item, unless another owner of its name has taken it over.
  Task<Result<Outcome>> RemoveTimer(Owner& owner);

  const LoopInvocation& run_;
  const controllers::Promises& promises_;
};

}  // namespace kless::control_planes

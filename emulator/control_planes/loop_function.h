// LoopFunction: a control loop (functions/controllers/loop/control_loop.h) as a function: it
// receives records or a due timer, and reconciles the keys that they concern one after another, as
// the loop's capabilities have it: `world_reconciler`, `promise_reconciler` or `view_reconciler`.
#pragma once

#include "functions/controllers/loop/control_loop.h"
#include "functions/pool/function.h"
#include "functions/pool/latency_profile.h"
#include "store/resources.h"

namespace kless::control_planes {

// Whether a record is delivered to the loop: the filter of its event source mapping.
bool LoopConcerns(const controllers::ControlLoop& loop, const ResourceTable& resources,
                  const ChangeRecord& record);

// All records of one key in a batch lead to one reconcile.  All references must outlive the
// handler; `resources` is used only for its key layout: the datastore is accessed through the
// invocation's store client.
Handler MakeLoopFunction(const controllers::ControlLoop& loop, const ResourceTable& resources,
                         const LatencyProfile& profile);

}  // namespace kless::control_planes

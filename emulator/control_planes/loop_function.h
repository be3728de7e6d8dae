// LoopFunction: a control loop (functions/controllers/loop/control_loop.h) as a function: it
// receives records or a due timer, and reconciles the keys that they concern one after another.
#pragma once

#include "functions/controllers/loop/control_loop.h"
#include "functions/pool/function.h"
#include "functions/pool/latency_profile.h"
#include "store/resources.h"

namespace kless::control_planes {

// Whether a record is delivered to the loop: the filter of its event source mapping.
bool LoopConcerns(const controllers::ControlLoop& loop, const ResourceTable& resources,
                  const ChangeRecord& record);

// All references must outlive the handler.
Handler MakeLoopFunction(const controllers::ControlLoop& loop, const ResourceTable& resources,
                         const LatencyProfile& profile);

}  // namespace kless::control_planes

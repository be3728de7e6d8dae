// LoopFunction: a control loop (functions/controllers/control_loop.h) as a function: records or a
// due timer in, the keys they concern reconciled one after the other.
#pragma once

#include "functions/controllers/control_loop.h"
#include "functions/function.h"
#include "functions/latency_profile.h"
#include "store/resources.h"

namespace kless::control_planes {

// Whether the loop wants to hear of the record: the filter of its event source mapping.
bool LoopConcerns(const controllers::ControlLoop& loop, const ResourceTable& resources,
                  const ChangeRecord& record);

// All references outlive the handler.
Handler MakeLoopFunction(const controllers::ControlLoop& loop, const ResourceTable& resources,
                         const LatencyProfile& profile);

}  // namespace kless::control_planes

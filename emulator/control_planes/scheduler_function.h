// SchedulerFunction: the scheduler as a function.
//
// An environment keeps the view of the cluster in its memory: listed at first, then brought up to
// date from the change feed by each invocation.  Several environments may schedule at once, each on
// a view of its own; a node must not be given away twice.  So every binding is a transaction with
// the node's claim, an item of type "claim": it must be at the version that the view has seen.  An
// environment that was overtaken takes the pod back, reads on, and tries again.  A view that has
// read the claim's record has read the pod's, too: they are one transaction.
#pragma once

#include "functions/function.h"
#include "functions/latency_profile.h"
#include "store/resources.h"

namespace kless::control_planes {

constexpr const char* kSchedulerFunctionName = "scheduler";
constexpr const char* kClaimType = "claim";

// The types of the records that it follows.
const std::vector<std::string>& SchedulerTypes();
// Whether a record may let a pod be placed, or matters to those that wait.
bool ConcernsScheduler(const ResourceTable& resources, const ChangeRecord& record);

// All references outlive the handler.
Handler MakeSchedulerFunction(const ResourceTable& resources, const LatencyProfile& profile);

}  // namespace kless::control_planes

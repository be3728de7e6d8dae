// SchedulerFunction: the scheduler as a function.
//
// An environment keeps the view of the cluster in its memory: first listed, then updated from the
// change feed by each invocation.  Several environments may schedule at once, each with a view of
// its own, and must not assign the same room on a node twice.  So every binding is a transaction
// with the node's claim, an item of type "claim", which must be at the version that the view has
// seen.  An environment that was overtaken takes the pod back, reads the feed, and tries again.  A
// view that has read the claim's record has read the pod's, too, since they are in one transaction.
#pragma once

#include "functions/pool/function.h"
#include "functions/pool/latency_profile.h"
#include "store/resources.h"

namespace kless::control_planes {

constexpr const char* kSchedulerFunctionName = "scheduler";
constexpr const char* kClaimType = "claim";

// The types of the records that it follows.
const std::vector<std::string>& SchedulerTypes();
// Whether a record may make a pod schedulable, or matters to waiting pods.
bool ConcernsScheduler(const ResourceTable& resources, const ChangeRecord& record);

// All references must outlive the handler.
Handler MakeSchedulerFunction(const ResourceTable& resources, const LatencyProfile& profile);

}  // namespace kless::control_planes

// The job controller as a function of the serverless control plane: batches of change records in,
// reconciles of the Jobs they concern out.
#pragma once

#include "functions/function.h"
#include "store/item.h"
#include "store/resources.h"

namespace kless::control_planes {

constexpr const char* kJobFunctionName = "job-controller";

// Which records the function's event source mapping lets through: those of Jobs and Pods.
bool ConcernsJobs(const ResourceTable& resources, const ChangeRecord& record);

// All the records of one Job in a batch lead to one reconcile.  What a record says is never acted
// on; it only names the Job to look at.  `resources` outlives the handler and is used for its key
// layout only: the datastore is reached through the invocation's store client.
Handler MakeJobFunction(const ResourceTable& resources, const LatencyProfile& profile);

}  // namespace kless::control_planes

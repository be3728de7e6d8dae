// The Job controller as a function of the serverless control plane: it receives batches of change
// records and reconciles the Jobs that they concern.
#pragma once

#include "functions/pool/function.h"
#include "store/item/item.h"
#include "store/resources.h"

namespace kless::control_planes {

constexpr const char* kJobFunctionName = "job-controller";

// Whether the function's event source mapping delivers a record: those of Jobs and Pods.
bool ConcernsJobs(const ResourceTable& resources, const ChangeRecord& record);

// All records of one Job in a batch lead to one reconcile.  The contents of a record are never
// acted on; it only names the Job to reconcile.  `resources` must outlive the handler and is used
// only for its key layout: the datastore is accessed through the invocation's store client.
Handler MakeJobFunction(const ResourceTable& resources, const LatencyProfile& profile);

}  // namespace kless::control_planes

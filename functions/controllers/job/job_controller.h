// The Job controller turns a Job and its pods into a plan.  It is level-triggered: it knows nothing
// of records.  Each concern has a file of its own in this folder (DESIGN.md lists them);
// reference/kubernetes.md sections A to I number the cases.
#pragma once

#include "functions/controllers/loop/plan.h"
#include "functions/controllers/loop/promises.h"

namespace kless::controllers {

// Kubernetes v1.36 MaxPodCreateDeletePerSync and MaxUncountedPods.
constexpr int kMaxPodCreateDeletePerSync = 500;
constexpr int kMaxUncountedPods = 500;
constexpr const char* kJobTrackingFinalizer = "batch.kubernetes.io/job-tracking";
constexpr const char* kCompletionIndexAnnotation = "batch.kubernetes.io/job-completion-index";

// Never fails: an object that is not a valid Job gets a plan that reports this in its status and as
// an event.
Plan ReconcileJob(const OwnerObservation& observed);

}  // namespace kless::controllers

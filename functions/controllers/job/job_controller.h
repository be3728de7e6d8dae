// The Job controller turns a Job and its pods into a plan.  It is level-triggered: it knows nothing
// of records.  Each concern has a file of its own in this folder (DESIGN.md lists them);
// reference/kubernetes.md sections A to I number the cases.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "functions/controllers/loop/plan.h"
#include "functions/controllers/loop/promises.h"
#include "store/item/item.h"

namespace kless::controllers {

// Kubernetes v1.36 MaxPodCreateDeletePerSync and MaxUncountedPods.
constexpr int kMaxPodCreateDeletePerSync = 500;
constexpr int kMaxUncountedPods = 500;
constexpr const char* kJobTrackingFinalizer = "batch.kubernetes.io/job-tracking";
constexpr const char* kCompletionIndexAnnotation = "batch.kubernetes.io/job-completion-index";

// Whether the Job has a selector of its own, so that there may be pods to adopt.  A document that
// is not in canonical form (a space after a key) is not examined.
bool MayAdopt(const Item& job);

// Returns the names of the pods that must be read whole before the Job can be reconciled
// (Dependent::item): those that a podFailurePolicy has to judge, and all pods of a Job with a
// selector of its own.  In order of name.
std::vector<std::string> PodsToRead(const Item& job, const std::vector<Dependent>& pods);

// Never fails: an object that is not a valid Job gets a plan that reports this in its status and as
// an event.
Plan ReconcileJob(const OwnerObservation& observed);

// Handles a Job that is gone; `last` is its last image.  Removes the tracking finalizer of its
// pods, then deletes them.  Pods that no longer name the Job as their controller are left alone.
Plan ReconcileDeletedJob(const Item& last, const std::vector<Dependent>& pods);

// Handles a Job with the `orphan` finalizer and a deletionTimestamp: its pods lose the
// ownerReference and the tracking finalizer, then the Job loses the `orphan` finalizer and is
// removed.
bool IsBeingOrphaned(const Item& job);
Plan ReconcileOrphanedJob(const Item& job, const std::vector<Dependent>& pods);

}  // namespace kless::controllers

// The Job controller: one Job and its pods in, a plan out.  Level-triggered: it knows nothing of
// records.  Concerns have a file each beside this one (DESIGN.md names them);
// reference/kubernetes.md sections A to I number the cases.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/base/random.h"
#include "functions/controllers/plan.h"
#include "store/item.h"

namespace kless::controllers {

// Kubernetes v1.36 MaxPodCreateDeletePerSync and MaxUncountedPods.
constexpr int kMaxPodCreateDeletePerSync = 500;
constexpr int kMaxUncountedPods = 500;
constexpr const char* kJobTrackingFinalizer = "batch.kubernetes.io/job-tracking";
constexpr const char* kCompletionIndexAnnotation = "batch.kubernetes.io/job-completion-index";

struct JobObservation {
  ItemPtr job;                  // the Job's item, raw or defaulted
  std::vector<Dependent> pods;  // of its uid, in name order; those deleted and gone are absent
  std::int64_t unix_nanos = 0;  // now
  Random* random = nullptr;     // for the uid of a raw Job only
  std::string memo;             // of an earlier plan; "": none
  // Where MayAdopt says so: the pods of the Job's namespace that have no controller, with `item`,
  // in any order.
  std::vector<Dependent> orphans;
};

// Whether the Job has a selector of its own, so that there may be pods to adopt.  A document that
// is not canonical JSON text (a space behind the key) is not looked into.
bool MayAdopt(const Item& job);

// Which of the pods, as the owner index shows them, have to be read whole before the Job can be
// reconciled (Dependent::item): those that a podFailurePolicy has to judge, and of a Job with a
// selector of its own all of them.  In name order.
std::vector<std::string> PodsToRead(const Item& job, const std::vector<Dependent>& pods);

// The uid that the Job's dependents carry; "" for a raw object that has none yet.
std::string JobUid(const Item& job);

// Never fails: an object that is no valid Job gets a plan that says so on the object and as an
// event.
Plan ReconcileJob(const JobObservation& observed);

// After the Job is gone (`last` is its last image).  Deletes its pods: tracking finalizer first.
// Pods that no longer name the Job as their controller are left alone.
Plan ReconcileDeletedJob(const Item& last, const std::vector<Dependent>& pods);

// While the Job carries the `orphan` finalizer and a deletionTimestamp: its pods lose the
// ownerReference and the tracking finalizer, then the Job loses the `orphan` finalizer and goes.
bool IsBeingOrphaned(const Item& job);
Plan ReconcileOrphanedJob(const Item& job, const std::vector<Dependent>& pods);

}  // namespace kless::controllers

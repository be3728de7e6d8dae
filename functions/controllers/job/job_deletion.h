// Jobs that are gone or that are being orphaned: what becomes of their pods.
#pragma once

#include <vector>

#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"

namespace kless::controllers {

// Handles a Job that is gone; `last` is its last image.  Removes the tracking finalizer of its
// pods, then deletes them.  Pods that no longer name the Job as their controller are left alone.
Plan ReconcileDeletedJob(const Item& last, const std::vector<Dependent>& pods);

// Handles a Job with the `orphan` finalizer and a deletionTimestamp: its pods lose the
// ownerReference and the tracking finalizer, then the Job loses the `orphan` finalizer and is
// removed.
bool IsBeingOrphaned(const Item& job);
Plan ReconcileOrphanedJob(const Item& job, const std::vector<Dependent>& pods);

}  // namespace kless::controllers

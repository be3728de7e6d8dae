// The writes that Job plans make to pods: single ones, and the deletions and creations of a whole
// synchronisation.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/job/job_sync.h"
#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

// Edits the document of a pod: it returns the new one, or nullopt if there is nothing to do.
Write EditWrite(const std::string& pod_name,
                std::function<std::optional<std::string>(const std::string& document)> apply);
// Removes the tracking finalizer from a pod.
Write UntrackWrite(const std::string& pod_name);
// Deletes a pod, or withdraws the promise of one; settles it.
Write DeletionWrite(const std::string& pod_name);

// Adds deletions that remove the tracking finalizer first, so that these pods never count as
// failed.
void AddRemovals(const std::vector<const Dependent*>& remove, Plan& plan);
// Adds deletions of a failed Job's pods, which keep the finalizer because they count as failed.
void AddKills(const std::vector<const Dependent*>& kill, Plan& plan);
// Adds creations in slow start, promised pods first.
void AddCreations(const JobSync& sync, const PodChanges& changes,
                  const std::vector<IndexFailureCounts>& counts, Plan& plan);

}  // namespace kless::controllers

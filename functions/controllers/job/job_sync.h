// JobSync: one synchronisation of a Job: what was observed and decided, before it is written.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/job/job_counting.h"
#include "functions/controllers/job/job_verdict.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/job/pod_census.h"
#include "functions/controllers/plan.h"

namespace kless::controllers {

// Shared with the plan's on_failure, which needs it after ReconcileJob is gone.
struct JobSync {
  ResourceId id;
  std::uint64_t version = 0;
  std::int64_t unix_nanos = 0;
  std::unique_ptr<JobView> job;
  Verdict verdict;
  Counting counting;
  std::int64_t succeeded = 0;    // with those not counted yet
  std::int64_t active_left = 0;  // created and not removed by this plan
  std::int64_t removed = 0;      // pods that this plan deletes
  std::int64_t creating = 0;
  std::int64_t ready = 0;
  std::int64_t terminating = 0;
  // Pods are missing and none may be created yet: no pod is reported active (E3).
  bool waits = false;
};

// Deletions: the tracking finalizer goes first, so that these pods never count as failed.
void AddRemovals(const std::vector<const Dependent*>& remove, Plan& plan);
// Deletions of a failed Job's pods: they keep the finalizer, for they count as failed.
void AddKills(const std::vector<const Dependent*>& kill, Plan& plan);
// In slow start; promised pods first.
void AddCreations(const JobSync& sync, const PodChanges& changes,
                  const std::vector<IndexFailureCounts>& counts, Plan& plan);

// The status with what was counted, then the finalizers, then the status with the counters moved;
// the last one says Complete or Failed when that is due.  `created`: how many of the plan's pods
// exist.  True: the Job is decided.
bool AddStatus(const JobSync& sync, std::int64_t created, Plan& plan);

}  // namespace kless::controllers

// JobSync: one synchronisation of a Job: observations and decisions, before they are written.
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
#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

// Shared with the plan's on_failure, which runs after ReconcileJob has returned.
struct JobSync {
  ResourceId id;
  std::uint64_t version = 0;
  std::int64_t unix_nanos = 0;
  std::unique_ptr<JobView> job;
  Verdict verdict;
  Counting counting;
  std::int64_t succeeded = 0;    // including those not counted yet
  std::int64_t active_left = 0;  // existing pods that this plan does not remove
  std::int64_t removed = 0;      // pods that this plan deletes
  std::int64_t creating = 0;
  std::int64_t ready = 0;
  std::int64_t terminating = 0;
  // Pods are missing and none may be created yet: no pod is reported as active (E3).
  bool waits = false;
};

}  // namespace kless::controllers

// Counting of terminated pods, each exactly once whatever crashes in between.  A pod that is
// counted by its uid goes through status.uncountedTerminatedPods, then loses the tracking
// finalizer, then moves to the counter; a success of an Indexed Job is in status.completedIndexes
// at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "functions/controllers/job/index_failures.h"
#include "functions/controllers/job/index_set.h"
#include "functions/controllers/job/job_verdict.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/job/pod_facts.h"
#include "functions/controllers/plan.h"

namespace kless::controllers {

// A pod whose tracking finalizer goes in this plan.
struct Untracked {
  std::string name;     // resource name
  bool settle = false;  // leaves the Job's care uncounted: no status write does it
};

struct Counting {
  // The status to write before the finalizers go, and after.
  struct Counters {
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::vector<std::string> uncounted_succeeded;
    std::vector<std::string> uncounted_failed;
    IndexSet completed;                      // Indexed only
    std::optional<IndexSet> failed_indexes;  // with backoffLimitPerIndex only
  };
  Counters before, after;

  std::vector<Untracked> untrack;
  std::vector<std::string> settles;  // newly counted pods
  bool more = false;                 // kMaxUncountedPods were reached: the rest waits
};

// Of a Job that is being deleted, pods that still run lose the finalizer, too.  Once a Job has
// failed every pod without an end counts as failed (E6); once it has succeeded those are let go
// (H5).  `index_failures`: null without backoffLimitPerIndex.
Counting CountPods(const JobView& job, const std::vector<Dependent>& pods, const PodFacts& facts,
                   const IndexFailures* index_failures, Verdict::Kind verdict);

}  // namespace kless::controllers

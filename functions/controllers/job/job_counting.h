// Counting of terminated pods, each exactly once whatever crashes in between.  A pod that is
// counted by its uid is added to status.uncountedTerminatedPods, then loses the tracking finalizer,
// then moves to the counter; a success of an Indexed Job is added to status.completedIndexes at
// once.
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
#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

// A pod whose tracking finalizer this plan removes.
struct Untracked {
  std::string name;     // resource name
  bool settle = false;  // leaves the Job's care uncounted: no status write settles it
};

struct Counting {
  // The status before and after the finalizers are removed.
  struct Counters {
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::vector<std::string> uncounted_succeeded;
    std::vector<std::string> uncounted_failed;
    IndexSet completed;                      // only for Indexed
    std::optional<IndexSet> failed_indexes;  // only with backoffLimitPerIndex
  };
  Counters before, after;

  std::vector<Untracked> untrack;
  std::vector<std::string> settles;  // newly counted pods
  bool more = false;                 // kMaxUncountedPods was reached: the rest waits
};

// If the Job is being deleted, running pods lose the finalizer, too.  Once a Job has failed, every
// pod that has not ended counts as failed (E6); once it has succeeded, such pods are released (H5).
// `index_failures` is null without backoffLimitPerIndex.
Counting CountPods(const JobView& job, const std::vector<Dependent>& pods, const PodFacts& facts,
                   const IndexFailures* index_failures, Verdict::Kind verdict);

}  // namespace kless::controllers

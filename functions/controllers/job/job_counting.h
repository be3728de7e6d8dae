// Counting of terminated pods, each exactly once whatever crashes in between.  A pod that is
// counted by its uid goes through status.uncountedTerminatedPods, then loses the tracking
// finalizer, then moves to the counter; a success of an Indexed Job is in status.completedIndexes
// at once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "functions/controllers/job/index_set.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/plan.h"

namespace kless::controllers {

// A pod whose tracking finalizer goes in this plan.
struct Untracked {
  std::string name;     // resource name
  bool settle = false;  // leaves the Job's care uncounted: no status write does it
};

struct Counting {
  // For deciding what is wanted: every success, those beyond the limit of one plan included.
  std::int64_t succeeded = 0;
  IndexSet succeeded_indexes;

  // The status to write before the finalizers go, and after.
  struct Counters {
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::vector<std::string> uncounted_succeeded;
    std::vector<std::string> uncounted_failed;
    IndexSet completed;  // Indexed only
  };
  Counters before, after;

  std::vector<Untracked> untrack;
  std::vector<std::string> settles;  // newly counted pods
  bool more = false;                 // kMaxUncountedPods were reached: the rest waits
};

// Where `release_all`, pods that still run lose the finalizer, too.
Counting CountPods(const JobView& job, const std::vector<Dependent>& pods, bool release_all);

}  // namespace kless::controllers

// PodCensus: a summary of a Job's pods, and which of them must be removed or are missing.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "functions/controllers/job/index_failures.h"
#include "functions/controllers/job/index_set.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/job/pod_facts.h"
#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

// A pod is active until its phase is terminal or it is being deleted; a promised pod is active.
bool IsActive(const Dependent& pod);
bool HasValidIndex(const JobView& job, const OwnedResource& pod);

struct PodCensus {
  std::vector<const Dependent*> active;  // in order of name; they point into the observation
  std::vector<std::int64_t> indexes;     // of the active pods, ascending; Indexed only
  std::int64_t active_created = 0;       // excluding the promised ones
  std::int64_t ready = 0;
  std::int64_t terminating = 0;
  std::vector<std::int64_t> terminating_indexes;  // Indexed only
};
PodCensus TakeCensus(const JobView& job, const std::vector<Dependent>& pods);

// The changes to make: deletions or creations, never both in one plan.
struct PodChanges {
  std::vector<const Dependent*> remove;
  std::vector<const Dependent*> keep_promise;  // promised pods to create under their names
  std::vector<std::int64_t> create;            // completion indexes; -1 if not Indexed
  bool more = false;                           // there are more than kMaxPodCreateDeletePerSync
  // Some or all of the missing pods have to wait that long (E1, F2).
  std::optional<Duration> wait;
  // Nothing is created although pods are missing: all of them have to wait (E3).
  bool waits = false;
};

// The reasons for which pods are wanted or not.
struct PodDemand {
  const Tally* tally = nullptr;
  const IndexFailures* index_failures = nullptr;  // null without backoffLimitPerIndex
  Duration backoff{};                             // of the whole Job
  std::int64_t unix_nanos = 0;
};
PodChanges DecideChanges(const JobView& job, const std::vector<Dependent>& pods,
                         const PodCensus& census, const PodDemand& demand);

}  // namespace kless::controllers

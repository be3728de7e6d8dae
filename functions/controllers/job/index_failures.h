// backoffLimitPerIndex of Indexed Jobs (reference F): every index has failures and a back-off of
// its own.
//
// The counts are kept in annotations: a pod says how often its index failed before it.  So a failed
// pod keeps its tracking finalizer, and is not counted, until its replacement exists.
#pragma once

#include <cstdint>
#include <map>

#include "functions/controllers/job/index_set.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/job/pod_facts.h"
#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

// The values of the annotations job-index-failure-count and job-index-ignored-failure-count for an
// index.
struct IndexFailureCounts {
  int failures = 0;
  int ignored = 0;
};

struct IndexFailures {
  IndexSet failed;  // indexes that are not retried
  // By index: the position of the failed pod whose counts its replacement will carry.
  std::map<std::int64_t, std::size_t> awaiting;

  // Whether this is the last failed pod of an index that awaits a replacement.
  bool IsKept(const Dependent& pod, std::size_t position) const {
    const auto kept = awaiting.find(pod.resource.completion_index);
    return kept != awaiting.end() && kept->second == position;
  }
};

// For Jobs with backoffLimitPerIndex.
IndexFailures ObserveIndexFailures(const JobView& job, const std::vector<Dependent>& pods,
                                   const PodFacts& facts, const IndexSet& succeeded);

// The counts that the next pod of an index carries.
IndexFailureCounts NextCounts(const IndexFailures& failures, const std::vector<Dependent>& pods,
                              const PodFacts& facts, std::int64_t index);
// How much longer the index must wait for its next pod.
Duration RemainingIndexBackoff(const IndexFailures& failures, const std::vector<Dependent>& pods,
                               std::int64_t index, std::int64_t unix_nanos);

}  // namespace kless::controllers

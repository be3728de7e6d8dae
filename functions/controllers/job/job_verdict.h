// Whether a Job is decided while its pods may still run, in the order in which Kubernetes looks
// (reference E9): what was decided before, podFailurePolicy, backoffLimit, activeDeadlineSeconds,
// maxFailedIndexes, failed indexes, successPolicy.  Completions are no verdict: they are reached
// when no pod runs any more.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "functions/controllers/job/index_failures.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/job/pod_facts.h"

namespace kless::controllers {

struct Verdict {
  enum class Kind { kNone, kFailure, kSuccess };
  Kind kind = Kind::kNone;
  std::string reason;  // of the conditions
  std::string message;
};

// `index_failures`: null without backoffLimitPerIndex.
Verdict ReachVerdict(const JobView& job, const std::vector<Dependent>& pods, const PodFacts& facts,
                     const Tally& tally, const IndexFailures* index_failures,
                     std::int64_t unix_nanos);

// How long until activeDeadlineSeconds are over; nullopt: no such deadline runs.  A startTime has
// whole seconds, so the deadline comes up to a second early; a Job that starts now has that
// startTime.
std::optional<Duration> UntilDeadline(const JobView& job, std::int64_t unix_nanos);

}  // namespace kless::controllers

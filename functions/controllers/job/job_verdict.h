// Decides a Job while its pods may still run, in the order in which Kubernetes checks (reference
// E9): earlier decisions, podFailurePolicy, backoffLimit, activeDeadlineSeconds, maxFailedIndexes,
// failed indexes, successPolicy.  Completions are not a verdict: they are reached when no pod runs
// any more.
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
  std::string reason;  // of the condition
  std::string message;
};

// `index_failures` is null without backoffLimitPerIndex.
Verdict ReachVerdict(const JobView& job, const std::vector<Dependent>& pods, const PodFacts& facts,
                     const Tally& tally, const IndexFailures* index_failures,
                     std::int64_t unix_nanos);

// The time until activeDeadlineSeconds have passed; nullopt if no deadline is running.  A startTime
// has whole seconds, so the deadline comes up to a second early; a Job that starts now has that
// startTime.
std::optional<Duration> UntilDeadline(const JobView& job, std::int64_t unix_nanos);

}  // namespace kless::controllers

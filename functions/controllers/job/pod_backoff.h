// Back-off of pod creation after failures (reference E1, E2), one value for the whole Job.
//
// Kubernetes keeps it in the controller's memory: how many pods failed since the last success, and
// when the last one did.  Here it is the Job's memo, joined with what the existing pods show:
// losing the memo shortens no wait that is caused by a failed pod that still exists.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "functions/controllers/job/pod_facts.h"

namespace kless::controllers {

struct BackoffRecord {
  std::int64_t failures = 0;      // since the last success
  std::int64_t last_failure = 0;  // Unix seconds; 0: none

  bool operator==(const BackoffRecord&) const = default;
  // Formats "3 1767225600", or "" if there are no failures.  Any other text is parsed as no
  // failures.
  std::string ToMemo() const;
  static BackoffRecord FromMemo(const std::string& memo);
};

// A failure counts if it is later than the newest success (finish times have whole seconds); an
// ignored one counts, too (G6).
BackoffRecord ObserveBackoff(const std::vector<Dependent>& pods, const PodFacts& facts,
                             const std::string& memo);

// The remaining wait: 10 s from the end of the last failure, doubling with each failure up to 10
// min.  Kubernetes v1.36 DefaultJobPodFailureBackOff, MaxJobPodFailureBackOff.
Duration RemainingBackoff(std::int64_t failures, std::int64_t last_failure,
                          std::int64_t unix_nanos);

}  // namespace kless::controllers

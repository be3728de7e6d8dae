// PodFacts: what each of a Job's pods means for its counters, read once per reconcile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "functions/controllers/job/index_set.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/job/pod_failure_policy.h"
#include "functions/controllers/plan.h"

namespace kless::controllers {

struct PodFact {
  enum class End : unsigned char { kNone, kSucceeded, kFailed };
  // A pod that is being deleted before it succeeded has failed, unless the Job replaces failed
  // pods only (D10, D11).
  End end = End::kNone;
  // kFailed only.
  PodFailure failure = PodFailure::kCounts;
  bool pending = false;  // tracked, and its uid is among the uncounted ones of the status
  bool fresh = false;    // tracked and not pending: whatever it ends as is still to be counted
  bool valid = true;     // of an Indexed Job: its index is one of the Job's

  bool HasFailed() const { return end == End::kFailed && fresh && valid; }
  // Ended, not counted yet, and the counter of failures is to move.
  bool FailureCounts() const {
    return HasFailed() && failure != PodFailure::kIgnored && failure != PodFailure::kUnread;
  }
};

struct PodFacts {
  std::vector<PodFact> of;       // as the observed pods
  std::string fail_job_message;  // of the first pod that fails the Job; "": none does
};
PodFacts TakeFacts(const JobView& job, const std::vector<Dependent>& pods);

// What all the pods that ever ended amount to, those not counted yet included.
struct Tally {
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  IndexSet succeeded_indexes;  // Indexed only
};
Tally TakeTally(const JobView& job, const std::vector<Dependent>& pods, const PodFacts& facts);

// Whether a pod counts as failed once its phase or its deletion says so.
bool IsFailed(const JobView& job, const OwnedResource& pod);

}  // namespace kless::controllers

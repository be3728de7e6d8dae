// PodFacts: the meaning of each of a Job's pods for its counters, read once per reconcile.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "functions/controllers/job/index_set.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/job/pod_failure_policy.h"
#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"

namespace kless::controllers {

struct PodFact {
  enum class End : unsigned char { kNone, kSucceeded, kFailed };
  // A pod that was deleted before it succeeded has failed, unless the Job replaces only failed pods
  // (D10, D11).
  End end = End::kNone;
  // Only for kFailed.
  PodFailure failure = PodFailure::kCounts;
  bool pending = false;  // tracked, and its uid is among the uncounted ones of the status
  bool fresh = false;    // tracked and not pending: its end is still to be counted
  bool valid = true;     // in an Indexed Job: its index is one of the Job's

  bool HasFailed() const { return end == End::kFailed && fresh && valid; }
  // Whether it ended, is not counted yet, and increments the counter of failures.
  bool FailureCounts() const {
    return HasFailed() && failure != PodFailure::kIgnored && failure != PodFailure::kUnread;
  }
};

struct PodFacts {
  std::vector<PodFact> of;       // parallel to the observed pods
  std::string fail_job_message;  // of the first pod that fails the Job; "": none does
};
PodFacts TakeFacts(const JobView& job, const std::vector<Dependent>& pods);

// The totals of all pods that ever ended, including those not counted yet.
struct Tally {
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  IndexSet succeeded_indexes;  // only for Indexed
};
Tally TakeTally(const JobView& job, const std::vector<Dependent>& pods, const PodFacts& facts);

// Whether a pod counts as failed by its phase or its deletion.
bool IsFailed(const JobView& job, const OwnedResource& pod);

// Returns the names of the pods that must be read whole before the Job can be reconciled
// (Dependent::item): those that a podFailurePolicy has to judge, and all pods of a Job with a
// selector of its own.  In order of name.
std::vector<std::string> PodsToRead(const Item& job, const std::vector<Dependent>& pods);

}  // namespace kless::controllers

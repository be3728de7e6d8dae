#include "functions/controllers/job/job_controller.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "emulator/base/check.h"
#include "functions/controllers/job/adoption.h"
#include "functions/controllers/job/index_failures.h"
#include "functions/controllers/job/job_deletion.h"
#include "functions/controllers/job/job_sync.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/job/pod_backoff.h"
#include "functions/controllers/job/pod_census.h"
#include "functions/controllers/job/pod_writes.h"
#include "functions/controllers/job/raw_job.h"
#include "functions/controllers/job/status_writes.h"
#include "functions/controllers/loop/resource_name.h"

namespace kless::controllers {

namespace {

// After a failed write, creations and deletions that were not tried are left to a later plan.
Plan AfterFailure(const std::shared_ptr<const JobSync>& sync, const FailureReport& report) {
  Plan plan;
  if (report.write->Is<Creation>()) {
    AddStatus(*sync, static_cast<std::int64_t>(report.created), plan);
    plan.requeue_after.reset();
    if (report.reason != FailureReport::Reason::kNamespaceTerminating) {
      plan.events.push_back(WarningNote("FailedCreate", "Error creating: " + report.message));
    }
  } else if (report.write->Is<Deletion>()) {
    plan.events.push_back(WarningNote("FailedDelete", "Error deleting: " + report.message));
  }
  return plan;
}

// A finished Job is left alone, except for finalizers and promises that an earlier plan left
// behind.
Plan SweepFinished(const std::vector<Dependent>& pods, const std::string& memo) {
  Batch sweep;
  for (const Dependent& pod : pods) {
    if (!pod.created) {
      sweep.writes.push_back(DeletionWrite(pod.resource.name));
    } else if (pod.resource.tracked) {
      Write edit = UntrackWrite(pod.resource.name);
      edit.settles = {pod.resource.name};
      sweep.writes.push_back(std::move(edit));
    }
  }
  Plan plan;
  if (!sweep.writes.empty()) plan.batches.push_back(std::move(sweep));
  if (!memo.empty()) plan.memo = "";
  return plan;
}

// The observed facts about the pods, and what follows from them.
struct Findings {
  PodFacts facts;
  Tally tally;
  std::optional<IndexFailures> index_failures;
  BackoffRecord backoff;  // without backoffLimitPerIndex

  const IndexFailures* PerIndex() const { return index_failures ? &*index_failures : nullptr; }
};

Findings Examine(const JobView& job, const OwnerObservation& observed) {
  Findings found;
  found.facts = TakeFacts(job, observed.dependents);
  found.tally = TakeTally(job, observed.dependents, found.facts);
  if (job.backoff_limit_per_index) {
    found.index_failures =
        ObserveIndexFailures(job, observed.dependents, found.facts, found.tally.succeeded_indexes);
  } else {
    found.backoff = ObserveBackoff(observed.dependents, found.facts, observed.memo);
  }
  return found;
}

PodChanges Decide(const JobSync& sync, const OwnerObservation& observed, const PodCensus& census,
                  const Findings& found) {
  if (sync.verdict.kind != Verdict::Kind::kNone) {
    PodChanges all;
    all.remove = census.active;
    return all;
  }
  PodDemand demand;
  demand.tally = &found.tally;
  demand.index_failures = found.PerIndex();
  demand.backoff =
      RemainingBackoff(found.backoff.failures, found.backoff.last_failure, sync.unix_nanos);
  demand.unix_nanos = sync.unix_nanos;
  return DecideChanges(*sync.job, observed.dependents, census, demand);
}

// The annotations of the plan's pods, in the order of their creation; empty without
// backoffLimitPerIndex.
std::vector<IndexFailureCounts> CountsOf(const PodChanges& changes,
                                         const OwnerObservation& observed, const Findings& found) {
  std::vector<IndexFailureCounts> counts;
  if (!found.index_failures) return counts;
  const auto add = [&](std::int64_t index) {
    counts.push_back(NextCounts(*found.index_failures, observed.dependents, found.facts, index));
  };
  for (const Dependent* pod : changes.keep_promise) add(pod->resource.completion_index);
  for (const std::int64_t index : changes.create) add(index);
  return counts;
}

void CountChanges(const PodChanges& changes, const PodCensus& census, JobSync& sync) {
  sync.creating = static_cast<std::int64_t>(changes.keep_promise.size() + changes.create.size());
  sync.waits = changes.waits;
  sync.ready = census.ready;
  for (const Dependent* pod : changes.remove) {
    if (!pod->created) continue;
    ++sync.removed;
    if (pod->resource.ready) --sync.ready;
  }
  sync.active_left = census.active_created - sync.removed;
  sync.terminating = census.terminating;
}

// Sets requeue_after if time alone changes something: the end of a back-off, or the deadline.
void AddTimer(const JobSync& sync, const PodChanges& changes, Plan& plan) {
  std::optional<Duration> wait = changes.wait;
  const auto deadline = UntilDeadline(*sync.job, sync.unix_nanos);
  if (deadline) wait = wait ? std::min(*wait, *deadline) : *deadline;
  if (wait && !plan.requeue_after) plan.requeue_after = wait;
}

// Saves the failures for the next reconcile; clears them once the Job is decided.
void AddMemo(bool decided, const Findings& found, const std::string& memo, Plan& plan) {
  const std::string next = decided || found.index_failures ? std::string() : found.backoff.ToMemo();
  if (next != memo) plan.memo = next;
}

Plan Synchronise(const std::shared_ptr<JobSync>& sync, const OwnerObservation& observed) {
  const JobView& job = *sync->job;
  const std::vector<Dependent>& pods = observed.dependents;
  const PodCensus census = TakeCensus(job, pods);
  const Findings found = Examine(job, observed);
  sync->succeeded = found.tally.succeeded;
  sync->verdict =
      ReachVerdict(job, pods, found.facts, found.tally, found.PerIndex(), sync->unix_nanos);
  const PodChanges changes = Decide(*sync, observed, census, found);
  CountChanges(changes, census, *sync);
  if (!job.started || job.marked_invalid || sync->creating > 0) {
    if (const auto problem = InvalidJobMessage(job); problem && !job.deleting) {
      return ReportInvalid(job, sync->id, sync->version, sync->unix_nanos, *problem);
    }
  }
  sync->counting = CountPods(job, pods, found.facts, found.PerIndex(), sync->verdict.kind);

  Plan plan;
  if (sync->verdict.kind == Verdict::Kind::kFailure) {
    AddKills(changes.remove, plan);
  } else {
    AddRemovals(changes.remove, plan);
  }
  AddCreations(*sync, changes, CountsOf(changes, observed, found), plan);
  const bool decided = AddStatus(*sync, sync->creating, plan);
  if (!decided) AddTimer(*sync, changes, plan);
  AddMemo(decided, found, observed.memo, plan);
  if (!plan.batches.empty()) {
    plan.on_failure = [sync](const FailureReport& report) { return AfterFailure(sync, report); };
  }
  return plan;
}

}  // namespace

Plan ReconcileJob(const OwnerObservation& observed) {
  auto sync = std::make_shared<JobSync>();
  sync->job = ReadJob(*observed.owner);
  if (sync->job == nullptr || sync->job->managed_elsewhere) return {};
  const JobView& job = *sync->job;
  if (job.deleting && IsBeingOrphaned(*observed.owner)) {
    return ReconcileOrphanedJob(*observed.owner, observed.dependents);
  }
  if (job.finished) return SweepFinished(observed.dependents, observed.memo);
  sync->id = {"job", ResourceNameOf(*observed.owner)};
  sync->version = observed.owner->version;
  sync->unix_nanos = observed.unix_nanos;
  if (!job.deleting && NeedsDefaults(job)) {
    KLESS_CHECK(observed.random != nullptr, "a raw Job needs a random stream for its uid");
    return PersistDefaults(job, sync->id, sync->version, sync->unix_nanos, *observed.random);
  }
  Plan claims = AdoptAndRelease(job, observed.dependents, observed.orphans);
  return claims.batches.empty() ? Synchronise(sync, observed) : claims;
}

}  // namespace kless::controllers

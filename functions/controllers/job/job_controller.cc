#include "functions/controllers/job/job_controller.h"

#include <memory>
#include <utility>

#include "emulator/base/check.h"
#include "functions/controllers/job/job_counting.h"
#include "functions/controllers/job/job_status.h"
#include "functions/controllers/job/job_view.h"
#include "functions/controllers/job/pod_census.h"
#include "functions/controllers/job/pod_template.h"
#include "functions/controllers/job/raw_job.h"
#include "functions/controllers/job/resource_name.h"
#include "functions/controllers/job/writes.h"

namespace kless::controllers {

namespace {

constexpr const char* kReached = "Reached expected number of succeeded pods";
// Namespaces that are being deleted refuse creations; that is nobody's news (reference C9, CM10).
constexpr const char* kNamespaceGoes = "because it is being terminated";

// One synchronisation; shared with the plan's on_failure, which needs it after ReconcileJob is
// gone.
struct Sync {
  ResourceId id;
  std::uint64_t version = 0;
  std::int64_t unix_nanos = 0;
  std::unique_ptr<JobView> job;
  Counting counting;
  std::int64_t active_left = 0;  // created and not removed by this plan
  std::int64_t removed = 0;      // pods that this plan deletes
  std::int64_t creating = 0;
  std::int64_t ready = 0;
  std::int64_t terminating = 0;
};

EventNote Normal(std::string reason, std::string message) {
  return {"Normal", std::move(reason), std::move(message), false};
}
EventNote Warning(std::string reason, std::string message) {
  return {"Warning", std::move(reason), std::move(message), false};
}

// Deletions: the tracking finalizer goes first, so that these pods never count as failed.
void AddRemovals(const std::vector<const Dependent*>& remove, Plan& plan) {
  Batch edits, deletions;
  for (const Dependent* pod : remove) {
    const std::string& name = pod->resource.name;
    if (pod->created && pod->resource.tracked) edits.writes.push_back(UntrackWrite(name));
    Write deletion = DeletionWrite(name);
    if (pod->created) {
      deletion.on_success = Normal("SuccessfulDelete", "Deleted pod: " + NamePart(name));
    }
    deletions.writes.push_back(std::move(deletion));
  }
  if (!edits.writes.empty()) plan.batches.push_back(std::move(edits));
  if (!deletions.writes.empty()) plan.batches.push_back(std::move(deletions));
}

Write CreationWrite(const std::shared_ptr<const PodTemplate>& pods, std::string name,
                    std::int64_t index) {
  Write write;
  write.kind = Write::Kind::kCreate;
  write.id = {"pod", std::move(name)};
  write.generate_name = pods->GenerateName(index);
  write.completion_index = static_cast<int>(index);
  write.render = [pods, index](const std::string& pod_name, const std::string& uid) {
    return pods->Render(pod_name, uid, index);
  };
  write.on_success = EventNote{"Normal", "SuccessfulCreate", "Created pod: ", true};
  return write;
}

void AddCreations(const Sync& sync, const PodChanges& changes, Plan& plan) {
  if (sync.creating == 0) return;
  const auto pods = std::make_shared<const PodTemplate>(*sync.job, sync.unix_nanos);
  std::vector<Write> writes;
  writes.reserve(static_cast<std::size_t>(sync.creating));
  for (const Dependent* pod : changes.keep_promise) {
    writes.push_back(CreationWrite(pods, pod->resource.name,
                                   sync.job->indexed ? pod->resource.completion_index : -1));
  }
  for (const std::int64_t index : changes.create) {
    writes.push_back(CreationWrite(pods, sync.job->namespace_name + "/", index));
  }
  auto next = writes.begin();
  for (const std::size_t size : SlowStartBatches(writes.size())) {
    Batch batch;
    const auto end = next + static_cast<std::ptrdiff_t>(size);
    batch.writes.assign(std::make_move_iterator(next), std::make_move_iterator(end));
    next = end;
    plan.batches.push_back(std::move(batch));
  }
}

// Status writes of one plan: the first over the observed version, later ones over the one before.
class StatusWrites {
 public:
  StatusWrites(const Sync& sync, Plan& plan) : sync_(sync), plan_(plan) {}
  // True: there was something to write.
  bool Add(StatusDraft& draft, std::vector<std::string> settles) {
    auto document = draft.TakeDocument();
    if (!document) return false;
    Write write;
    write.kind = Write::Kind::kUpdate;
    write.id = sync_.id;
    write.version = any_ ? 0 : sync_.version;
    write.document = std::move(*document);
    write.settles = std::move(settles);
    plan_.batches.push_back({{std::move(write)}});
    any_ = true;
    return true;
  }
  bool any() const { return any_; }

 private:
  const Sync& sync_;
  Plan& plan_;
  bool any_ = false;
};

// startTime and the condition Suspended follow spec.suspend.
void DraftSuspension(const JobView& job, bool complete, StatusDraft& draft, Plan& plan) {
  if (!job.started && !job.suspended) draft.SetStartTime();
  if (complete || job.deleting) return;
  if (job.suspended) {
    if (draft.SetCondition("Suspended", true, "JobSuspended", "Job suspended")) {
      draft.ClearStartTime();
      plan.events.push_back(Normal("Suspended", "Job suspended"));
    }
  } else if (draft.SetCondition("Suspended", false, "JobResumed", "Job resumed")) {
    draft.SetStartTime();
    plan.events.push_back(Normal("Resumed", "Job resumed"));
  }
}

bool IsComplete(const Sync& sync, std::int64_t active) {
  const JobView& job = *sync.job;
  if (job.success_criteria_met) return true;
  if (active > 0) return false;
  return job.completions ? sync.counting.succeeded >= *job.completions
                         : sync.counting.succeeded > 0;
}

// The status with what was counted, then the finalizers, then the status with the counters moved;
// for a finished Job the last one says Complete.
void AddStatus(const Sync& sync, std::int64_t created, Plan& plan) {
  const JobView& job = *sync.job;
  const Counting& counting = sync.counting;
  const std::int64_t active = sync.active_left + created;
  const std::int64_t terminating = sync.terminating + sync.removed;
  const bool complete = IsComplete(sync, active);

  StatusDraft draft(job, sync.unix_nanos);
  StatusWrites writes(sync, plan);
  if (job.marked_invalid) draft.DropCondition(kInvalidCondition);
  DraftSuspension(job, complete, draft, plan);
  draft.SetPods(active, sync.ready, terminating);
  draft.SetCounters(counting.before, job.indexed);
  if (complete) draft.SetCondition("SuccessCriteriaMet", true, "CompletionsReached", kReached);
  writes.Add(draft, counting.settles);

  Batch edits;
  for (const Untracked& pod : counting.untrack) {
    Write edit = UntrackWrite(pod.name);
    if (pod.settle) edit.settles = {pod.name};
    edits.writes.push_back(std::move(edit));
  }
  if (!edits.writes.empty()) plan.batches.push_back(std::move(edits));

  draft.SetCounters(counting.after, job.indexed);
  if (complete && terminating == 0 && !counting.more) {
    draft.SetComplete();
    if (job.completions && counting.after.succeeded > *job.completions) {
      plan.events.push_back(
          Warning("TooManySucceededPods",
                  "Too many succeeded pods running after completion count reached"));
    }
    plan.events.push_back(Normal("Completed", "Job completed"));
  }
  writes.Add(draft, {});
  // Its own status write brings the Job back; without one something else has to.
  if (!writes.any() && (counting.more || sync.creating > 0 || sync.removed > 0)) {
    plan.requeue_after = Duration::zero();
  }
}

// After a failed write: creations and deletions that were not tried are for a later plan.
Plan AfterFailure(const std::shared_ptr<const Sync>& sync, const FailureReport& report) {
  Plan plan;
  if (report.kind == Write::Kind::kCreate) {
    AddStatus(*sync, static_cast<std::int64_t>(report.created), plan);
    plan.requeue_after.reset();
    if (report.message.find(kNamespaceGoes) == std::string::npos) {
      plan.events.push_back(Warning("FailedCreate", "Error creating: " + report.message));
    }
  } else if (report.kind == Write::Kind::kDelete) {
    plan.events.push_back(Warning("FailedDelete", "Error deleting: " + report.message));
  }
  return plan;
}

// A finished Job is left alone, but for finalizers and promises that an earlier plan left behind.
Plan SweepFinished(const std::vector<Dependent>& pods) {
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
  return plan;
}

Plan Synchronise(const std::shared_ptr<Sync>& sync, const std::vector<Dependent>& pods) {
  const JobView& job = *sync->job;
  const PodCensus census = TakeCensus(job, pods);
  sync->counting = CountPods(job, pods, job.deleting);
  const PodChanges changes = DecideChanges(job, census, sync->counting);
  sync->creating = static_cast<std::int64_t>(changes.keep_promise.size() + changes.create.size());
  if (!job.started || job.marked_invalid || sync->creating > 0) {
    if (const auto problem = InvalidJobMessage(job); problem && !job.deleting) {
      return ReportInvalid(job, sync->id, sync->version, sync->unix_nanos, *problem);
    }
  }
  sync->ready = census.ready;
  for (const Dependent* pod : changes.remove) {
    if (!pod->created) continue;
    ++sync->removed;
    if (pod->resource.ready) --sync->ready;
  }
  sync->active_left = census.active_created - sync->removed;
  sync->terminating = census.terminating;

  Plan plan;
  AddRemovals(changes.remove, plan);
  AddCreations(*sync, changes, plan);
  AddStatus(*sync, sync->creating, plan);
  if (!plan.batches.empty()) {
    plan.on_failure = [sync](const FailureReport& report) { return AfterFailure(sync, report); };
  }
  return plan;
}

}  // namespace

std::vector<std::string> PodsToRead(const Item&, const std::vector<Dependent>&) { return {}; }

Plan ReconcileJob(const JobObservation& observed) {
  auto sync = std::make_shared<Sync>();
  sync->job = ReadJob(*observed.job);
  if (sync->job == nullptr || sync->job->managed_elsewhere) return {};
  const JobView& job = *sync->job;
  if (job.deleting && IsBeingOrphaned(*observed.job)) {
    return ReconcileOrphanedJob(*observed.job, observed.pods);
  }
  if (job.finished) return SweepFinished(observed.pods);
  sync->id = {"job", ResourceNameOf(*observed.job)};
  sync->version = observed.job->version;
  sync->unix_nanos = observed.unix_nanos;
  if (!job.deleting && NeedsDefaults(job)) {
    KLESS_CHECK(observed.random != nullptr, "a raw Job needs a random stream for its uid");
    return PersistDefaults(job, sync->id, sync->version, sync->unix_nanos, *observed.random);
  }
  return Synchronise(sync, observed.pods);
}

}  // namespace kless::controllers

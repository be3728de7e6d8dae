#include "functions/controllers/job/status_writes.h"

#include <optional>
#include <utility>

#include "functions/controllers/job/job_status.h"
#include "functions/controllers/job/pod_writes.h"

namespace kless::controllers {

namespace {

constexpr const char* kReached = "Reached expected number of succeeded pods";

// Status writes of one plan: the first replaces the observed version, each later one the version
// before.
class StatusWrites {
 public:
  StatusWrites(const JobSync& sync, Plan& plan) : sync_(sync), plan_(plan) {}
  void Add(StatusDraft& draft, std::vector<std::string> settles) {
    auto document = draft.TakeDocument();
    if (!document) return;
    plan_.batches.push_back({{{.id = sync_.id,
                               .change = Update{any_ ? 0 : sync_.version, std::move(*document)},
                               .settles = std::move(settles)}}});
    any_ = true;
  }
  bool any() const { return any_; }

 private:
  const JobSync& sync_;
  Plan& plan_;
  bool any_ = false;
};

// Returns the verdict, or that the completions are reached now that no pod runs any more.
Verdict Conclude(const JobSync& sync, std::int64_t active) {
  const JobView& job = *sync.job;
  if (sync.verdict.kind != Verdict::Kind::kNone || active > 0 || sync.waits) return sync.verdict;
  const bool reached = job.completions ? sync.succeeded >= *job.completions : sync.succeeded > 0;
  if (!reached) return sync.verdict;
  return {Verdict::Kind::kSuccess, "CompletionsReached", kReached};
}

// The condition Suspended follows spec.suspend.
void DraftSuspension(const JobView& job, StatusDraft& draft, Plan& plan) {
  if (job.suspended) {
    if (draft.SetCondition("Suspended", true, "JobSuspended", "Job suspended")) {
      draft.ClearStartTime();
      plan.events.push_back(NormalNote("Suspended", "Job suspended"));
    }
  } else if (draft.SetCondition("Suspended", false, "JobResumed", "Job resumed")) {
    draft.SetStartTime();
    plan.events.push_back(NormalNote("Resumed", "Job resumed"));
  }
}

// Written before the finalizers are removed, since the pods that led to it may be gone afterwards.
void DraftVerdict(const Verdict& verdict, StatusDraft& draft) {
  if (verdict.kind == Verdict::Kind::kNone) return;
  const bool failed = verdict.kind == Verdict::Kind::kFailure;
  draft.SetCondition(failed ? "FailureTarget" : "SuccessCriteriaMet", true, verdict.reason,
                     verdict.message);
}

void DraftEnd(const JobSync& sync, const Verdict& verdict, StatusDraft& draft, Plan& plan) {
  if (verdict.kind == Verdict::Kind::kFailure) {
    draft.SetCondition("Failed", true, verdict.reason, verdict.message);
    plan.events.push_back(WarningNote(verdict.reason, verdict.message));
    return;
  }
  draft.SetComplete(verdict.reason, verdict.message);
  const auto& completions = sync.job->completions;
  if (completions && sync.counting.after.succeeded > *completions) {
    plan.events.push_back(WarningNote(
        "TooManySucceededPods", "Too many succeeded pods running after completion count reached"));
  }
  plan.events.push_back(NormalNote("Completed", "Job completed"));
}

void AddUntracking(const Counting& counting, Plan& plan) {
  Batch edits;
  for (const Untracked& pod : counting.untrack) {
    Write edit = UntrackWrite(pod.name);
    if (pod.settle) edit.settles = {pod.name};
    edits.writes.push_back(std::move(edit));
  }
  if (!edits.writes.empty()) plan.batches.push_back(std::move(edits));
}

}  // namespace

bool AddStatus(const JobSync& sync, std::int64_t created, Plan& plan) {
  const JobView& job = *sync.job;
  const Counting& counting = sync.counting;
  const std::int64_t active = sync.active_left + created;
  const std::int64_t terminating = sync.terminating + sync.removed;
  const Verdict verdict = Conclude(sync, active);
  const bool decided = verdict.kind != Verdict::Kind::kNone;

  StatusDraft draft(job, sync.unix_nanos);
  StatusWrites writes(sync, plan);
  if (job.marked_invalid) draft.DropCondition(kInvalidCondition);
  if (!job.started && !job.suspended) draft.SetStartTime();
  if (!decided && !job.deleting) DraftSuspension(job, draft, plan);
  draft.SetPods(sync.waits ? 0 : active, sync.waits ? 0 : sync.ready, terminating);
  draft.SetCounters(counting.before, job.indexed);
  DraftVerdict(verdict, draft);
  writes.Add(draft, counting.settles);
  AddUntracking(counting, plan);
  draft.SetCounters(counting.after, job.indexed);
  if (decided && terminating == 0 && !counting.more) DraftEnd(sync, verdict, draft, plan);
  writes.Add(draft, {});
  // Its own status write wakes the Job again; without one, the plan must requeue it.
  if (!writes.any() && (counting.more || sync.creating > 0 || sync.removed > 0)) {
    plan.requeue_after = Duration::zero();
  }
  return decided;
}

}  // namespace kless::controllers

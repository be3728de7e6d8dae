#include "functions/controllers/job/job_counting.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "functions/controllers/job/job_controller.h"
#include "functions/controllers/job/pod_census.h"

namespace kless::controllers {

namespace {

// unordered: asked for membership only.
using Uids = std::unordered_set<std::string_view>;

Uids ToSet(const std::vector<std::string>& uids) { return Uids(uids.begin(), uids.end()); }

// Uids of `uids` whose pod still has its finalizer; the others go to the counter.
std::vector<std::string> KeepTracked(const std::vector<std::string>& uids, const Uids& tracked,
                                     std::int64_t& counter) {
  std::vector<std::string> kept;
  for (const std::string& uid : uids) {
    if (tracked.count(uid) > 0) {
      kept.push_back(uid);
    } else {
      ++counter;
    }
  }
  return kept;
}

// A pod that is being deleted before it succeeded has failed: it is replaced at once.
bool HasFailed(const OwnedResource& pod) {
  return pod.phase == PodPhase::kFailed || (pod.deleting && pod.phase != PodPhase::kSucceeded);
}

class Counter {
 public:
  Counter(const JobView& job, Counting& counting) : job_(job), counting_(counting) {}

  void CountNew(const OwnedResource& pod) {
    const bool valid_index = !job_.indexed || HasValidIndex(job_, pod);
    if (pod.phase == PodPhase::kSucceeded) {
      if (job_.indexed) {
        CountIndex(pod, valid_index);
      } else {
        ++counting_.succeeded;
        CountUid(pod, counting_.before.uncounted_succeeded);
      }
    } else if (valid_index) {
      CountUid(pod, counting_.before.uncounted_failed);
    } else {
      Release(pod);
    }
  }

  void Finish() {
    counting_.before.completed.Add(counted_indexes_);
    counting_.succeeded_indexes = counting_.before.completed;
    counting_.succeeded_indexes.Add(waiting_indexes_);
    if (!job_.indexed) return;
    counting_.before.succeeded = counting_.before.completed.Count();
    counting_.succeeded = counting_.succeeded_indexes.Count();
  }

 private:
  bool Full() {
    const std::size_t pending = counted_indexes_.size() +
                                counting_.before.uncounted_succeeded.size() +
                                counting_.before.uncounted_failed.size();
    if (pending >= kMaxUncountedPods) counting_.more = true;
    return counting_.more;
  }

  void CountIndex(const OwnedResource& pod, bool valid_index) {
    if (!valid_index || counting_.before.completed.Contains(pod.completion_index)) {
      Release(pod);  // counted already, or never to be
    } else if (Full()) {
      waiting_indexes_.push_back(pod.completion_index);
    } else {
      counted_indexes_.push_back(pod.completion_index);
      counting_.settles.push_back(pod.name);
      counting_.untrack.push_back({pod.name, false});
    }
  }

  void CountUid(const OwnedResource& pod, std::vector<std::string>& uncounted) {
    if (Full()) return;
    uncounted.push_back(pod.uid);
    counting_.settles.push_back(pod.name);
    counting_.untrack.push_back({pod.name, false});
  }

  void Release(const OwnedResource& pod) { counting_.untrack.push_back({pod.name, true}); }

  const JobView& job_;
  Counting& counting_;
  std::vector<std::int64_t> counted_indexes_;
  std::vector<std::int64_t> waiting_indexes_;  // succeeded, counted by a later plan
};

}  // namespace

Counting CountPods(const JobView& job, const std::vector<Dependent>& pods, bool release_all) {
  Counting counting;
  const Uids counted_succeeded = ToSet(job.uncounted_succeeded);
  const Uids counted_failed = ToSet(job.uncounted_failed);
  const bool pending = !counted_succeeded.empty() || !counted_failed.empty();
  const auto is_pending = [&](const OwnedResource& pod) {
    return pending && (counted_succeeded.count(pod.uid) > 0 || counted_failed.count(pod.uid) > 0);
  };

  // What an earlier plan counted but did not finish comes first.
  Uids tracked;
  if (pending) {
    for (const Dependent& pod : pods) {
      if (!pod.created || !pod.resource.tracked || !is_pending(pod.resource)) continue;
      tracked.insert(pod.resource.uid);
      counting.untrack.push_back({pod.resource.name, false});
    }
  }
  Counting::Counters& before = counting.before;
  before.succeeded = job.succeeded;
  before.failed = job.failed;
  before.uncounted_succeeded = KeepTracked(job.uncounted_succeeded, tracked, before.succeeded);
  before.uncounted_failed = KeepTracked(job.uncounted_failed, tracked, before.failed);
  before.completed = IndexSet::Parse(job.completed_indexes, job.CompletionsOrMax());
  counting.succeeded =
      before.succeeded + static_cast<std::int64_t>(before.uncounted_succeeded.size());

  Counter counter(job, counting);
  for (const Dependent& pod : pods) {
    if (!pod.created || !pod.resource.tracked || is_pending(pod.resource)) continue;
    if (pod.resource.phase == PodPhase::kSucceeded || HasFailed(pod.resource)) {
      counter.CountNew(pod.resource);
    } else if (release_all) {
      counting.untrack.push_back({pod.resource.name, true});
    }
  }
  counter.Finish();

  counting.after = before;
  counting.after.succeeded += static_cast<std::int64_t>(before.uncounted_succeeded.size());
  counting.after.failed += static_cast<std::int64_t>(before.uncounted_failed.size());
  counting.after.uncounted_succeeded.clear();
  counting.after.uncounted_failed.clear();
  if (job.indexed) counting.after.succeeded = before.succeeded;
  return counting;
}

}  // namespace kless::controllers

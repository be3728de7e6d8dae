#include "functions/controllers/job/job_counting.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "functions/controllers/job/job_controller.h"

namespace kless::controllers {

namespace {

// unordered: used only for membership.
using Uids = std::unordered_set<std::string_view>;

// Returns the uids of pods that still have their finalizer; the others are added to the counter.
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

class Counter {
 public:
  Counter(const JobView& job, Verdict::Kind verdict, Counting& counting)
      : job_(job), verdict_(verdict), counting_(counting) {}

  // Counts a tracked pod that is not in the status yet.
  void Count(const OwnedResource& pod, const PodFact& fact) {
    if (fact.end == PodFact::End::kSucceeded) {
      CountSuccess(pod, fact);
    } else if (fact.end == PodFact::End::kFailed) {
      CountFailure(pod, fact);
    } else if (verdict_ == Verdict::Kind::kFailure) {
      CountUid(pod, fact, counting_.before.uncounted_failed);
    } else if (verdict_ == Verdict::Kind::kSuccess ? pod.deleting : job_.deleting) {
      Release(pod);  // running pods of a succeeded Job are removed, and so released, elsewhere
    }
  }

  void Finish() {
    counting_.before.completed.Add(std::move(counted_indexes_));
    if (job_.indexed) counting_.before.succeeded = counting_.before.completed.Count();
  }

 private:
  bool Full() {
    const std::size_t pending = counted_indexes_.size() +
                                counting_.before.uncounted_succeeded.size() +
                                counting_.before.uncounted_failed.size();
    if (pending >= kMaxUncountedPods) counting_.more = true;
    return counting_.more;
  }

  void CountSuccess(const OwnedResource& pod, const PodFact& fact) {
    if (!job_.indexed) {
      CountUid(pod, fact, counting_.before.uncounted_succeeded);
    } else if (!fact.valid || counting_.before.completed.Contains(pod.completion_index)) {
      Release(pod);  // counted already, or never to be counted
    } else if (!Full()) {
      counted_indexes_.push_back(pod.completion_index);
      counting_.settles.push_back(pod.name);
      counting_.untrack.push_back({pod.name, false});
    }
  }

  void CountFailure(const OwnedResource& pod, const PodFact& fact) {
    if (fact.failure == PodFailure::kUnread) {
      counting_.more = true;
    } else if (fact.failure == PodFailure::kIgnored) {
      Release(pod);
    } else {
      CountUid(pod, fact, counting_.before.uncounted_failed);
    }
  }

  void CountUid(const OwnedResource& pod, const PodFact& fact,
                std::vector<std::string>& uncounted) {
    if (!fact.valid) {
      Release(pod);
    } else if (!Full()) {
      uncounted.push_back(pod.uid);
      counting_.settles.push_back(pod.name);
      counting_.untrack.push_back({pod.name, false});
    }
  }

  void Release(const OwnedResource& pod) { counting_.untrack.push_back({pod.name, true}); }

  const JobView& job_;
  const Verdict::Kind verdict_;
  Counting& counting_;
  std::vector<std::int64_t> counted_indexes_;
};

}  // namespace

Counting CountPods(const JobView& job, const std::vector<Dependent>& pods, const PodFacts& facts,
                   const IndexFailures* index_failures, Verdict::Kind verdict) {
  Counting counting;
  // Pods that an earlier plan counted but did not finish come first.
  Uids tracked;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    if (!facts.of[i].pending) continue;
    tracked.insert(pods[i].resource.uid);
    counting.untrack.push_back({pods[i].resource.name, false});
  }
  Counting::Counters& before = counting.before;
  before.succeeded = job.succeeded;
  before.failed = job.failed;
  before.uncounted_succeeded = KeepTracked(job.uncounted_succeeded, tracked, before.succeeded);
  before.uncounted_failed = KeepTracked(job.uncounted_failed, tracked, before.failed);
  before.completed = IndexSet::Parse(job.completed_indexes, job.CompletionsOrMax());

  const bool keeps = index_failures != nullptr && verdict == Verdict::Kind::kNone && !job.deleting;
  Counter counter(job, verdict, counting);
  for (std::size_t i = 0; i < pods.size(); ++i) {
    if (!facts.of[i].fresh || (keeps && index_failures->IsKept(pods[i], i))) continue;
    counter.Count(pods[i].resource, facts.of[i]);
  }
  counter.Finish();
  if (index_failures != nullptr) before.failed_indexes = index_failures->failed;

  counting.after = before;
  counting.after.succeeded += static_cast<std::int64_t>(before.uncounted_succeeded.size());
  counting.after.failed += static_cast<std::int64_t>(before.uncounted_failed.size());
  counting.after.uncounted_succeeded.clear();
  counting.after.uncounted_failed.clear();
  if (job.indexed) counting.after.succeeded = before.succeeded;
  return counting;
}

}  // namespace kless::controllers

#include "functions/controllers/job/pod_census.h"

#include <algorithm>
#include <tuple>

#include "functions/controllers/job/job_controller.h"
#include "functions/controllers/job/job_counting.h"

namespace kless::controllers {

namespace {

// Which of two active pods is the smaller loss, after controller.ActivePods: a promise, then a pod
// that is not scheduled, Pending before Unknown before Running, not ready before ready; the newer
// write breaks the tie, then the name.
bool GoesFirst(const Dependent* a, const Dependent* b) {
  const auto rank = [](const Dependent* pod) {
    const OwnedResource& resource = pod->resource;
    int phase = 2;
    if (resource.phase == PodPhase::kPending || resource.phase == PodPhase::kNone) phase = 0;
    if (resource.phase == PodPhase::kUnknown) phase = 1;
    return std::make_tuple(pod->created, resource.scheduled, phase, resource.ready);
  };
  const auto rank_a = rank(a);
  const auto rank_b = rank(b);
  if (rank_a != rank_b) return rank_a < rank_b;
  if (a->resource.version != b->resource.version) return a->resource.version > b->resource.version;
  return a->resource.name < b->resource.name;
}

// A victim of an earlier plan that died between taking the finalizer and deleting the pod: it could
// end without being counted.
bool IsHalfRemoved(const Dependent& pod) { return pod.created && !pod.resource.tracked; }

std::int64_t WantedActive(const JobView& job, const PodCensus& census, const Counting& counting) {
  if (job.suspended || job.success_criteria_met || job.deleting) return 0;
  const std::int64_t parallelism = std::max<std::int64_t>(job.parallelism, 0);
  if (job.completions) {
    return std::clamp<std::int64_t>(*job.completions - counting.succeeded, 0, parallelism);
  }
  // A work queue: after the first success whatever runs may run on.
  return counting.succeeded > 0 ? std::min(census.active_created, parallelism) : parallelism;
}

// Pods that must go whatever is wanted, into `gone`; the rest into `left`.
void SplitUnfit(const JobView& job, const PodCensus& census, std::vector<const Dependent*>& gone,
                std::vector<const Dependent*>& left) {
  for (const Dependent* pod : census.active) {
    const bool unfit = IsHalfRemoved(*pod) || (job.indexed && !HasValidIndex(job, pod->resource));
    (unfit ? gone : left).push_back(pod);
  }
  if (!job.indexed) return;
  // Of several pods with one index the best stays.
  std::vector<const Dependent*> sorted = left;
  std::sort(sorted.begin(), sorted.end(), [](const Dependent* a, const Dependent* b) {
    if (a->resource.completion_index != b->resource.completion_index) {
      return a->resource.completion_index < b->resource.completion_index;
    }
    return GoesFirst(a, b);
  });
  left.clear();
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const bool duplicate = i + 1 < sorted.size() && sorted[i]->resource.completion_index ==
                                                        sorted[i + 1]->resource.completion_index;
    (duplicate ? gone : left).push_back(sorted[i]);
  }
}

bool HasUnfit(const JobView& job, const PodCensus& census) {
  if (std::any_of(census.active.begin(), census.active.end(),
                  [](const Dependent* pod) { return IsHalfRemoved(*pod); })) {
    return true;
  }
  const std::vector<std::int64_t>& indexes = census.indexes;
  if (!job.indexed || indexes.empty()) return false;
  return indexes.front() < 0 || indexes.back() >= job.CompletionsOrMax() ||
         std::adjacent_find(indexes.begin(), indexes.end()) != indexes.end();
}

}  // namespace

bool IsActive(const Dependent& pod) {
  return pod.resource.phase != PodPhase::kSucceeded && pod.resource.phase != PodPhase::kFailed &&
         !pod.resource.deleting;
}

bool HasValidIndex(const JobView& job, const OwnedResource& pod) {
  return pod.completion_index >= 0 && pod.completion_index < job.CompletionsOrMax();
}

PodCensus TakeCensus(const JobView& job, const std::vector<Dependent>& pods) {
  PodCensus census;
  for (const Dependent& pod : pods) {
    if (IsActive(pod)) {
      census.active.push_back(&pod);
      if (job.indexed) census.indexes.push_back(pod.resource.completion_index);
      if (pod.created) ++census.active_created;
      if (pod.created && pod.resource.ready) ++census.ready;
    } else if (pod.resource.deleting && pod.resource.phase != PodPhase::kSucceeded &&
               pod.resource.phase != PodPhase::kFailed) {
      ++census.terminating;
    }
  }
  std::sort(census.indexes.begin(), census.indexes.end());
  return census;
}

PodChanges DecideChanges(const JobView& job, const PodCensus& census, const Counting& counting) {
  PodChanges changes;
  const auto limit = static_cast<std::size_t>(kMaxPodCreateDeletePerSync);
  const std::int64_t wanted = WantedActive(job, census, counting);
  const auto active = static_cast<std::int64_t>(census.active.size());

  std::vector<const Dependent*> left;
  if (HasUnfit(job, census)) {
    SplitUnfit(job, census, changes.remove, left);
  } else if (active > wanted) {
    left = census.active;
  }
  if (job.deleting) {
    // Its pods are the garbage collector's; only promises are taken back.
    changes.remove.clear();
    left.clear();
    for (const Dependent* pod : census.active) {
      if (!pod->created) changes.remove.push_back(pod);
    }
  } else if (const std::int64_t surplus =
                 active - wanted - static_cast<std::int64_t>(changes.remove.size());
             surplus > 0) {
    std::sort(left.begin(), left.end(), GoesFirst);
    changes.remove.insert(changes.remove.end(), left.begin(), left.begin() + surplus);
  }
  if (!changes.remove.empty()) {
    changes.more = changes.remove.size() > limit;
    if (changes.more) changes.remove.resize(limit);
    return changes;
  }

  for (const Dependent* pod : census.active) {
    if (!pod->created && changes.keep_promise.size() < limit) changes.keep_promise.push_back(pod);
  }
  const auto missing = static_cast<std::size_t>(std::max<std::int64_t>(wanted - active, 0));
  const std::size_t room = limit - changes.keep_promise.size();
  const std::size_t count = std::min(missing, room);
  changes.more = missing > room;
  if (!job.indexed) {
    changes.create.assign(count, -1);
  } else if (count > 0) {
    changes.create = counting.succeeded_indexes.FirstFree(count, *job.completions, census.indexes);
    if (changes.create.size() < count) changes.more = false;
  }
  return changes;
}

}  // namespace kless::controllers

#include "functions/controllers/job/pod_census.h"

#include <algorithm>
#include <tuple>

#include "functions/controllers/job/job_controller.h"

namespace kless::controllers {

namespace {

// Orders active pods by which is the smaller loss, following controller.ActivePods: a promise, then
// an unscheduled pod, Pending before Unknown before Running, not ready before ready; the newer
// write breaks a tie, then the name.
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

// A victim of an earlier plan that died between removing the finalizer and deleting the pod: it
// could end without being counted.
bool IsHalfRemoved(const Dependent& pod) { return pod.created && !pod.resource.tracked; }

std::int64_t WantedActive(const JobView& job, const PodCensus& census, const Tally& tally) {
  if (job.suspended || job.deleting) return 0;
  const std::int64_t parallelism = std::max<std::int64_t>(job.parallelism, 0);
  if (job.completions) {
    return std::clamp<std::int64_t>(*job.completions - tally.succeeded, 0, parallelism);
  }
  // In a work queue, running pods may continue after the first success.
  return tally.succeeded > 0 ? std::min(census.active_created, parallelism) : parallelism;
}

// Puts pods that must be removed in any case into `gone`, the others into `left`.
void SplitUnfit(const JobView& job, const PodCensus& census, std::vector<const Dependent*>& gone,
                std::vector<const Dependent*>& left) {
  for (const Dependent* pod : census.active) {
    const bool unfit = IsHalfRemoved(*pod) || (job.indexed && !HasValidIndex(job, pod->resource));
    (unfit ? gone : left).push_back(pod);
  }
  if (!job.indexed) return;
  // If several pods have the same index, the best is kept.
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

// Decides the deletions: pods that must be removed, and surplus ones.
void DecideRemovals(const JobView& job, const PodCensus& census, std::int64_t wanted,
                    PodChanges& changes) {
  if (job.deleting) {
    // Its pods are left to the garbage collector; only promises are withdrawn.
    for (const Dependent* pod : census.active) {
      if (!pod->created) changes.remove.push_back(pod);
    }
  } else {
    const auto active = static_cast<std::int64_t>(census.active.size());
    std::vector<const Dependent*> left;
    if (HasUnfit(job, census)) {
      SplitUnfit(job, census, changes.remove, left);
    } else if (active > wanted) {
      left = census.active;
    }
    const std::int64_t surplus = active - wanted - static_cast<std::int64_t>(changes.remove.size());
    if (surplus > 0) {
      std::sort(left.begin(), left.end(), GoesFirst);
      changes.remove.insert(changes.remove.end(), left.begin(), left.begin() + surplus);
    }
  }
  const auto limit = static_cast<std::size_t>(kMaxPodCreateDeletePerSync);
  changes.more = changes.remove.size() > limit;
  if (changes.more) changes.remove.resize(limit);
}

// Removes indexes that still have to wait after their last failure.
void HoldBackIndexes(const std::vector<Dependent>& pods, const PodDemand& demand,
                     PodChanges& changes) {
  const IndexFailures& failures = *demand.index_failures;
  const bool any = !changes.create.empty();
  std::erase_if(changes.create, [&](std::int64_t index) {
    const Duration wait = RemainingIndexBackoff(failures, pods, index, demand.unix_nanos);
    if (wait <= Duration::zero()) return false;
    changes.wait = changes.wait ? std::min(*changes.wait, wait) : wait;
    return true;
  });
  changes.waits = any && changes.create.empty();
}

std::vector<std::int64_t> FreeIndexes(const JobView& job, const PodCensus& census,
                                      const PodDemand& demand, std::size_t count) {
  IndexSet done = demand.tally->succeeded_indexes;
  if (demand.index_failures != nullptr) done.Add(demand.index_failures->failed);
  if (job.replaces_failed_only) done.Add(census.terminating_indexes);
  return done.FirstFree(count, *job.completions, census.indexes);
}

void DecideCreations(const JobView& job, const std::vector<Dependent>& pods,
                     const PodCensus& census, const PodDemand& demand, std::int64_t wanted,
                     PodChanges& changes) {
  const auto limit = static_cast<std::size_t>(kMaxPodCreateDeletePerSync);
  for (const Dependent* pod : census.active) {
    if (!pod->created && changes.keep_promise.size() < limit) changes.keep_promise.push_back(pod);
  }
  std::int64_t present = static_cast<std::int64_t>(census.active.size());
  if (job.replaces_failed_only) present += census.terminating;
  const auto missing = static_cast<std::size_t>(std::max<std::int64_t>(wanted - present, 0));
  if (missing > 0 && demand.backoff > Duration::zero()) {
    changes.wait = demand.backoff;
    changes.waits = true;
    return;
  }
  const std::size_t room = limit - changes.keep_promise.size();
  const std::size_t count = std::min(missing, room);
  changes.more = missing > room;
  if (!job.indexed) {
    changes.create.assign(count, -1);
  } else if (count > 0) {
    changes.create = FreeIndexes(job, census, demand, count);
    if (changes.create.size() < count) changes.more = false;
    if (demand.index_failures != nullptr) HoldBackIndexes(pods, demand, changes);
  }
}

}  // namespace

bool IsActive(const Dependent& pod) {
  return !IsTerminal(pod.resource.phase) && !pod.resource.deleting;
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
    } else if (pod.resource.deleting && !IsTerminal(pod.resource.phase)) {
      ++census.terminating;
      if (job.indexed) census.terminating_indexes.push_back(pod.resource.completion_index);
    }
  }
  std::sort(census.indexes.begin(), census.indexes.end());
  return census;
}

PodChanges DecideChanges(const JobView& job, const std::vector<Dependent>& pods,
                         const PodCensus& census, const PodDemand& demand) {
  PodChanges changes;
  const std::int64_t wanted = WantedActive(job, census, *demand.tally);
  DecideRemovals(job, census, wanted, changes);
  if (changes.remove.empty()) DecideCreations(job, pods, census, demand, wanted, changes);
  return changes;
}

}  // namespace kless::controllers

#include "functions/controllers/job/index_failures.h"

#include <vector>

#include "functions/controllers/job/pod_backoff.h"
#include "functions/controllers/job/pod_census.h"

namespace kless::controllers {

namespace {

std::int64_t AllFailures(const OwnedResource& pod) {
  return std::int64_t{pod.index_failures} + pod.index_ignored;
}

bool FailsIndex(const JobView& job, const OwnedResource& pod, PodFailure failure) {
  if (failure == PodFailure::kFailsIndex) return true;
  if (failure == PodFailure::kIgnored || failure == PodFailure::kUnread) return false;
  return pod.index_failures >= *job.backoff_limit_per_index;
}

// Whether `a` is the later of two failed pods of one index.
bool IsLater(const OwnedResource& a, const OwnedResource& b) {
  return AllFailures(a) >= AllFailures(b) && a.finished_at >= b.finished_at;
}

}  // namespace

IndexFailures ObserveIndexFailures(const JobView& job, const std::vector<Dependent>& pods,
                                   const PodFacts& facts, const IndexSet& succeeded) {
  IndexFailures found;
  found.failed = IndexSet::Parse(job.failed_indexes, job.CompletionsOrMax());
  std::vector<std::int64_t> failed, active;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const OwnedResource& pod = pods[i].resource;
    // A promised pod carries its counts only once it exists.
    if (pods[i].created && IsActive(pods[i])) active.push_back(pod.completion_index);
    if (facts.of[i].HasFailed() && FailsIndex(job, pod, facts.of[i].failure)) {
      failed.push_back(pod.completion_index);
    }
  }
  found.failed.Add(std::move(failed));
  IndexSet replaced = succeeded;
  replaced.Add(found.failed);
  replaced.Add(std::move(active));
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const OwnedResource& pod = pods[i].resource;
    if (!facts.of[i].HasFailed() || replaced.Contains(pod.completion_index)) continue;
    const auto [kept, first] = found.awaiting.emplace(pod.completion_index, i);
    if (!first && IsLater(pod, pods[kept->second].resource)) kept->second = i;
  }
  return found;
}

IndexFailureCounts NextCounts(const IndexFailures& failures, const std::vector<Dependent>& pods,
                              const PodFacts& facts, std::int64_t index) {
  const auto replaced = failures.awaiting.find(index);
  if (replaced == failures.awaiting.end()) return {};
  const OwnedResource& pod = pods[replaced->second].resource;
  IndexFailureCounts counts{pod.index_failures, pod.index_ignored};
  const bool ignored = facts.of[replaced->second].failure == PodFailure::kIgnored;
  ++(ignored ? counts.ignored : counts.failures);
  return counts;
}

Duration RemainingIndexBackoff(const IndexFailures& failures, const std::vector<Dependent>& pods,
                               std::int64_t index, std::int64_t unix_nanos) {
  const auto replaced = failures.awaiting.find(index);
  if (replaced == failures.awaiting.end()) return Duration::zero();
  const OwnedResource& pod = pods[replaced->second].resource;
  return RemainingBackoff(AllFailures(pod) + 1, pod.finished_at, unix_nanos);
}

}  // namespace kless::controllers

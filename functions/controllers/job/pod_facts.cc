#include "functions/controllers/job/pod_facts.h"

#include <nlohmann/json.hpp>
#include <string_view>
#include <unordered_set>

#include "emulator/base/json.h"
#include "functions/controllers/job/adoption.h"
#include "functions/controllers/job/pod_census.h"

namespace kless::controllers {

namespace {

PodFact FactOf(const JobView& job, const Dependent& pod) {
  PodFact fact;
  const OwnedResource& resource = pod.resource;
  if (resource.phase == PodPhase::kSucceeded) {
    fact.end = PodFact::End::kSucceeded;
  } else if (pod.created && IsFailed(job, resource)) {
    fact.end = PodFact::End::kFailed;
  }
  fact.fresh = pod.created && resource.tracked;
  fact.valid = !job.indexed || HasValidIndex(job, resource);
  return fact;
}

PodJudgement Judge(const JobView& job, const Dependent& pod) {
  if (pod.item == nullptr) return {PodFailure::kUnread, ""};
  const auto parsed = ParseJson(pod.item->document);
  if (parsed.has_error()) return {};
  return JudgeFailure(job, pod.resource.name, parsed.value());
}

// unordered: used only for membership.
using UidList = std::unordered_set<std::string_view>;

UidList UncountedUids(const JobView& job) {
  UidList uids(job.uncounted_succeeded.begin(), job.uncounted_succeeded.end());
  uids.insert(job.uncounted_failed.begin(), job.uncounted_failed.end());
  return uids;
}

void MarkPending(const UidList& uncounted, const Dependent& pod, PodFact& fact) {
  if (!fact.fresh || uncounted.empty() || !uncounted.contains(pod.resource.uid)) return;
  fact.fresh = false;
  fact.pending = true;
}

}  // namespace

bool IsFailed(const JobView& job, const OwnedResource& pod) {
  if (pod.phase == PodPhase::kFailed) return true;
  return !job.replaces_failed_only && pod.deleting && pod.phase != PodPhase::kSucceeded;
}

PodFacts TakeFacts(const JobView& job, const std::vector<Dependent>& pods) {
  const UidList uncounted = UncountedUids(job);
  PodFacts facts;
  facts.of.reserve(pods.size());
  for (const Dependent& pod : pods) {
    PodFact fact = FactOf(job, pod);
    MarkPending(uncounted, pod, fact);
    if (job.has_failure_policy && fact.HasFailed()) {
      PodJudgement judgement = Judge(job, pod);
      fact.failure = judgement.failure;
      if (facts.fail_job_message.empty()) facts.fail_job_message = std::move(judgement.message);
    }
    facts.of.push_back(fact);
  }
  return facts;
}

Tally TakeTally(const JobView& job, const std::vector<Dependent>& pods, const PodFacts& facts) {
  Tally tally;
  tally.succeeded = job.succeeded + static_cast<std::int64_t>(job.uncounted_succeeded.size());
  tally.failed = job.failed + static_cast<std::int64_t>(job.uncounted_failed.size());
  std::vector<std::int64_t> indexes;
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const PodFact& fact = facts.of[i];
    if (!fact.fresh || !fact.valid) continue;
    if (fact.end == PodFact::End::kSucceeded) {
      ++tally.succeeded;
      if (job.indexed) indexes.push_back(pods[i].resource.completion_index);
    } else if (fact.FailureCounts()) {
      ++tally.failed;
    }
  }
  if (!job.indexed) return tally;
  tally.succeeded_indexes = IndexSet::Parse(job.completed_indexes, job.CompletionsOrMax());
  tally.succeeded_indexes.Add(std::move(indexes));
  tally.succeeded = tally.succeeded_indexes.Count();
  return tally;
}

std::vector<std::string> PodsToRead(const Item& item, const std::vector<Dependent>& pods) {
  std::vector<std::string> names;
  const bool all = MayAdopt(item);
  // Most Jobs have no policy; a document is parsed only if it may have one.
  if (!all && item.document.find("podFailurePolicy") == std::string::npos) return names;
  const auto job = ReadJob(item);
  if (job == nullptr || job->finished || !(all || job->has_failure_policy)) return names;
  const UidList uncounted = UncountedUids(*job);
  for (const Dependent& pod : pods) {
    PodFact fact = FactOf(*job, pod);
    MarkPending(uncounted, pod, fact);
    if (pod.created && (all || fact.HasFailed())) names.push_back(pod.resource.name);
  }
  return names;
}

}  // namespace kless::controllers

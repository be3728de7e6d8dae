// The rules once nothing waits for its time any more:
//   pod-without-owner         the pods of a Job that is gone are gone, unless they were orphaned
//   finalizer-left            no pod that ended is held for a Job to count it, except for the one
//                             that an index keeps for its replacement
//   stuck-deletion            what is being deleted is gone, except for that pod, or if its node is
//                             dead
//   unscheduled-though-it-fits
//   pod-of-a-missing-node     such pods are gone
//   intent-left, timer-left   of Jobs that are gone
//   job-stands-still          an unfinished Job waits for something
//   wrong-number-of-pods      an unfinished Job has its wanted active pods
//   status-wrong              and says so
#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/control_planes/intent.h"
#include "emulator/control_planes/timer_item.h"
#include "functions/kubernetes/values/json_access.h"
#include "tests/harness/checker.h"

namespace kless::harness {

using kubernetes::Find;
using kubernetes::StringAt;
using nlohmann::json;

void Checker::AtEnd(const EndOfRun& end) {
  for (const auto& [name, pod] : pods_) CheckPodAtEnd(pod, end);
  for (const auto& [uid, job] : jobs_) {
    if (job.exists) CheckJobAtEnd(job, end);
  }
  for (const auto& [id, item] : objects_) CheckItemAtEnd(id, item, end);
}

bool Checker::OnlySchedulerWaits() const {
  return std::none_of(objects_.begin(), objects_.end(), [](const auto& entry) {
    const auto& [id, item] = entry;
    return id.type == control_planes::kTimerType && !id.name.starts_with("scheduler") &&
           item->document.find("\"at\":") != std::string::npos;
  });
}

void Checker::CheckPodAtEnd(const PodState& pod, const EndOfRun& end) {
  const ResourceId id{"pod", pod.name};
  const bool stands_still = end.dead_nodes.contains(pod.node);
  const JobState* const job = FindJob(pod.owner);
  const bool awaits_replacement = AwaitsReplacement(pod, job);
  if (!pod.node.empty() && !nodes_.contains(pod.node)) {
    return Report("pod-of-a-missing-node", id, pod.node + " is gone, its pod is not");
  }
  if (pod.deleting && !(stands_still && !pod.ended()) && !awaits_replacement) {
    return Report("stuck-deletion", id, "it is being deleted and still there");
  }
  if (!pod.owner.empty() && (job == nullptr || !job->exists) && !pod.deleting) {
    return Report("pod-without-owner", id, "its Job is gone");
  }
  if (pod.ended() && pod.tracked && !awaits_replacement) {
    return Report("finalizer-left", id, "it ended and keeps its finalizer");
  }
  if (!pod.ended() && pod.node.empty() && FitsSomewhere(pod, end)) {
    Report("unscheduled-though-it-fits", id, "it is not bound, and there is room for it");
  }
}

// F2: with backoffLimitPerIndex the failed pod of an index keeps its finalizer, also while it is
// being deleted, until the index has a pod again, is completed or has failed: the replacement takes
// the number of failures from it.
bool Checker::AwaitsReplacement(const PodState& pod, const JobState* job) const {
  const auto failed = [](const PodState& one) {
    return one.tracked && one.phase != PodPhase::kSucceeded && (one.ended() || one.deleting);
  };
  if (!failed(pod) || job == nullptr || !job->exists || !job->terminal.empty() ||
      job->Condition("FailureTarget") != nullptr ||
      job->Condition("SuccessCriteriaMet") != nullptr ||
      Find(*job->object, {"metadata", "deletionTimestamp"}) != nullptr ||
      Find(*job->object, {"spec", "backoffLimitPerIndex"}) == nullptr) {
    return false;
  }
  for (const char* list : {"completedIndexes", "failedIndexes"}) {
    if (ParseIndexes(StringAt(*job->object, {"status", list})).contains(pod.index)) return false;
  }
  // One failed pod of an index is enough; an active one has its numbers.
  return std::none_of(pods_.begin(), pods_.end(), [&](const auto& entry) {
    const PodState& other = entry.second;
    return other.name != pod.name && InCareOf(other, *job) && other.index == pod.index &&
           (other.active() || failed(other));
  });
}

bool Checker::FitsSomewhere(const PodState& pod, const EndOfRun& end) const {
  return std::any_of(nodes_.begin(), nodes_.end(), [&](const auto& entry) {
    const auto& [name, node] = entry;
    if (!node.open || end.dead_nodes.contains(name)) return false;
    const Room used = UsedOn(name);
    return used.cpu + pod.requests.cpu <= node.allocatable.cpu &&
           used.memory + pod.requests.memory <= node.allocatable.memory &&
           used.pods + pod.requests.pods <= node.allocatable.pods;
  });
}

bool Checker::HasReasonToWait(const JobState& job, const EndOfRun& end) const {
  if (job.Suspended() || job.Spec("parallelism", 1) == 0) return true;
  return std::any_of(pods_.begin(), pods_.end(), [&](const auto& entry) {
    const PodState& pod = entry.second;
    if (!InCareOf(pod, job) || pod.ended()) return false;
    return pod.node.empty() || pod.runs_forever || end.dead_nodes.contains(pod.node);
  });
}

void Checker::CheckJobAtEnd(const JobState& job, const EndOfRun& end) {
  const ResourceId id{"job", job.name};
  if (Find(*job.object, {"metadata", "deletionTimestamp"}) != nullptr) {
    // GC3: a foreground deletion waits for pods, and they for their nodes.
    const bool waits = std::any_of(pods_.begin(), pods_.end(), [&](const auto& entry) {
      return InCareOf(entry.second, job) && end.dead_nodes.contains(entry.second.node);
    });
    if (!waits) Report("stuck-deletion", id, "it is being deleted and still there");
    return;
  }
  if (!job.terminal.empty()) return;
  if (!HasReasonToWait(job, end)) {
    return Report("job-stands-still", id, "it is not finished, and nothing will happen");
  }
  CheckCountsAtEnd(job);
}

void Checker::CheckCountsAtEnd(const JobState& job) {
  const ResourceId id{"job", job.name};
  std::int64_t active = 0;
  std::int64_t ready = 0;
  std::int64_t terminating = 0;
  for (const auto& [name, pod] : pods_) {
    if (!InCareOf(pod, job)) continue;
    active += pod.active() ? 1 : 0;
    ready += pod.active() && pod.ready ? 1 : 0;
    terminating += pod.terminating() ? 1 : 0;
  }
  std::int64_t wanted = job.Spec("parallelism", 1);
  if (job.Indexed()) {
    const std::int64_t failed = static_cast<std::int64_t>(
        ParseIndexes(StringAt(*job.object, {"status", "failedIndexes"})).size());
    wanted = std::min(wanted, job.Spec("completions", 0) - job.Status("succeeded") - failed);
  } else if (job.StatusField("succeeded") != nullptr || job.Spec("completions", -1) >= 0) {
    const std::int64_t completions = job.Spec("completions", -1);
    // C11: a work queue with a success gets no more pods.
    wanted = completions >= 0 ? std::min(wanted, completions - job.Status("succeeded"))
                              : std::min(wanted, active);
  }
  if (job.Suspended() || job.Condition("FailureTarget") != nullptr ||
      job.Condition("SuccessCriteriaMet") != nullptr) {
    wanted = 0;
  }
  // D11: pods that are being deleted count until they have ended.
  const bool waits = job.ReplacesFailedOnly() && active < wanted && active + terminating >= wanted;
  if (active != wanted && !waits) {
    return Report("wrong-number-of-pods", id,
                  std::to_string(active) + " active pods, wanted " + std::to_string(wanted));
  }
  const auto check = [&](const char* field, std::int64_t counted) {
    if (job.Status(field) == counted) return;
    Report("status-wrong", id,
           std::string(field) + " is " + std::to_string(job.Status(field)) + ", there are " +
               std::to_string(counted));
  };
  check("active", active);
  check("ready", ready);
  check("terminating", terminating);
}

void Checker::CheckItemAtEnd(const ResourceId& id, const ItemPtr& item, const EndOfRun&) {
  if (id.type == control_planes::kIntentType) {
    const JobState* job = FindJob(id.name.substr(id.name.find('/') + 1));
    if (job == nullptr || !job->exists) Report("intent-left", id, item->document);
    return;
  }
  if (id.type == control_planes::kTimerType) {
    const auto timer = json::parse(item->document, nullptr, false);
    const std::string uid = StringAt(timer, "uid");
    const bool owner_exists =
        uid.empty() || std::any_of(objects_.begin(), objects_.end(), [&](const auto& entry) {
          return entry.second->fields && entry.second->fields->uid == uid;
        });
    if (!owner_exists) Report("timer-left", id, item->document);
    return;
  }
  if (id.type != "pod" && id.type != "job" && item->fields && item->fields->deleting) {
    Report("stuck-deletion", id, "it is being deleted and still there");
  }
}

}  // namespace kless::harness

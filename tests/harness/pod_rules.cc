// The rules for pods:
//   phase-taken-back           a pod that ended has ended
//   pod-moved                  a bound pod stays on its node
//   node-oversubscribed        the pods of a node fit into what it has, at every binding
//   too-many-active            no Job has more active pods than its largest parallelism so far
//   two-of-an-index            an index has one active pod
//   index-again                no pod is made for an index that is completed or has failed
//   too-many-pods              active and succeeded pods are not more than the completions
//   replaced-too-early         with podReplacementPolicy Failed a pod being deleted has no
//   replacement created-for-a-finished-job ended-uncounted            a pod that ended loses its
//   finalizer only after it was counted
// Pods that a Job adopted, or that did not match its selector for a while, may be too many.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/quantity.h"
#include "tests/harness/checker.h"

namespace kless::harness {

namespace {

constexpr const char* kControllerUid = "batch.kubernetes.io/controller-uid";

Room RequestsOf(const Item& item) {
  Room room{0, 0, 1};
  const auto object = nlohmann::json::parse(item.document, nullptr, false);
  const auto* containers = kubernetes::Find(object, {"spec", "containers"});
  if (containers == nullptr || !containers->is_array()) return room;
  for (const nlohmann::json& container : *containers) {
    if (const auto* cpu = kubernetes::Find(container, {"resources", "requests", "cpu"})) {
      room.cpu += kubernetes::QuantityMilli(*cpu);
    }
    if (const auto* memory = kubernetes::Find(container, {"resources", "requests", "memory"})) {
      room.memory += kubernetes::QuantityUnits(*memory);
    }
  }
  return room;
}

std::string LabelOf(const ResourceFields& fields, const std::string& key) {
  for (const auto& [name, value] : fields.labels) {
    if (name == key) return value;
  }
  return "";
}

void Read(const ResourceFields& fields, PodState* pod) {
  pod->uid = fields.uid;
  pod->owner = fields.owner_kind == "Job" ? fields.owner_uid : "";
  pod->selected_by = LabelOf(fields, kControllerUid);
  pod->node = fields.node_name;
  pod->phase = fields.phase;
  pod->deleting = fields.deleting;
  pod->tracked = fields.tracked;
  pod->ready = fields.ready;
  pod->index = fields.completion_index;
}

}  // namespace

void Checker::OnPod(const Change& change) {
  if (!change.new_image) {
    const auto gone = pods_.extract(change.id.name);
    if (gone.empty()) return;
    PodState after = gone.mapped();
    after.tracked = false;
    if (gone.mapped().tracked) OnLostFinalizer(gone.mapped(), after);
    return;
  }
  if (!change.new_image->fields) return;
  PodState& pod = pods_[change.id.name];
  const PodState before = pod;
  Read(*change.new_image->fields, &pod);
  if (!change.old_image) {
    pod.name = change.id.name;
    OnNewPod(pod, change);
  } else {
    OnChangedPod(before, pod);
  }
  JobState* job = FindJob(pod.owner);
  if (job == nullptr || violation_) return;
  job->pods.insert(pod.uid);
  CheckActive(*job, pod);
}

void Checker::OnNewPod(PodState& pod, const Change& change) {
  pod.requests = RequestsOf(*change.new_image);
  pod.runs_forever =
      change.new_image->document.find(R"("kless.dev/run-time":"forever")") != std::string::npos;
  if (const JobState* job = FindJob(pod.owner)) CheckCreation(*job, pod);
  if (!pod.node.empty()) CheckRoom(pod);
}

void Checker::OnChangedPod(const PodState& before, PodState& pod) {
  const ResourceId id{"pod", pod.name};
  if (before.ended() && pod.phase != before.phase) {
    return Report("phase-taken-back", id,
                  std::string(PodPhaseName(before.phase)) + " became " + PodPhaseName(pod.phase));
  }
  if (!before.node.empty() && pod.node != before.node) {
    return Report("pod-moved", id, "from " + before.node + " to " + pod.node);
  }
  if (before.node.empty() && !pod.node.empty()) CheckRoom(pod);
  if (before.owner != pod.owner || before.selected_by != pod.selected_by) pod.adopted = true;
  JobState* const job = FindJob(before.owner);
  if (job != nullptr && pod.adopted && !job->succeeded.ever.contains(pod.uid)) {
    job->good_ends.erase(pod.uid);
  }
  if (job != nullptr && pod.phase == PodPhase::kSucceeded && !before.ended() && !before.deleting &&
      before.tracked && !pod.adopted) {
    job->good_ends.insert(pod.uid);
  }
  if (before.tracked && !pod.tracked) OnLostFinalizer(before, pod);
}

void Checker::OnLostFinalizer(const PodState& before, const PodState& pod) {
  const JobState* const job = FindJob(pod.owner);
  if (job == nullptr || !job->exists || !before.ended() || pod.adopted) return;
  if (!job->terminal.empty() || job->Condition("SuccessCriteriaMet") != nullptr) return;
  if (kubernetes::Find(*job->object, {"metadata", "deletionTimestamp"}) != nullptr) return;
  if (kubernetes::Find(*job->object, {"spec", "podFailurePolicy"}) != nullptr) return;
  if (job->succeeded.ever.contains(pod.uid) || job->failed.ever.contains(pod.uid)) return;
  if (job->Indexed()) {
    const auto completed =
        ParseIndexes(kubernetes::StringAt(*job->object, {"status", "completedIndexes"}));
    if (pod.phase != PodPhase::kSucceeded || completed.contains(pod.index) ||
        pod.index >= job->Spec("completions", 0)) {
      return;
    }
  }
  Report("ended-uncounted", {"job", job->name},
         "pod " + pod.name + " ended and lost its finalizer, but was never counted");
}

void Checker::CheckCreation(const JobState& job, const PodState& pod) {
  const ResourceId id{"job", job.name};
  if (!job.terminal.empty()) {
    return Report("created-for-a-finished-job", id,
                  "pod " + pod.name + " of a " + job.terminal + " Job");
  }
  std::int64_t active = 0;
  std::int64_t terminating = 0;
  for (const auto& [name, other] : pods_) {
    if (!InCareOf(other, job) || other.adopted) continue;
    active += other.active() ? 1 : 0;
    terminating += other.terminating() ? 1 : 0;
  }
  if (job.ReplacesFailedOnly() && active + terminating > job.largest_parallelism) {
    return Report("replaced-too-early", id,
                  "pod " + pod.name + " makes " + std::to_string(active) + " active, while " +
                      std::to_string(terminating) + " are still going");
  }
  if (job.Indexed()) {
    for (const char* list : {"completedIndexes", "failedIndexes"}) {
      if (ParseIndexes(kubernetes::StringAt(*job.object, {"status", list})).contains(pod.index)) {
        Report("index-again", id,
               "pod " + pod.name + " has index " + std::to_string(pod.index) + " of " + list);
      }
    }
    return;
  }
  const std::int64_t completions = job.Spec("completions", -1);
  const auto succeeded = static_cast<std::int64_t>(job.good_ends.size());
  if (completions >= 0 && !job.completions_changed && active + succeeded > completions) {
    Report("too-many-pods", id,
           "pod " + pod.name + " makes " + std::to_string(active) + " active beside " +
               std::to_string(succeeded) + " that succeeded, completions is " +
               std::to_string(completions));
  }
}

void Checker::CheckActive(const JobState& job, const PodState& pod) {
  if (!pod.active()) return;
  const ResourceId id{"job", job.name};
  std::int64_t active = 0;
  for (const auto& [name, other] : pods_) {
    if (!InCareOf(other, job) || !other.active() || other.adopted) continue;
    ++active;
    if (job.Indexed() && !pod.adopted && name != pod.name && other.index == pod.index) {
      return Report(
          "two-of-an-index", id,
          pod.name + " and " + name + " are active for index " + std::to_string(pod.index));
    }
  }
  if (active > job.largest_parallelism) {
    Report("too-many-active", id,
           std::to_string(active) + " active pods, parallelism is at most " +
               std::to_string(job.largest_parallelism));
  }
}

Room Checker::UsedOn(const std::string& node) const {
  Room used;
  for (const auto& [name, pod] : pods_) {
    if (pod.node != node || pod.ended()) continue;
    used.cpu += pod.requests.cpu;
    used.memory += pod.requests.memory;
    used.pods += pod.requests.pods;
  }
  return used;
}

void Checker::CheckRoom(const PodState& bound) {
  const auto found = nodes_.find(bound.node);
  if (found == nodes_.end()) return;  // it was deleted while the pod was being bound
  const Room used = UsedOn(bound.node);
  const Room& has = found->second.allocatable;
  const auto check = [&](const char* what, std::int64_t uses, std::int64_t limit) {
    if (uses <= limit) return;
    Report("node-oversubscribed", {"pod", bound.name},
           "with it the pods of " + bound.node + " ask for " + std::to_string(uses) + " " + what +
               " of " + std::to_string(limit));
  };
  check("thousandths of a core", used.cpu, has.cpu);
  check("bytes of memory", used.memory, has.memory);
  check("pods", used.pods, has.pods);
}

}  // namespace kless::harness

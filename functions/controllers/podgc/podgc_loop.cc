// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/podgc/gc_controller.go
#include "functions/controllers/podgc/podgc_loop.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "emulator/base/strings.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/periodic_ticks.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

constexpr std::int64_t kPeriodNanos = 20 * kNanosPerSecond;      // gcCheckPeriod
constexpr std::int64_t kQuarantineNanos = 40 * kNanosPerSecond;  // quarantineTime
constexpr const char* kOutOfService = "node.kubernetes.io/out-of-service";
constexpr const char* kFinishedKey = "finished";
constexpr const char* kGoneNodePrefix = "node/";
constexpr const char* kPodPrefix = "pod/";

bool IsFinished(const ItemPtr& pod) {
  return pod != nullptr && pod->fields && IsTerminal(pod->fields->phase);
}

std::string NodeOf(const ItemPtr& pod) {
  return pod != nullptr && pod->fields ? pod->fields->node_name : std::string();
}

void NodeKeys(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& node,
              std::vector<std::string>* keys) {
  if (old_image == nullptr || node == nullptr ||
      node->document.find(kOutOfService) != std::string::npos) {
    keys->push_back(kGoneNodePrefix + id.name);
  }
}

void PodKeys(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& pod,
             std::vector<std::string>* keys) {
  if (pod == nullptr) return;
  const std::string node = NodeOf(pod);
  if (IsDeleting(pod) && node.empty()) keys->push_back(kPodPrefix + id.name);
  if (!node.empty() && (NodeOf(old_image) != node || IsDeleting(pod) != IsDeleting(old_image))) {
    keys->push_back(kGoneNodePrefix + node);
  }
  if (IsFinished(pod) && !IsFinished(old_image)) keys->push_back(kFinishedKey);
}

void PodGcKeys(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
               std::vector<std::string>* keys) {
  if (id.type == "node") {
    NodeKeys(id, old_image, new_image, keys);
  } else {
    PodKeys(id, old_image, new_image, keys);
  }
}

// A wait for an instant.  The memo of every key here holds its purpose and its end.
struct Wait {
  std::string what;
  std::int64_t until = 0;
};

Wait ParsePodGcMemo(const std::string& memo) {
  const std::size_t space = memo.find(' ');
  if (space == std::string::npos) return {};
  return {memo.substr(0, space), ParseInteger(memo.substr(space + 1)).value_or(0)};
}

// Returns true if the wait for `what` is over.  Otherwise the plan starts or continues a wait until
// `until`.
bool Waited(const std::string& memo, const char* what, std::int64_t until, std::int64_t now,
            Plan* plan) {
  Wait wait = ParsePodGcMemo(memo);
  if (wait.what != what) wait = {what, until};
  if (now >= wait.until) return true;
  plan->memo = wait.what + " " + std::to_string(wait.until);
  plan->requeue_after = Duration(wait.until - now);
  return false;
}

void Forget(const std::string& memo, Plan* plan) {
  if (!memo.empty()) plan->memo = "";
}

// Marks pods as failed unless they have ended, and deletes them without grace.
class Removals {
 public:
  Removals(Plan* plan, std::int64_t now) : plan_(plan), now_(now) {}
  ~Removals() {
    for (Batch* batch : {&edits_, &deletions_}) {
      if (!batch->writes.empty()) plan_->batches.push_back(std::move(*batch));
    }
  }
  Removals(const Removals&) = delete;
  Removals& operator=(const Removals&) = delete;

  // `message` is that of the condition DisruptionTarget, which is not set if `message` is "".
  void Add(const ResourceId& id, const ItemPtr& pod, const std::string& message) {
    if (!IsFinished(pod)) {
      edits_.writes.push_back(EditOf(id, [message, now = now_](json& object) {
        json* status = kubernetes::ObjectAt(object, "status");
        if (status == nullptr) return false;
        const std::string phase = kubernetes::StringAt(*status, "phase");
        if (phase == "Succeeded" || phase == "Failed") return false;
        (*status)["phase"] = "Failed";
        if (const auto generation = kubernetes::IntegerAt(object, {"metadata", "generation"})) {
          (*status)["observedGeneration"] = *generation;
        }
        if (!message.empty()) {
          SetPodCondition(object, "DisruptionTarget", "True", "DeletionByPodGC", message, now);
        }
        return true;
      }));
    }
    deletions_.writes.push_back(DeletionOf(id, UidOf(pod), Deletion::Propagation::kBackground, 0));
  }

 private:
  Plan* plan_;
  const std::int64_t now_;
  Batch edits_, deletions_;
};

bool IsOutOfService(const json& node) {
  const json* ready = FindCondition(node, "Ready");
  if (ready != nullptr && kubernetes::StringAt(*ready, "status") == "True") return false;
  const json* taints = kubernetes::Find(node, {"spec", "taints"});
  if (taints == nullptr || !taints->is_array()) return false;
  return std::any_of(taints->begin(), taints->end(), [](const json& taint) {
    return kubernetes::StringAt(taint, "key") == kOutOfService;
  });
}

void RemovePodsOf(const std::string& node, bool missing, World& world, Plan* plan) {
  const std::vector<std::string>* names = world.PodsOn(node);
  if (names == nullptr) return;
  std::vector<std::pair<ResourceId, ItemPtr>> pods;
  bool pending = false;
  for (const std::string& name : *names) {
    const ItemPtr* pod = world.Get({"pod", name});
    pending |= pod == nullptr;
    if (pod != nullptr && *pod != nullptr) pods.emplace_back(ResourceId{"pod", name}, *pod);
  }
  if (pending) return;
  Removals removals(plan, world.unix_nanos());
  for (const auto& [id, pod] : pods) {
    if (missing) {
      removals.Add(id, pod, "PodGC: node no longer exists");
    } else if (IsDeleting(pod)) {
      removals.Add(id, pod, "");
    }
  }
}

// Whether a pod on the node is being deleted; true while that is not known.
bool HasDeletingPod(const std::vector<std::string>& names, World& world) {
  bool any = false;
  for (const std::string& name : names) {
    const ItemPtr* pod = world.Get({"pod", name});
    any |= pod == nullptr || IsDeleting(*pod);
  }
  return any;
}

Plan ReconcileGoneNode(const std::string& name, const std::string& memo, World& world) {
  Plan plan;
  const std::int64_t now = world.unix_nanos();
  const ItemPtr* node = world.Get({"node", name});
  if (node == nullptr) return plan;
  const bool missing = *node == nullptr;
  const bool out_of_service = !missing && IsOutOfService(ObjectOf(*node));
  const std::vector<std::string>* pods = missing || out_of_service ? world.PodsOn(name) : nullptr;
  if (missing || out_of_service) {
    if (pods == nullptr) return plan;
    const bool some = missing ? !pods->empty() : HasDeletingPod(*pods, world);
    // A sweep finds it, and the first sweep after the quarantine checks it again.
    const std::int64_t sweep = TickAfter(now, kPeriodNanos);
    if (some) {
      const bool due = missing ? Waited(memo, "missing", sweep + kQuarantineNanos, now, &plan)
                               : Waited(memo, "out-of-service", sweep, now, &plan);
      if (!due) return plan;
      RemovePodsOf(name, missing, world, &plan);
    }
  }
  Forget(memo, &plan);
  return plan;
}

Plan ReconcilePod(const ResourceId& id, const std::string& memo, World& world) {
  Plan plan;
  const std::int64_t now = world.unix_nanos();
  const ItemPtr* pod = world.Get(id);
  if (pod == nullptr) return plan;
  // A pod that has failed has been handled; only its finalizers keep it.
  if (IsDeleting(*pod) && NodeOf(*pod).empty() && !IsFinished(*pod)) {
    if (!Waited(memo, "unbound", TickAfter(now, kPeriodNanos), now, &plan)) return plan;
    Removals(&plan, now).Add(id, *pod, "");
  }
  Forget(memo, &plan);
  return plan;
}

// Evicted pods come first, then the oldest.
auto Precedence(const ResourceId& id, const ItemPtr& pod) {
  const json object = ObjectOf(pod);
  const bool evicted = kubernetes::StringAt(object, {"status", "reason"}) == "Evicted";
  return std::make_tuple(!evicted, kubernetes::StringAt(object, {"metadata", "creationTimestamp"}),
                         id.name);
}

Plan ReconcileFinished(std::int64_t threshold, const std::string& memo, World& world) {
  Plan plan;
  const std::int64_t now = world.unix_nanos();
  if (threshold <= 0) return plan;
  if (!Waited(memo, "finished", TickAfter(now, kPeriodNanos), now, &plan)) return plan;
  const auto* pods = world.List("pod", "");
  if (pods == nullptr) return plan;
  std::vector<const std::pair<ResourceId, ItemPtr>*> finished;
  for (const auto& entry : *pods) {
    if (IsFinished(entry.second)) finished.push_back(&entry);
  }
  const std::int64_t excess = static_cast<std::int64_t>(finished.size()) - threshold;
  if (excess > 0) {
    std::vector<std::pair<decltype(Precedence({}, nullptr)), std::size_t>> order;
    for (std::size_t i = 0; i < finished.size(); ++i) {
      order.emplace_back(Precedence(finished[i]->first, finished[i]->second), i);
    }
    std::sort(order.begin(), order.end());
    Removals removals(&plan, now);
    for (std::int64_t i = 0; i < excess; ++i) {
      const auto& [id, pod] = *finished[order[static_cast<std::size_t>(i)].second];
      removals.Add(id, pod, "");
    }
  }
  Forget(memo, &plan);
  return plan;
}

}  // namespace

ControlLoop PodGcLoop(std::int64_t terminated_pod_threshold) {
  ControlLoop loop;
  loop.name = "pod-garbage-collector-controller";
  loop.setting = "podgc";
  loop.component = "pod-garbage-collector-controller";
  loop.types = {"node", "pod"};
  loop.keys = PodGcKeys;
  loop.reconcile = [terminated_pod_threshold](const std::string& key, const std::string& memo,
                                              World& world) {
    Reconciliation result;
    if (key == kFinishedKey) {
      result.plan = ReconcileFinished(terminated_pod_threshold, memo, world);
    } else if (key.starts_with(kGoneNodePrefix)) {
      result.plan = ReconcileGoneNode(key.substr(std::string(kGoneNodePrefix).size()), memo, world);
    } else {
      const ResourceId id{"pod", key.substr(std::string(kPodPrefix).size())};
      result.plan = ReconcilePod(id, memo, world);
    }
    return result;
  };
  loop.classic_workers = 1;
  return loop;
}

}  // namespace kless::controllers

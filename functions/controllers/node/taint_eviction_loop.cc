// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/tainteviction/taint_eviction.go
#include "functions/controllers/node/taint_eviction_loop.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/controllers/node/taints.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using nlohmann::json;

namespace {

constexpr const char* kNoExecute = "NoExecute";

bool MayEvict(const ItemPtr& node) {
  return node != nullptr && node->document.find(kNoExecute) != std::string::npos;
}

// Compares taints without timeAdded: a renewed taint is the same taint.
json ComparableTaints(const ItemPtr& node) {
  json taints = MayEvict(node) ? NoExecuteTaints(ObjectOf(node)) : json::array();
  for (json& taint : taints) taint.erase("timeAdded");
  return taints;
}

json TolerationsOf(const ItemPtr& pod) {
  const json object = ObjectOf(pod);
  const json* tolerations = kubernetes::Find(object, {"spec", "tolerations"});
  return tolerations == nullptr ? json() : *tolerations;
}

void TaintEvictionKeys(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                       std::vector<std::string>* keys) {
  if (id.type == "node") {
    if (ComparableTaints(old_image) != ComparableTaints(new_image)) keys->push_back(id.name);
    return;
  }
  if (new_image == nullptr || !new_image->fields || new_image->fields->node_name.empty()) return;
  const bool bound = old_image == nullptr || !old_image->fields ||
                     old_image->fields->node_name != new_image->fields->node_name;
  if (bound || (!SameArrayText(old_image, new_image, "tolerations") &&
                TolerationsOf(old_image) != TolerationsOf(new_image))) {
    keys->push_back(new_image->fields->node_name);
  }
}

// By the pod's uid: when the time of its toleration started, in Unix nanoseconds.
using Running = std::map<std::string, std::int64_t>;

Running ParseTaintMemo(const std::string& text) {
  Running running;
  const auto parsed = ParseJson(text);
  if (parsed.has_error() || !parsed.value().is_object()) return running;
  for (const auto& [uid, since] : parsed.value().items()) {
    if (since.is_number_integer()) running[uid] = since.get<std::int64_t>();
  }
  return running;
}

std::string ToText(const Running& running) {
  return running.empty() ? std::string() : DumpJson(json(running));
}

class Evictions {
 public:
  Evictions(json taints, Running before, std::int64_t now)
      : taints_(std::move(taints)), before_(std::move(before)), now_(now) {}

  void Judge(const std::string& name, const ItemPtr& item) {
    const std::string& uid = UidOf(item);
    if (IsDeleting(item)) return;
    const auto since = before_.find(uid);
    const json pod = ObjectOf(item);
    const auto seconds = taints_.empty() ? std::nullopt : ToleratedSeconds(pod, taints_);
    if (!seconds) {
      if (since != before_.end()) Say(pod, item, "Cancelling deletion of Pod " + name);
      return;
    }
    const std::int64_t start = since == before_.end() ? now_ : since->second;
    const std::int64_t end = start + *seconds * kNanosPerSecond;
    if (end > now_) {
      running_[uid] = start;
      const Duration rest(end - now_);
      plan_.requeue_after = std::min(plan_.requeue_after.value_or(rest), rest);
    } else {
      Evict({"pod", name}, pod, item);
    }
  }

  Plan TakePlan(const std::string& memo) {
    for (Batch* batch : {&edits_, &deletions_}) {
      if (!batch->writes.empty()) plan_.batches.push_back(std::move(*batch));
    }
    if (std::string text = ToText(running_); text != memo) plan_.memo = std::move(text);
    return std::move(plan_);
  }

 private:
  void Say(const json& pod, const ItemPtr& item, std::string message) {
    EventNote note{
        .type = "Normal", .reason = "TaintManagerEviction", .message = std::move(message)};
    note.about = TargetOf(pod, item->version);
    plan_.events.push_back(std::move(note));
  }

  void Evict(const ResourceId& id, const json& pod, const ItemPtr& item) {
    edits_.writes.push_back(EditOf(id, [now = now_](json& object) {
      return SetPodCondition(object, "DisruptionTarget", "True", "DeletionByTaintManager",
                             "Taint manager: deleting due to NoExecute taint", now);
    }));
    deletions_.writes.push_back(DeletionOf(id, UidOf(item), Deletion::Propagation::kBackground));
    Say(pod, item, "Marking for deletion Pod " + id.name);
  }

  const json taints_;
  const Running before_;
  const std::int64_t now_;
  Running running_;
  Batch edits_, deletions_;
  Plan plan_;
};

Reconciliation ReconcileTaintEviction(const std::string& key, const std::string& memo,
                                      World& world) {
  Reconciliation result{.owner = {"node", key}, .item = nullptr, .plan = {}};
  const ItemPtr* node = world.Get(result.owner);
  if (node == nullptr) return result;
  result.item = *node;
  json taints = MayEvict(*node) ? NoExecuteTaints(ObjectOf(*node)) : json::array();
  // If the node is gone, its pods are left to the pod garbage collector.
  if (*node == nullptr || (taints.empty() && memo.empty())) {
    if (!memo.empty()) result.plan.memo = "";
    return result;
  }
  const std::vector<std::string>* names = world.PodsOn(key);
  if (names == nullptr) return result;
  Evictions evictions(std::move(taints), ParseTaintMemo(memo), world.unix_nanos());
  bool known = true;
  for (const std::string& name : *names) {
    const ItemPtr* pod = world.Get({"pod", name});
    known &= pod != nullptr;
    if (pod != nullptr && *pod != nullptr) evictions.Judge(name, *pod);
  }
  if (known) result.plan = evictions.TakePlan(memo);
  return result;
}

}  // namespace

ControlLoop TaintEvictionLoop() {
  ControlLoop loop;
  loop.name = "taint-eviction-controller";
  loop.setting = "taint-eviction";
  loop.component = "taint-eviction-controller";
  loop.types = {"node", "pod"};
  loop.keys = TaintEvictionKeys;
  loop.reconcile = ReconcileTaintEviction;
  return loop;
}

}  // namespace kless::controllers

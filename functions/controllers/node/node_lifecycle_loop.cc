#include "functions/controllers/node/node_lifecycle_loop.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/strings.h"
#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/periodic_ticks.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/controllers/node/node_health.h"
#include "functions/controllers/node/zones.h"
#include "functions/kubernetes/values/json_access.h"
#include "store/item/resource_fields.h"

namespace kless::controllers {

using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr const char* kZonesKey = "zones";
constexpr const char* kNodePrefix = "node/";
constexpr const char* kLeaseNamespace = "kube-node-lease/";

// The type and status of each condition, which heartbeats leave unchanged.
json StatusesOf(const json& node) {
  json statuses = json::array();
  const json* conditions = kubernetes::Find(node, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return statuses;
  for (const json& condition : *conditions) {
    statuses.push_back({StringAt(condition, "type"), StringAt(condition, "status")});
  }
  return statuses;
}

// The parts of a node that the loop reacts to.
json Relevant(const json& node) {
  json relevant = json::array();
  for (const auto& path : {std::pair("metadata", "uid"), std::pair("metadata", "labels"),
                           std::pair("metadata", "annotations"), std::pair("spec", "taints"),
                           std::pair("spec", "unschedulable")}) {
    const json* value = kubernetes::Find(node, {path.first, path.second});
    relevant.push_back(value == nullptr ? json() : *value);
  }
  relevant.push_back(StatusesOf(node));
  return relevant;
}

void NodeLifecycleKeys(const ResourceId& id, const ItemPtr& old_image, const ItemPtr& new_image,
                       std::vector<std::string>* keys) {
  const json before = ObjectOf(old_image);
  const json after = ObjectOf(new_image);
  const bool other = (old_image == nullptr) != (new_image == nullptr);
  if (!other && Relevant(before) == Relevant(after)) return;
  keys->push_back(kNodePrefix + id.name);
  if (other || ReadyStatus(before) != ReadyStatus(after)) keys->push_back(kZonesKey);
}

// The controller's progress with a node of this uid.
struct NodeMemo {
  std::string state;            // "new", "registered", "removed"; "": it knows none
  std::int64_t tick_nanos = 0;  // when the node is announced
  std::string uid;

  static NodeMemo Parse(const std::string& text) {
    const std::size_t first = text.find(' ');
    const std::size_t second = first == std::string::npos ? first : text.find(' ', first + 1);
    if (second == std::string::npos) return {};
    return {text.substr(0, first),
            ParseInteger(text.substr(first + 1, second - first - 1)).value_or(0),
            text.substr(second + 1)};
  }
  std::string ToText() const {
    return state.empty() ? std::string() : state + " " + std::to_string(tick_nanos) + " " + uid;
  }
};

EventNote NodeEvent(const std::string& name, const std::string& uid, const char* reason,
                    std::string message) {
  EventNote note{.type = "Normal", .reason = reason, .message = std::move(message)};
  note.about = EventTarget{"v1", "Node", "", name, uid, 0};
  return note;
}

void LookAgainAt(std::int64_t when, std::int64_t now, Plan* plan) {
  const Duration after(std::max<std::int64_t>(when - now, 0));
  plan->requeue_after = std::min(plan->requeue_after.value_or(after), after);
}

// Announces at the next tick that the node was added or removed (NL3).
void Announce(const std::string& name, const ItemPtr& node, const std::string& memo,
              std::int64_t now, Plan* plan) {
  NodeMemo known = NodeMemo::Parse(memo);
  if (node != nullptr && known.uid != UidOf(node)) {
    known = {"new", TickAfter(now, kNodeMonitorNanos), UidOf(node)};
  } else if (node != nullptr && known.state == "removed") {
    known.state = "registered";
  } else if (node == nullptr && known.state == "registered") {
    known = {"removed", TickAfter(now, kNodeMonitorNanos), known.uid};
  } else if (node == nullptr && known.state == "new") {
    known = {};
  }
  if (known.state == "new" || known.state == "removed") {
    if (now < known.tick_nanos) {
      LookAgainAt(known.tick_nanos, now, plan);
    } else if (known.state == "new") {
      plan->events.push_back(
          NodeEvent(name, known.uid, "RegisteredNode",
                    "Node " + name + " event: Registered Node " + name + " in Controller"));
      known.state = "registered";
    } else {
      plan->events.push_back(
          NodeEvent(name, known.uid, "RemovingNode",
                    "Node " + name + " event: Removing Node " + name + " from Controller"));
      known = {};
    }
  }
  if (std::string text = known.ToText(); text != memo) plan->memo = std::move(text);
}

// Sets the pods' condition Ready to False (NL5).  Returns false if not everything is observed yet.
bool MarkPodsNotReady(const std::string& node, World& world, Plan* plan) {
  const std::vector<std::string>* names = world.PodsOn(node);
  if (names == nullptr) return false;
  bool known = true;
  Batch edits;
  const std::int64_t now = world.unix_nanos();
  for (const std::string& name : *names) {
    const ResourceId id{"pod", name};
    const ItemPtr* pod = world.Get(id);
    known &= pod != nullptr;
    if (pod == nullptr || *pod == nullptr || !(*pod)->fields || !(*pod)->fields->ready) continue;
    edits.writes.push_back(EditOf(id, [now](json& object) {
      const json* ready = FindCondition(object, "Ready");
      return ready != nullptr &&
             SetPodCondition(object, "Ready", "False", StringAt(*ready, "reason"),
                             StringAt(*ready, "message"), now);
    }));
    EventNote note{.type = "Warning", .reason = "NodeNotReady", .message = "Node is not ready"};
    note.about = TargetOf(ObjectOf(*pod), (*pod)->version);
    plan->events.push_back(std::move(note));
  }
  if (!edits.writes.empty()) plan->batches.push_back(std::move(edits));
  return known;
}

// Makes the node Unknown from this tick on.  Its pods come first: after a crash in between, the
// next reconcile finds the node unchanged and repeats this.
bool Bury(const ResourceId& id, const json& node, const json& lease, World& world, Plan* plan) {
  if (ReadyStatus(node) == "True") {
    plan->events.push_back(NodeEvent(id.name, StringAt(node, {"metadata", "uid"}), "NodeNotReady",
                                     "Node " + id.name + " status is now: NodeNotReady"));
    if (!MarkPodsNotReady(id.name, world, plan)) return false;
  }
  const std::int64_t now = world.unix_nanos();
  plan->batches.push_back({{EditOf(id, [now, lease](json& object) {
    const auto tick = DeathTick(object, lease);
    return tick && *tick <= now && MarkUnknown(object, now);
  })}});
  return true;
}

Plan ReconcileNode(const std::string& name, const std::string& memo, World& world) {
  Plan plan;
  const ResourceId id{"node", name};
  const std::int64_t now = world.unix_nanos();
  const ItemPtr* item = world.Get(id);
  if (item == nullptr) return plan;
  Announce(name, *item, memo, now, &plan);
  if (*item == nullptr) return plan;
  json node = ObjectOf(*item);
  json lease = json::object();
  if (SendsHeartbeats(node)) {
    const ItemPtr* lease_item = world.Get({"lease", kLeaseNamespace + name});
    if (lease_item == nullptr) return {};
    lease = ObjectOf(*lease_item);
  }
  if (const auto tick = DeathTick(node, lease)) {
    if (now < *tick) {
      LookAgainAt(*tick, now, &plan);
    } else if (!Bury(id, node, lease, world, &plan)) {
      return {};
    }
  }
  const auto follow = [now](json& object) { return FollowConditions(object, now); };
  if (follow(node)) plan.batches.push_back({{EditOf(id, follow)}});
  return plan;
}

Reconciliation ReconcileNodeLifecycle(const std::string& key, const std::string& memo,
                                      World& world) {
  Reconciliation result;
  if (key == kZonesKey) {
    result.plan = ReconcileZones(memo, world);
  } else {
    result.owner = {"node", NamePart(key)};
    result.plan = ReconcileNode(result.owner.name, memo, world);
  }
  return result;
}

}  // namespace

ControlLoop NodeLifecycleLoop() {
  ControlLoop loop;
  loop.name = "node-lifecycle-controller";
  loop.setting = "node-lifecycle";
  loop.housekeeping = true;
  loop.component = "node-controller";
  loop.types = {"node"};
  loop.keys = NodeLifecycleKeys;
  loop.reconcile = ReconcileNodeLifecycle;
  return loop;
}

}  // namespace kless::controllers

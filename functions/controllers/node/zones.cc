// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/controller/nodelifecycle/node_lifecycle_controller.go
#include "functions/controllers/node/zones.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "functions/controllers/loop/object_edits.h"
#include "functions/controllers/loop/periodic_ticks.h"
#include "functions/controllers/loop/stored_object.h"
#include "functions/controllers/node/node_health.h"
#include "functions/controllers/node/node_lifecycle_loop.h"
#include "functions/controllers/node/taints.h"
#include "functions/controllers/node/zone_memo.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr std::int64_t kEvictionPeriodNanos = 10 * kNanosPerSecond;    // --node-eviction-rate 0.1
constexpr std::int64_t kSecondaryPeriodNanos = 100 * kNanosPerSecond;  // secondary rate 0.01
constexpr int kLargeZone = 50;                // --large-cluster-size-threshold
constexpr double kUnhealthyThreshold = 0.55;  // --unhealthy-zone-threshold
// The delay between a tick and the resulting taints: nodeEvictionPeriod.
constexpr std::int64_t kTaintDelayNanos = 100'000'000;
constexpr const char* kNoExecuteEffect = "NoExecute";

struct Node {
  std::string name, zone, ready;
  bool alive = false;
  bool never_updated = false;    // Unknown, and never had a status
  const char* wanted = nullptr;  // key of its NoExecute taint; null: none
  bool has_wanted = false;
  bool has_other = false;  // it has the taint that it should not have
};

std::string ZoneOf(const json& node) {
  return StringAt(node, {"metadata", "labels", "topology.kubernetes.io/region"}) + "/" +
         StringAt(node, {"metadata", "labels", "topology.kubernetes.io/zone"});
}

Node ReadNode(const std::string& name, const ItemPtr& item) {
  const json object = ObjectOf(item);
  Node node;
  node.name = name;
  node.zone = ZoneOf(object);
  node.ready = ReadyStatus(object);
  node.alive = node.ready == "True" || (node.ready.empty() && !SendsHeartbeats(object));
  if (node.ready == "False") node.wanted = kNotReadyTaint;
  if (node.ready == "Unknown") node.wanted = kUnreachableTaint;
  const json* condition = FindCondition(object, "Ready");
  node.never_updated =
      condition != nullptr && StringAt(*condition, "reason") == "NodeStatusNeverUpdated";
  for (const char* key : {kNotReadyTaint, kUnreachableTaint}) {
    const bool has = HasTaint(object, key, kNoExecuteEffect);
    if (node.wanted != nullptr && key == std::string(node.wanted)) {
      node.has_wanted = has;
    } else {
      node.has_other |= has;
    }
  }
  return node;
}

struct ZoneCount {
  int ready = 0, not_ready = 0;
};

ZoneState StateOf(const ZoneCount& count) {
  if (count.ready == 0 && count.not_ready > 0) return ZoneState::kFullDisruption;
  const double dead = static_cast<double>(count.not_ready) / (count.ready + count.not_ready);
  return count.not_ready > 2 && dead >= kUnhealthyThreshold ? ZoneState::kPartialDisruption
                                                            : ZoneState::kNormal;
}

std::int64_t PeriodOf(ZoneState state, const ZoneCount& count) {
  if (state != ZoneState::kPartialDisruption) return kEvictionPeriodNanos;
  return count.ready + count.not_ready > kLargeZone ? kSecondaryPeriodNanos : 0;
}

bool AllDisrupted(const std::map<std::string, Zone>& zones) {
  return !zones.empty() && std::all_of(zones.begin(), zones.end(), [](const auto& entry) {
    return entry.second.state == ZoneState::kFullDisruption;
  });
}

// One pass over all nodes.
class ZonesLook {
 public:
  ZonesLook(std::vector<Node> nodes, ZoneMemo memo, std::int64_t now)
      : nodes_(std::move(nodes)), memo_(std::move(memo)), now_(now) {
    for (const Node& node : nodes_)
      ++(node.alive ? counts_[node.zone].ready : counts_[node.zone].not_ready);
  }

  // When the next action is due; 0: never, everything is as it should be.
  std::int64_t Due() const {
    std::int64_t due = 0;
    const auto at = [&due](std::int64_t when) { due = due == 0 ? when : std::min(due, when); };
    const std::int64_t tick = TickAfter(now_, kNodeMonitorNanos);
    for (const Node& node : nodes_) {
      const bool lacks = node.wanted != nullptr && !node.has_wanted && !IsQueued(node);
      // Only a tick makes a node Unknown; the taint belongs to the same tick.
      const bool of_this_tick = lacks && node.ready == "Unknown" && !node.never_updated;
      if (of_this_tick) at(now_ + kTaintDelayNanos);
      if (lacks || node.has_other) at(tick);
    }
    for (const auto& [name, count] : counts_) {
      const auto zone = memo_.zones.find(name);
      // A healthy new zone starts in the state Normal.
      const ZoneState known = zone == memo_.zones.end() ? ZoneState::kNormal : zone->second.state;
      if (known != StateOf(count)) at(tick);
    }
    return due;
  }

  Plan Act() {
    UpdateStates();
    for (const Node& node : nodes_) Follow(node);
    for (auto& [name, zone] : memo_.zones) {
      std::erase_if(zone.queue, [&](const auto& node) { return !wanted_.contains(node); });
      Spend(zone);
    }
    memo_.due_unix_nanos = NextSpending();
    Plan plan;
    if (!edits_.writes.empty()) plan.batches.push_back(std::move(edits_));
    return plan;
  }

  ZoneMemo& memo() { return memo_; }

 private:
  bool IsQueued(const Node& node) const {
    const auto zone = memo_.zones.find(node.zone);
    if (zone == memo_.zones.end()) return false;
    const auto& queue = zone->second.queue;
    return std::find(queue.begin(), queue.end(), node.name) != queue.end();
  }

  void UpdateStates() {
    std::erase_if(memo_.zones, [&](const auto& zone) { return !counts_.contains(zone.first); });
    for (const auto& [name, count] : counts_) {
      if (memo_.zones.contains(name)) continue;
      memo_.zones[name].SetPeriod(kEvictionPeriodNanos, now_);
      memo_.zones[name].free_unix_nanos = now_;
    }
    const bool all_were = AllDisrupted(memo_.zones);
    std::map<std::string, ZoneState> before;
    for (auto& [name, zone] : memo_.zones) {
      before[name] = zone.state;
      zone.state = StateOf(counts_[name]);
    }
    all_are_ = AllDisrupted(memo_.zones);
    for (auto& [name, zone] : memo_.zones) {
      if (all_are_ && !all_were) {
        zone.SetPeriod(0, now_);  // if no node sends heartbeats, the fault is the controller's own
      } else if (!all_are_ && (all_were || before[name] != zone.state)) {
        zone.SetPeriod(PeriodOf(zone.state, counts_[name]), now_);
      }
    }
    entered_ = all_are_ && !all_were;
  }

  // A taint that the node should not have is removed at once, or replaced by the other; a missing
  // one is queued for the rate limiter.
  void Follow(const Node& node) {
    Zone& zone = memo_.zones[node.zone];
    if (node.wanted == nullptr || entered_) {
      if (node.has_wanted || node.has_other) edits_.writes.push_back(Clearing(node.name));
    } else if (node.has_other) {
      edits_.writes.push_back(Tainting(node.name, node.wanted));
    }
    if (node.wanted != nullptr && !node.has_other && (!node.has_wanted || entered_)) {
      if (!IsQueued(node)) zone.queue.push_back(node.name);
      wanted_[node.name] = node.wanted;
    }
  }

  void Spend(Zone& zone) {
    while (!zone.queue.empty() && zone.Gives(now_)) {
      const std::string name = zone.queue.front();
      zone.queue.erase(zone.queue.begin());
      edits_.writes.push_back(Tainting(name, wanted_[name]));
      zone.Take(now_);
    }
  }

  std::int64_t NextSpending() const {
    std::int64_t next = 0;
    for (const auto& [name, zone] : memo_.zones) {
      if (zone.queue.empty() || zone.period_nanos == 0) continue;
      next = next == 0 ? zone.free_unix_nanos : std::min(next, zone.free_unix_nanos);
    }
    return next;
  }

  Write Clearing(const std::string& node) const {
    return EditOf({"node", node}, [](json& object) {
      const bool ready = RemoveTaint(object, kNotReadyTaint, kNoExecuteEffect);
      return RemoveTaint(object, kUnreachableTaint, kNoExecuteEffect) || ready;
    });
  }

  // Adds the taint unless the node has recovered.
  Write Tainting(const std::string& node, const std::string& key) const {
    return EditOf({"node", node}, [key, now = now_](json& object) {
      if (ReadyStatus(object) == "True") return false;
      const std::string other = key == kNotReadyTaint ? kUnreachableTaint : kNotReadyTaint;
      const bool removed = RemoveTaint(object, other, kNoExecuteEffect);
      return AddTaint(object, key, kNoExecuteEffect, now) || removed;
    });
  }

  const std::vector<Node> nodes_;
  ZoneMemo memo_;
  const std::int64_t now_;
  std::map<std::string, ZoneCount> counts_;
  std::map<std::string, std::string> wanted_;
  bool all_are_ = false;
  bool entered_ = false;  // all zones are disrupted now and were not before
  Batch edits_;
};

}  // namespace

Plan ReconcileZones(const std::string& text, World& world) {
  const auto* items = world.List("node", "");
  if (items == nullptr) return {};
  std::vector<Node> nodes;
  nodes.reserve(items->size());
  for (const auto& [id, item] : *items) nodes.push_back(ReadNode(id.name, item));
  const std::int64_t now = world.unix_nanos();
  ZonesLook look(std::move(nodes), ZoneMemo::Parse(text), now);
  Plan plan;
  std::int64_t& due = look.memo().due_unix_nanos;
  if (due != 0 && due <= now) {
    plan = look.Act();
  } else if (const std::int64_t seen = look.Due(); seen != 0) {
    due = due == 0 ? seen : std::min(due, seen);
  }
  std::string memo = look.memo().ToText();
  if (memo != text && !(text.empty() && due == 0)) plan.memo = std::move(memo);
  if (due > now) plan.requeue_after = Duration(due - now);
  return plan;
}

}  // namespace kless::controllers

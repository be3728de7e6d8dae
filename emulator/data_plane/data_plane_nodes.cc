// The part of DataPlane for failing and returning nodes, deletions, and the contents of statuses.
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/data_plane/data_plane.h"
#include "emulator/data_plane/pod_ip.h"
#include "emulator/data_plane/pod_status.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/deletion.h"
#include "store/item/resource_fields.h"

namespace kless::data_plane {
namespace {

constexpr const char* kPodResource = "pod";

}  // namespace

std::string DataPlane::Render(const Entry& entry, const PodDocument& document) const {
  const Pod& pod = entry.second;
  const Node& node = nodes_.all()[static_cast<std::size_t>(pod.node)];
  StatusContext context;
  context.pod_name = entry.first;
  context.host_ip = node.identity.ip;
  context.pod_ip = pod.manifest->host_network ? node.identity.ip : PodIp(pod.node, pod.ip_slot);
  context.generation = document.generation;
  context.unix_nanos = event_loop_.UnixNanos();
  context.spec = document.spec;
  return RenderPodStatus(pod, document.status, context);
}

void DataPlane::Forget(const std::string& name) {
  const auto found = pods_.find(name);
  if (found == pods_.end()) return;
  Node& node = nodes_.all()[static_cast<std::size_t>(found->second.node)];
  timers_.Remove(found->second.timer);
  node.ip_slots.Give(found->second.ip_slot);
  --node.pods;
  pods_.erase(found);
}

// The kubelet's DELETE with grace 0: the object is removed or, with finalizers, stays without
// grace.
void DataPlane::ConfirmDeletion(const std::string& name, const std::string& uid) {
  const ResourceId id{kPodResource, name};
  const auto current = store_.resources().Get(id);
  if (current.has_error() || current.value()->fields->uid != uid) return;
  auto parsed = ParseJson(current.value()->document);
  if (parsed.has_error() || !parsed->is_object()) return;
  kubernetes::DeletionOptions options;
  options.grace_seconds = 0;
  const auto rest =
      kubernetes::DeleteObject(*kubernetes::FindKindByType(kPodResource), std::move(parsed.value()),
                               options, event_loop_.UnixNanos());
  const Condition unchanged = Condition::VersionIs(current.value()->version);
  const auto done = rest ? store_.resources().Put(id, DumpJson(*rest), unchanged)
                         : store_.resources().Remove(id, unchanged);
  if (done.has_error() || !done.value().changed) return;
  ++stats_.deletions;
  written_ = std::max(written_, done.value().version);
}

Result<void> DataPlane::FailNode(const std::string& name) {
  if (stopped_) return Stopped();
  KLESS_TRY(const auto node, nodes_.Fail(name));
  for (auto& [pod_name, pod] : pods_) {
    if (pod.node != node->index) continue;
    timers_.Remove(pod.timer);
    pod.timer = {};
  }
  return {};
}

Result<void> DataPlane::ReturnNode(const std::string& name) {
  if (stopped_) return Stopped();
  const Node* const before = nodes_.Find(name);
  const bool was_away = before != nullptr && !before->alive;
  KLESS_TRY(const auto returned, nodes_.Return(name));
  if (!was_away) return {};
  Node& node = *returned;
  const std::int64_t away = event_loop_.UnixNanos() - node.failed_at;
  std::vector<std::string> known;
  for (auto& [pod_name, pod] : pods_) {
    if (pod.node != node.index) continue;
    life_.Shift(pod, away);
    known.push_back(pod_name);
  }
  for (const std::string& pod_name : known) {
    const auto item = store_.resources().Get({kPodResource, pod_name});
    const auto entry = pods_.find(pod_name);
    const bool same = item.has_value() && item.value()->fields->uid == entry->second.uid &&
                      item.value()->fields->node_name == name;
    if (!same || !Absorb(entry->second, *item.value())) {
      Forget(pod_name);
      Adopt(pod_name, true);
    } else {
      // Corrects the not-ready condition that the control plane has set meanwhile.
      Drive(*entry, true);
    }
  }
  KLESS_TRY(const auto bound, store_.resources().OnNode(kPodResource, name));
  for (const std::string& pod_name : bound) {
    if (!pods_.contains(pod_name)) Adopt(pod_name, false);
  }
  return {};
}

DataPlaneStats DataPlane::Stats() const {
  DataPlaneStats stats = stats_;
  for (const auto& [name, pod] : pods_) {
    ++(pod.phase == PodPhase::kRunning ? stats.running : stats.pending);
  }
  stats.heartbeats = nodes_.heartbeats();
  return stats;
}

std::vector<NodeState> DataPlane::Nodes() const {
  std::vector<NodeState> states;
  for (const Node& node : nodes_.all()) {
    states.push_back({node.identity.name, node.identity.zone, node.alive, node.registered,
                      node.pods, node.heartbeats});
  }
  return states;
}

}  // namespace kless::data_plane

#include "functions/controllers/scheduler/cluster.h"

#include <algorithm>

namespace kless::controllers::scheduler {

namespace {

constexpr std::string_view kZoneLabel = "topology.kubernetes.io/zone";
constexpr std::string_view kRegion = "topology.kubernetes.io/region";

std::string ZoneLabelOf(const NodeFacts& facts) {
  const std::string* zone = FindLabel(facts.labels(), kZoneLabel);
  const std::string* region = FindLabel(facts.labels(), kRegion);
  if (zone == nullptr && region == nullptr) return "";
  std::string key = region == nullptr ? "" : *region;
  key += '\0';
  if (zone != nullptr) key += *zone;
  return key;
}

}  // namespace

const std::vector<NodeState*>& Cluster::nodes() const {
  if (!list_stale_) return list_;
  list_stale_ = false;
  list_.clear();
  for (std::size_t round = 0;; ++round) {
    const std::size_t before = list_.size();
    for (const auto& [zone, members] : zones_) {
      if (round < members.size()) list_.push_back(members[round]);
    }
    if (list_.size() == before) return list_;
  }
}

void Cluster::TreeInsert(NodeState& node) {
  const std::string zone = ZoneLabelOf(*node.facts);
  auto found = std::find_if(zones_.begin(), zones_.end(),
                            [&](const auto& entry) { return entry.first == zone; });
  if (found == zones_.end()) {
    zones_.emplace_back(zone, std::vector<NodeState*>());
    found = std::prev(zones_.end());
  }
  found->second.push_back(&node);
  list_stale_ = true;
}

void Cluster::TreeRemove(NodeState& node, const NodeFacts& facts) {
  const std::string zone = ZoneLabelOf(facts);
  const auto found = std::find_if(zones_.begin(), zones_.end(),
                                  [&](const auto& entry) { return entry.first == zone; });
  if (found == zones_.end()) return;
  std::erase(found->second, &node);
  if (found->second.empty()) zones_.erase(found);
  list_stale_ = true;
}

void Cluster::CountImages(const NodeFacts* before, const NodeFacts* after) {
  const bool images = (before != nullptr && !before->images.empty()) ||
                      (after != nullptr && !after->images.empty());
  const bool number_of_nodes = (before == nullptr) != (after == nullptr);
  if (before != nullptr && after != nullptr && before->images == after->images) return;
  if (before != nullptr) {
    for (const auto& [image, bytes] : before->images) {
      if (--images_[image] == 0) images_.erase(image);
    }
  }
  if (after != nullptr) {
    for (const auto& [image, bytes] : after->images) ++images_[image];
  }
  if (images || (number_of_nodes && !images_.empty())) ++image_epoch_;
}

NodeState* Cluster::FindNode(const std::string& name) {
  const auto found = nodes_.find(name);
  return found == nodes_.end() ? nullptr : found->second.get();
}

NodeState& Cluster::NodeNamed(const std::string& name) {
  auto& node = nodes_[name];
  if (node == nullptr) {
    node = std::make_unique<NodeState>();
    node->name = name;
    if (free_slots_.empty()) {
      node->slot = slots_++;
    } else {
      node->slot = free_slots_.back();
      free_slots_.pop_back();
    }
    Changed(*node);
  }
  return *node;
}

std::shared_ptr<const NodeFacts> Cluster::SetNode(const std::string& name,
                                                  std::shared_ptr<const NodeFacts> facts) {
  if (facts == nullptr && FindNode(name) == nullptr) return nullptr;
  NodeState& node = NodeNamed(name);
  const std::shared_ptr<const NodeFacts> before = node.facts;
  CountImages(before.get(), facts.get());
  node.facts = facts;
  Changed(node);
  if (before != nullptr && facts != nullptr && ZoneLabelOf(*before) == ZoneLabelOf(*facts))
    return before;
  if (before != nullptr) TreeRemove(node, *before);
  if (facts != nullptr) TreeInsert(node);
  if (facts == nullptr && node.pods.empty() && node.nominated.empty()) {
    free_slots_.push_back(node.slot);
    nodes_.erase(name);
  }
  return before;
}

int Cluster::NodesWithImage(const std::string& image) const {
  const auto found = images_.find(image);
  return found == images_.end() ? 0 : found->second;
}

PodRecord* Cluster::FindPod(const std::string& name) {
  const auto found = pods_.find(name);
  return found == pods_.end() ? nullptr : found->second.get();
}

PodRecord& Cluster::AddPod(const std::string& name) {
  auto& pod = pods_[name];
  if (pod == nullptr) {
    pod = std::make_unique<PodRecord>();
    pod->name = name;
  }
  return *pod;
}

void Cluster::ErasePod(const std::string& name) {
  const auto found = pods_.find(name);
  if (found == pods_.end()) return;
  Displace(*found->second);
  Nominate(*found->second, nullptr);
  pods_.erase(found);
}

void Cluster::Place(PodRecord& pod, NodeState& node) {
  if (pod.node == &node) return;
  Displace(pod);
  node.AddPod(pod);
  pod.node = &node;
  if (pod.shape->HasPodTerms()) ++pods_with_terms_;
  Changed(node);
}

void Cluster::Displace(PodRecord& pod) {
  if (pod.node == nullptr) return;
  NodeState& node = *pod.node;
  node.RemovePod(pod);
  pod.node = nullptr;
  if (pod.shape->HasPodTerms()) --pods_with_terms_;
  Changed(node);
}

void Cluster::Nominate(PodRecord& pod, NodeState* node) {
  if (pod.nominated == node) return;
  if (pod.nominated != nullptr) {
    std::erase(pod.nominated->nominated, &pod);
    Changed(*pod.nominated);
    --nominations_;
  }
  pod.nominated = node;
  if (node != nullptr) {
    node->nominated.push_back(&pod);
    Changed(*node);
    ++nominations_;
  }
}

void Cluster::Reshape(PodRecord& pod, std::shared_ptr<const PodShape> shape) {
  if (pod.shape == shape) return;
  NodeState* node = pod.node;
  Displace(pod);
  pod.shape = std::move(shape);
  if (node != nullptr) Place(pod, *node);
}

void Cluster::ResolvePriority(PodRecord& pod) const {
  const PodShape& shape = *pod.shape;
  pod.priority = shape.priority.value_or(0);
  std::string policy = shape.preemption_policy;
  const auto named = priority_classes_.find(shape.priority_class);
  if (!shape.priority_class.empty() && named != priority_classes_.end()) {
    // Only pods that bypassed admission lack the fields that admission copies.
    if (!shape.priority) pod.priority = named->second.value;
    if (policy.empty()) policy = named->second.preemption_policy;
  }
  pod.may_preempt = policy != "Never";
}

}  // namespace kless::controllers::scheduler

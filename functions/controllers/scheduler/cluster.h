// Cluster: the scheduler's view of nodes, pods and the few other objects that its rules read.
// Plain data without a queue: the core updates and queries it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "functions/controllers/scheduler/node_state.h"
#include "store/item/item.h"

namespace kless::controllers::scheduler {

// The fields of a PodDisruptionBudget that preemption reads.
struct Budget {
  std::string namespace_name;
  LabelSelectorTerm selector;
  std::int64_t allowed = 0;         // status.disruptionsAllowed
  std::set<std::string> disrupted;  // status.disruptedPods: names
};
struct Claim {
  bool bound = false;
  bool deleting = false;
};
struct PriorityClass {
  std::int64_t value = 0;
  std::string preemption_policy;
};
// A Service, ReplicationController, ReplicaSet or StatefulSet, which give pods default spreading.
struct SelectorOwner {
  std::string namespace_name;
  LabelSelectorTerm selector;
};

class Cluster {
 public:
  Cluster() = default;
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  // ---- nodes Nodes in search order: one of each zone in turn, zones and nodes within a zone in
  // order of appearance.
  const std::vector<NodeState*>& nodes() const;
  // A null `facts` means that the Node object is gone.  Returns the previous facts.
  std::shared_ptr<const NodeFacts> SetNode(const std::string& name,
                                           std::shared_ptr<const NodeFacts> facts);
  // Null if no node has that name; its facts may be null (see NodeState).
  NodeState* FindNode(const std::string& name);
  // Created without facts if unknown.
  NodeState& NodeNamed(const std::string& name);
  // The number of nodes that hold an image. image_epoch() changes whenever the share of nodes with
  // an image may have changed.
  int NodesWithImage(const std::string& image) const;
  std::uint64_t image_epoch() const { return image_epoch_; }
  bool has_images() const { return !images_.empty(); }
  std::size_t slots() const { return slots_; }

  // ---- pods
  PodRecord* FindPod(const std::string& name);
  PodRecord& AddPod(const std::string& name);
  void ErasePod(const std::string& name);
  // Puts the pod on the node (or takes it off its node) and counts its requests.
  void Place(PodRecord& pod, NodeState& node);
  void Displace(PodRecord& pod);
  // A null node removes the nomination.
  void Nominate(PodRecord& pod, NodeState* node);
  // Recounts a pod whose shape and priority changed in place.
  void Reshape(PodRecord& pod, std::shared_ptr<const PodShape> shape);
  void ResolvePriority(PodRecord& pod) const;
  int pods_with_terms() const { return pods_with_terms_; }
  int nominations() const { return nominations_; }
  PodShapes& shapes() { return shapes_; }
  // Changes whenever anything that a decision reads has changed.
  std::uint64_t generation() const { return generation_; }
  void Touch() { ++generation_; }

  // ---- other objects, by resource name.  Returns true if something that decisions read has
  // changed.
  bool SetOther(const std::string& type, const std::string& name, const ItemPtr& image);
  const std::map<std::string, Budget>& budgets() const { return budgets_; }
  const Claim* FindClaim(const std::string& name) const;
  // Null if the namespace is unknown.
  const Labels* NamespaceLabels(std::string_view name) const;
  // The selectors of the objects that give a pod default spread constraints: the Services that
  // select it, and its controller.  Empty: the constraints do not apply.
  std::vector<const LabelSelectorTerm*> DefaultSelectors(const PodRecord& pod) const;

 private:
  void CountImages(const NodeFacts* before, const NodeFacts* after);
  void TreeInsert(NodeState& node);
  void TreeRemove(NodeState& node, const NodeFacts& facts);
  void Changed(NodeState& node) { node.generation = ++generation_; }

  std::map<std::string, std::unique_ptr<NodeState>> nodes_;
  std::vector<std::pair<std::string, std::vector<NodeState*>>> zones_;
  mutable std::vector<NodeState*> list_;
  mutable bool list_stale_ = false;
  std::size_t slots_ = 0;
  std::vector<std::size_t> free_slots_;
  std::map<std::string, int> images_;
  std::uint64_t image_epoch_ = 0;
  std::uint64_t generation_ = 0;

  // unordered: looked up by name only.
  std::unordered_map<std::string, std::unique_ptr<PodRecord>> pods_;
  PodShapes shapes_;
  int pods_with_terms_ = 0;  // on nodes
  int nominations_ = 0;

  std::map<std::string, Budget> budgets_;
  std::map<std::string, Claim> claims_;
  std::map<std::string, PriorityClass> priority_classes_;
  std::map<std::string, std::shared_ptr<const ResourceFields>, std::less<>> namespaces_;
  std::map<std::string, SelectorOwner> services_;
  std::map<std::string, SelectorOwner> owners_;  // "type/namespace/name"
};

}  // namespace kless::controllers::scheduler

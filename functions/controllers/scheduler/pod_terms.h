// Pod affinity and anti-affinity: the terms of the cluster's pods that concern the one to be
// scheduled, counted by topology once per attempt.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <utility>
#include <vector>

#include "functions/controllers/scheduler/filters.h"

namespace kless::controllers::scheduler {

// Whether a term of `owner` selects `target` (by namespace and labels; not by topology).
bool TermMatches(const Cluster& cluster, const PodAffinityTerm& term, const PodRecord& owner,
                 const PodRecord& target);

class PodTermCounts {
 public:
  // Reads all pods on nodes.  `pod` and the cluster must outlive this.
  PodTermCounts(const Cluster& cluster, const PodRecord& pod);
  // False if neither the pod nor any other has required terms; nothing was read.
  static bool Needed(const Cluster& cluster, const PodRecord& pod);

  // Updates the counts as if `other` were added to (1) or removed from (-1) the node.
  void Update(const PodRecord& other, const NodeState& node, int sign);
  NodeStatus Filter(const NodeState& node) const;

 private:
  using Values = std::map<std::string_view, std::int64_t>;  // topology value -> pods

  bool AffinityHolds(const NodeFacts& facts) const;

  const Cluster* cluster_;
  const PodRecord* pod_;
  std::vector<Values> affinity_;       // one per required term of the pod
  std::vector<Values> anti_affinity_;  // one per required anti-affinity term of the pod
  // Required anti-affinity terms of other pods that match the pod, by topology key.
  std::map<std::string_view, Values> excluded_;
};

// InterPodAffinity's score of each node (0 .. 100, not weighted), in the order of `feasible`.
std::vector<std::int64_t> ScorePodTerms(const Cluster& cluster, const PodRecord& pod,
                                        const std::vector<NodeState*>& feasible);
// Whether ScorePodTerms could give anything but zeros.
bool ScoresPodTerms(const Cluster& cluster, const PodRecord& pod);

}  // namespace kless::controllers::scheduler

// PodTopologySpread: counts of matching pods by domain, once per attempt.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "functions/controllers/scheduler/filters.h"

namespace kless::controllers::scheduler {

class SpreadCounts {
 public:
  // Counts the hard constraints.  `pod` and the cluster must outlive this.
  SpreadCounts(const Cluster& cluster, const PodRecord& pod);
  static bool Needed(const PodRecord& pod);

  // Updates the counts as if `other` were added to (1) or removed from (-1) the node.
  void Update(const PodRecord& other, const NodeState& node, int sign);
  NodeStatus Filter(const NodeState& node) const;

 private:
  struct Counted {
    const SpreadConstraint* constraint = nullptr;
    std::map<std::string_view, std::int64_t> domains;  // value -> matching pods
    std::int64_t least = 0;
  };
  bool HasAllKeys(const NodeFacts& facts) const;
  static void FindLeast(Counted& counted);

  const PodRecord* pod_;
  std::vector<Counted> constraints_;
};

// The score of each node (0 .. 100, not weighted) in the order of `feasible`, from the pod's own
// soft constraints or the built-in ones; empty if there are none.
std::vector<std::int64_t> ScoreSpread(const Cluster& cluster, const PodRecord& pod,
                                      const std::vector<NodeState*>& feasible);
// Whether the pod has soft constraints (its own or the built-in ones).
bool ScoresSpread(const Cluster& cluster, const PodRecord& pod);

}  // namespace kless::controllers::scheduler

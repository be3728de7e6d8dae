// Attempt: one try to place a pod on the current nodes of the cluster.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "functions/controllers/scheduler/pod_terms.h"
#include "functions/controllers/scheduler/scores.h"
#include "functions/controllers/scheduler/topology_spread.h"

namespace kless::controllers::scheduler {

// The cluster-wide counts that filters need; they can be updated for hypothetical removals.
struct CrossCounts {
  std::optional<PodTermCounts> terms;
  std::optional<SpreadCounts> spread;

  void Update(const PodRecord& other, const NodeState& node, int sign);
  NodeStatus Filter(const NodeState& node) const;  // spread, then terms
  bool empty() const { return !terms && !spread; }
};

// Filters twice if there are nominated pods of equal or higher priority, with and without counting
// them as present; both must pass.
NodeStatus FilterWithNominated(const PodRecord& pod, const NodeState& node,
                               const CrossCounts& cross);

class Attempt {
 public:
  // `next_start` is where the search of the next attempt begins, an index into cluster.nodes().
  Attempt(const Cluster& cluster, const PodRecord& pod, LocalResults& results,
          std::size_t& next_start);

  // Returns the node with the highest total, the first one found among equals; null if none fits.
  NodeState* Run(std::vector<ScoreLine>* lines);

  // After Run returned null: a message that applies to all nodes ("persistentvolumeclaim ... not
  // found"), or "" if each node has its own status.
  const std::string& prefilter_problem() const { return prefilter_problem_; }
  // By index into cluster.nodes().
  const std::vector<NodeStatus>& statuses() const { return statuses_; }
  std::uint32_t rejectors() const { return rejectors_; }
  // The plugins with state of their own, to count hypothetical removals.
  const CrossCounts& cross() const { return cross_; }
  // Whether the outcome depends only on the pod's shape and priority, and on the cluster.
  bool depends_on_shape_only() const;

 private:
  bool PreFilter();
  std::string ClaimProblem() const;
  NodeStatus FilterNode(const NodeState& node, LocalResults::Row& row) const;
  void Search(LocalResults::Row& row);

  const Cluster& cluster_;
  const PodRecord& pod_;
  LocalResults& results_;
  std::size_t& next_start_;
  CrossCounts cross_;
  std::optional<std::set<std::string>> named_;
  std::string prefilter_problem_;
  std::vector<NodeStatus> statuses_;
  std::uint32_t rejectors_ = 0;
  std::vector<NodeState*> feasible_;
};

// The number of feasible nodes at which a search stops: all if there are fewer than 100 nodes, else
// a share that falls from 50 % by one percent per 125 nodes down to 5 %, at least 100 (reference SC
// section 1).
std::size_t FeasibleNodesWanted(std::size_t nodes);

}  // namespace kless::controllers::scheduler

// Attempt: one pod against the nodes of the cluster as they are now.
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

// What filters need to know of the whole cluster, and can follow through hypothetical removals.
struct CrossCounts {
  std::optional<PodTermCounts> terms;
  std::optional<SpreadCounts> spread;

  void Update(const PodRecord& other, const NodeState& node, int sign);
  NodeStatus Filter(const NodeState& node) const;  // spread, then terms
  bool empty() const { return !terms && !spread; }
};

// With the nominated pods of equal or higher priority counted as present, and (if there are any)
// without them, too: both must hold.
NodeStatus FilterWithNominated(const PodRecord& pod, const NodeState& node,
                               const CrossCounts& cross);

class Attempt {
 public:
  // `next_start`: where the search of the next attempt begins, an index into cluster.nodes().
  Attempt(const Cluster& cluster, const PodRecord& pod, LocalResults& results,
          std::size_t& next_start);

  // The node with the highest total, among equals the first one found; null: none fits.
  NodeState* Run(std::vector<ScoreLine>* lines);

  // After Run gave null:
  // A sentence that holds for all nodes ("persistentvolumeclaim ... not found"); "" if each node
  // has its own status.
  const std::string& prefilter_problem() const { return prefilter_problem_; }
  // By index into cluster.nodes().
  const std::vector<NodeStatus>& statuses() const { return statuses_; }
  std::uint32_t rejectors() const { return rejectors_; }
  // Plugins with a reason of their own.  Counts for hypothetical removals.
  const CrossCounts& cross() const { return cross_; }
  // The outcome depends on nothing but the pod's shape and priority, and the cluster.
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

// How many feasible nodes a search stops at: all of fewer than 100, else a share that falls from
// 50 % by one percent per 125 nodes down to 5 %, at least 100 (reference SC section 1).
std::size_t FeasibleNodesWanted(std::size_t nodes);

}  // namespace kless::controllers::scheduler

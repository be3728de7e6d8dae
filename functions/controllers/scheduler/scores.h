// Scores, and the cache of what one shape of pod gets from each node until the node changes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "functions/controllers/scheduler/filters.h"

namespace kless::controllers::scheduler {

constexpr std::int64_t kTaintTolerationWeight = 3;
constexpr std::int64_t kNodeAffinityWeight = 2;
constexpr std::int64_t kPodTopologySpreadWeight = 2;
constexpr std::int64_t kInterPodAffinityWeight = 2;

// The result of one node for one shape, which depends on that node alone.
struct LocalResult {
  std::uint64_t generation = 0;  // of the node when it was computed; 0: never
  NodeStatus status;
  // Set only if the node fits.  The first three need no normalising and have weight 1.
  int least_allocated = 0;
  int balanced = 0;
  int image_locality = 0;
  int prefer_taints = 0;             // PreferNoSchedule taints that are not tolerated
  std::int64_t affinity_weight = 0;  // sum of the matching preferred node affinity terms
};

LocalResult EvaluateLocal(const PodShape& shape, const NodeState& node, const Cluster& cluster);

// Results by shape and node; the least recently used shapes are dropped.
class LocalResults {
 public:
  // The row of a shape, valid until the next call of Row.
  class Row {
   public:
    const LocalResult& Of(const NodeState& node);

   private:
    friend class LocalResults;
    std::shared_ptr<const PodShape> shape_;
    const Cluster* cluster_ = nullptr;
    std::uint64_t image_epoch_ = 0;
    std::uint64_t used_ = 0;
    std::vector<LocalResult> by_slot_;
  };
  Row& RowOf(const std::shared_ptr<const PodShape>& shape, const Cluster& cluster);

 private:
  static constexpr std::size_t kRows = 32;
  std::vector<Row> rows_;
  std::uint64_t uses_ = 0;
};

// Weighted points of one node by plugin, as the scheduler's own log prints them.
struct ScoreLine {
  std::string node;
  std::int64_t total = 0;
  std::map<std::string, std::int64_t> by_plugin;
};

// Totals of the feasible nodes, in their order; fills `lines` unless null.
std::vector<std::int64_t> TotalScores(const Cluster& cluster, const PodRecord& pod,
                                      const std::vector<NodeState*>& feasible,
                                      LocalResults::Row& row, std::vector<ScoreLine>* lines);

}  // namespace kless::controllers::scheduler

// Filters that examine one node and the pods on it: cordon, taints, node affinity, ports,
// resources.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "functions/controllers/scheduler/cluster.h"

namespace kless::controllers::scheduler {

// In the order in which they run; the first that refuses a node is reported.
enum class Plugin : unsigned char {
  kNone,  // the node fits
  kNodeUnschedulable,
  kTaintToleration,
  kNodeAffinity,
  kNodePorts,
  kNodeResourcesFit,
  kVolumeBinding,
  kPodTopologySpread,
  kInterPodAffinity,
};
constexpr std::uint32_t Bit(Plugin plugin) { return 1U << static_cast<unsigned>(plugin); }

// Reasons within a plugin: bits of NodeStatus::reasons.
constexpr unsigned char kTooManyPods = 1, kNoCpu = 2, kNoMemory = 4, kNoStorage = 8;
constexpr unsigned char kSelectorMismatch = 0, kNotNamed = 1;               // NodeAffinity
constexpr unsigned char kSkewed = 0, kNoTopologyLabel = 1;                  // PodTopologySpread
constexpr unsigned char kNoAffinity = 0, kAntiAffinity = 1, kExcluded = 2;  // InterPodAffinity

// Why a node does not accept a pod.
struct NodeStatus {
  Plugin plugin = Plugin::kNone;
  bool unresolvable = false;  // removing pods would not help
  unsigned char reasons = 0;
  std::uint64_t extended = 0;  // bit i: shape.request.extended[i] is missing (of the first 64)

  bool fits() const { return plugin == Plugin::kNone; }
};

// All filters except topology spread and pod affinity.
NodeStatus FilterLocal(const PodShape& shape, const NodeState& node);

// Whether nodeSelector and required node affinity match.
bool MatchesNodeAffinity(const PodShape& shape, const NodeFacts& facts);
// Whether every NoSchedule and NoExecute taint is tolerated.
bool ToleratesTaints(const PodShape& shape, const NodeFacts& facts);
bool ToleratesCordon(const PodShape& shape);
// The pod's shortage on an empty node.
NodeStatus FitsEmptyNode(const PodShape& shape, const NodeFacts& facts);

// The nodes that the required terms name by metadata.name; nullopt: any node is possible.  An empty
// set means that the terms contradict each other.
std::optional<std::set<std::string>> NamedNodes(const PodShape& shape);

}  // namespace kless::controllers::scheduler

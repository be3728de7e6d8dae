#include "functions/controllers/scheduler/scores.h"

#include <algorithm>
#include <cmath>

#include "functions/controllers/scheduler/pod_terms.h"
#include "functions/controllers/scheduler/topology_spread.h"

namespace kless::controllers::scheduler {

namespace {

constexpr std::int64_t kMostPoints = 100;
constexpr std::int64_t kMiB = 1024 * 1024;
constexpr std::int64_t kLeastImageBytes = 23 * kMiB;
constexpr std::int64_t kMostImageBytes = 1000 * kMiB;  // per container

std::int64_t FreeShare(std::int64_t capacity, std::int64_t requested) {
  return requested > capacity ? 0 : (capacity - requested) * kMostPoints / capacity;
}

int LeastAllocated(const PodShape& shape, const NodeState& node) {
  const ResourceAmounts& has = node.facts->allocatable;
  std::int64_t sum = 0;
  std::int64_t resources = 0;
  if (has.milli_cpu > 0) {
    sum += FreeShare(has.milli_cpu, node.scored_milli_cpu + shape.scored_milli_cpu);
    ++resources;
  }
  if (has.memory > 0) {
    sum += FreeShare(has.memory, node.scored_memory + shape.scored_memory);
    ++resources;
  }
  return resources == 0 ? 0 : static_cast<int>(sum / resources);
}

// 100 if cpu and memory are used to the same fraction, 50 if one is full and the other is free.
std::int64_t Balance(const ResourceAmounts& has, std::int64_t milli_cpu, std::int64_t memory) {
  if (has.milli_cpu <= 0 || has.memory <= 0) return kMostPoints;
  const auto fraction = [](std::int64_t requested, std::int64_t capacity) {
    return std::min(1.0, static_cast<double>(requested) / static_cast<double>(capacity));
  };
  const double deviation =
      std::abs(fraction(milli_cpu, has.milli_cpu) - fraction(memory, has.memory)) / 2;
  return static_cast<std::int64_t>((1 - deviation) * static_cast<double>(kMostPoints));
}

int Balanced(const PodShape& shape, const NodeState& node) {
  if (!shape.RequestsCpuOrMemory()) return 0;
  const ResourceAmounts& has = node.facts->allocatable;
  const std::int64_t with =
      Balance(has, node.milli_cpu + shape.request.milli_cpu, node.memory + shape.request.memory);
  const std::int64_t without = Balance(has, node.milli_cpu, node.memory);
  return static_cast<int>(50 + (50 + with - without) / 2);
}

int ImageLocality(const PodShape& shape, const NodeState& node, const Cluster& cluster) {
  if (shape.images.empty() || node.facts->images.empty()) return 0;
  std::int64_t sum = 0;
  for (const std::string& image : shape.images) {
    const auto found = node.facts->images.find(image);
    if (found == node.facts->images.end()) continue;
    const double spread = static_cast<double>(cluster.NodesWithImage(image)) /
                          static_cast<double>(cluster.nodes().size());
    sum += static_cast<std::int64_t>(static_cast<double>(found->second) * spread);
  }
  const std::int64_t most = kMostImageBytes * static_cast<std::int64_t>(shape.images.size());
  sum = std::clamp(sum, kLeastImageBytes, most);
  return static_cast<int>(kMostPoints * (sum - kLeastImageBytes) / (most - kLeastImageBytes));
}

int PreferTaints(const PodShape& shape, const NodeFacts& facts) {
  int count = 0;
  for (const Taint& taint : facts.taints) {
    count +=
        taint.effect == TaintEffect::kPreferNoSchedule && !ToleratedByAny(shape.tolerations, taint);
  }
  return count;
}

std::int64_t AffinityWeight(const PodShape& shape, const NodeFacts& facts) {
  std::int64_t sum = 0;
  for (const auto& [weight, term] : shape.preferred_terms) {
    if (term.Matches(facts.labels(), facts.name)) sum += weight;
  }
  return sum;
}

}  // namespace

LocalResult EvaluateLocal(const PodShape& shape, const NodeState& node, const Cluster& cluster) {
  LocalResult result;
  result.generation = node.generation;
  result.status = FilterLocal(shape, node);
  if (!result.status.fits()) return result;
  result.least_allocated = LeastAllocated(shape, node);
  result.balanced = Balanced(shape, node);
  result.image_locality = ImageLocality(shape, node, cluster);
  result.prefer_taints = PreferTaints(shape, *node.facts);
  result.affinity_weight = AffinityWeight(shape, *node.facts);
  return result;
}

const LocalResult& LocalResults::Row::Of(const NodeState& node) {
  LocalResult& result = by_slot_[node.slot];
  if (result.generation != node.generation) result = EvaluateLocal(*shape_, node, *cluster_);
  return result;
}

LocalResults::Row& LocalResults::RowOf(const std::shared_ptr<const PodShape>& shape,
                                       const Cluster& cluster) {
  Row* row = nullptr;
  for (Row& candidate : rows_) {
    if (candidate.shape_ == shape) row = &candidate;
  }
  if (row == nullptr) {
    if (rows_.size() < kRows) {
      row = &rows_.emplace_back();
    } else {
      row = &*std::min_element(rows_.begin(), rows_.end(),
                               [](const Row& a, const Row& b) { return a.used_ < b.used_; });
    }
    row->shape_ = shape;
    row->by_slot_.clear();
  }
  if (row->image_epoch_ != cluster.image_epoch()) row->by_slot_.clear();
  row->image_epoch_ = cluster.image_epoch();
  row->cluster_ = &cluster;
  row->used_ = ++uses_;
  row->by_slot_.resize(cluster.slots());
  return *row;
}

std::vector<std::int64_t> TotalScores(const Cluster& cluster, const PodRecord& pod,
                                      const std::vector<NodeState*>& feasible,
                                      LocalResults::Row& row, std::vector<ScoreLine>* lines) {
  std::int64_t most_taints = 0;
  std::int64_t most_affinity = 0;
  for (const NodeState* node : feasible) {
    const LocalResult& local = row.Of(*node);
    most_taints = std::max<std::int64_t>(most_taints, local.prefer_taints);
    most_affinity = std::max(most_affinity, local.affinity_weight);
  }
  std::vector<std::int64_t> spread, terms;
  if (ScoresSpread(cluster, pod)) spread = ScoreSpread(cluster, pod, feasible);
  if (ScoresPodTerms(cluster, pod)) terms = ScorePodTerms(cluster, pod, feasible);

  std::vector<std::int64_t> totals(feasible.size());
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    const LocalResult& local = row.Of(*feasible[i]);
    const std::int64_t taints =
        kTaintTolerationWeight *
        (most_taints == 0 ? kMostPoints
                          : kMostPoints - kMostPoints * local.prefer_taints / most_taints);
    const std::int64_t affinity =
        most_affinity == 0
            ? 0
            : kNodeAffinityWeight * (kMostPoints * local.affinity_weight / most_affinity);
    const std::int64_t spread_points = spread.empty() ? 0 : kPodTopologySpreadWeight * spread[i];
    const std::int64_t term_points = terms.empty() ? 0 : kInterPodAffinityWeight * terms[i];
    totals[i] = taints + affinity + spread_points + term_points + local.least_allocated +
                local.balanced + local.image_locality;
    if (lines == nullptr) continue;
    lines->push_back({feasible[i]->name,
                      totals[i],
                      {{"TaintToleration", taints},
                       {"NodeAffinity", affinity},
                       {"PodTopologySpread", spread_points},
                       {"InterPodAffinity", term_points},
                       {"NodeResourcesFit", local.least_allocated},
                       {"NodeResourcesBalancedAllocation", local.balanced},
                       {"ImageLocality", local.image_locality}}});
  }
  return totals;
}

}  // namespace kless::controllers::scheduler

#include "functions/controllers/scheduler/attempt.h"

#include <algorithm>

namespace kless::controllers::scheduler {

void CrossCounts::Update(const PodRecord& other, const NodeState& node, int sign) {
  if (terms) terms->Update(other, node, sign);
  if (spread) spread->Update(other, node, sign);
}

NodeStatus CrossCounts::Filter(const NodeState& node) const {
  if (spread) {
    const NodeStatus status = spread->Filter(node);
    if (!status.fits()) return status;
  }
  return terms ? terms->Filter(node) : NodeStatus();
}

namespace {

NodeStatus FilterOnce(const PodRecord& pod, const NodeState& node, const CrossCounts& cross) {
  const NodeStatus status = FilterLocal(*pod.shape, node);
  return status.fits() ? cross.Filter(node) : status;
}

bool CountsFor(const PodRecord& nominated, const PodRecord& pod) {
  return &nominated != &pod && nominated.priority >= pod.priority;
}

bool HasNominatedFor(const PodRecord& pod, const NodeState& node) {
  return std::any_of(node.nominated.begin(), node.nominated.end(),
                     [&](const PodRecord* nominated) { return CountsFor(*nominated, pod); });
}

}  // namespace

NodeStatus FilterWithNominated(const PodRecord& pod, const NodeState& node,
                               const CrossCounts& cross) {
  if (HasNominatedFor(pod, node)) {
    NodeState filled = node;
    CrossCounts counts = cross;
    for (PodRecord* nominated : node.nominated) {
      if (!CountsFor(*nominated, pod)) continue;
      filled.AddPod(*nominated);
      counts.Update(*nominated, filled, 1);
    }
    const NodeStatus status = FilterOnce(pod, filled, counts);
    if (!status.fits()) return status;
  }
  return FilterOnce(pod, node, cross);
}

std::size_t FeasibleNodesWanted(std::size_t nodes) {
  constexpr std::size_t kAll = 100;
  if (nodes < kAll) return nodes;
  const std::size_t percent = nodes / 125 < 45 ? 50 - nodes / 125 : 5;
  return std::max(kAll, nodes * percent / 100);
}

Attempt::Attempt(const Cluster& cluster, const PodRecord& pod, LocalResults& results,
                 std::size_t& next_start)
    : cluster_(cluster), pod_(pod), results_(results), next_start_(next_start) {}

bool Attempt::depends_on_shape_only() const {
  const PodShape& shape = *pod_.shape;
  return cross_.empty() && shape.claims.empty() && shape.ephemeral_volumes.empty() &&
         pod_.nominated == nullptr && cluster_.nominations() == 0;
}

std::string Attempt::ClaimProblem() const {
  const std::string prefix = std::string(pod_.namespace_name()) + "/";
  const std::string own_name = pod_.name.substr(std::min(prefix.size(), pod_.name.size()));
  bool unbound = false;
  for (const std::string& claim : pod_.shape->claims) {
    const Claim* found = cluster_.FindClaim(prefix + claim);
    if (found == nullptr) return "persistentvolumeclaim \"" + claim + "\" not found";
    if (found->deleting) return "persistentvolumeclaim \"" + claim + "\" is being deleted";
    unbound = unbound || !found->bound;
  }
  for (const std::string& volume : pod_.shape->ephemeral_volumes) {
    const std::string claim = own_name + "-" + volume;
    const Claim* found = cluster_.FindClaim(prefix + claim);
    if (found == nullptr) {
      return "waiting for ephemeral volume controller to create the persistentvolumeclaim \"" +
             claim + "\"";
    }
    unbound = unbound || !found->bound;
  }
  return unbound ? "pod has unbound immediate PersistentVolumeClaims" : "";
}

bool Attempt::PreFilter() {
  named_ = NamedNodes(*pod_.shape);
  if (named_ && named_->empty()) {
    prefilter_problem_ = "pod affinity terms conflict";
    rejectors_ = Bit(Plugin::kNodeAffinity);
    return false;
  }
  prefilter_problem_ = ClaimProblem();
  if (!prefilter_problem_.empty()) {
    rejectors_ = Bit(Plugin::kVolumeBinding);
    return false;
  }
  if (PodTermCounts::Needed(cluster_, pod_)) cross_.terms.emplace(cluster_, pod_);
  if (SpreadCounts::Needed(pod_)) cross_.spread.emplace(cluster_, pod_);
  return true;
}

NodeStatus Attempt::FilterNode(const NodeState& node, LocalResults::Row& row) const {
  if (named_ && !named_->contains(node.name)) return {Plugin::kNodeAffinity, true, kNotNamed};
  if (!node.nominated.empty() && HasNominatedFor(pod_, node)) {
    return FilterWithNominated(pod_, node, cross_);
  }
  const NodeStatus& status = row.Of(node).status;
  return status.fits() && !cross_.empty() ? cross_.Filter(node) : status;
}

void Attempt::Search(LocalResults::Row& row) {
  const std::vector<NodeState*>& nodes = cluster_.nodes();
  // A nominated pod is placed on its node as soon as that has room.
  if (pod_.nominated != nullptr && pod_.nominated->facts != nullptr &&
      FilterNode(*pod_.nominated, row).fits()) {
    feasible_.push_back(pod_.nominated);
    return;
  }
  const std::size_t count = nodes.size();
  const std::size_t wanted = FeasibleNodesWanted(named_ ? named_->size() : count);
  const std::size_t start = next_start_ % count;
  statuses_.assign(count, NodeStatus());
  std::size_t visited = 0;
  while (visited < count && feasible_.size() < wanted) {
    const std::size_t at = start + visited < count ? start + visited : start + visited - count;
    ++visited;
    const NodeStatus status = FilterNode(*nodes[at], row);
    if (status.fits()) {
      feasible_.push_back(nodes[at]);
    } else {
      statuses_[at] = status;
      rejectors_ |= Bit(status.plugin);
    }
  }
  next_start_ = (start + visited) % count;
}

NodeState* Attempt::Run(std::vector<ScoreLine>* lines) {
  if (cluster_.nodes().empty() || !PreFilter()) return nullptr;
  LocalResults::Row& row = results_.RowOf(pod_.shape, cluster_);
  Search(row);
  if (feasible_.size() <= 1) return feasible_.empty() ? nullptr : feasible_[0];
  const std::vector<std::int64_t> totals = TotalScores(cluster_, pod_, feasible_, row, lines);
  const auto best = std::max_element(totals.begin(), totals.end());
  return feasible_[static_cast<std::size_t>(best - totals.begin())];
}

}  // namespace kless::controllers::scheduler

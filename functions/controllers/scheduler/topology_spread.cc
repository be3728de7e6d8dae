#include "functions/controllers/scheduler/topology_spread.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <set>

namespace kless::controllers::scheduler {

namespace {

constexpr std::string_view kHostname = "kubernetes.io/hostname";
constexpr std::string_view kZone = "topology.kubernetes.io/zone";
constexpr std::int64_t kMostSpreadPoints = 100;

bool SelectorMatches(const SpreadConstraint& constraint, const PodRecord& pod,
                     const PodRecord& other) {
  if (!constraint.selector.Matches(other.labels())) return false;
  for (const std::string& key : constraint.match_keys) {
    const std::string* own = FindLabel(pod.labels(), key);
    if (own == nullptr) continue;
    const std::string* value = FindLabel(other.labels(), key);
    if (value == nullptr || *value != *own) return false;
  }
  return true;
}

// An empty selector counts nothing.
bool Counts(const SpreadConstraint& constraint, const PodRecord& pod, const PodRecord& other) {
  if (constraint.selector.requirements.empty() && constraint.match_keys.empty()) return false;
  return !other.fields->deleting && other.namespace_name() == pod.namespace_name() &&
         SelectorMatches(constraint, pod, other);
}

std::int64_t CountOn(const SpreadConstraint& constraint, const PodRecord& pod,
                     const NodeState& node) {
  return std::count_if(node.pods.begin(), node.pods.end(),
                       [&](const PodRecord* other) { return Counts(constraint, pod, *other); });
}

bool Includes(const SpreadConstraint& constraint, const PodShape& shape, const NodeFacts& facts) {
  return (!constraint.honor_affinity || MatchesNodeAffinity(shape, facts)) &&
         (!constraint.honor_taints || ToleratesTaints(shape, facts));
}

}  // namespace

bool SpreadCounts::Needed(const PodRecord& pod) {
  return std::any_of(pod.shape->spread.begin(), pod.shape->spread.end(),
                     [](const SpreadConstraint& constraint) { return constraint.hard; });
}

SpreadCounts::SpreadCounts(const Cluster& cluster, const PodRecord& pod) : pod_(&pod) {
  for (const SpreadConstraint& constraint : pod.shape->spread) {
    if (constraint.hard) constraints_.push_back({&constraint, {}, 0});
  }
  for (const NodeState* node : cluster.nodes()) {
    if (!HasAllKeys(*node->facts)) continue;
    for (Counted& counted : constraints_) {
      if (!Includes(*counted.constraint, *pod.shape, *node->facts)) continue;
      const std::string& value =
          *FindLabel(node->facts->labels(), counted.constraint->topology_key);
      counted.domains[value] += CountOn(*counted.constraint, pod, *node);
    }
  }
  for (Counted& counted : constraints_) FindLeast(counted);
}

bool SpreadCounts::HasAllKeys(const NodeFacts& facts) const {
  return std::all_of(constraints_.begin(), constraints_.end(), [&](const Counted& counted) {
    return FindLabel(facts.labels(), counted.constraint->topology_key) != nullptr;
  });
}

void SpreadCounts::FindLeast(Counted& counted) {
  const auto domains = static_cast<std::int64_t>(counted.domains.size());
  counted.least = INT32_MAX;
  for (const auto& [value, pods] : counted.domains) counted.least = std::min(counted.least, pods);
  if (domains < counted.constraint->min_domains.value_or(1)) counted.least = 0;
}

void SpreadCounts::Update(const PodRecord& other, const NodeState& node, int sign) {
  if (!HasAllKeys(*node.facts)) return;
  for (Counted& counted : constraints_) {
    if (!Counts(*counted.constraint, *pod_, other) ||
        !Includes(*counted.constraint, *pod_->shape, *node.facts)) {
      continue;
    }
    counted.domains[*FindLabel(node.facts->labels(), counted.constraint->topology_key)] += sign;
    FindLeast(counted);
  }
}

NodeStatus SpreadCounts::Filter(const NodeState& node) const {
  for (const Counted& counted : constraints_) {
    const SpreadConstraint& constraint = *counted.constraint;
    const std::string* value = FindLabel(node.facts->labels(), constraint.topology_key);
    if (value == nullptr) return {Plugin::kPodTopologySpread, true, kNoTopologyLabel};
    const auto found = counted.domains.find(*value);
    const std::int64_t held = found == counted.domains.end() ? 0 : found->second;
    const std::int64_t self = SelectorMatches(constraint, *pod_, *pod_) ? 1 : 0;
    if (held + self - counted.least > constraint.max_skew) {
      return {Plugin::kPodTopologySpread, false, kSkewed};
    }
  }
  return {};
}

namespace {

struct SoftConstraints {
  std::vector<SpreadConstraint> all;
  bool own = true;  // else the built-in ones, which apply to nodes without all keys, too
};

// Built-in: hostname maxSkew 3, zone maxSkew 5 (reference SC 2.6).
SoftConstraints SoftOf(const Cluster& cluster, const PodRecord& pod) {
  SoftConstraints soft;
  if (!pod.shape->spread.empty()) {
    for (const SpreadConstraint& constraint : pod.shape->spread) {
      if (!constraint.hard) soft.all.push_back(constraint);
    }
    return soft;
  }
  const auto selectors = cluster.DefaultSelectors(pod);
  if (selectors.empty()) return soft;
  soft.own = false;
  SpreadConstraint constraint;
  constraint.hard = false;
  constraint.selector.matches_nothing = false;
  for (const LabelSelectorTerm* selector : selectors) {
    for (const LabelRequirement& requirement : selector->requirements) {
      constraint.selector.requirements.push_back(requirement);
    }
  }
  constraint.topology_key = kHostname;
  constraint.max_skew = 3;
  soft.all.push_back(constraint);
  constraint.topology_key = kZone;
  constraint.max_skew = 5;
  soft.all.push_back(constraint);
  return soft;
}

bool HasAll(const SoftConstraints& soft, const NodeFacts& facts) {
  return !soft.own ||
         std::all_of(soft.all.begin(), soft.all.end(), [&](const SpreadConstraint& constraint) {
           return FindLabel(facts.labels(), constraint.topology_key) != nullptr;
         });
}

using Domains = std::map<std::string_view, std::int64_t>;

// The domains of one constraint among the feasible nodes, with the pods of all nodes in them.
Domains CountDomains(const Cluster& cluster, const PodRecord& pod, const SoftConstraints& soft,
                     const SpreadConstraint& constraint,
                     const std::vector<NodeState*>& considered) {
  Domains domains;
  for (const NodeState* node : considered) {
    const std::string* value = FindLabel(node->facts->labels(), constraint.topology_key);
    if (value != nullptr) domains[*value] = 0;
  }
  for (const NodeState* node : cluster.nodes()) {
    if (!HasAll(soft, *node->facts) || !Includes(constraint, *pod.shape, *node->facts)) continue;
    const std::string* value = FindLabel(node->facts->labels(), constraint.topology_key);
    const auto found = value == nullptr ? domains.end() : domains.find(*value);
    if (found != domains.end()) found->second += CountOn(constraint, pod, *node);
  }
  return domains;
}

// 100 * (max + min - score) / max; nodes with a negative score lack a key and get 0.
void Normalise(std::vector<std::int64_t>& scores) {
  std::int64_t least = INT64_MAX;
  std::int64_t most = 0;
  for (const std::int64_t score : scores) {
    if (score < 0) continue;
    least = std::min(least, score);
    most = std::max(most, score);
  }
  for (std::int64_t& score : scores) {
    if (score < 0) {
      score = 0;
    } else {
      score = most == 0 ? kMostSpreadPoints : kMostSpreadPoints * (most + least - score) / most;
    }
  }
}

}  // namespace

bool ScoresSpread(const Cluster& cluster, const PodRecord& pod) {
  if (pod.shape->spread.empty()) return !cluster.DefaultSelectors(pod).empty();
  return std::any_of(pod.shape->spread.begin(), pod.shape->spread.end(),
                     [](const SpreadConstraint& constraint) { return !constraint.hard; });
}

std::vector<std::int64_t> ScoreSpread(const Cluster& cluster, const PodRecord& pod,
                                      const std::vector<NodeState*>& feasible) {
  const SoftConstraints soft = SoftOf(cluster, pod);
  if (soft.all.empty()) return {};
  std::vector<NodeState*> considered;
  for (NodeState* node : feasible) {
    if (HasAll(soft, *node->facts)) considered.push_back(node);
  }
  std::vector<double> sums(feasible.size(), 0.0);
  for (const SpreadConstraint& constraint : soft.all) {
    const bool by_host = constraint.topology_key == kHostname;
    const Domains domains =
        by_host ? Domains() : CountDomains(cluster, pod, soft, constraint, considered);
    const double size = static_cast<double>(by_host ? considered.size() : domains.size());
    const double weight = std::log(size + 2);
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      const std::string* value = FindLabel(feasible[i]->facts->labels(), constraint.topology_key);
      if (value == nullptr) continue;
      const std::int64_t pods = by_host                    ? CountOn(constraint, pod, *feasible[i])
                                : domains.contains(*value) ? domains.at(*value)
                                                           : 0;
      sums[i] += static_cast<double>(pods) * weight + static_cast<double>(constraint.max_skew - 1);
    }
  }
  std::vector<std::int64_t> scores(feasible.size());
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    scores[i] = HasAll(soft, *feasible[i]->facts) ? std::llround(sums[i]) : -1;
  }
  Normalise(scores);
  return scores;
}

}  // namespace kless::controllers::scheduler

#include "functions/controllers/scheduler/pod_terms.h"

#include <algorithm>

namespace kless::controllers::scheduler {

namespace {

constexpr std::int64_t kHardAffinityWeight = 1;
constexpr std::int64_t kMostAffinityPoints = 100;

bool HoldsTerm(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool NamespaceMatches(const Cluster& cluster, const PodAffinityTerm& term, const PodRecord& owner,
                      const PodRecord& target) {
  if (term.namespaces.empty() && !term.namespace_selector) {
    return owner.namespace_name() == target.namespace_name();
  }
  if (HoldsTerm(term.namespaces, target.namespace_name())) return true;
  if (!term.namespace_selector) return false;
  static const Labels kNone;
  const Labels* labels = cluster.NamespaceLabels(target.namespace_name());
  return term.namespace_selector->Matches(labels == nullptr ? kNone : *labels);
}

bool KeysMatch(const PodAffinityTerm& term, const PodRecord& owner, const PodRecord& target) {
  const auto equal = [&](const std::string& key, bool wanted) {
    const std::string* own = FindLabel(owner.labels(), key);
    if (own == nullptr) return true;
    const std::string* other = FindLabel(target.labels(), key);
    return (other != nullptr && *other == *own) == wanted;
  };
  for (const std::string& key : term.match_keys) {
    if (!equal(key, true)) return false;
  }
  for (const std::string& key : term.mismatch_keys) {
    if (!equal(key, false)) return false;
  }
  return true;
}

}  // namespace

bool TermMatches(const Cluster& cluster, const PodAffinityTerm& term, const PodRecord& owner,
                 const PodRecord& target) {
  return NamespaceMatches(cluster, term, owner, target) && term.selector.Matches(target.labels()) &&
         KeysMatch(term, owner, target);
}

bool PodTermCounts::Needed(const Cluster& cluster, const PodRecord& pod) {
  return cluster.pods_with_terms() > 0 || !pod.shape->affinity.empty() ||
         !pod.shape->anti_affinity.empty();
}

PodTermCounts::PodTermCounts(const Cluster& cluster, const PodRecord& pod)
    : cluster_(&cluster),
      pod_(&pod),
      affinity_(pod.shape->affinity.size()),
      anti_affinity_(pod.shape->anti_affinity.size()) {
  const bool own_terms = !affinity_.empty() || !anti_affinity_.empty();
  for (const NodeState* node : cluster.nodes()) {
    if (!own_terms && node->pods_with_terms == 0) continue;
    for (const PodRecord* other : node->pods) Update(*other, *node, 1);
  }
}

void PodTermCounts::Update(const PodRecord& other, const NodeState& node, int sign) {
  const Labels& labels = node.facts->labels();
  const auto count = [&](Values& values, const PodAffinityTerm& term) {
    const std::string* value = FindLabel(labels, term.topology_key);
    if (value == nullptr || !TermMatches(*cluster_, term, *pod_, other)) return;
    std::int64_t& held = values[*value];
    held += sign;
    if (held == 0) values.erase(*value);
  };
  for (std::size_t i = 0; i < affinity_.size(); ++i) count(affinity_[i], pod_->shape->affinity[i]);
  for (std::size_t i = 0; i < anti_affinity_.size(); ++i) {
    count(anti_affinity_[i], pod_->shape->anti_affinity[i]);
  }
  for (const PodAffinityTerm& term : other.shape->anti_affinity) {
    const std::string* value = FindLabel(labels, term.topology_key);
    if (value == nullptr || !TermMatches(*cluster_, term, other, *pod_)) continue;
    excluded_[term.topology_key][*value] += sign;
  }
}

// The first pod of a group, which only matches itself, may be placed wherever the keys exist.
bool PodTermCounts::AffinityHolds(const NodeFacts& facts) const {
  bool all_held = true;
  bool none_anywhere = true;
  for (std::size_t i = 0; i < affinity_.size(); ++i) {
    const PodAffinityTerm& term = pod_->shape->affinity[i];
    const std::string* value = FindLabel(facts.labels(), term.topology_key);
    if (value == nullptr) return false;
    all_held = all_held && affinity_[i].contains(*value);
    none_anywhere = none_anywhere && affinity_[i].empty();
  }
  if (all_held) return true;
  return none_anywhere && std::all_of(pod_->shape->affinity.begin(), pod_->shape->affinity.end(),
                                      [&](const PodAffinityTerm& term) {
                                        return TermMatches(*cluster_, term, *pod_, *pod_);
                                      });
}

NodeStatus PodTermCounts::Filter(const NodeState& node) const {
  const NodeFacts& facts = *node.facts;
  if (!AffinityHolds(facts)) return {Plugin::kInterPodAffinity, true, kNoAffinity};
  for (std::size_t i = 0; i < anti_affinity_.size(); ++i) {
    const std::string* value =
        FindLabel(facts.labels(), pod_->shape->anti_affinity[i].topology_key);
    if (value != nullptr && anti_affinity_[i].contains(*value)) {
      return {Plugin::kInterPodAffinity, false, kAntiAffinity};
    }
  }
  for (const auto& [key, values] : excluded_) {
    const std::string* value = FindLabel(facts.labels(), key);
    const auto found = value == nullptr ? values.end() : values.find(*value);
    if (found != values.end() && found->second > 0) {
      return {Plugin::kInterPodAffinity, false, kExcluded};
    }
  }
  return {};
}

bool ScoresPodTerms(const Cluster& cluster, const PodRecord& pod) {
  return cluster.pods_with_terms() > 0 || !pod.shape->preferred_affinity.empty() ||
         !pod.shape->preferred_anti_affinity.empty();
}

std::vector<std::int64_t> ScorePodTerms(const Cluster& cluster, const PodRecord& pod,
                                        const std::vector<NodeState*>& feasible) {
  std::map<std::string_view, std::map<std::string_view, std::int64_t>> weights;  // by key, value
  const auto add = [&](const PodAffinityTerm& term, const PodRecord& owner, const PodRecord& target,
                       const NodeState& node, std::int64_t weight) {
    const std::string* value = FindLabel(node.facts->labels(), term.topology_key);
    if (value == nullptr || !TermMatches(cluster, term, owner, target)) return;
    weights[term.topology_key][*value] += weight;
  };
  const PodShape& shape = *pod.shape;
  const bool own_terms =
      !shape.preferred_affinity.empty() || !shape.preferred_anti_affinity.empty();
  for (const NodeState* node : cluster.nodes()) {
    if (!own_terms && node->pods_with_terms == 0) continue;
    for (const PodRecord* other : node->pods) {
      for (const auto& term : shape.preferred_affinity) add(term, pod, *other, *node, term.weight);
      for (const auto& term : shape.preferred_anti_affinity) {
        add(term, pod, *other, *node, -term.weight);
      }
      const PodShape& theirs = *other->shape;
      for (const auto& term : theirs.affinity) {
        add(term, *other, pod, *node, kHardAffinityWeight);
      }
      for (const auto& term : theirs.preferred_affinity) {
        add(term, *other, pod, *node, term.weight);
      }
      for (const auto& term : theirs.preferred_anti_affinity) {
        add(term, *other, pod, *node, -term.weight);
      }
    }
  }
  std::vector<std::int64_t> scores(feasible.size());
  if (weights.empty()) return scores;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    for (const auto& [key, values] : weights) {
      const std::string* value = FindLabel(feasible[i]->facts->labels(), key);
      const auto found = value == nullptr ? values.end() : values.find(*value);
      if (found != values.end()) scores[i] += found->second;
    }
  }
  const auto [low, high] = std::minmax_element(scores.begin(), scores.end());
  const std::int64_t least = *low;
  const std::int64_t range = *high - least;
  for (std::int64_t& score : scores) {
    score = range == 0 ? 0
                       : static_cast<std::int64_t>(
                             static_cast<double>(kMostAffinityPoints) *
                             (static_cast<double>(score - least) / static_cast<double>(range)));
  }
  return scores;
}

}  // namespace kless::controllers::scheduler

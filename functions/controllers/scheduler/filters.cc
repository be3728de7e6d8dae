#include "functions/controllers/scheduler/filters.h"

#include <algorithm>

namespace kless::controllers::scheduler {

namespace {

std::int64_t AmountOf(const std::vector<std::pair<std::string, std::int64_t>>& amounts,
                      const std::string& name) {
  for (const auto& [resource, amount] : amounts) {
    if (resource == name) return amount;
  }
  return 0;
}

bool PortsFree(const PodShape& shape, const NodeState& node) {
  if (shape.ports.empty() || node.pods_with_ports == 0) return true;
  for (const PodRecord* pod : node.pods) {
    for (const HostPort& used : pod->shape->ports) {
      for (const HostPort& wanted : shape.ports) {
        if (Conflict(used, wanted)) return false;
      }
    }
  }
  return true;
}

// Adds the shortage of one resource, if any.
void Need(std::int64_t wanted, std::int64_t allocatable, std::int64_t requested,
          unsigned char reason, NodeStatus& status) {
  if (wanted <= 0 || wanted <= allocatable - requested) return;
  status.plugin = Plugin::kNodeResourcesFit;
  status.reasons |= reason;
  if (wanted > allocatable) status.unresolvable = true;
}

// Checks everything but extended resources; a null `node` means that nothing is requested.
NodeStatus Fit(const PodShape& shape, const NodeFacts& facts, const NodeState* node) {
  NodeStatus status;
  const ResourceAmounts& wanted = shape.request;
  if (static_cast<std::int64_t>(node == nullptr ? 0 : node->pods.size()) + 1 > facts.pods) {
    status.plugin = Plugin::kNodeResourcesFit;
    status.reasons |= kTooManyPods;
  }
  const auto held = [&](std::int64_t NodeState::*amount) {
    return node == nullptr ? 0 : node->*amount;
  };
  Need(wanted.milli_cpu, facts.allocatable.milli_cpu, held(&NodeState::milli_cpu), kNoCpu, status);
  Need(wanted.memory, facts.allocatable.memory, held(&NodeState::memory), kNoMemory, status);
  Need(wanted.storage, facts.allocatable.storage, held(&NodeState::storage), kNoStorage, status);
  for (std::size_t i = 0; i < wanted.extended.size(); ++i) {
    const auto& [name, amount] = wanted.extended[i];
    const std::int64_t allocatable = AmountOf(facts.allocatable.extended, name);
    const std::int64_t requested = node == nullptr ? 0 : AmountOf(node->extended, name);
    if (amount <= allocatable - requested) continue;
    status.plugin = Plugin::kNodeResourcesFit;
    status.extended |= std::uint64_t{1} << std::min<std::size_t>(i, 63);
    if (amount > allocatable) status.unresolvable = true;
  }
  return status;
}

}  // namespace

bool MatchesNodeAffinity(const PodShape& shape, const NodeFacts& facts) {
  if (!MatchesAll(shape.node_selector, facts.labels())) return false;
  if (!shape.has_required_terms) return true;
  return std::any_of(
      shape.required_terms.begin(), shape.required_terms.end(),
      [&](const NodeSelectorTerm& term) { return term.Matches(facts.labels(), facts.name); });
}

bool ToleratesTaints(const PodShape& shape, const NodeFacts& facts) {
  return std::all_of(facts.taints.begin(), facts.taints.end(), [&](const Taint& taint) {
    return taint.effect == TaintEffect::kPreferNoSchedule ||
           ToleratedByAny(shape.tolerations, taint);
  });
}

bool ToleratesCordon(const PodShape& shape) {
  static const Taint kCordon{"node.kubernetes.io/unschedulable", "", TaintEffect::kNoSchedule};
  return ToleratedByAny(shape.tolerations, kCordon);
}

NodeStatus FitsEmptyNode(const PodShape& shape, const NodeFacts& facts) {
  return Fit(shape, facts, nullptr);
}

NodeStatus FilterLocal(const PodShape& shape, const NodeState& node) {
  const NodeFacts& facts = *node.facts;
  if (facts.unschedulable && !ToleratesCordon(shape)) return {Plugin::kNodeUnschedulable, true};
  if (!facts.taints.empty() && !ToleratesTaints(shape, facts)) {
    return {Plugin::kTaintToleration, true};
  }
  if (!MatchesNodeAffinity(shape, facts)) {
    return {Plugin::kNodeAffinity, true, kSelectorMismatch};
  }
  if (!PortsFree(shape, node)) return {Plugin::kNodePorts};
  return Fit(shape, facts, &node);
}

std::optional<std::set<std::string>> NamedNodes(const PodShape& shape) {
  if (!shape.has_required_terms || shape.required_terms.empty()) return std::nullopt;
  std::set<std::string> all;
  for (const NodeSelectorTerm& term : shape.required_terms) {
    std::optional<std::set<std::string>> named;
    for (const LabelRequirement& field : term.fields) {
      if (field.key != "metadata.name" || field.op != LabelOperator::kIn) continue;
      std::set<std::string> values(field.values.begin(), field.values.end());
      if (named) std::erase_if(values, [&](const auto& name) { return !named->contains(name); });
      named = std::move(values);
    }
    if (!named) return std::nullopt;
    all.merge(*named);
  }
  return all;
}

}  // namespace kless::controllers::scheduler

#include "functions/controllers/scheduler/hints.h"

#include <algorithm>

#include "functions/controllers/scheduler/pod_terms.h"

namespace kless::controllers::scheduler {

namespace {

using Kind = ClusterEvent::Kind;

bool IsNodeEvent(Kind kind) {
  return kind == Kind::kNodeAdded || kind == Kind::kNodeChanged || kind == Kind::kNodeRemoved;
}

// Uncordoning counts as a taint change, cordoning does not.
bool TaintsChanged(const ClusterEvent& event) {
  return event.kind == Kind::kNodeChanged &&
         (event.before->taints != event.after->taints ||
          (event.before->unschedulable && !event.after->unschedulable));
}

bool LabelsChanged(const ClusterEvent& event) {
  return event.kind == Kind::kNodeChanged && event.before->labels() != event.after->labels();
}

std::int64_t Extended(const ResourceAmounts& amounts, const std::string& name) {
  for (const auto& [resource, amount] : amounts.extended) {
    if (resource == name) return amount;
  }
  return 0;
}

// Whether something that the pod requests has grown.
bool RequestedGrew(const PodShape& shape, const NodeFacts& before, const NodeFacts& after) {
  const ResourceAmounts& old = before.allocatable;
  const ResourceAmounts& now = after.allocatable;
  if (after.pods > before.pods) return true;
  if (shape.request.milli_cpu > 0 && now.milli_cpu > old.milli_cpu) return true;
  if (shape.request.memory > 0 && now.memory > old.memory) return true;
  if (shape.request.storage > 0 && now.storage > old.storage) return true;
  return std::any_of(shape.request.extended.begin(), shape.request.extended.end(),
                     [&](const auto& wanted) {
                       return Extended(now, wanted.first) > Extended(old, wanted.first);
                     });
}

bool HelpsFit(const ClusterEvent& event, const PodShape& shape) {
  switch (event.kind) {
    case Kind::kPodRemoved:
    case Kind::kPodShrunk:
      return true;
    case Kind::kNodeAdded:
      return FitsEmptyNode(shape, *event.after).fits();
    case Kind::kNodeChanged:
      return FitsEmptyNode(shape, *event.after).fits() &&
             RequestedGrew(shape, *event.before, *event.after);
    default:
      return false;
  }
}

bool HelpsCordon(const ClusterEvent& event) {
  if (event.kind == Kind::kNodeAdded) return !event.after->unschedulable;
  return event.kind == Kind::kNodeChanged && event.before->unschedulable &&
         !event.after->unschedulable;
}

bool HelpsTaints(const ClusterEvent& event, const PodShape& shape) {
  if (event.kind == Kind::kNodeAdded) return ToleratesTaints(shape, *event.after);
  return event.kind == Kind::kNodeChanged && TaintsChanged(event) &&
         !ToleratesTaints(shape, *event.before) && ToleratesTaints(shape, *event.after);
}

bool HelpsNodeAffinity(const ClusterEvent& event, const PodShape& shape) {
  if (event.kind == Kind::kNodeAdded) return MatchesNodeAffinity(shape, *event.after);
  return LabelsChanged(event) && MatchesNodeAffinity(shape, *event.after) &&
         !MatchesNodeAffinity(shape, *event.before);
}

bool HelpsPorts(const ClusterEvent& event, const PodShape& shape) {
  if (event.kind == Kind::kNodeAdded) return true;
  if (event.kind != Kind::kPodRemoved) return false;
  for (const HostPort& used : event.pod->shape->ports) {
    for (const HostPort& wanted : shape.ports) {
      if (Conflict(used, wanted)) return true;
    }
  }
  return false;
}

bool HelpsVolumes(const ClusterEvent& event, const PodRecord& waiting) {
  if (event.kind == Kind::kNodeAdded || LabelsChanged(event)) return true;
  if (event.kind != Kind::kClaim) return false;
  const std::size_t slash = waiting.name.find('/');
  const std::string prefix = waiting.name.substr(0, slash + 1);
  for (const std::string& claim : waiting.shape->claims) {
    if (event.claim == prefix + claim) return true;
  }
  for (const std::string& volume : waiting.shape->ephemeral_volumes) {
    if (event.claim == waiting.name + "-" + volume) return true;
  }
  return false;
}

bool HasSpreadKeys(const PodShape& shape, const NodeFacts& facts) {
  return std::all_of(shape.spread.begin(), shape.spread.end(), [&](const auto& constraint) {
    return !constraint.hard || FindLabel(facts.labels(), constraint.topology_key) != nullptr;
  });
}

bool SpreadValuesChanged(const PodShape& shape, const ClusterEvent& event) {
  return std::any_of(shape.spread.begin(), shape.spread.end(), [&](const auto& constraint) {
    const std::string* before = FindLabel(event.before->labels(), constraint.topology_key);
    const std::string* after = FindLabel(event.after->labels(), constraint.topology_key);
    return (before == nullptr) != (after == nullptr) || (after != nullptr && *before != *after);
  });
}

bool HelpsSpread(const ClusterEvent& event, const PodRecord& waiting) {
  const PodShape& shape = *waiting.shape;
  switch (event.kind) {
    case Kind::kNodeAdded:
      return HasSpreadKeys(shape, *event.after);
    case Kind::kNodeRemoved:
      return HasSpreadKeys(shape, *event.before);
    case Kind::kNodeChanged:
      return SpreadValuesChanged(shape, event) &&
             (HasSpreadKeys(shape, *event.after) || HasSpreadKeys(shape, *event.before));
    case Kind::kPodAdded:
    case Kind::kPodRemoved:
    case Kind::kPodRelabeled:
      return event.pod->namespace_name() == waiting.namespace_name() &&
             std::any_of(shape.spread.begin(), shape.spread.end(), [&](const auto& constraint) {
               return constraint.hard && (constraint.selector.Matches(event.pod->labels()) ||
                                          (event.old_labels != nullptr &&
                                           constraint.selector.Matches(*event.old_labels)));
             });
    default:
      return false;
  }
}

bool AnyTermMatches(const Cluster& cluster, const std::vector<PodAffinityTerm>& terms,
                    const PodRecord& owner, const PodRecord& target) {
  return std::any_of(terms.begin(), terms.end(), [&](const PodAffinityTerm& term) {
    return TermMatches(cluster, term, owner, target);
  });
}

bool TermKeyAppeared(const std::vector<PodAffinityTerm>& terms, const ClusterEvent& event) {
  return std::any_of(terms.begin(), terms.end(), [&](const PodAffinityTerm& term) {
    const std::string* after = FindLabel(event.after->labels(), term.topology_key);
    if (event.kind == Kind::kNodeAdded) return after != nullptr;
    const std::string* before = FindLabel(event.before->labels(), term.topology_key);
    return (before == nullptr) != (after == nullptr) || (after != nullptr && *before != *after);
  });
}

bool HelpsPodTerms(const Cluster& cluster, const ClusterEvent& event, const PodRecord& waiting) {
  const PodShape& shape = *waiting.shape;
  switch (event.kind) {
    case Kind::kNodeAdded:
      // If existing pods exclude the waiting one, a node without them may fit.
      return true;
    case Kind::kNodeChanged:
      return LabelsChanged(event) && (TermKeyAppeared(shape.affinity, event) ||
                                      TermKeyAppeared(shape.anti_affinity, event));
    case Kind::kPodAdded:
      return AnyTermMatches(cluster, shape.affinity, waiting, *event.pod);
    case Kind::kPodRemoved:
      return AnyTermMatches(cluster, shape.anti_affinity, waiting, *event.pod) ||
             AnyTermMatches(cluster, event.pod->shape->anti_affinity, *event.pod, waiting);
    case Kind::kPodRelabeled:
      return AnyTermMatches(cluster, shape.affinity, waiting, *event.pod) ||
             !shape.anti_affinity.empty();
    default:
      return false;
  }
}

}  // namespace

std::uint32_t Listeners(ClusterEvent::Kind kind) {
  const std::uint32_t cross = Bit(Plugin::kPodTopologySpread) | Bit(Plugin::kInterPodAffinity);
  switch (kind) {
    case Kind::kPodAdded:
    case Kind::kPodRelabeled:
      return cross;
    case Kind::kPodRemoved:
      return cross | Bit(Plugin::kNodeResourcesFit) | Bit(Plugin::kNodePorts);
    case Kind::kPodShrunk:
      return Bit(Plugin::kNodeResourcesFit);
    case Kind::kClaim:
      return Bit(Plugin::kVolumeBinding);
    case Kind::kNodeAdded:
    case Kind::kNodeChanged:
    case Kind::kNodeRemoved:
      break;
  }
  return ~std::uint32_t{0};
}

bool MayHelp(const Cluster& cluster, const ClusterEvent& event, const PodRecord& waiting) {
  const std::uint32_t rejectors = waiting.queued.rejectors;
  const auto rejected_by = [&](Plugin plugin) { return (rejectors & Bit(plugin)) != 0; };
  const PodShape& shape = *waiting.shape;
  // Any change of taints wakes every plugin that listens to new nodes except TaintToleration and
  // NodeUnschedulable, which have a hint of their own: a node is added with the taint not-ready.
  const std::uint32_t with_hint = Bit(Plugin::kTaintToleration) | Bit(Plugin::kNodeUnschedulable);
  if (IsNodeEvent(event.kind) && TaintsChanged(event) && (rejectors & ~with_hint) != 0) return true;
  return (rejected_by(Plugin::kNodeResourcesFit) && HelpsFit(event, shape)) ||
         (rejected_by(Plugin::kNodeUnschedulable) && HelpsCordon(event)) ||
         (rejected_by(Plugin::kTaintToleration) && HelpsTaints(event, shape)) ||
         (rejected_by(Plugin::kNodeAffinity) && HelpsNodeAffinity(event, shape)) ||
         (rejected_by(Plugin::kNodePorts) && HelpsPorts(event, shape)) ||
         (rejected_by(Plugin::kVolumeBinding) && HelpsVolumes(event, waiting)) ||
         (rejected_by(Plugin::kPodTopologySpread) && HelpsSpread(event, waiting)) ||
         (rejected_by(Plugin::kInterPodAffinity) && HelpsPodTerms(cluster, event, waiting));
}

namespace {

bool SameTolerations(const PodShape& a, const PodShape& b) {
  return std::equal(a.tolerations.begin(), a.tolerations.end(), b.tolerations.begin(),
                    b.tolerations.end(), [](const Toleration& x, const Toleration& y) {
                      return x.key == y.key && x.value == y.value && x.effect == y.effect &&
                             x.exists == y.exists;
                    });
}

}  // namespace

bool OwnChangeMayHelp(const PodRecord& waiting, const PodShape& old_shape,
                      const Labels& old_labels) {
  const std::uint32_t rejectors = waiting.queued.rejectors;
  const std::uint32_t by_labels = Bit(Plugin::kPodTopologySpread) | Bit(Plugin::kInterPodAffinity);
  if (old_labels != waiting.labels() && (rejectors & by_labels) != 0) return true;
  if (&old_shape == waiting.shape.get()) return false;
  if (SameTolerations(old_shape, *waiting.shape)) return true;
  return (rejectors & (Bit(Plugin::kTaintToleration) | Bit(Plugin::kNodeUnschedulable))) != 0;
}

}  // namespace kless::controllers::scheduler

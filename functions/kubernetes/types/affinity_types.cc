// Types of affinities.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kAffinityTypes = R"(
package core io.k8s.api.core.v1 -

struct NodeSelectorRequirement
  key string required
  operator string required
  values []string atomic

struct NodeSelectorTerm atomic
  matchExpressions []NodeSelectorRequirement atomic
  matchFields []NodeSelectorRequirement atomic

struct PreferredSchedulingTerm
  preference NodeSelectorTerm required
  weight int32 required

struct NodeSelector atomic
  nodeSelectorTerms []NodeSelectorTerm required atomic

struct NodeAffinity
  preferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm atomic
  requiredDuringSchedulingIgnoredDuringExecution NodeSelector

struct PodAffinityTerm
  labelSelector meta.LabelSelector
  matchLabelKeys []string atomic
  mismatchLabelKeys []string atomic
  namespaceSelector meta.LabelSelector
  namespaces []string atomic
  topologyKey string required

struct WeightedPodAffinityTerm
  podAffinityTerm PodAffinityTerm required
  weight int32 required

struct PodAffinity
  preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm atomic
  requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm atomic

struct PodAntiAffinity
  preferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm atomic
  requiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm atomic

struct Affinity
  nodeAffinity NodeAffinity
  podAffinity PodAffinity
  podAntiAffinity PodAntiAffinity
)";

}  // namespace kless::kubernetes::types

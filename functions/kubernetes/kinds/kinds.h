// The kinds of the registry, one file each.
#pragma once

#include "functions/kubernetes/objects/kind.h"

namespace kless::kubernetes {

// The registered kinds in the order of discovery: a new kind is one line here and one file, which
// defines the function of this name.
#define KLESS_KINDS(KIND)           \
  KIND(NamespaceKind)               \
  KIND(PodKind)                     \
  KIND(EventKind)                   \
  KIND(NodeKind)                    \
  KIND(ConfigMapKind)               \
  KIND(SecretKind)                  \
  KIND(ServiceKind)                 \
  KIND(ServiceAccountKind)          \
  KIND(PersistentVolumeClaimKind)   \
  KIND(EndpointsKind)               \
  KIND(ResourceQuotaKind)           \
  KIND(LimitRangeKind)              \
  KIND(PodTemplateKind)             \
  KIND(DeploymentKind)              \
  KIND(ReplicaSetKind)              \
  KIND(StatefulSetKind)             \
  KIND(DaemonSetKind)               \
  KIND(ControllerRevisionKind)      \
  KIND(HorizontalPodAutoscalerKind) \
  KIND(JobKind)                     \
  KIND(CronJobKind)                 \
  KIND(EndpointSliceKind)           \
  KIND(DisruptionBudgetKind)        \
  KIND(PriorityClassKind)           \
  KIND(LeaseKind)                   \
  KIND(CustomResourceDefinitionKind)

#define KLESS_DECLARE_KIND(function) Kind function();
KLESS_KINDS(KLESS_DECLARE_KIND)
#undef KLESS_DECLARE_KIND

}  // namespace kless::kubernetes

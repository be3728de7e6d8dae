// The kinds of the registry, one file each.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "functions/kubernetes/kind.h"

namespace kless::kubernetes {

Kind NamespaceKind();
Kind JobKind();
Kind PodKind();
Kind EventKind();
Kind NodeKind();
Kind ConfigMapKind();
Kind SecretKind();
Kind ServiceKind();
Kind ServiceAccountKind();
Kind PersistentVolumeClaimKind();
Kind EndpointsKind();
Kind EndpointSliceKind();
Kind ResourceQuotaKind();
Kind LimitRangeKind();
Kind ReplicaSetKind();
Kind DeploymentKind();
Kind StatefulSetKind();
Kind DaemonSetKind();
Kind ControllerRevisionKind();
Kind CronJobKind();
Kind HorizontalPodAutoscalerKind();
Kind DisruptionBudgetKind();
Kind PriorityClassKind();
Kind LeaseKind();
Kind CustomResourceDefinitionKind();  // custom/

// The classes that every cluster has, with their values, in the order of their creation.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/scheduling/v1/helpers.go
const std::vector<std::pair<std::string, std::int64_t>>& SystemPriorityClasses();

}  // namespace kless::kubernetes

// Types of claims for volumes.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kClaimsTypes = R"(
package core io.k8s.api.core.v1 -

struct PersistentVolumeClaimCondition
  lastProbeTime time
  lastTransitionTime time
  message string
  reason string
  status string required
  type string required

struct ModifyVolumeStatus
  status string required
  targetVolumeAttributesClassName string

struct PersistentVolumeClaimStatus
  accessModes []string atomic
  allocatedResourceStatuses {}string
  allocatedResources resourcelist
  capacity resourcelist
  conditions []PersistentVolumeClaimCondition merge=type map=type
  currentVolumeAttributesClassName string
  modifyVolumeStatus ModifyVolumeStatus
  phase string

kind PersistentVolumeClaim
  metadata meta.ObjectMeta zero
  spec PersistentVolumeClaimSpec zero
  status PersistentVolumeClaimStatus zero
)";

}  // namespace kless::kubernetes::types

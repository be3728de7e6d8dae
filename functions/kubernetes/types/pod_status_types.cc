// Types of pods' statuses.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kPodStatusTypes = R"(
package core io.k8s.api.core.v1 -

struct PodCondition
  lastProbeTime time
  lastTransitionTime time
  message string
  observedGeneration int64
  reason string
  status string required
  type string required

struct ResourceHealth
  health string
  message string
  resourceID string required

struct ResourceStatus
  name string required
  resources []ResourceHealth map=resourceID

struct ContainerStateRunning
  startedAt time

struct ContainerStateTerminated
  containerID string
  exitCode int32 required
  finishedAt time
  message string
  reason string
  signal int32
  startedAt time

struct ContainerStateWaiting
  message string
  reason string

struct ContainerState
  running ContainerStateRunning
  terminated ContainerStateTerminated
  waiting ContainerStateWaiting

struct LinuxContainerUser
  gid int64 required
  supplementalGroups []int64 atomic
  uid int64 required

struct ContainerUser
  linux LinuxContainerUser

struct ImageVolumeStatus
  imageRef string required

struct VolumeStatus
  image ImageVolumeStatus

struct VolumeMountStatus
  mountPath string required
  name string required
  readOnly bool
  recursiveReadOnly string
  volumeStatus VolumeStatus

struct ContainerStatus
  allocatedResources resourcelist
  allocatedResourcesStatus []ResourceStatus map=name
  containerID string
  image string required
  imageID string required
  lastState ContainerState
  name string required
  ready bool required
  resources ResourceRequirements
  restartCount int32 required
  started bool
  state ContainerState
  stopSignal string
  user ContainerUser
  volumeMounts []VolumeMountStatus merge=mountPath map=mountPath

struct ContainerExtendedResourceRequest
  containerName string required
  requestName string required
  resourceName string required

struct PodExtendedResourceClaimStatus
  requestMappings []ContainerExtendedResourceRequest required atomic
  resourceClaimName string required

struct HostIP
  ip string required

struct NodeAllocatableResourceClaimStatus
  containers []string atomic
  resourceClaimName string required
  resources {}string required

struct PodIP
  ip string required

struct PodResourceClaimStatus
  name string required
  resourceClaimName string

struct PodStatus
  allocatedResources resourcelist
  conditions []PodCondition merge=type map=type
  containerStatuses []ContainerStatus atomic
  ephemeralContainerStatuses []ContainerStatus atomic
  extendedResourceClaimStatus PodExtendedResourceClaimStatus
  hostIP string
  hostIPs []HostIP merge=ip atomic
  initContainerStatuses []ContainerStatus atomic
  message string
  nodeAllocatableResourceClaimStatuses []NodeAllocatableResourceClaimStatus atomic
  nominatedNodeName string
  observedGeneration int64
  phase string
  podIP string
  podIPs []PodIP merge=ip map=ip
  qosClass string
  reason string
  resize string
  resourceClaimStatuses []PodResourceClaimStatus merge=name retainkeys map=name
  resources ResourceRequirements
  startTime time
)";

}  // namespace kless::kubernetes::types

// Types of the group apps.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kAppsTypes = R"(
package apps io.k8s.api.apps.v1 apps

struct RollingUpdateDeployment
  maxSurge intorstring
  maxUnavailable intorstring

struct DeploymentStrategy
  rollingUpdate RollingUpdateDeployment
  type string

struct DeploymentSpec
  replicas int32 "Pods wanted."
  selector meta.LabelSelector required
  template core.PodTemplateSpec required
  strategy DeploymentStrategy retainkeys zero
  minReadySeconds int32
  revisionHistoryLimit int32
  paused bool
  progressDeadlineSeconds int32

struct DeploymentCondition
  lastTransitionTime time
  lastUpdateTime time
  message string
  reason string
  status string required
  type string required

struct DeploymentStatus
  availableReplicas int32
  collisionCount int32
  conditions []DeploymentCondition merge=type map=type
  observedGeneration int64
  readyReplicas int32
  replicas int32
  terminatingReplicas int32
  unavailableReplicas int32
  updatedReplicas int32

kind Deployment
  metadata meta.ObjectMeta zero
  spec DeploymentSpec zero
  status DeploymentStatus zero

struct ReplicaSetSpec
  minReadySeconds int32
  replicas int32 "Pods wanted."
  selector meta.LabelSelector required
  template core.PodTemplateSpec zero

struct ReplicaSetCondition
  lastTransitionTime time
  message string
  reason string
  status string required
  type string required

struct ReplicaSetStatus
  availableReplicas int32
  conditions []ReplicaSetCondition merge=type map=type
  fullyLabeledReplicas int32
  observedGeneration int64
  readyReplicas int32
  replicas int32 required
  terminatingReplicas int32

kind ReplicaSet
  metadata meta.ObjectMeta zero
  spec ReplicaSetSpec zero
  status ReplicaSetStatus zero

struct StatefulSetOrdinals
  start int32

struct StatefulSetPersistentVolumeClaimRetentionPolicy
  whenDeleted string
  whenScaled string

struct RollingUpdateStatefulSetStrategy
  maxUnavailable intorstring
  partition int32

struct StatefulSetUpdateStrategy
  rollingUpdate RollingUpdateStatefulSetStrategy
  type string

struct StatefulSetSpec
  minReadySeconds int32
  ordinals StatefulSetOrdinals
  persistentVolumeClaimRetentionPolicy StatefulSetPersistentVolumeClaimRetentionPolicy
  podManagementPolicy string
  replicas int32 "Pods wanted."
  revisionHistoryLimit int32
  selector meta.LabelSelector required
  serviceName string
  template core.PodTemplateSpec required
  updateStrategy StatefulSetUpdateStrategy zero
  volumeClaimTemplates []core.PersistentVolumeClaim atomic

struct StatefulSetCondition
  lastTransitionTime time
  message string
  reason string
  status string required
  type string required

struct StatefulSetStatus
  availableReplicas int32
  collisionCount int32
  conditions []StatefulSetCondition merge=type map=type
  currentReplicas int32
  currentRevision string
  observedGeneration int64
  readyReplicas int32
  replicas int32 required
  updateRevision string
  updatedReplicas int32

kind StatefulSet
  metadata meta.ObjectMeta zero
  spec StatefulSetSpec zero
  status StatefulSetStatus zero

struct RollingUpdateDaemonSet
  maxSurge intorstring
  maxUnavailable intorstring

struct DaemonSetUpdateStrategy
  rollingUpdate RollingUpdateDaemonSet
  type string

struct DaemonSetSpec
  minReadySeconds int32
  revisionHistoryLimit int32
  selector meta.LabelSelector required
  template core.PodTemplateSpec required
  updateStrategy DaemonSetUpdateStrategy zero

struct DaemonSetCondition
  lastTransitionTime time
  message string
  reason string
  status string required
  type string required

struct DaemonSetStatus
  collisionCount int32
  conditions []DaemonSetCondition merge=type map=type
  currentNumberScheduled int32 required
  desiredNumberScheduled int32 required
  numberAvailable int32
  numberMisscheduled int32 required
  numberReady int32 required
  numberUnavailable int32
  observedGeneration int64
  updatedNumberScheduled int32

kind DaemonSet
  metadata meta.ObjectMeta zero
  spec DaemonSetSpec zero
  status DaemonSetStatus zero

kind ControllerRevision
  metadata meta.ObjectMeta zero
  data any
  revision int64 required
)";

}  // namespace kless::kubernetes::types

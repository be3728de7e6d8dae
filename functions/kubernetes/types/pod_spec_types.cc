// Types of pods and pod templates.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kPodSpecTypes = R"(
package core io.k8s.api.core.v1 -

struct PodDNSConfigOption
  name string
  value string

struct PodDNSConfig
  nameservers []string atomic
  options []PodDNSConfigOption atomic
  searches []string atomic

struct HostAlias
  hostnames []string atomic
  ip string required

struct PodOS
  name string required

struct PodReadinessGate
  conditionType string required

struct PodResourceClaim
  name string required
  resourceClaimName string
  resourceClaimTemplateName string

struct PodSchedulingGate
  name string required

struct PodSchedulingGroup
  podGroupName string

struct Sysctl
  name string required
  value string required

struct PodSecurityContext
  appArmorProfile AppArmorProfile
  fsGroup int64
  fsGroupChangePolicy string
  runAsGroup int64
  runAsNonRoot bool
  runAsUser int64
  seLinuxChangePolicy string
  seLinuxOptions SELinuxOptions
  seccompProfile SeccompProfile
  supplementalGroups []int64 atomic
  supplementalGroupsPolicy string
  sysctls []Sysctl atomic
  windowsOptions WindowsSecurityContextOptions

struct Toleration
  effect string
  key string
  operator string
  tolerationSeconds int64
  value string

struct TopologySpreadConstraint
  labelSelector meta.LabelSelector
  matchLabelKeys []string atomic
  maxSkew int32 required
  minDomains int32
  nodeAffinityPolicy string
  nodeTaintsPolicy string
  topologyKey string required
  whenUnsatisfiable string required

struct PodSpec
  volumes []Volume merge=name retainkeys map=name
  initContainers []Container merge=name map=name
  containers []Container required merge=name map=name
  ephemeralContainers []EphemeralContainer merge=name map=name
  restartPolicy string "Always, OnFailure or Never."
  terminationGracePeriodSeconds int64
  activeDeadlineSeconds int64
  dnsPolicy string
  nodeSelector {}string atomic
  serviceAccountName string
  serviceAccount string
  automountServiceAccountToken bool
  nodeName string "The node that the pod is bound to."
  hostNetwork bool
  hostPID bool
  hostIPC bool
  shareProcessNamespace bool
  securityContext PodSecurityContext
  imagePullSecrets []LocalObjectReference merge=name map=name
  hostname string
  subdomain string
  affinity Affinity
  schedulerName string
  tolerations []Toleration atomic
  hostAliases []HostAlias merge=ip map=ip
  priorityClassName string
  priority int32
  dnsConfig PodDNSConfig
  readinessGates []PodReadinessGate atomic
  runtimeClassName string
  enableServiceLinks bool
  preemptionPolicy string
  overhead resourcelist
  topologySpreadConstraints []TopologySpreadConstraint merge=topologyKey map=topologyKey,whenUnsatisfiable
  setHostnameAsFQDN bool
  os PodOS
  hostUsers bool
  schedulingGates []PodSchedulingGate merge=name map=name
  resourceClaims []PodResourceClaim merge=name retainkeys map=name
  resources ResourceRequirements
  hostnameOverride string
  schedulingGroup PodSchedulingGroup

struct PodTemplateSpec
  metadata meta.ObjectMeta zero
  spec PodSpec zero

kind PodTemplate
  metadata meta.ObjectMeta zero
  template PodTemplateSpec zero

kind Pod
  metadata meta.ObjectMeta zero
  spec PodSpec zero
  status PodStatus zero
)";

}  // namespace kless::kubernetes::types

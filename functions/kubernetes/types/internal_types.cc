// The API server's own ("internal") types of pod templates and job policies: its messages about
// fields that are immutable print them, in the order of their Go structs and by their Go names.
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/core/types.go
// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/batch/types.go
//
// Each line has the Go name, the JSON name (after '=') if that is not the Go name with a small
// first letter, and the text that is printed if there is no value:
//   ""  0  false  null      a string, number, bool; a pointer, list or map of plain values
//   Type  *Type  []Type     a struct, printed whole; one or a list of them, else null
//   ^Type                   an embedded struct: its fields are among the others
//   ^metadata               the members of metadata, as in the versioned API
//   api                     a value of the versioned API, printed by its JSON names, else null
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kInternalTypes = R"(
struct PodTemplateSpec
  ^metadata
  Spec PodSpec

struct PodSpec
  Volumes []Volume
  InitContainers []Container
  Containers []Container
  EphemeralContainers []EphemeralContainer
  RestartPolicy ""
  TerminationGracePeriodSeconds null
  ActiveDeadlineSeconds null
  DNSPolicy=dnsPolicy ""
  NodeSelector null
  ServiceAccountName ""
  AutomountServiceAccountToken null
  NodeName ""
  SecurityContext *PodSecurityContext
  ImagePullSecrets []LocalObjectReference
  Hostname ""
  Subdomain ""
  SetHostnameAsFQDN null
  Affinity *Affinity
  SchedulerName ""
  Tolerations []Toleration
  HostAliases []HostAlias
  PriorityClassName ""
  Priority null
  PreemptionPolicy null
  DNSConfig=dnsConfig *PodDNSConfig
  ReadinessGates []PodReadinessGate
  RuntimeClassName null
  Overhead null
  EnableServiceLinks null
  TopologySpreadConstraints []TopologySpreadConstraint
  OS=os *PodOS
  SchedulingGates []PodSchedulingGate
  ResourceClaims []PodResourceClaim
  Resources *ResourceRequirements
  HostnameOverride null
  SchedulingGroup *PodSchedulingGroup

struct PodSecurityContext
  HostNetwork false
  HostPID false
  HostIPC false
  ShareProcessNamespace null
  HostUsers null
  SELinuxOptions=seLinuxOptions *SELinuxOptions
  WindowsOptions *WindowsSecurityContextOptions
  RunAsUser null
  RunAsGroup null
  RunAsNonRoot null
  SupplementalGroups null
  SupplementalGroupsPolicy null
  FSGroup=fsGroup null
  FSGroupChangePolicy=fsGroupChangePolicy null
  Sysctls []Sysctl
  SeccompProfile *SeccompProfile
  AppArmorProfile *SeccompProfile
  SELinuxChangePolicy=seLinuxChangePolicy null

struct SELinuxOptions
  User ""
  Role ""
  Type ""
  Level ""

struct WindowsSecurityContextOptions
  GMSACredentialSpecName=gmsaCredentialSpecName null
  GMSACredentialSpec=gmsaCredentialSpec null
  RunAsUserName null
  HostProcess null

struct SeccompProfile
  Type ""
  LocalhostProfile null

struct Sysctl
  Name ""
  Value ""

struct LocalObjectReference
  Name ""

struct Container
  ^ContainerCommon

struct EphemeralContainer
  ^ContainerCommon
  TargetContainerName ""

struct ContainerCommon
  Name ""
  Image ""
  Command null
  Args null
  WorkingDir ""
  Ports []ContainerPort
  EnvFrom []EnvFromSource
  Env []EnvVar
  Resources ResourceRequirements
  ResizePolicy []ContainerResizePolicy
  RestartPolicy null
  RestartPolicyRules []ContainerRestartRule
  VolumeMounts []VolumeMount
  VolumeDevices []VolumeDevice
  LivenessProbe *Probe
  ReadinessProbe *Probe
  StartupProbe *Probe
  Lifecycle *Lifecycle
  TerminationMessagePath ""
  TerminationMessagePolicy ""
  ImagePullPolicy ""
  SecurityContext *SecurityContext
  Stdin false
  StdinOnce false
  TTY=tty false

struct ContainerPort
  Name ""
  HostPort 0
  ContainerPort 0
  Protocol ""
  HostIP ""

struct EnvFromSource
  Prefix ""
  ConfigMapRef *OptionalReference
  SecretRef *OptionalReference

struct OptionalReference
  Name ""
  Optional null

struct EnvVar
  Name ""
  Value ""
  ValueFrom *EnvVarSource

struct EnvVarSource
  FieldRef *ObjectFieldSelector
  ResourceFieldRef *ResourceFieldSelector
  ConfigMapKeyRef *KeySelector
  SecretKeyRef *KeySelector
  FileKeyRef *FileKeySelector

struct ObjectFieldSelector
  APIVersion=apiVersion ""
  FieldPath ""

struct ResourceFieldSelector
  ContainerName ""
  Resource ""
  Divisor "0"

struct KeySelector
  Name ""
  Key ""
  Optional null

struct FileKeySelector
  VolumeName ""
  Path ""
  Key ""
  Optional null

struct ResourceRequirements
  Limits null
  Requests null
  Claims []ResourceClaim

struct ResourceClaim
  Name ""
  Request ""

struct ContainerResizePolicy
  ResourceName ""
  RestartPolicy ""

struct ContainerRestartRule
  Action ""
  ExitCodes *ContainerRestartRuleOnExitCodes

struct ContainerRestartRuleOnExitCodes
  Operator ""
  Values null

struct VolumeMount
  Name ""
  ReadOnly false
  RecursiveReadOnly null
  MountPath ""
  SubPath ""
  MountPropagation null
  SubPathExpr ""

struct VolumeDevice
  Name ""
  DevicePath ""

struct Probe
  ^ProbeHandler
  InitialDelaySeconds 0
  TimeoutSeconds 0
  PeriodSeconds 0
  SuccessThreshold 0
  FailureThreshold 0
  TerminationGracePeriodSeconds null

struct ProbeHandler
  Exec *ExecAction
  HTTPGet=httpGet *HTTPGetAction
  TCPSocket=tcpSocket *TCPSocketAction
  GRPC=grpc *GRPCAction

struct ExecAction
  Command null

struct HTTPGetAction
  Path ""
  Port 0
  Host ""
  Scheme ""
  HTTPHeaders=httpHeaders []HTTPHeader

struct HTTPHeader
  Name ""
  Value ""

struct TCPSocketAction
  Port 0
  Host ""

struct GRPCAction
  Port 0
  Service null

struct Lifecycle
  PostStart *LifecycleHandler
  PreStop *LifecycleHandler
  StopSignal null

struct LifecycleHandler
  Exec *ExecAction
  HTTPGet=httpGet *HTTPGetAction
  TCPSocket=tcpSocket *TCPSocketAction
  Sleep *SleepAction

struct SleepAction
  Seconds 0

struct SecurityContext
  Capabilities *Capabilities
  Privileged null
  SELinuxOptions=seLinuxOptions *SELinuxOptions
  WindowsOptions *WindowsSecurityContextOptions
  RunAsUser null
  RunAsGroup null
  RunAsNonRoot null
  ReadOnlyRootFilesystem null
  AllowPrivilegeEscalation null
  ProcMount null
  SeccompProfile *SeccompProfile
  AppArmorProfile *SeccompProfile

struct Capabilities
  Add null
  Drop null

struct Affinity
  NodeAffinity *NodeAffinity
  PodAffinity *PodAffinity
  PodAntiAffinity *PodAffinity

struct NodeAffinity
  RequiredDuringSchedulingIgnoredDuringExecution *NodeSelector
  PreferredDuringSchedulingIgnoredDuringExecution []PreferredSchedulingTerm

struct NodeSelector
  NodeSelectorTerms []NodeSelectorTerm

struct NodeSelectorTerm
  MatchExpressions []NodeSelectorRequirement
  MatchFields []NodeSelectorRequirement

struct NodeSelectorRequirement
  Key ""
  Operator ""
  Values null

struct PreferredSchedulingTerm
  Weight 0
  Preference NodeSelectorTerm

struct PodAffinity
  RequiredDuringSchedulingIgnoredDuringExecution []PodAffinityTerm
  PreferredDuringSchedulingIgnoredDuringExecution []WeightedPodAffinityTerm

struct WeightedPodAffinityTerm
  Weight 0
  PodAffinityTerm PodAffinityTerm

struct PodAffinityTerm
  LabelSelector api
  Namespaces null
  TopologyKey ""
  NamespaceSelector api
  MatchLabelKeys null
  MismatchLabelKeys null

struct Toleration
  Key ""
  Operator ""
  Value ""
  Effect ""
  TolerationSeconds null

struct HostAlias
  IP=ip ""
  Hostnames null

struct PodDNSConfig
  Nameservers null
  Searches null
  Options []PodDNSConfigOption

struct PodDNSConfigOption
  Name ""
  Value null

struct PodReadinessGate
  ConditionType ""

struct TopologySpreadConstraint
  MaxSkew 0
  TopologyKey ""
  WhenUnsatisfiable ""
  LabelSelector api
  MinDomains null
  NodeAffinityPolicy null
  NodeTaintsPolicy null
  MatchLabelKeys null

struct PodOS
  Name ""

struct PodSchedulingGate
  Name ""

struct PodResourceClaim
  Name ""
  ResourceClaimName null
  ResourceClaimTemplateName null

struct PodSchedulingGroup
  PodGroupName null

struct Volume
  Name ""
  HostPath *HostPathVolumeSource
  EmptyDir *EmptyDirVolumeSource
  GCEPersistentDisk=gcePersistentDisk api
  AWSElasticBlockStore=awsElasticBlockStore api
  GitRepo api
  Secret *SecretVolumeSource
  NFS=nfs *NFSVolumeSource
  ISCSI=iscsi api
  Glusterfs api
  PersistentVolumeClaim *PersistentVolumeClaimVolumeSource
  RBD=rbd api
  Quobyte api
  FlexVolume api
  Cinder api
  CephFS=cephfs api
  Flocker api
  DownwardAPI *DownwardAPIVolumeSource
  FC=fc api
  AzureFile api
  ConfigMap *ConfigMapVolumeSource
  VsphereVolume api
  AzureDisk api
  PhotonPersistentDisk api
  Projected *ProjectedVolumeSource
  PortworxVolume api
  ScaleIO=scaleIO api
  StorageOS=storageos api
  CSI=csi *CSIVolumeSource
  Ephemeral api
  Image *ImageVolumeSource

struct HostPathVolumeSource
  Path ""
  Type null

struct EmptyDirVolumeSource
  Medium ""
  SizeLimit null

struct SecretVolumeSource
  SecretName ""
  Items []KeyToPath
  DefaultMode null
  Optional null

struct ConfigMapVolumeSource
  Name ""
  Items []KeyToPath
  DefaultMode null
  Optional null

struct KeyToPath
  Key ""
  Path ""
  Mode null

struct NFSVolumeSource
  Server ""
  Path ""
  ReadOnly false

struct PersistentVolumeClaimVolumeSource
  ClaimName ""
  ReadOnly false

struct DownwardAPIVolumeSource
  Items []DownwardAPIVolumeFile
  DefaultMode null

struct DownwardAPIVolumeFile
  Path ""
  FieldRef *ObjectFieldSelector
  ResourceFieldRef *ResourceFieldSelector
  Mode null

struct ProjectedVolumeSource
  Sources []VolumeProjection
  DefaultMode null

struct VolumeProjection
  Secret *ProjectionSource
  DownwardAPI *DownwardAPIProjection
  ConfigMap *ProjectionSource
  ServiceAccountToken *ServiceAccountTokenProjection
  ClusterTrustBundle api
  PodCertificate api

struct ProjectionSource
  Name ""
  Items []KeyToPath
  Optional null

struct DownwardAPIProjection
  Items []DownwardAPIVolumeFile

struct ServiceAccountTokenProjection
  Audience ""
  ExpirationSeconds 0
  Path ""

struct CSIVolumeSource
  Driver ""
  ReadOnly null
  FSType=fsType null
  VolumeAttributes null
  NodePublishSecretRef *LocalObjectReference

struct ImageVolumeSource
  Reference ""
  PullPolicy ""

struct PodFailurePolicy
  Rules []PodFailurePolicyRule

struct PodFailurePolicyRule
  Action ""
  OnExitCodes *PodFailurePolicyOnExitCodesRequirement
  OnPodConditions []PodFailurePolicyOnPodConditionsPattern

struct PodFailurePolicyOnExitCodesRequirement
  ContainerName null
  Operator ""
  Values null

struct PodFailurePolicyOnPodConditionsPattern
  Type ""
  Status ""

struct SuccessPolicy
  Rules []SuccessPolicyRule

struct SuccessPolicyRule
  SucceededIndexes null
  SucceededCount null
)";

}  // namespace kless::kubernetes::types

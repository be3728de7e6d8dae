// Types of containers and their probes.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kContainersTypes = R"(
package core io.k8s.api.core.v1 -

struct ConfigMapKeySelector atomic
  key string required
  name string
  optional bool

struct ObjectFieldSelector atomic
  apiVersion string
  fieldPath string required

struct FileKeySelector atomic
  key string required
  optional bool
  path string required
  volumeName string required

struct ResourceFieldSelector atomic
  containerName string
  divisor quantity
  resource string required

struct SecretKeySelector atomic
  key string required
  name string
  optional bool

struct EnvVarSource
  configMapKeyRef ConfigMapKeySelector
  fieldRef ObjectFieldSelector
  fileKeyRef FileKeySelector
  resourceFieldRef ResourceFieldSelector
  secretKeyRef SecretKeySelector

struct EnvVar
  name string required
  value string
  valueFrom EnvVarSource

struct ConfigMapEnvSource
  name string
  optional bool

struct SecretEnvSource
  name string
  optional bool

struct EnvFromSource
  configMapRef ConfigMapEnvSource
  prefix string
  secretRef SecretEnvSource

struct ExecAction
  command []string atomic

struct HTTPHeader
  name string required
  value string required

struct HTTPGetAction
  host string
  httpHeaders []HTTPHeader atomic
  path string
  port intorstring required
  scheme string

struct SleepAction
  seconds int64 required

struct TCPSocketAction
  host string
  port intorstring required

struct LifecycleHandler
  exec ExecAction
  httpGet HTTPGetAction
  sleep SleepAction
  tcpSocket TCPSocketAction

struct Lifecycle
  postStart LifecycleHandler
  preStop LifecycleHandler
  stopSignal string

struct GRPCAction
  port int32 required
  service string

struct Probe
  exec ExecAction
  failureThreshold int32
  grpc GRPCAction
  httpGet HTTPGetAction
  initialDelaySeconds int32
  periodSeconds int32
  successThreshold int32
  tcpSocket TCPSocketAction
  terminationGracePeriodSeconds int64
  timeoutSeconds int32

struct ContainerPort
  containerPort int32 required
  hostIP string
  hostPort int32
  name string
  protocol string

struct ContainerResizePolicy
  resourceName string required
  restartPolicy string required

struct ResourceClaim
  name string required
  request string

struct ResourceRequirements
  claims []ResourceClaim map=name
  limits resourcelist
  requests resourcelist

struct ContainerRestartRuleOnExitCodes
  operator string required
  values []int32 atomic

struct ContainerRestartRule
  action string required
  exitCodes ContainerRestartRuleOnExitCodes

struct AppArmorProfile
  localhostProfile string
  type string required

struct Capabilities
  add []string atomic
  drop []string atomic

struct SELinuxOptions
  level string
  role string
  type string
  user string

struct SeccompProfile
  localhostProfile string
  type string required

struct WindowsSecurityContextOptions
  gmsaCredentialSpec string
  gmsaCredentialSpecName string
  hostProcess bool
  runAsUserName string

struct SecurityContext
  allowPrivilegeEscalation bool
  appArmorProfile AppArmorProfile
  capabilities Capabilities
  privileged bool
  procMount string
  readOnlyRootFilesystem bool
  runAsGroup int64
  runAsNonRoot bool
  runAsUser int64
  seLinuxOptions SELinuxOptions
  seccompProfile SeccompProfile
  windowsOptions WindowsSecurityContextOptions

struct VolumeDevice
  devicePath string required
  name string required

struct VolumeMount
  mountPath string required
  mountPropagation string
  name string required
  readOnly bool
  recursiveReadOnly string
  subPath string
  subPathExpr string

struct Container
  name string required
  image string "The image that the container runs."
  command []string atomic
  args []string atomic
  workingDir string
  ports []ContainerPort merge=containerPort map=containerPort,protocol=TCP
  envFrom []EnvFromSource atomic
  env []EnvVar merge=name map=name
  resources ResourceRequirements zero
  resizePolicy []ContainerResizePolicy atomic
  restartPolicy string
  restartPolicyRules []ContainerRestartRule atomic
  volumeMounts []VolumeMount merge=mountPath map=mountPath
  volumeDevices []VolumeDevice merge=devicePath map=devicePath
  livenessProbe Probe
  readinessProbe Probe
  startupProbe Probe
  lifecycle Lifecycle
  terminationMessagePath string
  terminationMessagePolicy string
  imagePullPolicy string
  securityContext SecurityContext
  stdin bool
  stdinOnce bool
  tty bool

struct EphemeralContainer
  args []string atomic
  command []string atomic
  env []EnvVar merge=name map=name
  envFrom []EnvFromSource atomic
  image string
  imagePullPolicy string
  lifecycle Lifecycle
  livenessProbe Probe
  name string required
  ports []ContainerPort merge=containerPort map=containerPort,protocol=TCP
  readinessProbe Probe
  resizePolicy []ContainerResizePolicy atomic
  resources ResourceRequirements zero
  restartPolicy string
  restartPolicyRules []ContainerRestartRule atomic
  securityContext SecurityContext
  startupProbe Probe
  stdin bool
  stdinOnce bool
  targetContainerName string
  terminationMessagePath string
  terminationMessagePolicy string
  tty bool
  volumeDevices []VolumeDevice merge=devicePath map=devicePath
  volumeMounts []VolumeMount merge=mountPath map=mountPath
  workingDir string
)";

}  // namespace kless::kubernetes::types

// Types of nodes.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kNodesTypes = R"(
package core io.k8s.api.core.v1 -

struct ConfigMapNodeConfigSource
  kubeletConfigKey string required
  name string required
  namespace string required
  resourceVersion string
  uid string

struct NodeConfigSource
  configMap ConfigMapNodeConfigSource

struct Taint
  effect string required
  key string required
  timeAdded time
  value string

struct NodeSpec
  configSource NodeConfigSource
  externalID string
  podCIDR string
  podCIDRs []string mergeset set
  providerID string
  taints []Taint atomic
  unschedulable bool

struct NodeAddress
  address string required
  type string required

struct NodeCondition
  lastHeartbeatTime time
  lastTransitionTime time
  message string
  reason string
  status string required
  type string required

struct NodeConfigStatus
  active NodeConfigSource
  assigned NodeConfigSource
  error string
  lastKnownGood NodeConfigSource

struct DaemonEndpoint
  Port int32 required

struct NodeDaemonEndpoints
  kubeletEndpoint DaemonEndpoint zero

struct NodeFeatures
  supplementalGroupsPolicy bool

struct ContainerImage
  names []string atomic
  sizeBytes int64

struct NodeSwapStatus
  capacity int64

struct NodeSystemInfo
  architecture string required
  bootID string required
  containerRuntimeVersion string required
  kernelVersion string required
  kubeProxyVersion string required
  kubeletVersion string required
  machineID string required
  operatingSystem string required
  osImage string required
  swap NodeSwapStatus
  systemUUID string required

struct NodeRuntimeHandlerFeatures
  recursiveReadOnlyMounts bool
  userNamespaces bool

struct NodeRuntimeHandler
  features NodeRuntimeHandlerFeatures
  name string

struct AttachedVolume
  devicePath string required
  name string required

struct NodeStatus
  addresses []NodeAddress merge=type map=type
  allocatable resourcelist
  capacity resourcelist
  conditions []NodeCondition merge=type map=type
  config NodeConfigStatus
  daemonEndpoints NodeDaemonEndpoints zero
  declaredFeatures []string atomic
  features NodeFeatures
  images []ContainerImage atomic
  nodeInfo NodeSystemInfo zero
  phase string
  runtimeHandlers []NodeRuntimeHandler atomic
  volumesAttached []AttachedVolume atomic
  volumesInUse []string atomic

kind Node
  metadata meta.ObjectMeta zero
  spec NodeSpec zero
  status NodeStatus zero
)";

}  // namespace kless::kubernetes::types

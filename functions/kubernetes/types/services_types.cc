// Types of services and endpoints.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kServicesTypes = R"(
package core io.k8s.api.core.v1 -

struct ServicePort
  appProtocol string
  name string
  nodePort int32
  port int32 required
  protocol string
  targetPort intorstring

struct ClientIPConfig
  timeoutSeconds int32

struct SessionAffinityConfig
  clientIP ClientIPConfig

struct ServiceSpec
  allocateLoadBalancerNodePorts bool
  clusterIP string
  clusterIPs []string atomic
  externalIPs []string atomic
  externalName string
  externalTrafficPolicy string
  healthCheckNodePort int32
  internalTrafficPolicy string
  ipFamilies []string atomic
  ipFamilyPolicy string
  loadBalancerClass string
  loadBalancerIP string
  loadBalancerSourceRanges []string atomic
  ports []ServicePort merge=port map=port,protocol=TCP
  publishNotReadyAddresses bool
  selector {}string atomic
  sessionAffinity string
  sessionAffinityConfig SessionAffinityConfig
  trafficDistribution string
  type string

struct PortStatus
  error string
  port int32 required
  protocol string required

struct LoadBalancerIngress
  hostname string
  ip string
  ipMode string
  ports []PortStatus atomic

struct LoadBalancerStatus
  ingress []LoadBalancerIngress atomic

struct ServiceStatus
  conditions []meta.Condition merge=type map=type
  loadBalancer LoadBalancerStatus zero

kind Service
  metadata meta.ObjectMeta zero
  spec ServiceSpec zero
  status ServiceStatus zero

struct ObjectReference atomic
  apiVersion string
  fieldPath string
  kind string
  name string
  namespace string
  resourceVersion string
  uid string

struct EndpointAddress atomic
  hostname string
  ip string required
  nodeName string
  targetRef ObjectReference

struct EndpointPort atomic
  appProtocol string
  name string
  port int32 required
  protocol string

struct EndpointSubset
  addresses []EndpointAddress atomic
  notReadyAddresses []EndpointAddress atomic
  ports []EndpointPort atomic

kind Endpoints
  metadata meta.ObjectMeta zero
  subsets []EndpointSubset atomic
)";

}  // namespace kless::kubernetes::types

// Types of the group discovery.k8s.io.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kDiscoveryTypes = R"(
package discovery io.k8s.api.discovery.v1 discovery.k8s.io

struct EndpointConditions
  ready bool
  serving bool
  terminating bool

struct ForNode
  name string required

struct ForZone
  name string required

struct EndpointHints
  forNodes []ForNode atomic
  forZones []ForZone atomic

struct Endpoint
  addresses []string required set
  conditions EndpointConditions zero
  deprecatedTopology {}string
  hints EndpointHints
  hostname string
  nodeName string
  targetRef core.ObjectReference
  zone string

struct EndpointPort atomic
  appProtocol string
  name string
  port int32
  protocol string

kind EndpointSlice
  metadata meta.ObjectMeta zero
  addressType string required
  endpoints []Endpoint atomic
  ports []EndpointPort atomic
)";

}  // namespace kless::kubernetes::types

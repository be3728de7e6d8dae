// Types of the smaller kinds of the core group.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kCoreTypes = R"(
package core io.k8s.api.core.v1 -

struct NamespaceSpec
  finalizers []string atomic

struct NamespaceCondition
  lastTransitionTime time
  message string
  reason string
  status string required
  type string required

struct NamespaceStatus
  conditions []NamespaceCondition merge=type map=type
  phase string

kind Namespace
  metadata meta.ObjectMeta zero
  spec NamespaceSpec zero
  status NamespaceStatus zero

kind ConfigMap
  metadata meta.ObjectMeta zero
  binaryData {}bytes
  data {}string
  immutable bool

kind Secret
  metadata meta.ObjectMeta zero
  data {}bytes
  immutable bool
  stringData {}string
  type string

kind ServiceAccount
  metadata meta.ObjectMeta zero
  automountServiceAccountToken bool
  imagePullSecrets []LocalObjectReference atomic
  secrets []ObjectReference merge=name map=name

struct EventSeries
  count int32
  lastObservedTime microtime

struct EventSource
  component string
  host string

kind Event
  metadata meta.ObjectMeta required zero
  action string
  count int32
  eventTime microtime
  firstTimestamp time
  involvedObject ObjectReference required
  lastTimestamp time
  message string
  reason string
  related ObjectReference
  reportingComponent string
  reportingInstance string
  series EventSeries
  source EventSource zero
  type string

kind Binding
  metadata meta.ObjectMeta zero
  target ObjectReference required
)";

}  // namespace kless::kubernetes::types

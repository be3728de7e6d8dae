// Types of the group events.k8s.io.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kEventsTypes = R"(
package events io.k8s.api.events.v1 events.k8s.io

struct EventSeries
  count int32 required
  lastObservedTime microtime required

kind Event
  metadata meta.ObjectMeta zero
  action string
  deprecatedCount int32
  deprecatedFirstTimestamp time
  deprecatedLastTimestamp time
  deprecatedSource core.EventSource zero
  eventTime microtime required
  note string
  reason string
  regarding core.ObjectReference
  related core.ObjectReference
  reportingController string
  reportingInstance string
  series EventSeries
  type string
)";

}  // namespace kless::kubernetes::types

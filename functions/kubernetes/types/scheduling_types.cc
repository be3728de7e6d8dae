// Types of the group scheduling.k8s.io.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kSchedulingTypes = R"(
package scheduling io.k8s.api.scheduling.v1 scheduling.k8s.io

kind PriorityClass
  metadata meta.ObjectMeta zero
  description string
  globalDefault bool
  preemptionPolicy string
  value int32
)";

}  // namespace kless::kubernetes::types

// Types of the group coordination.k8s.io.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kCoordinationTypes = R"(
package coordination io.k8s.api.coordination.v1 coordination.k8s.io

struct LeaseSpec
  acquireTime microtime
  holderIdentity string
  leaseDurationSeconds int32
  leaseTransitions int32
  preferredHolder string
  renewTime microtime
  strategy string

kind Lease
  metadata meta.ObjectMeta zero
  spec LeaseSpec zero
)";

}  // namespace kless::kubernetes::types

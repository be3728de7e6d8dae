// Types of the group policy.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kPolicyTypes = R"(
package policy io.k8s.api.policy.v1 policy

struct PodDisruptionBudgetSpec
  maxUnavailable intorstring
  minAvailable intorstring
  selector meta.LabelSelector
  unhealthyPodEvictionPolicy string

struct PodDisruptionBudgetStatus
  conditions []meta.Condition merge=type map=type
  currentHealthy int32
  desiredHealthy int32
  disruptedPods {}time
  disruptionsAllowed int32
  expectedPods int32
  observedGeneration int64

kind PodDisruptionBudget
  metadata meta.ObjectMeta zero
  spec PodDisruptionBudgetSpec zero
  status PodDisruptionBudgetStatus zero

kind Eviction
  metadata meta.ObjectMeta zero
  deleteOptions meta.DeleteOptions
)";

}  // namespace kless::kubernetes::types

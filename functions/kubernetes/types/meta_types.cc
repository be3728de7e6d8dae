// Types of metadata, selectors and the bodies that every group shares.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kMetaTypes = R"(
package meta io.k8s.apimachinery.pkg.apis.meta.v1 meta.k8s.io

struct ManagedFieldsEntry
  manager string
  operation string
  apiVersion string
  time time
  fieldsType string
  fieldsV1 any
  subresource string

struct OwnerReference atomic
  apiVersion string required
  blockOwnerDeletion bool
  controller bool
  kind string required
  name string required
  uid uid required

struct ObjectMeta
  name string
  generateName string
  namespace string
  selfLink string
  uid uid
  resourceVersion string
  generation int64
  creationTimestamp time
  deletionTimestamp time
  deletionGracePeriodSeconds int64
  labels {}string
  annotations {}string
  ownerReferences []OwnerReference merge=uid map=uid
  finalizers []string mergeset set
  managedFields []ManagedFieldsEntry atomic

struct LabelSelectorRequirement
  key string required
  operator string required
  values []string atomic

struct LabelSelector atomic
  matchExpressions []LabelSelectorRequirement atomic
  matchLabels {}string

struct Condition
  lastTransitionTime time required
  message string required
  observedGeneration int64
  reason string required
  status string required
  type string required

struct Preconditions
  resourceVersion string
  uid string

kind DeleteOptions
  dryRun []string atomic
  gracePeriodSeconds int64
  ignoreStoreReadErrorWithClusterBreakingPotential bool
  orphanDependents bool
  preconditions Preconditions
  propagationPolicy string

struct StatusCause
  field string
  message string
  reason string

struct StatusDetails
  causes []StatusCause atomic
  group string
  kind string
  name string
  retryAfterSeconds int32
  uid string

struct ShardInfo
  selector string required

struct ListMeta
  continue string
  remainingItemCount int64
  resourceVersion string
  selfLink string
  shardInfo ShardInfo

kind Status
  metadata ListMeta
  status string
  code int32
  details StatusDetails
  message string
  reason string
)";

}  // namespace kless::kubernetes::types

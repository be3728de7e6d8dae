// Types of the group authorization.k8s.io.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kAuthorizationTypes = R"(
package authorization io.k8s.api.authorization.v1 authorization.k8s.io

struct NonResourceAttributes
  path string
  verb string

struct FieldSelectorRequirement
  key string required
  operator string required
  values []string atomic

struct FieldSelectorAttributes
  rawSelector string
  requirements []FieldSelectorRequirement atomic

struct LabelSelectorAttributes
  rawSelector string
  requirements []meta.LabelSelectorRequirement atomic

struct ResourceAttributes
  fieldSelector FieldSelectorAttributes
  group string
  labelSelector LabelSelectorAttributes
  name string
  namespace string
  resource string
  subresource string
  verb string
  version string

struct SelfSubjectAccessReviewSpec
  nonResourceAttributes NonResourceAttributes
  resourceAttributes ResourceAttributes

struct SubjectAccessReviewStatus
  allowed bool required
  denied bool
  evaluationError string
  reason string

kind SelfSubjectAccessReview
  metadata meta.ObjectMeta zero
  spec SelfSubjectAccessReviewSpec required
  status SubjectAccessReviewStatus zero
)";

}  // namespace kless::kubernetes::types

// Types of quotas and limit ranges.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kQuotasTypes = R"(
package core io.k8s.api.core.v1 -

struct ScopedResourceSelectorRequirement
  operator string required
  scopeName string required
  values []string atomic

struct ScopeSelector atomic
  matchExpressions []ScopedResourceSelectorRequirement atomic

struct ResourceQuotaSpec
  hard resourcelist
  scopeSelector ScopeSelector
  scopes []string atomic

struct ResourceQuotaStatus
  hard resourcelist
  used resourcelist

kind ResourceQuota
  metadata meta.ObjectMeta zero
  spec ResourceQuotaSpec zero
  status ResourceQuotaStatus zero

struct LimitRangeItem
  default resourcelist
  defaultRequest resourcelist
  max resourcelist
  maxLimitRequestRatio resourcelist
  min resourcelist
  type string required

struct LimitRangeSpec
  limits []LimitRangeItem required atomic

kind LimitRange
  metadata meta.ObjectMeta zero
  spec LimitRangeSpec zero
)";

}  // namespace kless::kubernetes::types

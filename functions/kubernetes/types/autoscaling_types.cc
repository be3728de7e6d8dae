// Types of the group autoscaling.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kAutoscalingTypes = R"(
package autoscaling1 io.k8s.api.autoscaling.v1 autoscaling

struct ScaleSpec
  replicas int32

struct ScaleStatus
  replicas int32 required
  selector string

kind Scale
  metadata meta.ObjectMeta zero
  spec ScaleSpec zero
  status ScaleStatus zero
package autoscaling io.k8s.api.autoscaling.v2 autoscaling

struct HPAScalingPolicy
  periodSeconds int32 required
  type string required
  value int32 required

struct HPAScalingRules
  policies []HPAScalingPolicy atomic
  selectPolicy string
  stabilizationWindowSeconds int32
  tolerance quantity

struct HorizontalPodAutoscalerBehavior
  scaleDown HPAScalingRules
  scaleUp HPAScalingRules

struct MetricTarget
  averageUtilization int32
  averageValue quantity
  type string required
  value quantity

struct ContainerResourceMetricSource
  container string required
  name string required
  target MetricTarget required

struct MetricIdentifier
  name string required
  selector meta.LabelSelector

struct ExternalMetricSource
  metric MetricIdentifier required
  target MetricTarget required

struct CrossVersionObjectReference
  apiVersion string
  kind string required
  name string required

struct ObjectMetricSource
  describedObject CrossVersionObjectReference required
  metric MetricIdentifier required
  target MetricTarget required

struct PodsMetricSource
  metric MetricIdentifier required
  target MetricTarget required

struct ResourceMetricSource
  name string required
  target MetricTarget required

struct MetricSpec
  containerResource ContainerResourceMetricSource
  external ExternalMetricSource
  object ObjectMetricSource
  pods PodsMetricSource
  resource ResourceMetricSource
  type string required

struct HorizontalPodAutoscalerSpec
  behavior HorizontalPodAutoscalerBehavior
  maxReplicas int32 required
  metrics []MetricSpec atomic
  minReplicas int32
  scaleTargetRef CrossVersionObjectReference required

struct HorizontalPodAutoscalerCondition
  lastTransitionTime time
  message string
  reason string
  status string required
  type string required

struct MetricValueStatus
  averageUtilization int32
  averageValue quantity
  value quantity

struct ContainerResourceMetricStatus
  container string required
  current MetricValueStatus required
  name string required

struct ExternalMetricStatus
  current MetricValueStatus required
  metric MetricIdentifier required

struct ObjectMetricStatus
  current MetricValueStatus required
  describedObject CrossVersionObjectReference required
  metric MetricIdentifier required

struct PodsMetricStatus
  current MetricValueStatus required
  metric MetricIdentifier required

struct ResourceMetricStatus
  current MetricValueStatus required
  name string required

struct MetricStatus
  containerResource ContainerResourceMetricStatus
  external ExternalMetricStatus
  object ObjectMetricStatus
  pods PodsMetricStatus
  resource ResourceMetricStatus
  type string required

struct HorizontalPodAutoscalerStatus
  conditions []HorizontalPodAutoscalerCondition merge=type map=type
  currentMetrics []MetricStatus atomic
  currentReplicas int32
  desiredReplicas int32 required
  lastScaleTime time
  observedGeneration int64

kind HorizontalPodAutoscaler
  metadata meta.ObjectMeta zero
  spec HorizontalPodAutoscalerSpec required
  status HorizontalPodAutoscalerStatus zero
)";

}  // namespace kless::kubernetes::types

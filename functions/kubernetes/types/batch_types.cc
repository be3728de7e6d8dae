// Types of the group batch.
#include "functions/kubernetes/types/type_texts.h"

namespace kless::kubernetes::types {

const char* const kBatchTypes = R"(
package batch io.k8s.api.batch.v1 batch

struct PodFailurePolicyOnExitCodesRequirement
  containerName string
  operator string required
  values []int32 required set

struct PodFailurePolicyOnPodConditionsPattern
  status string
  type string required

struct PodFailurePolicyRule
  action string required
  onExitCodes PodFailurePolicyOnExitCodesRequirement
  onPodConditions []PodFailurePolicyOnPodConditionsPattern atomic

struct PodFailurePolicy
  rules []PodFailurePolicyRule required atomic

struct SuccessPolicyRule
  succeededCount int32
  succeededIndexes string

struct SuccessPolicy
  rules []SuccessPolicyRule required atomic

struct JobSpec
  parallelism int32 "Pods that may run at a time."
  completions int32 "Succeeded pods that make the Job complete."
  activeDeadlineSeconds int64 "Seconds after its start at which an unfinished Job fails."
  podFailurePolicy PodFailurePolicy
  successPolicy SuccessPolicy
  backoffLimit int32 "Failed pods that the Job bears; one more and it has failed."
  backoffLimitPerIndex int32
  maxFailedIndexes int32
  selector meta.LabelSelector
  manualSelector bool
  template core.PodTemplateSpec required
  ttlSecondsAfterFinished int32 "Seconds that a finished Job is kept."
  completionMode string
  suspend bool "True: the Job has no pods until it is resumed."
  podReplacementPolicy string
  managedBy string

struct JobCondition
  lastProbeTime time
  lastTransitionTime time
  message string
  reason string
  status string required
  type string required

struct UncountedTerminatedPods
  failed []uid set
  succeeded []uid set

struct JobStatus
  active int32
  completedIndexes string
  completionTime time
  conditions []JobCondition merge=type atomic
  failed int32
  failedIndexes string
  ready int32
  startTime time
  succeeded int32
  terminating int32
  uncountedTerminatedPods UncountedTerminatedPods

kind Job
  metadata meta.ObjectMeta zero
  spec JobSpec zero
  status JobStatus zero

struct JobTemplateSpec
  metadata meta.ObjectMeta zero
  spec JobSpec zero

struct CronJobSpec
  concurrencyPolicy string
  failedJobsHistoryLimit int32
  jobTemplate JobTemplateSpec required
  schedule string required "When Jobs are made, as five fields of cron."
  startingDeadlineSeconds int64
  successfulJobsHistoryLimit int32
  suspend bool
  timeZone string

struct CronJobStatus
  active []core.ObjectReference atomic
  lastScheduleTime time
  lastSuccessfulTime time

kind CronJob
  metadata meta.ObjectMeta zero
  spec CronJobSpec required
  status CronJobStatus zero
)";

}  // namespace kless::kubernetes::types

// spec.podFailurePolicy: the meaning of a pod's failure (reference G).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/controllers/job/job_view.h"

namespace kless::controllers {

// kCounts applies without a policy, and if no rule matches.
enum class PodFailure : unsigned char {
  kCounts,
  kIgnored,
  kFailsIndex,  // counts, and its index is not retried
  kFailsJob,    // counts, and the Job fails
  kUnread,      // the pod has not been read whole: not judged, so not counted yet
};

struct PodJudgement {
  PodFailure failure = PodFailure::kCounts;
  std::string message;  // for kFailsJob: the message of the condition
};

// The first matching rule decides.  `pod_name` is "namespace/name"; `pod` may be something other
// than an object.
PodJudgement JudgeFailure(const JobView& job, const std::string& pod_name,
                          const nlohmann::json& pod);

}  // namespace kless::controllers

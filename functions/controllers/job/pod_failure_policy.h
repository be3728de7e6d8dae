// spec.podFailurePolicy: what the failure of a pod means (reference G).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "functions/controllers/job/job_view.h"

namespace kless::controllers {

// kCounts is what happens without a policy, and where no rule matches.
enum class PodFailure : unsigned char {
  kCounts,
  kIgnored,
  kFailsIndex,  // counts, and its index is not tried again
  kFailsJob,    // counts, and the Job fails
  kUnread,      // nobody has shown the pod: not judged, so not counted yet
};

struct PodJudgement {
  PodFailure failure = PodFailure::kCounts;
  std::string message;  // kFailsJob: the condition's
};

// The first rule that matches decides.  `pod_name`: "namespace/name"; `pod` may be no object.
PodJudgement JudgeFailure(const JobView& job, const std::string& pod_name,
                          const nlohmann::json& pod);

}  // namespace kless::controllers

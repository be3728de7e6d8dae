// The status writes of a Job's plan, in order.
#pragma once

#include <cstdint>

#include "functions/controllers/job/job_sync.h"
#include "functions/controllers/loop/plan.h"

namespace kless::controllers {

// Adds the status with the counted pods, then the removal of their finalizers, then the status with
// the counters moved; the last one sets Complete or Failed if due.  `created` is how many of the
// plan's pods exist.  Returns true if the Job is decided.
bool AddStatus(const JobSync& sync, std::int64_t created, Plan& plan);

}  // namespace kless::controllers

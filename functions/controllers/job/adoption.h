// Pods that a Job with a selector of its own (manualSelector) takes over or lets go (C21).  The
// generated selector of other Jobs holds their uid: nothing else matches it, and they pay nothing.
#pragma once

#include <vector>

#include "functions/controllers/job/job_view.h"
#include "functions/controllers/plan.h"

namespace kless::controllers {

// Adopts pods that match the selector and have no controller, and releases owned ones that do not
// match it any more; pods without `item` are left alone.  Empty: nothing to do.  The plan holds
// nothing else: the pods' own records bring the Job back.
Plan AdoptAndRelease(const JobView& job, const std::vector<Dependent>& pods,
                     const std::vector<Dependent>& orphans);

}  // namespace kless::controllers

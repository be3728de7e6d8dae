// Pods that a Job with a selector of its own (manualSelector) adopts or releases (C21).  The
// generated selector of other Jobs holds their uid, so nothing else matches it, and they pay
// nothing.
#pragma once

#include <vector>

#include "functions/controllers/job/job_view.h"
#include "functions/controllers/loop/plan.h"
#include "store/item/item.h"

namespace kless::controllers {

// Whether the Job has a selector of its own, so that there may be pods to adopt.  A document that
// is not in canonical form (a space after a key) is not examined.
bool MayAdopt(const Item& job);

// Adopts pods that match the selector and have no controller, and releases owned ones that no
// longer match; pods without `item` are left alone.  Returns an empty plan if there is nothing to
// do.  The plan holds nothing else: the pods' own records wake the Job again.
Plan AdoptAndRelease(const JobView& job, const std::vector<Dependent>& pods,
                     const std::vector<Dependent>& orphans);

}  // namespace kless::controllers

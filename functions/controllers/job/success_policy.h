// spec.successPolicy of Indexed Jobs (reference H).
#pragma once

#include <optional>
#include <string>

#include "functions/controllers/job/index_set.h"
#include "functions/controllers/job/job_view.h"

namespace kless::controllers {

// Returns the message of the condition if one of the rules is met: "Matched rules at index 0".
std::optional<std::string> MatchSuccessPolicy(const JobView& job, const IndexSet& succeeded);

}  // namespace kless::controllers

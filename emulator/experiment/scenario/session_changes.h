// SessionChanges: how a recorded session changed its daemon while it ran.  A replay makes the same
// changes at the same times, so that the session's values hold from then on, whatever --set says.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emulator/recording.h"

namespace kless::experiment {

// Returns sentences for the user of a replay, in the order of the recording; none if the session
// only used the Kubernetes API.  `sets` are paths and values of the command line; those that the
// session overrides are named.
std::vector<std::string> SessionRemarks(
    const Recording& recording, const std::vector<std::pair<std::string, std::string>>& sets);

}  // namespace kless::experiment

// SessionChanges: what a recorded session changed of its daemon while it ran.  A replay does the
// same at the same times, so that from there on the session's values hold, whatever --set says.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "emulator/recording.h"

namespace kless::experiment {

// Sentences for the user of a replay, in the order of the recording; none if the session only used
// the Kubernetes API.  `sets`: paths and values of the command line; those that the session
// overrides are named.
std::vector<std::string> SessionRemarks(
    const Recording& recording, const std::vector<std::pair<std::string, std::string>>& sets);

}  // namespace kless::experiment

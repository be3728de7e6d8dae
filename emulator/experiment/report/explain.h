// `kless experiment explain`: divides the time of each pod among its causes.
#pragma once

#include <string>

#include "emulator/base/error.h"

namespace kless::experiment {

// `kless experiment explain DIR [POD]`: reads pods.csv.  Without a pod: means per case and cause.
// With one: its causes, in every case that has a pod of that name; the name of a Job stands for its
// pods.  kNotFound: no such folder or pod (with the nearest names).  kInvalidArgument: pods.csv is
// not one that WriteOutputs wrote.
Result<std::string> Explain(const std::string& folder, const std::string& pod);

}  // namespace kless::experiment

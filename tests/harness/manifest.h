// The objects that a story's events send.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "tests/harness/story.h"

namespace kless::harness {

// The Job of a submit event:
//   parallelism, completions, backoff, deadline, ttl   as in the spec (backoffLimit, seconds)
//   mode=Indexed, restart=OnFailure, replacement=Failed, suspend=true
//   index-limit, max-indexes                           backoffLimitPerIndex, maxFailedIndexes
//   policy=ignore-disruption+fail-job:42+fail-index:7+ignore:3+count:1   podFailurePolicy, by exit
//                                                      code
//   success=count:2 | indexes:0-1 | indexes:0-2/1      successPolicy; /N: so many of them
//   run=1500 | forever, exit=1 | 1,0                   of its containers (milliseconds)
//   grace, stubborn=true                               seconds; it does not heed SIGTERM
//   cpu, memory                                        requests, in thousandths and MiB
nlohmann::json JobManifest(const Event& submit);

// A pod that a selector with these labels matches.
nlohmann::json StrayPod(const std::string& name, const nlohmann::json& labels,
                        const std::string& run);

}  // namespace kless::harness

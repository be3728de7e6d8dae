// Waits for submitted Jobs: until their pods exist, or until they are complete.
#pragma once

#include <chrono>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/cli/api_client.h"

namespace kless::cli {

struct SubmittedJob {
  std::string namespace_name;
  std::string name;
  std::string uid;
  std::int64_t wanted_pods = 0;
};

// Made from the server's reply, which has the defaults.
SubmittedJob MakeSubmittedJob(const nlohmann::json& job);

// Waits until each job controls the pods it wants: its parallelism, at most its completions, none
// if suspended.  Time is real. kTimedOut names the first job that lacks pods.
Result<void> WaitForPods(ApiClient& api, const std::vector<SubmittedJob>& jobs,
                         std::chrono::milliseconds timeout);
// Waits until each job has the condition Complete. kConflict: a job failed. kTimedOut.
Result<void> WaitForCompletion(ApiClient& api, const std::vector<SubmittedJob>& jobs,
                               std::chrono::milliseconds timeout);

}  // namespace kless::cli

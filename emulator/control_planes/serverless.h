// The serverless control plane: each control loop a function behind an event source mapping of its
// own.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "functions/event_source_mapping.h"
#include "functions/faults.h"
#include "functions/pool.h"
#include "functions/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

struct ServerlessOptions {
  std::vector<std::string> loops;  // their settings' names; each known (see LoopNames)
  // The other functions are configured alike, without its reserved and provisioned concurrency.
  FunctionConfig job_controller;
  EventSourceMappingConfig mapping;  // likewise
};

// Registers the functions and makes their mappings, which the caller starts.  Everything outlives
// the mappings; `telemetry` may be null.
Result<void> AddLoopFunctions(Scheduler& scheduler, Store& store, FunctionPool& pool,
                              Faults& faults, const LatencyProfile& profile,
                              const ServerlessOptions& options, std::uint64_t seed,
                              Telemetry* telemetry, EventSourceMappings* mappings);

// Every control loop there is, in both control planes: "job", then the others by name.
const std::vector<std::string>& LoopNames();
// The names that functions of control loops can have, but the Job controller's, which is a setting.
std::set<std::string> LoopFunctionNames();
// The setting that a name means: that of a loop, or kube-controller-manager's name of the
// controller
// ("garbage-collector-controller").
std::string LoopSettingOf(const std::string& name);

}  // namespace kless::control_planes

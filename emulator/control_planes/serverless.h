// The serverless control plane: each control loop is a function with an event source mapping of its
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
  std::vector<std::string> loops;  // names of their settings, all known (see LoopNames)
  // The other functions have the same configuration, without reserved and provisioned concurrency.
  FunctionConfig job_controller;
  EventSourceMappingConfig mapping;  // likewise
};

// Registers the functions and creates their mappings, which the caller starts.  All references must
// outlive the mappings; `telemetry` may be null.
Result<void> AddLoopFunctions(Scheduler& scheduler, Store& store, FunctionPool& pool,
                              Faults& faults, const LatencyProfile& profile,
                              const ServerlessOptions& options, std::uint64_t seed,
                              Telemetry* telemetry, EventSourceMappings* mappings);

// All control loops, in both control planes: "job", then the others by name.
const std::vector<std::string>& LoopNames();
// The names of the functions of control loops, except the Job controller's, which is a setting.
std::set<std::string> LoopFunctionNames();
// The setting of a loop by its own name or by kube-controller-manager's name of the controller
// ("garbage-collector-controller").
std::string LoopSettingOf(const std::string& name);

}  // namespace kless::control_planes

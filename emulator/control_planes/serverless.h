// The serverless control plane: each control loop is a function with an event source mapping of its
// own.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "functions/pool/faults.h"
#include "functions/pool/function_settings.h"
#include "functions/pool/mapping/event_source_mapping.h"
#include "functions/pool/pool.h"
#include "functions/pool/telemetry.h"
#include "store/store.h"

namespace kless::control_planes {

struct ServerlessOptions {
  std::vector<std::string> loops;  // names of their settings, all known (see LoopNames)
  // The settings of each function, by its name; name, table and filter of the mapping are filled
  // here.  The scheduler has a reserved concurrency of 1 unless `reserves_scheduler` is false.
  std::function<Result<FunctionSettings>(const std::string& function)> settings;
  bool reserves_scheduler = true;
};

// Registers the functions and creates their mappings, which the caller starts.  All references must
// outlive the mappings; `telemetry` may be null.
Result<void> AddLoopFunctions(EventLoop& event_loop, Store& store, FunctionPool& pool,
                              Faults& faults, const LatencyProfile& profile,
                              const ServerlessOptions& options, std::uint64_t seed,
                              Telemetry* telemetry, EventSourceMappings* mappings);

// All control loops, in both control planes: "job", then the others by name.
const std::vector<std::string>& LoopNames();
// Returns the names of their functions: "job-controller", "scheduler",
// "garbage-collector-controller".
const std::set<std::string>& LoopFunctionNames();
// Returns the function of a loop by its setting ("gc"); any other text unchanged.
std::string FunctionOfLoop(const std::string& loop);
// Whether an account of this concurrency is large enough for the scheduler's reservation.
bool ReservesSchedulerAt(int account_concurrency);
// Returns the setting for a name: that of a loop, kube-controller-manager's name of the controller
// ("garbage-collector-controller"), or "kube-scheduler"; any other text unchanged.
std::string LoopSettingOf(const std::string& name);

}  // namespace kless::control_planes

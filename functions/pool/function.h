// Function: the configuration of a function, and everything that its handler may touch.
#pragma once

#include <any>
#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/distribution.h"
#include "emulator/base/error.h"
#include "emulator/base/loop/event_loop.h"
#include "emulator/base/loop/task.h"
#include "emulator/base/random.h"
#include "functions/pool/config_field.h"
#include "functions/pool/function_event.h"
#include "functions/pool/store_client.h"

namespace kless {

// Where the init of a cold start comes from: a distribution, the process that is started, or both,
// one after the other.
enum class InitMode { kModelled, kMeasured, kBoth };

struct FunctionConfig {
  std::string name;                            // 1..64 characters of [a-zA-Z0-9-_]
  int memory_mb = 128;                         // 128..10240
  Duration timeout = std::chrono::seconds(3);  // 1 s..900 s of emulated time, per invocation
  std::string runtime;  // "go", "python3.13": a key of LatencyProfile::init; may be empty
  std::optional<Distribution> init;  // of a cold start; none: that of its runtime, else zero
  // Others than kModelled need an EnvironmentHost.
  InitMode init_mode = InitMode::kModelled;
  Duration keep_alive = std::chrono::minutes(10);  // idle time until an environment is reclaimed
  // part of the account's concurrency; 0 refuses every invocation
  std::optional<int> reserved_concurrency;
  int provisioned_concurrency = 0;  // environments kept initialised
  // The number of environments that it may start: a burst, refilled continuously over 10 s.
  // https://docs.aws.amazon.com/lambda/latest/dg/lambda-concurrency.html (1,000 per 10 s)
  int scale_up_per_10s = 1000;
  // Asynchronous invocations: 0..2 retries after errors, and the maximum age of an event (60 s..6
  // h).
  int async_maximum_retry_attempts = 2;
  Duration async_maximum_event_age = std::chrono::hours(6);
};

// {"name", "memory_mb", "timeout_ms", "runtime" (null: none), "init" (null: the runtime's),
//  "init_mode", "keep_alive_ms", "reserved_concurrency" (null: none), "provisioned_concurrency",
//  "scale_up_per_10s", "async_maximum_retry_attempts", "async_maximum_event_age_ms"}
nlohmann::json FunctionConfigToJson(const FunctionConfig& config);
// Returns these fields except the name, and the names of all.
const std::vector<ConfigField<FunctionConfig>>& FunctionFields();
const std::vector<std::string>& FunctionConfigFields();
// kInvalidArgument names the field at fault and its range.
Result<void> ValidateFunctionConfig(const FunctionConfig& config);
// Returns `config` with the given fields replaced. kInvalidArgument: out of range, another name, or
// an unknown field (the message suggests the nearest known one).
Result<FunctionConfig> PatchFunctionConfig(FunctionConfig config, const nlohmann::json& patch);
// Returns the init of its cold starts: its own, else that of its runtime in the profile, else zero.
// If a function has an init of its own, its runtime is only a label. kInvalidArgument: the profile
// does not have the runtime (the message lists those it has).
Result<Distribution> InitOf(const FunctionConfig& config, const LatencyProfile& profile);
// Whether an environment made for one configuration also serves the other: same runtime, init and
// its mode, memory and timeout.
bool SameEnvironments(const FunctionConfig& one, const FunctionConfig& other);

// Everything that a handler may touch; it uses no globals and no system clock.  Lives until the
// handler has returned.
struct InvocationContext {
  EventLoop& event_loop;
  Random& random;      // the environment's stream
  StoreClient& store;  // the environment's client
  std::string request_id;
  std::string environment;
  TimePoint deadline;
  bool cold_start = false;
  std::any& memory;  // the environment's own memory, kept for as long as the environment lives
  // The handler's error as its runtime reported it, a JSON object; "" if it is only a message.
  std::string error_body{};
  std::string log_tail{};  // the last lines that the invocation wrote, each with its end
  Duration init{};         // of a cold start: the time from its admission to its start
  // Set by a handler whose environment has ended with its error.
  bool environment_lost = false;
};

// Returns the payload: {"batchItemFailures":[{"itemIdentifier": "<sequence>"}]} for batches with
// partial responses, otherwise anything.  An error fails the invocation.
using Handler = std::function<Task<Result<std::string>>(std::shared_ptr<const FunctionEvent>,
                                                        std::shared_ptr<InvocationContext>)>;

}  // namespace kless

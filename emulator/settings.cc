// The one table of settings: the file reader, the environment, the flags and --help all read it.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "emulator/base/duration.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/config.h"
#include "emulator/control_planes/serverless.h"
#include "functions/kubernetes/quantity.h"

namespace kless {
namespace {

using nlohmann::json;

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

template <typename Number>
Result<void> SetInteger(Number* target, const std::string& text, std::int64_t low,
                        std::int64_t high) {
  const auto value = ParseInteger(text);
  if (!value || *value < low || *value > high) {
    return Invalid("must be a whole number from " + std::to_string(low) + " to " +
                   std::to_string(high) + ", not '" + text + "'");
  }
  *target = static_cast<Number>(*value);
  return {};
}

Result<void> SetFlag(bool* target, const std::string& text) {
  if (text != "true" && text != "false") {
    return Invalid("must be true or false, not '" + text + "'");
  }
  *target = text == "true";
  return {};
}

Result<void> SetDuration(Duration* target, const std::string& text, Duration low, Duration high) {
  const auto value = ParseDuration(text);
  if (!value || *value < low || *value > high) {
    return Invalid("must be a duration from " + FormatDuration(low) + " to " +
                   FormatDuration(high) + " such as 1500 (milliseconds), 30s or 2h, not '" + text +
                   "'");
  }
  *target = *value;
  return {};
}

template <typename Value>
Result<void> SetChoice(Value* target, const std::string& text,
                       const std::vector<std::pair<std::string, Value>>& choices) {
  std::vector<std::string> names;
  std::string listed;
  for (const auto& [name, value] : choices) {
    if (name == text) {
      *target = value;
      return {};
    }
    names.push_back(name);
    listed += (listed.empty() ? "" : ", ") + name;
  }
  std::string message = "must be one of " + listed + ", not '" + text + "'";
  if (const auto near = NearestWord(text, names)) message += "; did you mean '" + *near + "'?";
  return Invalid(message);
}

// A literal as a template argument: Setting::apply is a plain function pointer.
template <std::size_t kSize>
struct Literal {
  char text[kSize];
  constexpr Literal(const char (&from)[kSize]) { std::copy_n(from, kSize, text); }  // NOLINT
};

// A field of the job controller's FunctionConfig: one set of rules for file, flags and PATCH.
template <Literal kField>
Result<void> SetJobController(Config& config, const std::string& text) {
  auto value = ParseJson(text);
  json patch;
  patch[kField.text] = value.has_error() ? json(text) : value.value();
  auto patched = PatchFunctionConfig(config.job_controller, patch);
  if (patched.has_error()) return patched.error();
  config.job_controller = std::move(patched.value());
  return {};
}

Result<void> SetLoops(Config& config, const std::string& text) {
  const std::vector<std::string>& known = control_planes::LoopNames();
  std::vector<std::string> names;
  const auto list = ParseJson(text);
  if (!list.has_error() && list.value().is_array()) {
    for (const json& name : list.value()) {
      names.push_back(name.is_string() ? name.get<std::string>() : name.dump());
    }
  } else {
    for (const std::string_view name : Split(text, ',')) {
      if (!name.empty()) names.emplace_back(name);
    }
  }
  if (names == std::vector<std::string>{"all"}) names = known;
  if (names == std::vector<std::string>{"none"}) names.clear();
  for (std::string& name : names) {
    name = control_planes::LoopSettingOf(name);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    std::string list;
    for (const std::string& one : known) list += ", " + one;
    return Invalid("unknown control loop '" + name + "'; known: all" + list);
  }
  config.loops = std::move(names);
  return {};
}

Result<void> SetAddress(Config& config, const std::string& text) {
  if (text.empty()) return Invalid("must be an IP address such as 127.0.0.1 or ::1");
  config.address = text;
  return {};
}

Result<void> SetDataDirectory(Config& config, const std::string& text) {
  if (text.empty()) return Invalid("must name a directory");
  config.data_directory = text;
  return {};
}

Result<void> SetSpeed(Config& config, const std::string& text) {
  double value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last || !(value >= 0.001 && value <= 1e6)) {
    return Invalid("must be a number from 0.001 to 1000000, not '" + text + "'");
  }
  config.speed = value;
  return {};
}

Result<void> SetSeed(Config& config, const std::string& text) {
  const auto value = ParseUnsigned(text);
  if (!value) return Invalid("must be a whole number from 0 to 2^64 - 1, not '" + text + "'");
  config.seed = *value;
  return {};
}

Result<void> SetRecord(Config& config, const std::string& text) {
  if (text.empty()) return Invalid("must name a file");
  config.record = text;
  return {};
}

Result<void> SetLatency(Config& config, const std::string& text) {
  auto profile = LoadLatencyProfile(text);
  if (profile.has_error()) return profile.error();
  config.latency = std::move(profile.value());
  return {};
}

// A distribution: milliseconds, a duration such as 2.5s, or one of the forms as JSON.
Result<void> SetDistribution(Distribution* target, const std::string& text) {
  if (const auto duration = ParseDuration(text)) {
    *target = Distribution::Constant(*duration);
    return {};
  }
  const auto value = ParseJson(text);
  auto read = Distribution::FromJson(value.has_error() ? json(text) : value.value());
  if (read.has_error()) return read.error();
  *target = std::move(read.value());
  return {};
}

// "null": as if it were not given.
Result<void> SetOptionalDistribution(std::optional<Distribution>* target, const std::string& text) {
  target->reset();
  if (text == "null") return {};
  Distribution read;
  auto set = SetDistribution(&read, text);
  if (set.has_value()) *target = std::move(read);
  return set;
}

Result<void> SetQuantity(std::string* target, const std::string& text) {
  if (!(kubernetes::QuantityValue(text) > 0)) {
    return Invalid("must be a quantity above 0 such as 32, 500m or 128Gi, not '" + text + "'");
  }
  *target = text;
  return {};
}

Result<void> SetNodeResources(Config& config, const std::string& text) {
  const auto map = ParseJson(text);
  if (map.has_error() || !map.value().is_object()) {
    return Invalid(R"(must be a map of quantities such as {"nvidia.com/gpu": 8}, not ')" + text +
                   "'");
  }
  std::map<std::string, std::string> resources;
  for (const auto& [name, value] : map.value().items()) {
    const std::string quantity = value.is_string() ? value.get<std::string>() : value.dump();
    if (name.find('/') == std::string::npos) {
      return Invalid("'" + name + "' is not an extended resource such as nvidia.com/gpu");
    }
    const auto set = SetQuantity(&resources[name], quantity);
    if (set.has_error()) return Invalid(name + ": " + set.error().message);
  }
  config.data_plane.node_resources = std::move(resources);
  return {};
}

Result<void> SetStages(Config& config, const std::string& text) {
  const auto list = ParseJson(text);
  if (list.has_error()) return Invalid("must be a list of stages, not '" + text + "'");
  auto stages = data_plane::StagesFromJson(list.value());
  if (stages.has_error()) return stages.error();
  config.data_plane.stages = std::move(stages.value());
  return {};
}

Result<void> SetMaximumRecordAge(Config& config, const std::string& text) {
  if (text == "-1") {
    config.mapping.maximum_record_age = Duration(-1);
    return {};
  }
  return SetDuration(&config.mapping.maximum_record_age, text, std::chrono::seconds(60),
                     std::chrono::seconds(604800));
}

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::vector<Setting> MakeSettings() {
  // "functions.x.memory_mb" with flag "memory-mb": --memory-mb and KLESS_MEMORY_MB.
  const auto setting = [](std::string path, const std::string& name, std::string help,
                          Result<void> (*apply)(Config&, const std::string&)) {
    std::string variable = "KLESS_";
    for (const char c : name) {
      variable.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(c)));
    }
    return Setting{std::move(path), "--" + name, std::move(variable), std::move(help), apply};
  };
  const auto on_off = [&](std::string path, const std::string& name, std::string help,
                          Result<void> (*apply)(Config&, const std::string&)) {
    Setting made = setting(std::move(path), name, std::move(help), apply);
    made.is_switch = true;
    return made;
  };
  using S = const std::string&;
  const std::string job = "functions.job-controller.";
  const std::string mapping = job + "mapping.";
  return {
      setting("server.address", "address", "IP address to listen on (127.0.0.1)", SetAddress),
      setting("server.port", "port", "TCP port to listen on, 0: any free one (8080)",
              [](Config& c, S text) { return SetInteger(&c.port, text, 0, 65535); }),

      on_off("server.tls", "tls",
             "HTTPS, with a certificate made in the data directory, true or false (false)",
             [](Config& c, S text) { return SetFlag(&c.tls, text); }),

      setting("store.data_directory", "data-directory",
              "Directory of the data file kless.db, made if absent (./kless-data)",
              SetDataDirectory),
      setting("store.durability", "durability",
              "full (sync each commit), normal (survives a crash of kless), scratch (a file that "
              "only an orderly end leaves whole), memory (no file) (normal)",
              [](Config& c, S text) {
                return SetChoice<Durability>(&c.store.durability, text,
                                             {{"full", Durability::kFull},
                                              {"normal", Durability::kNormal},
                                              {"scratch", Durability::kScratch},
                                              {"memory", Durability::kMemory}});
              }),
      setting("store.key_layout", "key-layout",
              "Partition key of the resource table: type-name or name-type (type-name)",
              [](Config& c, S text) {
                return SetChoice<KeyLayout>(
                    &c.store.key_layout, text,
                    {{"type-name", KeyLayout::kTypeName}, {"name-type", KeyLayout::kNameType}});
              }),
      setting(
          "store.resource_shards", "resource-shards",
          "Shards of the resource table, used when the data file is new, 1..1000 (4)",
          [](Config& c, S text) { return SetInteger(&c.store.resource_shards, text, 1, 1000); }),
      setting(
          "store.ring_records", "ring-records",
          "Recent change records kept in memory for readers, 16..16777216 (16384)",
          [](Config& c, S text) { return SetInteger(&c.store.ring_records, text, 16, 16777216); }),
      setting("store.ring_bytes", "ring-bytes", "Bytes of them, 65536..17179869184 (16777216)",
              [](Config& c, S text) {
                return SetInteger(&c.store.ring_bytes, text, 65536, std::int64_t{1} << 34);
              }),
      setting(
          "store.image_bytes", "image-bytes",
          "Bytes of older items kept in memory, the last written ones, 0..17179869184 (67108864)",
          [](Config& c, S text) {
            return SetInteger(&c.store.image_bytes, text, 0, std::int64_t{1} << 34);
          }),
      setting("store.page_cache_kib", "page-cache-kib",
              "Page cache of SQLite in KiB, 64..16777216 (8192)",
              [](Config& c, S text) {
                return SetInteger(&c.store.page_cache_kib, text, 64, 16777216);
              }),
      setting("store.retention_age", "retention-age",
              "Age at which change records are trimmed, 1s..8760h (24h)",
              [](Config& c, S text) {
                return SetDuration(&c.store.retention_age, text, seconds(1), hours(8760));
              }),
      setting("store.retention_count", "retention-count",
              "Change records kept at most, 1..1000000000 (1000000)",
              [](Config& c, S text) {
                return SetInteger(&c.store.retention_count, text, 1, 1'000'000'000);
              }),

      setting("clock.speed", "speed", "Emulated seconds per real second, 0.001..1000000 (1)",
              SetSpeed),
      setting("seed", "seed", "Seed of all random streams (drawn at each start)", SetSeed),
      setting("latency", "latency",
              "Latency profile: the name of a file in configs/latency, or a path (instant)",
              SetLatency),
      setting("control_plane", "control-plane",
              "serverless (functions on the change feed) or classic (a controller manager's watch "
              "and work queue) (serverless)",
              [](Config& c, S text) {
                return SetChoice<ControlPlane>(&c.control_plane, text,
                                               {{"serverless", ControlPlane::kServerless},
                                                {"classic", ControlPlane::kClassic}});
              }),
      setting("loops", "loops",
              "Control loops that run, by comma: all, none, or of job, deployment, gc, namespace, "
              "node-lifecycle, podgc, replicaset, root-ca, scheduler, serviceaccount, "
              "taint-eviction, ttl (all in serve and exec, job in experiments)",
              SetLoops),

      setting(
          "data_plane.nodes", "nodes",
          "Simulated nodes with their kubelets, 0..50000 (3 in serve and exec, 0 in experiments)",
          [](Config& c, S text) { return SetInteger(&c.data_plane.nodes, text, 0, 50000); }),
      setting("data_plane.zones", "zones",
              "Zones that the nodes are spread over, 1..26; 0: nodes without zones (0)",
              [](Config& c, S text) { return SetInteger(&c.data_plane.zones, text, 0, 26); }),
      setting("data_plane.node_cpu", "node-cpu", "CPUs of a node, a quantity (32)",
              [](Config& c, S text) { return SetQuantity(&c.data_plane.node_cpu, text); }),
      setting("data_plane.node_memory", "node-memory", "Memory of a node, a quantity (128Gi)",
              [](Config& c, S text) { return SetQuantity(&c.data_plane.node_memory, text); }),
      setting("data_plane.node_ephemeral_storage", "node-ephemeral-storage",
              "Ephemeral storage of a node, a quantity (100Gi)",
              [](Config& c, S text) {
                return SetQuantity(&c.data_plane.node_ephemeral_storage, text);
              }),
      setting("data_plane.node_pods", "node-pods", "Pods that fit on a node, 1..253 (110)",
              [](Config& c, S text) { return SetInteger(&c.data_plane.node_pods, text, 1, 253); }),
      setting("data_plane.node_resources", "node-resources",
              R"(Extended resources of a node as JSON, {"nvidia.com/gpu": 8} ({}))",
              SetNodeResources),
      on_off("data_plane.heartbeats", "heartbeats",
             "Kubelets renew their leases every 10 s and post the status every 5 min, true or "
             "false (false)",
             [](Config& c, S text) { return SetFlag(&c.data_plane.heartbeats, text); }),
      setting("data_plane.kubelet", "kubelet",
              "Delays of a pod's life: fast (none) or real (assumed distributions) (fast)",
              [](Config& c, S text) {
                return SetChoice<data_plane::Kubelet>(
                    &c.data_plane.kubelet, text,
                    {{"fast", data_plane::Kubelet::kFast}, {"real", data_plane::Kubelet::kReal}});
              }),
      setting("data_plane.image_pull", "image-pull",
              "How long a pod's images are pulled, a distribution; null: the kubelet's (null)",
              [](Config& c, S text) {
                return SetOptionalDistribution(&c.data_plane.image_pull, text);
              }),
      setting("data_plane.start", "container-start",
              "How long a container takes to start, a distribution; null: the kubelet's (null)",
              [](Config& c, S text) { return SetOptionalDistribution(&c.data_plane.start, text); }),
      setting(
          "data_plane.run_time", "run-time",
          "How long a container runs whose command does not say, a distribution; null: the "
          "kubelet's (null)",
          [](Config& c, S text) { return SetOptionalDistribution(&c.data_plane.run_time, text); }),
      setting("data_plane.stop", "container-stop",
              "From SIGTERM to a container's end, within its grace, a distribution (0)",
              [](Config& c, S text) { return SetDistribution(&c.data_plane.stop, text); }),
      setting("data_plane.stages", "stages",
              R"(Alternatives of the steps of a pod's life as JSON, )"
              R"([{"step":"run","weight":5,"exit_code":1}] ([]))",
              SetStages),

      setting(
          "functions.account_concurrency", "account-concurrency",
          "Invocations that may run at once, all functions, 1..1000000 (1000)",
          [](Config& c, S text) { return SetInteger(&c.account_concurrency, text, 1, 1'000'000); }),
      setting(
          "functions.keep_alive_policy", "keep-alive-policy",
          "When idle environments are reclaimed: ttl (a fixed time), lru (above a cap of memory), "
          "histogram (by idle times, Shahrad et al. 2020) (ttl)",
          [](Config& c, S text) {
            return SetChoice<KeepAlivePolicy>(&c.keep_alive_policy, text,
                                              {{"ttl", KeepAlivePolicy::kTtl},
                                               {"lru", KeepAlivePolicy::kLru},
                                               {"histogram", KeepAlivePolicy::kHistogram}});
          }),
      setting("functions.keep_alive_memory_mb", "keep-alive-memory-mb",
              "lru: memory of all environments above which idle ones go, 128..1000000000 (10240)",
              [](Config& c, S text) {
                return SetInteger(&c.keep_alive_memory_mb, text, 128, 1'000'000'000);
              }),
      setting(job + "memory_mb", "job-controller-memory-mb",
              "Memory in MB, which also buys CPU, 128..10240 (128)", SetJobController<"memory_mb">),
      setting(job + "timeout_ms", "job-controller-timeout-ms",
              "Longest invocation in milliseconds, 1000..900000 (60000)",
              SetJobController<"timeout_ms">),
      setting(
          job + "runtime", "job-controller-runtime",
          "Runtime whose init the latency profile has (go, rust, python3.13, ...), used where no "
          "init is given; null: none (null)",
          SetJobController<"runtime">),
      setting(job + "init", "job-controller-init",
              R"(Init of a cold start: milliseconds or a distribution as JSON, )"
              R"({"lognormal_ms":{"p50":450,"p99":900}}; null: the runtime's, else 0 (null))",
              SetJobController<"init">),
      setting(job + "keep_alive_ms", "job-controller-keep-alive-ms",
              "Idle milliseconds until an environment is reclaimed (600000)",
              SetJobController<"keep_alive_ms">),
      setting(job + "reserved_concurrency", "job-controller-reserved-concurrency",
              "Share of the account's concurrency, null: none (null)",
              SetJobController<"reserved_concurrency">),
      setting(job + "provisioned_concurrency", "job-controller-provisioned-concurrency",
              "Environments kept initialised (0)", SetJobController<"provisioned_concurrency">),
      setting(job + "scale_up_per_10s", "job-controller-scale-up-per-10s",
              "Environments that may start in 10 s (1000)", SetJobController<"scale_up_per_10s">),
      setting(job + "async_maximum_retry_attempts", "job-controller-async-maximum-retry-attempts",
              "Retries of a failed asynchronous invocation, 0..2 (2)",
              SetJobController<"async_maximum_retry_attempts">),
      setting(job + "async_maximum_event_age_ms", "job-controller-async-maximum-event-age-ms",
              "Milliseconds an asynchronous event may wait (21600000)",
              SetJobController<"async_maximum_event_age_ms">),

      setting(mapping + "batch_size", "job-controller-batch-size",
              "Change records per invocation, 1..10000 (100)",
              [](Config& c, S text) { return SetInteger(&c.mapping.batch_size, text, 1, 10000); }),
      setting(mapping + "maximum_batching_window", "job-controller-maximum-batching-window",
              "How long a batch is collected, 0s..300s (0s)",
              [](Config& c, S text) {
                return SetDuration(&c.mapping.maximum_batching_window, text, Duration::zero(),
                                   seconds(300));
              }),
      setting(mapping + "parallelization_factor", "job-controller-parallelization-factor",
              "Batches in flight per shard, 1..10 (1)",
              [](Config& c, S text) {
                return SetInteger(&c.mapping.parallelization_factor, text, 1, 10);
              }),
      setting(mapping + "starting_position", "job-controller-starting-position",
              "Where a new data file is read from: TRIM_HORIZON or LATEST (TRIM_HORIZON)",
              [](Config& c, S text) {
                return SetChoice<StartingPosition>(
                    &c.mapping.starting_position, text,
                    {{"TRIM_HORIZON", StartingPosition::kTrimHorizon},
                     {"LATEST", StartingPosition::kLatest}});
              }),
      setting(mapping + "maximum_retry_attempts", "job-controller-maximum-retry-attempts",
              "Retries of a failed batch, -1 (for ever) or 0..10000 (-1)",
              [](Config& c, S text) {
                return SetInteger(&c.mapping.maximum_retry_attempts, text, -1, 10000);
              }),
      setting(mapping + "maximum_record_age", "job-controller-maximum-record-age",
              "Age at which a record is given up, 60s..168h, -1: never (-1)", SetMaximumRecordAge),
      on_off(mapping + "bisect_batch_on_function_error",
             "job-controller-bisect-batch-on-function-error",
             "Split a failed batch in two, true or false (false)",
             [](Config& c, S text) {
               return SetFlag(&c.mapping.bisect_batch_on_function_error, text);
             }),
      on_off(
          mapping + "report_batch_item_failures", "job-controller-report-batch-item-failures",
          "Heed the record a handler says it failed at, true or false (false)",
          [](Config& c, S text) { return SetFlag(&c.mapping.report_batch_item_failures, text); }),
      setting(mapping + "retry_initial", "job-controller-retry-initial",
              "First back-off after an error or a throttle, doubling, 1ms..60s (100ms)",
              [](Config& c, S text) {
                return SetDuration(&c.mapping.retry_initial, text, milliseconds(1), seconds(60));
              }),
      setting(mapping + "retry_maximum", "job-controller-retry-maximum",
              "Longest back-off, 1ms..1h (10s)",
              [](Config& c, S text) {
                return SetDuration(&c.mapping.retry_maximum, text, milliseconds(1), hours(1));
              }),

      setting("record", "record", "File to record every request in, made new (none)", SetRecord),

      setting(
          "log.level", "log-level",
          "debug (a line per request and invocation), info (start, stop, a line a minute of cold "
          "starts and throttles), warning, error or off (warning)",
          [](Config& c, S text) {
            return SetChoice<LogLevel>(&c.log_level, text,
                                       {{"debug", LogLevel::kDebug},
                                        {"info", LogLevel::kInfo},
                                        {"warning", LogLevel::kWarning},
                                        {"error", LogLevel::kError},
                                        {"off", LogLevel::kOff}});
          }),
      setting("log.format", "log-format", "text or json, one line each, to stderr (text)",
              [](Config& c, S text) {
                return SetChoice<bool>(&c.log_json, text, {{"text", false}, {"json", true}});
              }),
  };
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const std::vector<Setting> settings = MakeSettings();
  return settings;
}

Result<void> ApplySetting(const Setting& setting, const std::string& text, Config* config) {
  auto applied = setting.apply(*config, text);
  if (!applied.has_error()) config->given[setting.path] = text;
  return applied;
}

}  // namespace kless

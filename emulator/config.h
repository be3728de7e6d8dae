// Config: all settings of a daemon or a run.  Sources, later ones win: defaults, the settings in
// the latency profile, the YAML file, KLESS_... environment variables, command-line flags.  One
// table in settings_table.cc describes every setting (path in the file, flag, environment variable,
// help, range, default), so that all of them agree; configs/kless.yaml is printed from it
// (ConfigText).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "emulator/base/system/log.h"
#include "emulator/data_plane/data_plane_config.h"
#include "functions/pool/function_settings.h"
#include "functions/pool/keep_alive.h"
#include "functions/pool/latency_profile.h"
#include "functions/pool/pool.h"
#include "store/store.h"

namespace kless {

// What triggers a reconcile: change records through event source mappings and the function pool, or
// a controller manager's watch, cache and work queue.
enum class ControlPlane { kServerless, kClassic };
const char* ControlPlaneName(ControlPlane plane);  // "serverless", "classic"

// The services of AWS.
struct AwsConfig {
  std::string account = "000000000000";  // of access keys that are not an account's 12 digits
  std::string region = "us-east-1";      // of tables that other doors make
  bool isolate = false;  // tables are found only by the account and region that made them
  // From the request until a table or an index is ACTIVE, changed or gone.
  Duration table_delay{};
  // How old reads of global secondary indexes are; 0: as the latency profile says.
  Duration index_lag{};
  Duration transaction_time{};  // how long a transaction keeps its items from others
  Duration ttl_delay{};         // from an item's expiry to its deletion
  // How long after a change of a table's time to live another one is refused.
  Duration ttl_interval{};
  bool throttling = false;
  bool texts_of_2026 = false;  // of errors of requests; else those from before
};

struct Config {
  // A sync of 500 pods must fit into one invocation, even with 128 MB.
  Config() { function_default.config.timeout = std::chrono::seconds(60); }

  // server
  std::string address = "127.0.0.1";
  int port = 8080;   // 0: chosen by the system; `kless serve` prints it
  bool tls = false;  // HTTPS with the certificate of the data directory
  // store
  std::string data_directory = "./kless-data";  // contains kless.db
  StoreOptions store;                           // its path is derived from data_directory
  // time and chance
  double speed = 1.0;
  std::optional<std::uint64_t> seed;  // nullopt: from entropy
  ControlPlane control_plane = ControlPlane::kServerless;
  // functions
  int account_concurrency = 1000;
  KeepAlivePolicy keep_alive_policy = KeepAlivePolicy::kTtl;
  std::int64_t keep_alive_memory_mb = PoolOptions{}.keep_alive_memory_mb;
  LatencyProfile latency;  // name of a file in configs/latency, or a path
  // functions.default: the settings of each function unless its own settings differ.
  FunctionSettings function_default;
  // functions.NAME: the fields that were given for one function, by its name.
  std::map<std::string, FunctionTexts> functions;
  std::vector<std::string> loops = {"job"};  // the control loops that run (LoopNames lists all)
  data_plane::DataPlaneConfig data_plane;    // simulated nodes and kubelets
  AwsConfig aws;
  // log
  LogLevel log_level = LogLevel::kWarning;
  bool log_json = false;
  std::string record;  // file for recording every request; empty: none

  // The given texts from all sources, by Setting::path.
  std::map<std::string, std::string> given;
  // Likewise where each was given, "--port", "KLESS_PORT", "kless.yaml:12"; "": a command's
  // default.
  std::map<std::string, std::string> origins;
  // The settings of the latency profile that were not given: the text by Setting::path.
  std::map<std::string, std::string> from_profile;
};

// Returns the configuration as a config file: each setting with its help, flag, variable and value,
// and the origin of each value that is not the default.  ConfigText(Config()) is
// configs/kless.yaml.
std::string ConfigText(const Config& config);
// Returns only the given settings and those of the latency profile, one per line: "PATH: VALUE  #
// from ORIGIN".
std::string ChangedSettings(const Config& config);

// Reads a YAML file into `config`.  The error lists every problem, one per line, each with file,
// line, key and (for an unknown key) the nearest known one.
Result<void> ReadConfigFile(const std::string& path, Config* config);
// Applies KLESS_... variables.  A setting of a function is KLESS_FUNCTION_FIELD:
// KLESS_JOB_CONTROLLER_INIT, KLESS_DEFAULT_BATCH_SIZE.  The error lists every variable with a wrong
// value, one a line.  Others may use variables of that prefix for purposes of their own: each
// unknown one adds a sentence to `warnings` (null: dropped) with the most similar known one, and is
// ignored.
Result<void> ReadEnvironment(const std::map<std::string, std::string>& environment, Config* config,
                             std::vector<std::string>* warnings = nullptr);

}  // namespace kless

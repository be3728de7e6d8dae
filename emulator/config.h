// Config: everything a daemon or a run can be told.  Sources, later ones win: defaults, the YAML
// file, KLESS_... environment variables, command-line flags.  One table in settings.cc describes
// every setting (path in the file, flag, environment variable, help, range), so that all three
// agree.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/clock.h"
#include "emulator/base/error.h"
#include "emulator/base/log.h"
#include "emulator/data_plane/data_plane_config.h"
#include "functions/event_source_mapping.h"
#include "functions/function.h"
#include "functions/keep_alive.h"
#include "functions/latency_profile.h"
#include "functions/pool.h"
#include "store/store.h"

namespace kless {

// What triggers a reconcile: change records through event source mappings and the function pool, or
// a controller manager's watch, cache and work queue.
enum class ControlPlane { kServerless, kClassic };
const char* ControlPlaneName(ControlPlane plane);  // "serverless", "classic"

struct Config {
  // A sync of 500 pods must fit into one invocation, on 128 MB, too.
  Config() {
    job_controller.name = "job-controller";
    job_controller.timeout = std::chrono::seconds(60);
  }

  // server
  std::string address = "127.0.0.1";
  int port = 8080;   // 0: the system chooses; `kless serve` prints it
  bool tls = false;  // HTTPS with the certificate of the data directory
  // store
  std::string data_directory = "./kless-data";  // holds kless.db
  StoreOptions store;                           // path is derived from data_directory
  // time and chance
  double speed = 1.0;
  std::optional<std::uint64_t> seed;  // none: entropy
  ControlPlane control_plane = ControlPlane::kServerless;
  // functions
  int account_concurrency = 1000;
  KeepAlivePolicy keep_alive_policy = KeepAlivePolicy::kTtl;
  std::int64_t keep_alive_memory_mb = PoolOptions{}.keep_alive_memory_mb;
  LatencyProfile latency;  // by name of a file in configs/latency, or a path
  FunctionConfig job_controller;
  EventSourceMappingConfig mapping;  // of the job controller: batch size, window, factor, retries
  std::vector<std::string> loops = {"job"};  // which control loops run; known: "job"
  data_plane::DataPlaneConfig data_plane;    // simulated nodes and kubelets
  // log
  LogLevel log_level = LogLevel::kWarning;
  bool log_json = false;
  std::string record;  // file to record every request in; empty: none

  // What was given, of whatever source: the text by Setting::path.
  std::map<std::string, std::string> given;
};

// One setting, for the file reader, the environment reader, the flags and --help.
struct Setting {
  std::string path;         // in the YAML file: "functions.account_concurrency"
  std::string flag;         // "--account-concurrency"
  std::string environment;  // "KLESS_ACCOUNT_CONCURRENCY"
  std::string help;         // one sentence with unit, range and default
  // Sets the value from its text; an error is a sentence without place.
  Result<void> (*apply)(Config&, const std::string& text);
  bool is_switch = false;  // true or false; the flag alone means true
};
const std::vector<Setting>& Settings();
// Applies it and notes the text in `given`.
Result<void> ApplySetting(const Setting& setting, const std::string& text, Config* config);

// Reads a YAML file over `config`.  The error lists every problem, one a line, each with file,
// line, key and (for an unknown key) the nearest known one.
Result<void> ReadConfigFile(const std::string& path, Config* config);
// Applies KLESS_... variables; unknown ones are errors with the nearest known one.
Result<void> ReadEnvironment(const std::map<std::string, std::string>& environment, Config* config);

// A latency profile by name ("aws-2026") or path of a YAML file, found as base/config_files.h says.
// "instant" is the default of LatencyProfile, whatever files there are.
Result<LatencyProfile> LoadLatencyProfile(const std::string& name_or_path);

}  // namespace kless

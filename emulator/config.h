// Config: all settings of a daemon or a run.  Sources, later ones win: defaults, the settings in
// the latency profile, the YAML file, KLESS_... environment variables, command-line flags.  One
// table in settings.cc describes every setting (path in the file, flag, environment variable, help,
// range, default), so that all of them agree; configs/kless.yaml is printed from it (ConfigText).
#pragma once

#include <cstdint>
#include <functional>
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

// One setting, for the file parser, the environment parser, the flags, --help and ConfigText.
struct Setting {
  std::string path;         // in the YAML file: "functions.account_concurrency"
  std::string flag;         // "--account-concurrency"; "": functions.* are set by --function
  std::string environment;  // "KLESS_ACCOUNT_CONCURRENCY"; "": none
  std::string help;         // a phrase with unit and range, without the default
  // Sets the value from its text; an error is a sentence without its subject.
  std::function<Result<void>(Config&, const std::string& text)> apply;
  // Returns the text that `apply` parses; "" if there is no value.
  std::function<std::string(const Config&)> show;
  std::string default_text;  // describes the default if it is not the same for all commands
  // For a setting without a single default: the value for serve and exec, or any value.
  std::string example;
  bool is_switch = false;  // true or false; the flag alone means true
};
// Returns every setting except those of single functions: functions.default.* represents all of
// them.
const std::vector<Setting>& Settings();
// Also finds "functions.NAME.FIELD" of any function, a loop's or a user's; nullopt if there is
// none.
std::optional<Setting> FindSetting(const std::string& path);
// Whether settings begin with "PATH.".
bool IsSettingGroup(const std::string& path);
// Whether NAME in "functions.NAME..." is neither "default" nor a control loop's function.
bool IsOfUserFunction(const std::string& path);
// Returns the end of a sentence about an unknown path: "; did you mean 'port'?", or the keys that
// are known there.  `more` are further known paths; `allowed` tells which settings are (all if
// null).
std::string NearestSetting(const std::string& path, const std::vector<std::string>& more = {},
                           const std::function<bool(const std::string&)>& allowed = nullptr);
// Returns "HELP (DEFAULT)", with the default in `defaults`.
std::string HelpText(const Setting& setting, const Config& defaults);

// Applies it and records text and origin.  For the latency profile, also applies the profile's
// settings, except those that were given.
Result<void> ApplySetting(const Setting& setting, const std::string& text,
                          const std::string& origin, Config* config);

// Returns the settings of one function: functions.default with those of functions.NAME over it.
// kInvalidArgument: they contradict each other.
Result<FunctionSettings> SettingsOfFunction(const Config& config, const std::string& name);

// Whether the configuration gives the scheduler's reservation, even if it is none.
bool GivesSchedulerReservation(const Config& config);

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

// A latency profile by name ("aws-2026") or path of a YAML file, found as
// base/system/config_files.h says. Errors name file and line.
Result<LatencyProfile> LoadLatencyProfile(const std::string& name_or_path);
// If no latency profile was given and a file with other values wins over the compiled-in "instant",
// applies that file: a Config begins with the compiled-in values.
Result<void> ApplyDefaultLatency(Config* config);

}  // namespace kless

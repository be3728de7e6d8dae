// The settings, by path: those of the fixed table (settings_table.h) and the fields of every
// function.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/error.h"
#include "emulator/config.h"
#include "functions/pool/function_settings.h"

namespace kless {

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

}  // namespace kless

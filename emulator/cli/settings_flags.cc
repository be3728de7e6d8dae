#include "emulator/cli/settings_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/cli/help.h"
#include "emulator/cli/system.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/latency_file.h"
#include "emulator/settings.h"

namespace kless::cli {
namespace {

constexpr const char* kConfigVariable = "KLESS_CONFIG";

// The settings that the help of a command shows, under their headings.
const std::vector<std::pair<const char*, std::vector<const char*>>> kShownSettings = {
    {"Where it listens", {"--address", "--port", "--tls"}},
    {"Data", {"--data-directory", "--durability", "--retention-age"}},
    {"Time and chance", {"--speed", "--seed", "--latency"}},
    {"Control plane", {"--control-plane", "--loops"}},
    {"Nodes", {"--nodes", "--zones", "--kubelet", "--heartbeats"}},
    {"Functions", {"--account-concurrency", "--keep-alive-policy"}},
    {"Log", {"--log-level", "--log-format", "--record"}},
};

// Returns the heading of a setting; "" if it is not shown.
std::string GroupOf(const Setting& setting) {
  for (const auto& [group, names] : kShownSettings) {
    if (std::find(names.begin(), names.end(), setting.flag) != names.end()) return group;
  }
  return "";
}

Result<void> ApplyFunctionFlag(const std::string& word, Config* config) {
  const auto equals = word.find('=');
  const std::string path = "functions." + word.substr(0, equals);
  if (equals == std::string::npos || word.find('.') > equals) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "must be NAME.FIELD=VALUE, such as scheduler.init=450 or default.init=450");
  }
  const auto setting = FindSetting(path);
  if (!setting) {
    return MakeError(ErrorCode::kInvalidArgument, "unknown setting" + NearestSetting(path));
  }
  return ApplySetting(*setting, word.substr(equals + 1), "--function", config);
}

}  // namespace

void AddSettingsFlags(CLI::App& command, SettingsFlags* flags,
                      const std::map<std::string, std::string>& defaults) {
  command
      .add_option("--config", flags->config_file,
                  "YAML file of settings, see 'kless config show' (KLESS_CONFIG, or none)")
      ->type_name("FILE");
  const auto add = [&](const Setting& setting) {
    if (setting.flag.empty()) return;
    const std::string flag = setting.flag;
    const auto set = [flags, flag](const std::string& text) { flags->values[flag] = text; };
    const auto other = defaults.find(flag);
    const std::string help = other == defaults.end() ? HelpText(setting, Config())
                                                     : setting.help + " (" + other->second + ")";
    CLI::Option* const option =
        command.add_option_function<std::string>(flag, set, help)->group(GroupOf(setting));
    option->type_name(setting.is_switch ? "" : "VALUE");
    if (setting.is_switch) option->expected(0);  // "--tls"; "--tls=false" over a config file
  };
  // Headings appear in the order of their first use.
  for (const auto& [group, names] : kShownSettings) {
    for (const Setting& setting : Settings()) {
      if (GroupOf(setting) == group) add(setting);
    }
  }
  for (const Setting& setting : Settings()) {
    if (GroupOf(setting).empty()) add(setting);
  }
  const auto set_functions = [flags](const std::vector<std::string>& words) {
    flags->functions.insert(flags->functions.end(), words.begin(), words.end());
  };
  command
      .add_option_function<std::vector<std::string>>(
          "--function", set_functions,
          "A setting of one function, or of all with the name default; repeatable")
      ->allow_extra_args(false)
      ->group("Functions")
      ->type_name("NAME.FIELD=VALUE");
}

std::string FunctionFieldNames() {
  std::string fields;
  for (const FunctionSetting& field : AllFunctionSettings()) {
    fields += (fields.empty() ? "" : ", ") + field.name;
  }
  return fields;
}

std::string FunctionFlagHelp() {
  std::string names;
  for (const std::string& name : control_planes::LoopFunctionNames()) names += ", " + name;
  return Wrapped(
      "--function sets a field of a function: default (all), a control loop's (" + names.substr(2) +
          ") or one of yours. Fields, described by 'kless config show': " + FunctionFieldNames() +
          ".",
      kHelpWidth);
}

std::string ConfigFileOf(const SettingsFlags& flags) {
  return flags.config_file.empty() ? EnvironmentVariable(kConfigVariable) : flags.config_file;
}

Result<Config> LoadConfig(const SettingsFlags& flags, std::vector<std::string>* warnings) {
  Config config;
  const std::string file = ConfigFileOf(flags);
  if (!file.empty()) {
    const auto read = ReadConfigFile(file, &config);
    if (read.has_error()) {
      const bool is_variable =
          flags.config_file.empty() && read.error().code == ErrorCode::kNotFound;
      return MakeError(read.error().code,
                       read.error().message +
                           (is_variable ? std::string("; ") + kConfigVariable + " names it" : ""));
    }
  }
  KLESS_TRY_VOID(ReadEnvironment(EnvironmentVariables(), &config, warnings));
  std::string problems;
  const auto report = [&](const std::string& place, const std::string& sentence) {
    problems += (problems.empty() ? "" : "\n") + place + ": " + sentence;
  };
  for (const Setting& setting : Settings()) {
    const auto given = flags.values.find(setting.flag);
    if (setting.flag.empty() || given == flags.values.end()) continue;
    const auto applied = ApplySetting(setting, given->second, setting.flag, &config);
    if (applied.has_error()) report(setting.flag, applied.error().message);
  }
  for (const std::string& word : flags.functions) {
    const auto applied = ApplyFunctionFlag(word, &config);
    if (applied.has_error()) report("--function " + word, applied.error().message);
  }
  if (!flags.values.contains("--latency")) {
    const auto latency = ApplyDefaultLatency(&config);
    if (latency.has_error()) report("latency", latency.error().message);
  }
  for (const auto& [name, fields] : config.functions) {
    const auto settings = SettingsOfFunction(config, name);
    if (settings.has_error()) report("settings", settings.error().message);
  }
  if (!problems.empty()) return MakeError(ErrorCode::kInvalidArgument, problems);
  return config;
}

std::vector<std::string> ToArguments(const SettingsFlags& flags) {
  std::vector<std::string> arguments;
  if (!flags.config_file.empty()) arguments.push_back("--config=" + flags.config_file);
  for (const auto& [flag, value] : flags.values) arguments.push_back(flag + "=" + value);
  for (const std::string& word : flags.functions) arguments.push_back("--function=" + word);
  return arguments;
}

}  // namespace kless::cli

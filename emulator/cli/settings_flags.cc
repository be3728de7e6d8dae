#include "emulator/cli/settings_flags.h"

#include <CLI/CLI.hpp>

#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

constexpr const char* kConfigVariable = "KLESS_CONFIG";

// "functions.job-controller.init" -> "Settings: functions"
std::string Group(const Setting& setting) {
  const auto dot = setting.path.find('.');
  return "Settings: " + (dot == std::string::npos ? "general" : setting.path.substr(0, dot));
}

}  // namespace

void AddSettingsFlags(CLI::App& command, SettingsFlags* flags) {
  command
      .add_option("--config", flags->config_file,
                  "YAML file of settings, see configs/kless.yaml (KLESS_CONFIG, or none)")
      ->type_name("FILE");
  for (const Setting& setting : Settings()) {
    const std::string flag = setting.flag;
    const auto set = [flags, flag](const std::string& text) { flags->values[flag] = text; };
    CLI::Option* const option =
        command.add_option_function<std::string>(flag, set, setting.help)->group(Group(setting));
    option->type_name(setting.is_switch ? "" : "VALUE");
    if (setting.is_switch) option->expected(0);  // "--tls"; "--tls=false" over a config file
  }
}

Result<Config> LoadConfig(const SettingsFlags& flags) {
  Config config;
  const std::string file =
      flags.config_file.empty() ? EnvironmentVariable(kConfigVariable) : flags.config_file;
  if (!file.empty()) {
    const auto read = ReadConfigFile(file, &config);
    if (read.has_error()) return read.error();
  }
  const auto read = ReadEnvironment(EnvironmentVariables(), &config);
  if (read.has_error()) return read.error();
  std::string problems;
  for (const Setting& setting : Settings()) {
    const auto given = flags.values.find(setting.flag);
    if (given == flags.values.end()) continue;
    const auto applied = ApplySetting(setting, given->second, &config);
    if (!applied.has_error()) continue;
    problems += (problems.empty() ? "" : "\n") + setting.flag + ": " + applied.error().message;
  }
  if (!problems.empty()) return MakeError(ErrorCode::kInvalidArgument, problems);
  return config;
}

std::vector<std::string> ToArguments(const SettingsFlags& flags) {
  std::vector<std::string> arguments;
  if (!flags.config_file.empty()) arguments.push_back("--config=" + flags.config_file);
  for (const auto& [flag, value] : flags.values) arguments.push_back(flag + "=" + value);
  return arguments;
}

}  // namespace kless::cli

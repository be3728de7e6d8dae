#include "emulator/config.h"

#include <yaml-cpp/yaml.h>

#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/config_files.h"
#include "emulator/base/yaml.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/settings.h"

namespace kless {
namespace {

std::string JoinLines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

// Reads a file's maps by the settings table.
class FileReader {
 public:
  FileReader(std::string file, Config* config) : file_(std::move(file)), config_(config) {}

  void ReadMap(const YAML::Node& map, const std::string& prefix) {
    std::set<std::string> seen;
    for (const auto& entry : map) {
      const YAML::Node& key = entry.first;
      const int line = key.Mark().line;
      if (!key.IsScalar()) {
        Report(line, prefix.empty() ? "(file)" : prefix, "a key must be a word");
        continue;
      }
      const std::string path = prefix.empty() ? key.Scalar() : prefix + "." + key.Scalar();
      if (!seen.insert(key.Scalar()).second) {
        Report(line, path, "is given twice");
      } else {
        ReadValue(path, entry.second, line);
      }
    }
  }

  void Report(int line, const std::string& key, const std::string& message) {
    problems_.push_back(file_ + ":" + std::to_string(line + 1) + ": " + key + ": " + message);
  }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void ReadValue(const std::string& path, const YAML::Node& value, int line) {
    if (const auto setting = FindSetting(path)) {
      Apply(*setting, value, line);
    } else if (!IsSettingGroup(path)) {
      Report(line, path, "unknown key" + NearestSetting(path));
    } else if (value.IsMap()) {
      ReadMap(value, path);
    } else if (!value.IsNull()) {  // "store:" with all its lines commented out
      Report(line, path, "must be a map of settings");
    }
  }

  void Apply(const Setting& setting, const YAML::Node& value, int line) {
    std::string text;
    if (value.IsScalar()) {
      text = value.Scalar();
    } else {
      auto json = YamlToJson(value, YamlRules::kCore, file_);
      if (json.has_error()) {
        problems_.push_back(json.error().message);
        return;
      }
      text = DumpJson(json.value());
    }
    const std::string origin = file_ + ":" + std::to_string(line + 1);
    const auto applied = ApplySetting(setting, text, origin, config_);
    if (applied.has_error()) Report(line, setting.path, applied.error().message);
  }

  const std::string file_;
  Config* const config_;
  std::vector<std::string> problems_;
};

// Returns the setting of each KLESS_... variable; "" for variables that are not settings: the path
// of the file, the daemon's address for clients, and those that the command of a user function
// gets.
std::map<std::string, std::string> PathsOfVariables() {
  std::map<std::string, std::string> paths = {{"KLESS_CONFIG", ""},     {"KLESS_CONFIGS", ""},
                                              {"KLESS_ENDPOINT", ""},   {"KLESS_CERTIFICATE", ""},
                                              {"KLESS_REQUEST_ID", ""}, {"KLESS_DEADLINE_MS", ""}};
  for (const Setting& setting : Settings()) paths[setting.environment] = setting.path;
  for (const std::string& function : control_planes::LoopFunctionNames()) {
    for (const FunctionSetting& field : AllFunctionSettings()) {
      const auto setting = FindSetting("functions." + function + "." + field.name);
      if (setting) paths[setting->environment] = setting->path;
    }
  }
  return paths;
}

}  // namespace

const char* ControlPlaneName(ControlPlane plane) {
  return plane == ControlPlane::kClassic ? "classic" : "serverless";
}

Result<void> ReadConfigFile(const std::string& path, Config* config) {
  const auto text = ReadConfigText(path);
  if (text.has_error()) {
    return MakeError(ErrorCode::kNotFound, "the config file: " + text.error().message);
  }
  FileReader reader(path, config);
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text.value());
    for (const YAML::Node& document : documents) {
      if (document.IsNull()) continue;
      if (documents.size() > 1) {
        reader.Report(document.Mark().line, "(file)", "a config file holds one document");
      } else if (!document.IsMap()) {
        reader.Report(document.Mark().line, "(file)", "must be a map of settings");
      } else {
        reader.ReadMap(document, "");
      }
    }
  } catch (const YAML::Exception& error) {
    reader.Report(error.mark.is_null() ? 0 : error.mark.line, "(file)", error.msg);
  }
  if (reader.problems().empty()) return {};
  return MakeError(ErrorCode::kInvalidArgument, JoinLines(reader.problems()));
}

Result<void> ReadEnvironment(const std::map<std::string, std::string>& environment, Config* config,
                             std::vector<std::string>* warnings) {
  std::map<std::string, std::string> paths = PathsOfVariables();
  std::vector<std::string> known;
  known.reserve(paths.size());
  for (const auto& [variable, path] : paths) known.push_back(variable);
  std::vector<std::string> problems;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("KLESS_")) continue;
    const auto found = paths.find(name);
    if (found == paths.end()) {
      if (warnings != nullptr) {
        warnings->push_back("environment: " + name + ": not a variable of kless, ignored" +
                            DidYouMean(name, known));
      }
      continue;
    }
    const auto setting = FindSetting(found->second);
    if (!setting) continue;
    const auto applied = ApplySetting(*setting, value, name, config);
    if (applied.has_error()) {
      problems.push_back("environment: " + name + ": " + applied.error().message +
                         "; correct the variable or unset it");
    }
  }
  if (problems.empty()) return {};
  return MakeError(ErrorCode::kInvalidArgument, JoinLines(problems));
}

}  // namespace kless

#include "emulator/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/config_files.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/yaml.h"

namespace kless {
namespace {

std::string JoinLines(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : "\n") + line;
  return text;
}

std::string DidYouMean(std::string_view word, const std::vector<std::string>& candidates) {
  const auto near = NearestWord(word, candidates);
  return near ? "; did you mean '" + *near + "'?" : "";
}

// Walks a file's maps against the settings table.
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
        ReadValue(path, key.Scalar(), prefix, entry.second, line);
      }
    }
  }

  void Report(int line, const std::string& key, const std::string& message) {
    problems_.push_back(file_ + ":" + std::to_string(line + 1) + ": " + key + ": " + message);
  }
  const std::vector<std::string>& problems() const { return problems_; }

 private:
  void ReadValue(const std::string& path, const std::string& key, const std::string& prefix,
                 const YAML::Node& value, int line) {
    for (const Setting& setting : Settings()) {
      if (setting.path != path) continue;
      Apply(setting, value, line);
      return;
    }
    const bool is_group =
        std::any_of(Settings().begin(), Settings().end(),
                    [&](const Setting& each) { return each.path.starts_with(path + "."); });
    if (!is_group) {
      Report(line, path, "unknown key" + Nearest(key, prefix));
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
    const auto applied = ApplySetting(setting, text, config_);
    if (applied.has_error()) Report(line, setting.path, applied.error().message);
  }

  // The nearest key beside it, or else one of the same name elsewhere in the file.
  static std::string Nearest(const std::string& key, const std::string& prefix) {
    const std::string under = prefix.empty() ? "" : prefix + ".";
    std::vector<std::string> siblings;
    for (const Setting& setting : Settings()) {
      if (!setting.path.starts_with(under)) continue;
      const std::string rest = setting.path.substr(under.size());
      siblings.push_back(rest.substr(0, rest.find('.')));
    }
    std::string hint = DidYouMean(key, siblings);
    if (!hint.empty()) return hint;
    for (const Setting& setting : Settings()) {
      const auto dot = setting.path.rfind('.');
      const std::string last =
          dot == std::string::npos ? setting.path : setting.path.substr(dot + 1);
      if (NearestWord(key, {last})) return "; did you mean '" + setting.path + "'?";
    }
    return "";
  }

  const std::string file_;
  Config* const config_;
  std::vector<std::string> problems_;
};

}  // namespace

const char* ControlPlaneName(ControlPlane plane) {
  return plane == ControlPlane::kClassic ? "classic" : "serverless";
}

Result<void> ReadConfigFile(const std::string& path, Config* config) {
  const auto text = ReadConfigText(path);
  if (text.has_error()) {
    return MakeError(ErrorCode::kNotFound, path + ": the config file cannot be read");
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

Result<void> ReadEnvironment(const std::map<std::string, std::string>& environment,
                             Config* config) {
  // Variables that are no settings: where the file is, where clients find the daemon, and what the
  // command of a user's function is told.
  std::vector<std::string> known = {"KLESS_CONFIG",      "KLESS_CONFIGS",    "KLESS_ENDPOINT",
                                    "KLESS_CERTIFICATE", "KLESS_REQUEST_ID", "KLESS_DEADLINE_MS"};
  const std::size_t others = known.size();
  for (const Setting& setting : Settings()) known.push_back(setting.environment);
  std::vector<std::string> problems;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with("KLESS_")) continue;
    const auto found = std::find(known.begin(), known.end(), name);
    if (found == known.end()) {
      problems.push_back("environment: " + name + ": unknown variable" + DidYouMean(name, known));
      continue;
    }
    const auto index = static_cast<std::size_t>(found - known.begin());
    if (index < others) continue;
    const auto applied = ApplySetting(Settings()[index - others], value, config);
    if (applied.has_error()) {
      problems.push_back("environment: " + name + ": " + applied.error().message);
    }
  }
  if (problems.empty()) return {};
  return MakeError(ErrorCode::kInvalidArgument, JoinLines(problems));
}

}  // namespace kless

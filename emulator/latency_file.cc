// Finds and reads latency profiles: YAML files whose values LatencyProfile::FromJson parses.
#include <nlohmann/json.hpp>

#include "emulator/base/config_files.h"
#include "emulator/base/yaml.h"
#include "emulator/config.h"

namespace kless {

Result<LatencyProfile> LoadLatencyProfile(const std::string& name_or_path) {
  if (name_or_path == "instant") return LatencyProfile{};
  const auto file = FindConfigFile("latency", name_or_path, "latency profile");
  if (file.has_error()) return file.error();
  const std::string& path = file.value().path;
  const auto text = ReadConfigText(path);
  if (text.has_error()) return text.error();
  auto documents = ParseDocuments(text.value(), YamlRules::kCore, path);
  if (documents.has_error()) return documents.error();
  if (documents.value().size() != 1) {
    return MakeError(ErrorCode::kInvalidArgument, path + ": a latency profile is one document");
  }
  auto profile = LatencyProfile::FromJson(documents.value().front());
  if (profile.has_error()) {
    return MakeError(profile.error().code, path + ": " + profile.error().message);
  }
  Config scratch;
  for (const auto& [setting, value] : profile.value().settings) {
    const auto applied = FindSetting(setting)->apply(scratch, value);
    if (applied.has_error()) {
      return MakeError(applied.error().code,
                       path + ": " + setting + ": " + applied.error().message);
    }
  }
  return profile;
}

}  // namespace kless

// Finds and reads latency profiles: YAML files whose values LatencyProfile::FromJson parses.
#include "emulator/latency_file.h"

#include <nlohmann/json.hpp>

#include "emulator/base/system/config_files.h"
#include "emulator/base/yaml.h"
#include "emulator/settings.h"

namespace kless {
namespace {

constexpr const char* kDefaultProfile = "instant";
constexpr const char* kWhat = "latency profile";

// Returns "FILE:LINE" of the value, or of the nearest one that encloses it, or "FILE".
std::string PlaceOf(const std::string& file, const std::map<std::string, int>& lines,
                    std::string path) {
  for (;;) {
    const auto line = lines.find(path);
    if (line != lines.end()) return file + ":" + std::to_string(line->second);
    const auto dot = path.rfind('.');
    if (dot == std::string::npos) return file;
    path.resize(dot);
  }
}

// The path that an error of LatencyProfile names first, in quotes.
std::string QuotedPath(const std::string& message) {
  const auto begin = message.find('\'');
  const auto end = begin == std::string::npos ? begin : message.find('\'', begin + 1);
  return end == std::string::npos ? "" : message.substr(begin + 1, end - begin - 1);
}

}  // namespace

Result<LatencyProfile> LoadLatencyProfile(const std::string& name_or_path) {
  KLESS_TRY(const auto file, FindConfigFile("latency", name_or_path, kWhat));
  const std::string& path = file.path;
  KLESS_TRY(const auto text, ReadConfigText(path));
  KLESS_TRY(auto documents, ParseDocuments(text, YamlRules::kCore, path));
  if (documents.size() != 1) {
    return MakeError(ErrorCode::kInvalidArgument, path + ": a latency profile is one document");
  }
  auto profile = LatencyProfile::FromJson(documents.front());
  if (profile.has_error()) {
    const std::string& message = profile.error().message;
    const auto lines = LinesOfPaths(text);
    return MakeError(profile.error().code,
                     PlaceOf(path, lines, QuotedPath(message)) + ": " + message);
  }
  Config scratch;
  for (const auto& [setting, value] : profile.value().settings) {
    const auto applied = FindSetting(setting)->apply(scratch, value);
    if (applied.has_error()) {
      const auto lines = LinesOfPaths(text);
      return MakeError(applied.error().code, PlaceOf(path, lines, setting) + ": " + setting + ": " +
                                                 applied.error().message);
    }
  }
  return profile;
}

Result<void> ApplyDefaultLatency(Config* config) {
  if (config->given.contains("latency") || !IsReplaced("latency", kDefaultProfile)) return {};
  KLESS_TRY(const auto file, FindConfigFile("latency", kDefaultProfile, kWhat));
  return ApplySetting(*FindSetting("latency"), kDefaultProfile, file.path, config);
}

}  // namespace kless

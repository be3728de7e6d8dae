// Finds and reads latency profiles: YAML files whose values LatencyProfile::FromJson understands.
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "emulator/base/yaml.h"
#include "emulator/config.h"

namespace kless {
namespace {

namespace fs = std::filesystem;

Result<LatencyProfile> ReadFile(const fs::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  if (!file) {
    return MakeError(ErrorCode::kNotFound, path.string() + ": the latency profile cannot be read");
  }
  auto documents = ParseDocuments(text.str(), YamlRules::kCore, path.string());
  if (documents.has_error()) return documents.error();
  if (documents.value().size() != 1) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path.string() + ": a latency profile is one document");
  }
  auto profile = LatencyProfile::FromJson(documents.value().front());
  if (profile.has_error()) {
    return MakeError(profile.error().code, path.string() + ": " + profile.error().message);
  }
  return profile;
}

}  // namespace

// From build/PRESET/tests/FOLDER up to the tree.
constexpr int kFoldersUp = 5;

std::vector<std::string> ConfigFolders(const std::string& kind) {
  std::vector<std::string> folders = {(fs::path("configs") / kind).string()};
  std::error_code error;
  const fs::path binary = fs::read_symlink("/proc/self/exe", error);
  if (error) return folders;
  fs::path folder = binary.parent_path();
  for (int level = 0; level < kFoldersUp; ++level) {
    folders.push_back((folder / "configs" / kind).string());
    folder = folder.parent_path();
  }
  return folders;
}

Result<LatencyProfile> LoadLatencyProfile(const std::string& name_or_path) {
  if (name_or_path == "instant") return LatencyProfile{};
  std::error_code error;
  const bool is_path = name_or_path.find('/') != std::string::npos ||
                       name_or_path.ends_with(".yaml") || name_or_path.ends_with(".yml");
  if (is_path) return ReadFile(name_or_path);
  std::set<std::string> names = {"instant"};
  for (const fs::path folder : ConfigFolders("latency")) {
    const fs::path path = folder / (name_or_path + ".yaml");
    if (fs::is_regular_file(path, error)) return ReadFile(path);
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() == ".yaml") names.insert(entry.path().stem().string());
    }
  }
  std::string known;
  for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
  return MakeError(ErrorCode::kNotFound,
                   "no latency profile '" + name_or_path + "'; known: " + known);
}

}  // namespace kless

#include "emulator/base/system/config_files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <map>

#include "emulator/base/strings.h"
#include "emulator/base/system/compiled_in_files.h"
#include "emulator/base/system/compiled_in_text.h"
#include "emulator/base/system/files.h"

namespace kless {
namespace {

namespace fs = std::filesystem;

constexpr const char* kConfigsVariable = "KLESS_CONFIGS";
constexpr std::string_view kConfigsFolder = "configs/";
constexpr std::string_view kConfigExtension = ".yaml";

// The folder that KLESS_CONFIGS names, without a trailing slash; "" if it is not set.
std::string OwnConfigsFolder() {
  const char* const value = std::getenv(kConfigsVariable);
  std::string folder = value == nullptr ? "" : fs::path(value).lexically_normal().string();
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  return folder;
}

// "latency/aws-2026.yaml" for a path within configs; nullopt for any other path.
std::optional<std::string> PathWithinConfigs(const std::string& path) {
  const std::string normal = fs::path(path).lexically_normal().string();
  if (path.starts_with(kConfigsFolder) && normal.starts_with(kConfigsFolder)) {
    return normal.substr(kConfigsFolder.size());
  }
  const std::string own = OwnConfigsFolder();
  if (!own.empty() && normal.starts_with(own + "/")) return normal.substr(own.size() + 1);
  return std::nullopt;
}

const CompiledInFile* FindCompiledIn(const std::string& within) {
  return FindCompiledInFile(std::string(kConfigsFolder) + within);
}

// Pipes are accepted: a shell makes them for `<(command)`.
bool IsReadableFile(const std::string& path) {
  std::error_code error;
  return fs::exists(path, error) && !fs::is_directory(path, error);
}

// The source of a path's text: on disk, or in the table.  If both are absent, there is none.
struct FoundText {
  std::optional<std::string> disk;
  const CompiledInFile* compiled_in = nullptr;
};

FoundText LocateConfig(const std::string& path) {
  if (IsReadableFile(path)) return {.disk = path};
  const auto within = PathWithinConfigs(path);
  if (!within) return {};
  const std::string here = std::string(kConfigsFolder) + *within;
  if (IsReadableFile(here)) return {.disk = here};
  const std::string own = OwnConfigsFolder();
  if (!own.empty() && IsReadableFile(own + "/" + *within)) return {.disk = own + "/" + *within};
  return {.disk = std::nullopt, .compiled_in = FindCompiledIn(*within)};
}

void AddFolder(const std::string& kind, const std::string& configs, const std::string& origin,
               std::map<std::string, ConfigFile>* files) {
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(configs + "/" + kind, error)) {
    if (entry.path().extension() != kConfigExtension) continue;
    const std::string name = entry.path().stem().string();
    files->emplace(name, ConfigFile{name, entry.path().string(), origin});
  }
}

std::string PlacesOf(const std::string& kind) {
  std::string places = "./configs/" + kind;
  const std::string own = OwnConfigsFolder();
  if (!own.empty()) {
    std::error_code ignored;
    places += ", in " + own + "/" + kind;
    if (!fs::is_directory(own, ignored)) places += " (KLESS_CONFIGS names no folder)";
  }
  return places + " and among the files compiled into kless";
}

bool IsCapital(char c) { return c >= 'A' && c <= 'Z'; }

}  // namespace

Result<std::string> ReadConfigText(const std::string& path) {
  const FoundText found = LocateConfig(path);
  if (found.compiled_in != nullptr) return CompiledInText(*found.compiled_in);
  return ReadFile(found.disk.value_or(path));
}

bool ConfigTextExists(const std::string& path) {
  const FoundText found = LocateConfig(path);
  return found.disk.has_value() || found.compiled_in != nullptr;
}

std::vector<ConfigFile> ListConfigFiles(const std::string& kind) {
  std::map<std::string, ConfigFile> files;  // emplace keeps the entry of the first place
  AddFolder(kind, "configs", "./configs", &files);
  if (const std::string own = OwnConfigsFolder(); !own.empty()) AddFolder(kind, own, own, &files);
  const std::string prefix = std::string(kConfigsFolder) + kind + "/";
  for (std::size_t i = 0; i < kCompiledInFileCount; ++i) {
    const std::string path = kCompiledInFiles[i].path;
    if (!path.starts_with(prefix) || !path.ends_with(kConfigExtension)) continue;
    const std::string name = fs::path(path).stem().string();
    files.emplace(name, ConfigFile{name, path, "compiled in"});
  }
  std::vector<ConfigFile> all;
  for (auto& [name, file] : files) all.push_back(std::move(file));
  return all;
}

Result<ConfigFile> FindConfigFile(const std::string& kind, const std::string& name_or_path,
                                  const std::string& what) {
  const bool is_path = name_or_path.find('/') != std::string::npos ||
                       name_or_path.ends_with(".yaml") || name_or_path.ends_with(".yml") ||
                       name_or_path.ends_with(".json");
  if (is_path && ConfigTextExists(name_or_path)) {
    return ConfigFile{fs::path(name_or_path).stem().string(), name_or_path, ""};
  }
  std::string known;
  std::vector<std::string> names;
  for (ConfigFile& file : ListConfigFiles(kind)) {
    if (!is_path && file.name == name_or_path) return std::move(file);
    known += (known.empty() ? "" : ", ") + file.name;
    names.push_back(file.name);
  }
  if (is_path) {
    std::string message = "there is no " + what + " file " + name_or_path;
    const std::string stem = fs::path(name_or_path).stem().string();
    if (std::find(names.begin(), names.end(), stem) != names.end()) {
      message += "; did you mean the " + what + " '" + stem + "'?";
    }
    return MakeError(ErrorCode::kNotFound, message);
  }
  std::string message = "there is no " + what + " '" + name_or_path + "'";
  if (const auto near = NearestWord(name_or_path, names)) {
    message += "; did you mean '" + *near + "'?";
  }
  return MakeError(ErrorCode::kNotFound,
                   message + "; known: " + known + "; looked in " + PlacesOf(kind));
}

bool IsReplaced(const std::string& kind, const std::string& name) {
  const std::string within = kind + "/" + name + std::string(kConfigExtension);
  const CompiledInFile* const compiled_in = FindCompiledIn(within);
  const auto text = ReadConfigText(std::string(kConfigsFolder) + within);
  return compiled_in != nullptr && text.has_value() && text.value() != CompiledInText(*compiled_in);
}

std::string FirstSentence(std::string_view text) {
  std::string sentence;
  for (const std::string_view line : Split(text, '\n')) {
    if (!line.starts_with("# ")) break;
    if (!sentence.empty()) sentence += ' ';
    sentence += line.substr(2);
  }
  // A full stop that ends a sentence is followed by a space and a capital, or by the end.
  for (std::size_t at = sentence.find(". "); at != std::string::npos;
       at = sentence.find(". ", at + 1)) {
    const std::size_t next = sentence.find_first_not_of(' ', at + 1);
    // "D. Darbinyan"
    const bool initial = at >= 2 && sentence[at - 2] == ' ' && IsCapital(sentence[at - 1]);
    const bool capital = next != std::string::npos && IsCapital(sentence[next]);
    if (capital && !initial) return sentence.substr(0, at + 1);
  }
  return sentence;
}

}  // namespace kless

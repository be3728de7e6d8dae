#include "emulator/experiment/input/input_file.h"

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/config_files.h"
#include "emulator/base/yaml.h"

namespace kless::experiment {
namespace {

namespace fs = std::filesystem;

}  // namespace

Result<ScenarioFile> ScenarioFile::Load(const std::string& name_or_path) {
  const auto found = FindConfigFile("experiments", name_or_path, "scenario");
  if (found.has_error()) {
    std::error_code ignored;
    const fs::path of_results = fs::path(name_or_path) / "scenario.yaml";
    if (!fs::is_regular_file(of_results, ignored)) return found.error();
    return MakeError(found.error().code, name_or_path + " is a folder of results; " +
                                             of_results.string() + " is what was run");
  }
  ScenarioFile made;
  made.path_ = found.value().path;
  made.folder_ = fs::path(made.path_).parent_path().string();
  KLESS_TRY(const auto text, ReadConfigText(made.path_));
  KLESS_TRY(auto documents, ParseDocuments(text, YamlRules::kCore, made.path_));
  if (documents.size() != 1 || !documents.front().is_object()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     made.path_ + ": a scenario is one document, a map of keys");
  }
  made.text_ = text;
  made.tree_ = std::make_shared<const nlohmann::json>(std::move(documents.front()));
  made.lines_ = LinesOfPaths(text);
  return made;
}

ScenarioFile ScenarioFile::Make(nlohmann::json tree, std::string path) {
  ScenarioFile made;
  made.tree_ = std::make_shared<const nlohmann::json>(std::move(tree));
  made.folder_ = fs::path(path).parent_path().string();
  if (made.folder_.empty()) made.folder_ = ".";
  made.path_ = std::move(path);
  return made;
}

std::string ScenarioFile::Place(std::string path) const {
  for (;;) {
    const auto line = lines_.find(path);
    if (line != lines_.end()) return path_ + ":" + std::to_string(line->second);
    const auto dot = path.rfind('.');
    if (dot == std::string::npos) return path_;
    path.resize(dot);
  }
}

std::string InputPath(const std::string& name, const std::string& folder) {
  std::error_code error;
  const fs::path copy = fs::path(folder) / "inputs" / fs::path(name).filename();
  const bool of_results = fs::is_regular_file(fs::path(folder) / "run.json", error);
  if (of_results && fs::is_regular_file(copy, error)) return copy.string();
  const fs::path below = fs::path(folder) / name;
  return fs::path(name).is_relative() && fs::is_regular_file(below, error) ? below.string() : name;
}

void SetPath(nlohmann::json& tree, const std::string& path, nlohmann::json value) {
  nlohmann::json* at = &tree;
  for (const std::string_view key : Split(path, '.')) {
    if (!at->is_object()) *at = nlohmann::json::object();
    at = &(*at)[std::string(key)];
  }
  *at = std::move(value);
}

const nlohmann::json* FindPath(const nlohmann::json& tree, const std::string& path) {
  const nlohmann::json* at = &tree;
  for (const std::string_view key : Split(path, '.')) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(std::string(key));
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

nlohmann::json Merge(nlohmann::json base, const nlohmann::json& over) {
  if (!base.is_object() || !over.is_object()) return over;
  for (const auto& [key, value] : over.items()) {
    const auto there = base.find(key);
    if (there == base.end() || key == "workload") {
      base[key] = value;
    } else {
      *there = Merge(std::move(*there), value);
    }
  }
  return base;
}

Result<nlohmann::json> ParseValue(const std::string& text) {
  using Parsed = Result<nlohmann::json>;
  constexpr auto kValue = boost::system::in_place_value;
  if (text.empty()) return Parsed(kValue, "");
  KLESS_TRY(auto parsed, ParseDocuments(text, YamlRules::kCore, "value"));
  if (parsed.size() != 1) return Parsed(kValue, text);
  return Parsed(kValue, std::move(parsed.front()));
}

std::string ValueText(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : DumpJson(value);
}

std::string UnknownKey(const std::string& key, const std::vector<std::string>& known) {
  const auto near = NearestWord(key, known);
  std::string text = "unknown key" + (near ? "; did you mean '" + *near + "'?" : std::string(";"));
  text += " known: ";
  for (std::size_t i = 0; i < known.size(); ++i) text += (i == 0 ? "" : ", ") + known[i];
  return text;
}

std::string UnknownWord(const std::string& kind, const std::string& word,
                        const std::vector<std::string>& known) {
  constexpr std::size_t kShown = 8, kBeginning = 3;
  std::string text = "no " + kind + " '" + word + "'";
  if (const auto near = NearestWord(word, known)) return text + "; did you mean '" + *near + "'?";
  const auto show = [&](auto matches) {
    std::string shown;
    std::size_t count = 0;
    for (const std::string& each : known) {
      if (!matches(each) || ++count > kShown) continue;
      shown += (shown.empty() ? "" : ", ") + each;
    }
    return shown;
  };
  const std::string beginning = word.substr(0, kBeginning);
  std::string shown =
      show([&](const std::string& each) { return each.find(word) != std::string::npos; });
  if (shown.empty()) {
    shown = show([&](const std::string& each) { return each.starts_with(beginning); });
  }
  if (shown.empty()) shown = show([](const std::string&) { return true; });
  return text + "; there are, among others, " + shown;
}

}  // namespace kless::experiment

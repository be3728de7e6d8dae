#include "emulator/experiment/scenario_file.h"

#include <yaml-cpp/yaml.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "emulator/base/config_files.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/yaml.h"

namespace kless::experiment {
namespace {

void CollectLines(const YAML::Node& node, const std::string& path,
                  std::map<std::string, int>* lines) {
  const std::string prefix = path.empty() ? "" : path + ".";
  if (node.IsMap()) {
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) continue;
      const std::string inner = prefix + entry.first.Scalar();
      lines->emplace(inner, entry.first.Mark().line + 1);
      CollectLines(entry.second, inner, lines);
    }
  } else if (node.IsSequence()) {
    for (std::size_t i = 0; i < node.size(); ++i) {
      const std::string inner = prefix + std::to_string(i);
      lines->emplace(inner, node[i].Mark().line + 1);
      CollectLines(node[i], inner, lines);
    }
  }
}

}  // namespace

Result<ScenarioFile> ScenarioFile::Load(const std::string& name_or_path) {
  const auto found = FindConfigFile("experiments", name_or_path, "scenario");
  if (found.has_error()) return found.error();
  ScenarioFile made;
  made.path_ = found.value().path;
  made.folder_ = std::filesystem::path(made.path_).parent_path().string();
  const auto text = ReadConfigText(made.path_);
  if (text.has_error()) return text.error();
  auto documents = ParseDocuments(text.value(), YamlRules::kCore, made.path_);
  if (documents.has_error()) return documents.error();
  if (documents.value().size() != 1 || !documents.value().front().is_object()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     made.path_ + ": a scenario is one document, a map of keys");
  }
  made.tree_ = std::make_shared<const nlohmann::json>(std::move(documents.value().front()));
  try {
    CollectLines(YAML::Load(text.value()), "", &made.lines_);
  } catch (const YAML::Exception&) {
    // JSON that YAML does not read: errors name the file only.
  }
  return made;
}

ScenarioFile ScenarioFile::Make(nlohmann::json tree, std::string path) {
  ScenarioFile made;
  made.tree_ = std::make_shared<const nlohmann::json>(std::move(tree));
  made.path_ = std::move(path);
  made.folder_ = ".";
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
  auto parsed = ParseDocuments(text, YamlRules::kCore, "value");
  if (parsed.has_error()) return parsed.error();
  if (parsed.value().size() != 1) return Parsed(kValue, text);
  return Parsed(kValue, std::move(parsed.value().front()));
}

std::string ValueText(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : DumpJson(value);
}

}  // namespace kless::experiment

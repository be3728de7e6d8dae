// The JSON schema of scenario files (configs/experiment.schema.json), from the tables that parse
// them.
#include <nlohmann/json.hpp>
#include <string_view>

#include "emulator/base/strings.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/experiment/scenario/scenario.h"
#include "emulator/settings.h"

namespace kless::experiment {

namespace {

using nlohmann::json;

constexpr std::string_view kFunctionDefaults = "functions.default.";

// The schema of the value at a path, made with the maps around it.
json& SchemaAt(json& properties, const std::string& path) {
  json* at = &properties;
  const auto keys = Split(path, '.');
  for (std::size_t i = 0; i < keys.size(); ++i) {
    json& entry = (*at)[std::string(keys[i])];
    if (i + 1 == keys.size()) return entry;
    entry["type"] = "object";
    entry["additionalProperties"] = false;
    at = &entry["properties"];
  }
  return *at;
}

}  // namespace

std::string ScenarioSchema() {
  json properties = json::object();
  const auto place = [&](const std::string& path) -> json& { return SchemaAt(properties, path); };
  json function = json::object();  // the fields of any function
  for (const Setting& setting : Settings()) {
    const std::string help = HelpText(setting, Config());
    if (!SettingAllowed(setting.path)) continue;
    if (!setting.path.starts_with(kFunctionDefaults)) {
      place(setting.path)["description"] = help;
      continue;
    }
    SchemaAt(function, setting.path.substr(kFunctionDefaults.size()))["description"] = help;
  }
  const json function_reference = {{"$ref", "#/$defs/function"}};
  place("functions.default") = function_reference;
  for (const std::string& name : control_planes::LoopFunctionNames()) {
    place("functions." + name) = function_reference;
  }
  for (const RunKey& key : RunKeys()) {
    json& entry = place(key.path);
    entry = json::parse(key.schema);
    entry["description"] = key.help;
  }
  properties["profile"] = json::object();
  for (const std::string& path : LatencyProfile::Paths()) place("profile." + path) = json::object();
  place("profile.init") = {{"type", "object"}, {"description", "Init by runtime"}};
  json whole = {{"name", {{"type", "string"}}},
                {"title", {{"type", "string"}}},
                {"description", {{"type", "string"}}},
                {"seeds", {{"type", {"integer", "array"}}, {"minimum", 1}}},
                {"sweep", {{"type", "object"}, {"additionalProperties", {{"type", "array"}}}}},
                {"labels", {{"type", "object"}}},
                {"published", {{"type", "array"}}},
                {"fitted", {{"type", "array"}}},
                {"thresholds", {{"type", "array"}}},
                {"heat_map", {{"type", "object"}, {"required", json::array({"x", "y", "metric"})}}},
                {"hypotheses", {{"type", "object"}}},
                {"as_run",
                 {{"type", "object"},
                  {"description", "Of the scenario.yaml in a folder of results: what was run"}}}};
  json case_properties = properties;
  case_properties["name"] = {{"type", "string"}};
  case_properties["group"] = {{"type", "string"}};
  case_properties["sweep"] = whole["sweep"];
  whole["cases"] = {{"type", "array"},
                    {"items",
                     {{"type", "object"},
                      {"required", json::array({"name"})},
                      {"additionalProperties", false},
                      {"properties", std::move(case_properties)}}}};
  for (const auto& [key, value] : properties.items()) whole[key] = value;
  const json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                       {"title", "Scenario of kless experiment"},
                       {"$defs",
                        {{"function",
                          {{"description", "Settings of one function, or of all (default)"},
                           {"type", "object"},
                           {"additionalProperties", false},
                           {"properties", std::move(function)}}}}},
                       {"type", "object"},
                       {"additionalProperties", false},
                       {"properties", std::move(whole)}};
  return schema.dump(2) + "\n";
}

}  // namespace kless::experiment

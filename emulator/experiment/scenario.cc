#include "emulator/experiment/scenario.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/config_files.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/experiment/scenario_file.h"
#include "emulator/experiment/scenario_rows.h"
#include "emulator/recording.h"

namespace kless::experiment {
namespace {

using nlohmann::json;

constexpr std::size_t kCasesMax = 10'000;
constexpr std::size_t kSeedsMax = 10'000;

// Of `cases`.
struct Entry {
  std::string name, group;
};
using Sweep = std::vector<std::pair<std::string, json>>;  // path, array of values

class Loader {
 public:
  Loader(const ScenarioFile& file, const ScenarioOptions& options)
      : file_(file), options_(options), tree_(file.tree()) {}

  Result<Scenario> Load() {
    ApplyOptions();
    ReadHead();
    ReadSeeds();
    ReadCases();
    if (problems_.empty()) KeepOnly();
    if (problems_.empty()) ReadRows();
    if (problems_.empty()) return std::move(made_);
    std::string lines;
    std::set<std::string> seen;  // a mistake of the base shows in every case
    for (const std::string& problem : problems_) {
      if (seen.insert(problem).second) lines += (lines.empty() ? "" : "\n") + problem;
    }
    return MakeError(ErrorCode::kInvalidArgument, lines);
  }

 private:
  void Report(const std::string& path, const std::string& sentence) {
    problems_.push_back(file_.Place(path) + ": " + path + ": " + sentence);
  }

  void ApplyOptions() {
    for (const auto& [path, text] : options_.sets) Override(path, text, "--set " + path);
    for (const std::string& cause : options_.without) {
      const auto sets = Without(cause);
      if (sets.has_error()) {
        problems_.push_back(sets.error().message);
        continue;
      }
      for (const auto& [path, text] : sets.value()) Override(path, text, "--without " + cause);
    }
  }

  // What a command line says wins over the base, every case and every sweep.
  void Override(const std::string& path, const std::string& text, const std::string& from) {
    auto value = ParseValue(text);
    if (value.has_error()) {
      problems_.push_back(from + ": " + value.error().message);
      return;
    }
    overrides_.emplace_back(path, std::move(value.value()));
    origins_[path] = from;
  }

  void ReadHead() {
    const auto text = [&](const char* key, std::string* target) {
      const auto found = tree_.find(key);
      if (found == tree_.end()) return;
      if (!found->is_string()) return Report(key, "must be a text");
      *target = found->get<std::string>();
    };
    made_.name = std::filesystem::path(file_.path()).stem().string();
    text("name", &made_.name);
    text("title", &made_.title);
    text("description", &made_.description);
    if (made_.title.empty()) made_.title = made_.name;
    const auto labels = tree_.find("labels");
    if (labels != tree_.end() && labels->is_object()) {
      for (const auto& [key, value] : labels->items()) labels_[key] = ValueText(value);
    }
  }

  void ReadSeeds() {
    std::size_t count = 1;
    const auto found = tree_.find("seeds");
    if (options_.seeds) {
      count = static_cast<std::size_t>(*options_.seeds);
    } else if (found != tree_.end() && found->is_array()) {
      for (const json& seed : *found) {
        if (!seed.is_number_unsigned()) return Report("seeds", "must hold whole numbers from 0");
        made_.seeds.push_back(seed.get<std::uint64_t>());
      }
      if (made_.seeds.empty()) Report("seeds", "must not be empty");
      if (!options_.first_seed) return;
      count = made_.seeds.size();
      made_.seeds.clear();
    } else if (found != tree_.end()) {
      if (!found->is_number_integer() || found->get<std::int64_t>() < 1) {
        return Report("seeds", "must be how many repeats (from 1), or a list of seeds");
      }
      count = found->get<std::size_t>();
    }
    if (count > kSeedsMax) return Report("seeds", "there can be at most 10000");
    for (std::size_t i = 0; i < count; ++i)
      made_.seeds.push_back(options_.first_seed.value_or(1) + i);
  }

  // `sweep`, with control_plane and start where they are lists, outermost first.
  Sweep ReadSweep(json* tree, const std::string& place) {
    Sweep sweep;
    for (const char* key : {"control_plane", "start"}) {
      const auto found = tree->find(key);
      if (found == tree->end() || !found->is_array()) continue;
      sweep.emplace_back(key, std::move(*found));
      tree->erase(key);
    }
    const auto found = tree->find("sweep");
    if (found == tree->end()) return sweep;
    if (!found->is_object()) {
      Report(place + "sweep", "must be a map of paths to lists of values");
      return sweep;
    }
    for (const auto& [path, values] : found->items()) {
      if (!values.is_array() || values.empty()) {
        Report(place + "sweep." + path, "must be a list of values");
        continue;
      }
      sweep.emplace_back(path, values);
    }
    tree->erase("sweep");
    return sweep;
  }

  void ReadCases() {
    json base = tree_;
    for (const char* key : {"name", "title", "description", "seeds", "cases", "published", "fitted",
                            "thresholds", "heat_map", "hypotheses", "labels"}) {
      base.erase(key);
    }
    const auto cases = tree_.find("cases");
    if (cases == tree_.end()) {
      AddCase(std::move(base), {"", made_.name}, "");
      return;
    }
    if (!cases->is_array() || cases->empty()) {
      return Report("cases", "must be a list of maps, each with a name");
    }
    for (std::size_t i = 0; i < cases->size(); ++i) {
      const json& entry = (*cases)[i];
      const std::string place = "cases." + std::to_string(i) + ".";
      if (!entry.is_object() || !entry.contains("name") || !entry["name"].is_string()) {
        Report("cases." + std::to_string(i), "must be a map with a name");
        continue;
      }
      json over = entry;
      const std::string name = over["name"].get<std::string>();
      over.erase("name");
      const std::string group = over.contains("group") ? ValueText(over["group"]) : name;
      over.erase("group");
      AddCase(Merge(base, over), {name, group}, place);
    }
  }

  void AddCase(json tree, const Entry& entry, const std::string& place) {
    Sweep sweep = ReadSweep(&tree, place);
    for (const auto& [path, value] : overrides_) {
      std::erase_if(sweep, [&](const auto& each) { return each.first == path; });
      SetPath(tree, path, value);
    }
    std::size_t count = 1;
    for (const auto& [path, values] : sweep) count *= values.size();
    if (made_.cases.size() + count > kCasesMax) {
      return Report(place + "sweep", "makes more than 10000 cases");
    }
    for (std::size_t index = 0; index < count; ++index) {
      json point = tree;
      std::vector<std::pair<std::string, std::string>> parameters;
      std::size_t rest = index, block = count;
      for (const auto& [path, values] : sweep) {
        block /= values.size();
        const json& value = values[rest / block];
        rest %= block;
        SetPath(point, path, value);
        if (path != "control_plane" && path != "start") {
          parameters.emplace_back(path, ValueText(value));
        }
      }
      AddPoint(std::move(point), entry, std::move(parameters), place);
    }
  }

  void AddPoint(json tree, const Entry& entry,
                std::vector<std::pair<std::string, std::string>> parameters,
                const std::string& place) {
    auto run = MakeRunSpec(tree, file_.folder());
    if (run.has_error()) {
      const std::string lines = run.error().message;
      for (const std::string_view line : Split(lines, '\n')) {
        ReportOfPoint(std::string(line), place);
      }
      return;
    }
    CaseSpec made;
    made.entry = entry.name;
    made.group = entry.group;
    made.start = run.value().warm ? "warm" : "cold";
    made.parameters = std::move(parameters);
    made.run = std::move(run.value());
    const std::string plane = ControlPlaneName(made.run.config.control_plane);
    const auto label = labels_.find(plane);
    made.label = (label == labels_.end() ? plane : label->second) + ", " + made.start;
    made.name = (entry.name.empty() ? made_.name : entry.name) + "-" + plane + "-" + made.start;
    for (const auto& [path, value] : made.parameters) {
      const std::string last = path.substr(path.rfind('.') + 1);
      made.label += ", " + last + " " + value;
      made.name += "-" + last + "-" + value;
    }
    for (char& c : made.name) {
      const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                         (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
      if (!plain) c = '_';
    }
    const auto twin = std::find_if(made_.cases.begin(), made_.cases.end(),
                                   [&](const CaseSpec& each) { return each.name == made.name; });
    if (twin != made_.cases.end()) {
      Report(place.empty() ? "sweep" : place + "name", "two cases are called " + made.name);
      return;
    }
    // What the command line changed is part of what the case is.
    for (const auto& [path, value] : overrides_) {
      if (path != "control_plane" && path != "start") {
        made.parameters.emplace_back(path, ValueText(value));
      }
    }
    trees_.push_back(std::move(tree));
    made_.cases.push_back(std::move(made));
  }

  // "path: sentence" of one point, at the line where the value stands.
  void ReportOfPoint(const std::string& line, const std::string& place) {
    const std::string path = line.substr(0, line.find(':'));
    for (const auto& [set, from] : origins_) {
      if (path == set || path.starts_with(set + ".") || set.starts_with(path + ".")) {
        problems_.push_back(from + ": " + line);
        return;
      }
    }
    const std::string in_case = file_.Place(place + path);
    const std::string in_sweep =
        file_.Place(FindPathAny(place + "sweep") ? place + "sweep." + path : "sweep." + path);
    const bool case_has_it = !place.empty() && FindPathAny(place + path);
    const bool swept = Sweeps(place, path);
    problems_.push_back((case_has_it ? in_case
                         : swept     ? in_sweep
                                     : file_.Place(path)) +
                        ": " + line);
  }

  // Whether the entry of `place`, or the scenario, sweeps the path.
  bool Sweeps(const std::string& place, const std::string& path) const {
    const json* at = &file_.tree();
    for (const std::string_view key : Split(place, '.')) {
      if (key.empty()) continue;
      at = at->is_array() ? &(*at)[*ParseUnsigned(key)] : &(*at)[std::string(key)];
    }
    const auto own = at->find("sweep");
    if (own != at->end() && own->is_object() && own->contains(path)) return true;
    return tree_.contains("sweep") && tree_["sweep"].contains(path);
  }

  // Whether "cases.1.x.y" stands in the file.
  bool FindPathAny(const std::string& path) const {
    const json* at = &file_.tree();
    for (const std::string_view key : Split(path, '.')) {
      if (at->is_array()) {
        const auto index = ParseUnsigned(key);
        if (!index || *index >= at->size()) return false;
        at = &(*at)[*index];
      } else if (at->is_object() && at->contains(std::string(key))) {
        at = &(*at)[std::string(key)];
      } else {
        return false;
      }
    }
    return true;
  }

  // Drops the cases that --case does not name.
  void KeepOnly() {
    if (options_.only.empty()) return;
    std::vector<std::string> names;
    for (const CaseSpec& each : made_.cases) {
      names.push_back(each.name);
      names.push_back(each.entry);
    }
    for (const std::string& wanted : options_.only) {
      if (std::find(names.begin(), names.end(), wanted) != names.end()) continue;
      const auto near = NearestWord(wanted, names);
      problems_.push_back("--case " + wanted + ": there is no such case" +
                          (near ? "; did you mean '" + *near + "'?" : std::string()));
    }
    for (std::size_t i = made_.cases.size(); i-- > 0;) {
      const CaseSpec& each = made_.cases[i];
      const bool kept = std::any_of(
          options_.only.begin(), options_.only.end(),
          [&](const std::string& wanted) { return wanted == each.name || wanted == each.entry; });
      if (kept) continue;
      made_.cases.erase(made_.cases.begin() + static_cast<std::ptrdiff_t>(i));
      trees_.erase(trees_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void ReadRows() {
    std::vector<std::string> problems;
    ReadScenarioRows(tree_, trees_, file_.folder(), !options_.only.empty() || !overrides_.empty(),
                     &made_, &problems);
    for (const std::string& problem : problems) {
      const std::string path = problem.substr(0, problem.find(':'));
      problems_.push_back(file_.Place(path) + ": " + problem);
    }
  }

  const ScenarioFile& file_;
  const ScenarioOptions& options_;
  const json tree_;
  Scenario made_;
  std::vector<json> trees_;  // of the cases
  std::vector<std::pair<std::string, json>> overrides_;
  std::map<std::string, std::string> origins_;  // path -> "--set path"
  std::map<std::string, std::string> labels_;
  std::vector<std::string> problems_;
};

}  // namespace

bool Selects(const Selector& selector, const std::string& entry, const std::string& control_plane,
             const std::string& start,
             const std::vector<std::pair<std::string, std::string>>& parameters) {
  return std::all_of(selector.begin(), selector.end(), [&](const auto& wanted) {
    const auto& [key, value] = wanted;
    if (key == "case") return entry == value;
    if (key == "control_plane") return control_plane == value;
    if (key == "start") return start == value;
    return std::any_of(parameters.begin(), parameters.end(), [&](const auto& parameter) {
      return parameter.first == key && parameter.second == value;
    });
  });
}

Result<Scenario> LoadScenario(const std::string& name_or_path, const ScenarioOptions& options) {
  auto file = ScenarioFile::Load(name_or_path);
  if (file.has_error()) return file.error();
  return Loader(file.value(), options).Load();
}

Result<Scenario> ScenarioOfRecording(const std::string& path,
                                     const std::vector<std::string>& starts,
                                     const ScenarioOptions& options) {
  const auto recording = ReadRecording(path);
  if (recording.has_error()) return recording.error();
  const RecordingHeader& header = recording.value().header;
  const std::string stem = std::filesystem::path(path).stem().string();
  json tree = {{"name", stem}, {"title", "Replay of " + stem}, {"recording", path}};
  tree["start"] = starts;
  for (const auto& [setting, text] : header.settings) {
    if (SettingAllowed(setting)) SetPath(tree, setting, text);
  }
  ScenarioOptions own = options;
  if (!own.first_seed) own.first_seed = header.seed;
  const bool has_state = std::any_of(options.sets.begin(), options.sets.end(),
                                     [](const auto& set) { return set.first == "from"; });
  if (header.boot > 1 && !has_state) {
    return MakeError(ErrorCode::kInvalidArgument,
                     path +
                         ": the recorded daemon had data already; give the state it began with "
                         "with --from SNAPSHOT (see 'kless snapshot save')");
  }
  const ScenarioFile file = ScenarioFile::Make(std::move(tree), path);
  return Loader(file, own).Load();
}

std::vector<ListedScenario> ListScenarios() {
  std::vector<ListedScenario> scenarios;
  for (const ConfigFile& listed : ListConfigFiles("experiments")) {
    const auto file = ScenarioFile::Load(listed.path);
    const json* const title = file.has_value() ? FindPath(file.value().tree(), "title") : nullptr;
    scenarios.push_back({listed.name,
                         title != nullptr   ? ValueText(*title)
                         : file.has_error() ? "(cannot be read)"
                                            : "",
                         listed.origin});
  }
  return scenarios;
}

std::string ScenarioSchema() {
  json properties = json::object();
  const auto place = [&](const std::string& path) -> json& {
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
  };
  for (const Setting& setting : Settings()) {
    if (SettingAllowed(setting.path)) place(setting.path)["description"] = setting.help;
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
                {"hypotheses", {{"type", "object"}}}};
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
                       {"type", "object"},
                       {"additionalProperties", false},
                       {"properties", std::move(whole)}};
  return schema.dump(2) + "\n";
}

}  // namespace kless::experiment

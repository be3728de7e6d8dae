#include "emulator/experiment/scenario/scenario.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/config_files.h"
#include "emulator/experiment/input/input_file.h"
#include "emulator/experiment/scenario/as_run.h"
#include "emulator/experiment/scenario/scenario_rows.h"
#include "emulator/experiment/scenario/session_changes.h"
#include "emulator/recording.h"

namespace kless::experiment {
namespace {

using nlohmann::json;

constexpr std::size_t kCasesMax = 10'000;

// Keys of a scenario as a whole, which no run has; `sweep` is another one.
constexpr std::array kKeysOfTheFile = {"name",     "title",      "description", "seeds",
                                       "cases",    "published",  "fitted",      "thresholds",
                                       "heat_map", "hypotheses", "labels",      "as_run"};

// An entry of `cases`.
struct Entry {
  std::string name, group;
  bool sweeps_plane = false, sweeps_start = false;
};
using Sweep = std::vector<std::pair<std::string, json>>;  // path, array of values
// A value of the command line.
struct Overridden {
  std::string path;
  json value;
  std::string text;  // as it was given: "--without init"
};

// Whether what happens in a run on this control plane may depend on the value at `path`.
bool DependsOn(ControlPlane plane, const std::string& path) {
  if (path == "limit" || path == "keep_history" || path == "snapshot_at") return false;
  return plane == ControlPlane::kClassic ? !path.starts_with("functions.")
                                         : !path.starts_with("profile.classic.");
}

// Letters, digits, '-', '.' and '_'; the rest as '_'.
std::string PlainName(std::string name) {
  for (char& c : name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_';
    if (!plain) c = '_';
  }
  return name;
}

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
    if (problems_.empty()) Remark();
    if (problems_.empty()) return std::move(made_);
    std::string lines;
    std::set<std::string> seen;  // an error in the base appears in every case
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
    for (const auto& [path, text] : options_.sets) {
      Override(path, text, "--set " + path, "--set " + path + "=" + text);
    }
    for (const std::string& cause : options_.without) {
      const auto sets = Without(cause);
      if (sets.has_error()) {
        problems_.push_back(sets.error().message);
        continue;
      }
      const std::string from = "--without " + cause;
      for (const auto& [path, text] : sets.value()) {
        Override(path, text, from, from);
        for (const std::string& own : OwnSettingsLike(path)) Override(own, text, from, from);
      }
    }
  }

  // Returns "functions.NAME.init" of each function for which the scenario gives one, for
  // "functions.default.init".
  std::set<std::string> OwnSettingsLike(const std::string& path) const {
    const std::string prefix = "functions.default.";
    std::set<std::string> own;
    if (!path.starts_with(prefix)) return own;
    std::vector<const json*> trees = {&tree_};
    const auto cases = tree_.find("cases");
    if (cases != tree_.end() && cases->is_array()) {
      for (const json& entry : *cases) trees.push_back(&entry);
    }
    const std::string field = path.substr(prefix.size());
    for (const json* tree : trees) {
      const auto sweep = tree->find("sweep");
      if (sweep != tree->end() && sweep->is_object()) {
        for (const auto& [swept, values] : sweep->items()) {
          if (swept.starts_with("functions.") && swept.ends_with("." + field)) own.insert(swept);
        }
      }
      const json* const functions = FindPath(*tree, "functions");
      if (functions == nullptr || !functions->is_object()) continue;
      for (const auto& [name, fields] : functions->items()) {
        if (FindPath(fields, field) != nullptr) own.insert("functions." + name + "." + field);
      }
    }
    own.erase(path);
    return own;
  }

  // The command line's values override the base, every case and every sweep.  `change` is the name
  // in a what-if.
  void Override(const std::string& path, const std::string& text, const std::string& from,
                const std::string& change) {
    const std::string key = path.substr(0, path.find('.'));
    if (std::find(kKeysOfTheFile.begin(), kKeysOfTheFile.end(), key) != kKeysOfTheFile.end() ||
        key == "sweep") {
      problems_.push_back(from + ": '" + key + "' belongs to the file, not to --set" +
                          (key == "seeds" ? "; --seeds N gives the number of repeats" : ""));
      return;
    }
    auto value = ParseValue(text);
    if (value.has_error()) {
      problems_.push_back(from + ": " + value.error().message);
      return;
    }
    if ((path == "start" || path == "control_plane") && value.value().is_array()) {
      problems_.push_back(from + ": takes one value; a list of them belongs to the file");
      return;
    }
    overrides_.push_back({path, std::move(value.value()), change});
    origins_[path] = from;
  }

  // Whether an override gives a case something that its file does not.
  static bool Changes(const Overridden& given, const json& tree, const Sweep& sweep) {
    for (const auto& [path, values] : sweep) {
      if (path != given.path) continue;
      return std::find(values.begin(), values.end(), given.value) == values.end();
    }
    const json* const before = FindPath(tree, given.path);
    return before == nullptr || *before != given.value;
  }

  void ReadHead() {
    const auto text = [&](const char* key, std::string* target) {
      const auto found = tree_.find(key);
      if (found == tree_.end()) return;
      if (!found->is_string()) return Report(key, "must be a text");
      *target = found->get<std::string>();
    };
    made_.name = std::filesystem::path(file_.path()).stem().string();
    const json* const earlier = FindPath(tree_, "as_run.name");
    if (earlier != nullptr) made_.name = ValueText(*earlier);
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
    if (count > kSeedsMaximum) return Report("seeds", "there can be at most 10000");
    for (std::size_t i = 0; i < count; ++i)
      made_.seeds.push_back(options_.first_seed.value_or(1) + i);
  }

  // Reads `sweep`, with control_plane and start if they are lists, outermost first.
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
    for (const char* key : kKeysOfTheFile) base.erase(key);
    const auto cases = tree_.find("cases");
    if (cases == tree_.end()) {
      AddCase(std::move(base), {.name = "", .group = made_.name}, "");
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
      AddCase(Merge(base, over), {.name = name, .group = group}, place);
    }
  }

  void AddCase(json tree, Entry entry, const std::string& place) {
    Sweep sweep = ReadSweep(&tree, place);
    std::vector<Overridden> changes;
    for (const Overridden& given : overrides_) {
      if (Changes(given, tree, sweep)) changes.push_back(given);
      std::erase_if(sweep, [&](const auto& each) { return each.first == given.path; });
      SetPath(tree, given.path, given.value);
    }
    std::size_t count = 1;
    for (const auto& [path, values] : sweep) {
      count *= values.size();
      if (path == "control_plane") entry.sweeps_plane = values.size() > 1;
      if (path == "start") entry.sweeps_start = values.size() > 1;
    }
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
      AddPoint(std::move(point), entry, std::move(parameters), changes, place);
    }
  }

  void AddPoint(json tree, const Entry& entry,
                std::vector<std::pair<std::string, std::string>> parameters,
                const std::vector<Overridden>& changes, const std::string& place) {
    auto run = MakeRunSpec(tree, file_.folder(), origins_);
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
    made.system = label == labels_.end() ? plane : label->second;
    made.label = made.system + ", " + made.start;
    std::string swept;
    for (const auto& [path, value] : made.parameters) {
      const std::string last = path.substr(path.rfind('.') + 1);
      made.label += ", " + last + " " + value;
      swept += "-" + last + "-" + value;
    }
    const std::string plane_and_start = "-" + plane + "-" + made.start;
    std::string name = entry.name.empty() ? "" : "-" + entry.name;
    if (entry.sweeps_plane) name += "-" + plane;
    if (entry.sweeps_start) name += "-" + made.start;
    name += swept;
    if (name.empty()) name = plane_and_start;
    made.name = PlainName(name.substr(1));
    std::string long_name =
        PlainName((entry.name.empty() ? made_.name : entry.name) + plane_and_start + swept);
    const auto twin = std::find_if(made_.cases.begin(), made_.cases.end(),
                                   [&](const CaseSpec& each) { return each.name == made.name; });
    if (twin != made_.cases.end()) {
      Report(place.empty() ? "sweep" : place + "name", "two cases are called " + made.name);
      return;
    }
    // Changes by the command line are part of the case's description.
    for (const Overridden& given : overrides_) {
      const bool has_own_place = given.path == "control_plane" || given.path == "start";
      if (!has_own_place && DependsOn(made.run.config.control_plane, given.path)) {
        made.parameters.emplace_back(given.path, ValueText(given.value));
      }
    }
    for (const Overridden& change : changes) {
      if (!DependsOn(made.run.config.control_plane, change.path)) continue;
      if (std::find(made.changes.begin(), made.changes.end(), change.text) == made.changes.end()) {
        made.changes.push_back(change.text);
      }
    }
    made.settings = DumpJson(tree);
    long_names_.push_back(std::move(long_name));
    trees_.push_back(std::move(tree));
    made_.cases.push_back(std::move(made));
  }

  // Reports "path: sentence" for one point, at the line of the value.
  void ReportOfPoint(const std::string& line, const std::string& place) {
    const std::string path = line.substr(0, line.find(':'));
    for (const auto& [set, from] : origins_) {
      if (path == set || path.starts_with(set + ".") || set.starts_with(path + ".")) {
        // "--set limit: must be ...", but "--set workload.jobs: workload: ...".
        const bool named = from == "--set " + path;
        problems_.push_back(from + (named ? line.substr(path.size()) : ": " + line));
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

  // Whether the entry at `place`, or the scenario, sweeps the path.
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

  // Whether the file has "cases.1.x.y".
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
    std::vector<std::string> names = long_names_;
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
      const bool kept =
          std::any_of(options_.only.begin(), options_.only.end(), [&](const std::string& wanted) {
            return wanted == each.name || wanted == each.entry || wanted == long_names_[i];
          });
      if (kept) continue;
      long_names_.erase(long_names_.begin() + static_cast<std::ptrdiff_t>(i));
      made_.cases.erase(made_.cases.begin() + static_cast<std::ptrdiff_t>(i));
      trees_.erase(trees_.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }

  void Remark() {
    std::set<const Recording*> seen;
    for (const CaseSpec& each : made_.cases) {
      if (!each.run.recording || !seen.insert(each.run.recording.get()).second) continue;
      for (std::string& remark : SessionRemarks(*each.run.recording, options_.sets)) {
        if (std::find(made_.remarks.begin(), made_.remarks.end(), remark) == made_.remarks.end()) {
          made_.remarks.push_back(std::move(remark));
        }
      }
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
  std::vector<json> trees_;              // of the cases
  std::vector<std::string> long_names_;  // of the cases
  std::vector<Overridden> overrides_;
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

namespace {

Result<Scenario> WithAsRun(Result<Scenario> loaded, AsRun as_run) {
  if (loaded.has_error()) return loaded;
  as_run.name = loaded.value().name;
  loaded.value().as_run = std::move(as_run);
  return loaded;
}

}  // namespace

Result<Scenario> LoadScenario(const std::string& name_or_path, const ScenarioOptions& options) {
  KLESS_TRY(auto file, ScenarioFile::Load(name_or_path));
  const std::string name = std::filesystem::path(name_or_path).filename().string();
  auto as_run =
      MakeAsRun(file.tree(), file.text(), "kless experiment run " + ShellWord(name), options);
  if (as_run.has_error()) {
    return MakeError(as_run.error().code, file.Place("as_run") + ": " + as_run.error().message);
  }
  auto loaded = Loader(file, as_run.value().options).Load();
  return WithAsRun(std::move(loaded), std::move(as_run.value()));
}

Result<Scenario> ScenarioOfRecording(const std::string& path,
                                     const std::vector<std::string>& starts,
                                     const ScenarioOptions& options) {
  KLESS_TRY(const auto recording, ReadRecording(path));
  const RecordingHeader& header = recording.header;
  const std::string stem = std::filesystem::path(path).stem().string();
  const std::string file_name = std::filesystem::path(path).filename().string();
  json tree = {{"name", stem}, {"title", "Replay of " + stem}, {"recording", file_name}};
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
  std::string command = "kless replay " + ShellWord(file_name);
  if (starts.size() == 1) command += " --" + starts.front();
  const ScenarioFile file = ScenarioFile::Make(std::move(tree), path);
  KLESS_TRY(auto as_run, MakeAsRun(file.tree(), ScenarioText(file.tree()), command, options));
  as_run.options = own;  // with the recording's seed
  auto loaded = Loader(file, own).Load();
  return WithAsRun(std::move(loaded), std::move(as_run));
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

}  // namespace kless::experiment

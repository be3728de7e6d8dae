#include "emulator/experiment/scenario/as_run.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/number_text.h"
#include "emulator/base/strings.h"
#include "emulator/base/system/files.h"
#include "emulator/base/yaml.h"
#include "emulator/experiment/input/input_file.h"

namespace kless::experiment {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

namespace fs = std::filesystem;

constexpr const char* kMarker = "# What follows was added by kless: what it ran.";
constexpr std::uintmax_t kInputMaxBytes = 64U << 20U;

std::string FlagsOf(const ScenarioOptions& options) {
  std::string text;
  const auto add = [&](const char* flag, const std::string& value) {
    text += std::string(" ") + flag + " " + ShellWord(value);
  };
  for (const auto& [path, value] : options.sets) add("--set", path + "=" + value);
  for (const std::string& cause : options.without) add("--without", cause);
  for (const std::string& name : options.only) add("--case", name);
  if (options.seeds) add("--seeds", std::to_string(*options.seeds));
  if (options.first_seed) add("--seed", std::to_string(*options.first_seed));
  return text;
}

Error WrongAsRun(const std::string& key, const std::string& sentence) {
  return MakeError(ErrorCode::kInvalidArgument, "as_run" + key + ": " + sentence);
}

Result<std::vector<std::string>> TextsOf(const json& map, const char* key) {
  std::vector<std::string> texts;
  const auto found = map.find(key);
  if (found == map.end()) return texts;
  if (!found->is_array()) return WrongAsRun(std::string(".") + key, "must be a list of texts");
  for (const json& text : *found) {
    if (!text.is_string()) return WrongAsRun(std::string(".") + key, "must be a list of texts");
    texts.push_back(text.get<std::string>());
  }
  return texts;
}

Result<std::optional<std::uint64_t>> NumberOf(const json& map, const char* key,
                                              std::uint64_t minimum, std::uint64_t maximum) {
  const auto found = map.find(key);
  if (found == map.end()) return std::optional<std::uint64_t>();
  if (!found->is_number_unsigned() || *found < minimum || *found > maximum) {
    return WrongAsRun(std::string(".") + key, "must be a whole number from " +
                                                  std::to_string(minimum) + " to " +
                                                  std::to_string(maximum));
  }
  return std::optional<std::uint64_t>(found->get<std::uint64_t>());
}

// Reads the options that an earlier run recorded.
Result<AsRun> ReadAsRun(const json& map) {
  if (!map.is_object()) return WrongAsRun("", "must be a map, as kless writes it");
  static const std::vector<std::string> known = {"kless",   "command", "name",  "set",
                                                 "without", "case",    "seeds", "seed"};
  for (const auto& [key, value] : map.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return WrongAsRun("." + key, UnknownKey(key, known));
    }
  }
  AsRun made;
  if (map.contains("command")) made.command = ValueText(map["command"]);
  auto sets = TextsOf(map, "set"), without = TextsOf(map, "without"), only = TextsOf(map, "case");
  for (const auto* texts : {&sets, &without, &only}) {
    if (texts->has_error()) return texts->error();
  }
  for (const std::string& set : sets.value()) {
    const auto equals = set.find('=');
    if (equals == std::string::npos) return WrongAsRun(".set", "must hold texts PATH=VALUE");
    made.options.sets.emplace_back(set.substr(0, equals), set.substr(equals + 1));
  }
  made.options.without = std::move(without.value());
  made.options.only = std::move(only.value());
  const auto seeds = NumberOf(map, "seeds", 1, kSeedsMaximum);
  const auto seed = NumberOf(map, "seed", 0, std::numeric_limits<std::uint64_t>::max());
  if (seeds.has_error()) return seeds.error();
  if (seed.has_error()) return seed.error();
  if (seeds.value()) made.options.seeds = static_cast<int>(*seeds.value());
  made.options.first_seed = seed.value();
  return made;
}

// Returns `as_run` as lines of YAML.
std::string AsRunLines(const AsRun& as_run) {
  const ScenarioOptions& options = as_run.options;
  ordered_json map = {{"kless", KLESS_VERSION}, {"command", as_run.command}, {"name", as_run.name}};
  for (const auto& [path, value] : options.sets) map["set"].push_back(path + "=" + value);
  if (!options.without.empty()) map["without"] = options.without;
  if (!options.only.empty()) map["case"] = options.only;
  if (options.seeds) map["seeds"] = *options.seeds;
  if (options.first_seed) map["seed"] = *options.first_seed;
  std::string text = std::string(kMarker) +
                     "  'kless experiment run' of this file\n# repeats it bit by bit.\nas_run:\n";
  for (const auto& [key, value] : map.items()) text += "  " + key + ": " + value.dump() + "\n";
  return text;
}

// Returns the value of the text if it is one document, a map.
std::optional<json> TreeOf(const std::string& text) {
  auto documents = ParseDocuments(text, YamlRules::kCore, "scenario");
  if (documents.has_error() || documents.value().size() != 1) return std::nullopt;
  return std::move(documents.value().front());
}

ordered_json RunToJson(const Scenario& scenario) {
  ordered_json cases = ordered_json::array();
  for (const CaseSpec& each : scenario.cases) {
    const auto settings = ParseJson(each.settings);
    cases.push_back({{"case", each.name},
                     {"control_plane", ControlPlaneName(each.run.config.control_plane)},
                     {"start", each.start},
                     {"settings", settings.has_value() ? ordered_json(settings.value())
                                                       : ordered_json(nullptr)}});
  }
  return {{"kless", KLESS_VERSION},
          {"command", scenario.as_run.command},
          {"seeds", scenario.seeds},
          {"cases", std::move(cases)}};
}

Result<std::vector<std::string>> CopyInputs(const Scenario& scenario, const std::string& folder) {
  std::vector<std::string> remarks;
  std::map<std::string, std::string> copied;  // source path by file name
  for (const CaseSpec& each : scenario.cases) {
    for (const std::string& input : each.run.inputs) {
      const std::string name = fs::path(input).filename().string();
      const auto [earlier, is_new] = copied.emplace(name, input);
      if (!is_new && earlier->second == input) continue;
      std::error_code error;
      const std::uintmax_t size = fs::file_size(input, error);
      if (!is_new || error || size > kInputMaxBytes) {
        const std::string why = !is_new ? "another input has its name"
                                : error ? error.message()
                                        : FormatShort(static_cast<double>(size) / 1e6, 3) + " MB";
        remarks.push_back(input + " is not copied into the results (" + why +
                          "): a repetition of the run needs it where it is");
        continue;
      }
      KLESS_TRY_VOID(MakeFolder(folder + "/inputs"));
      fs::copy_file(input, folder + "/inputs/" + name, fs::copy_options::overwrite_existing, error);
      if (error) {
        return MakeError(ErrorCode::kUnavailable,
                         input + " cannot be copied into the results: " + error.message());
      }
    }
  }
  return remarks;
}

}  // namespace

Result<AsRun> MakeAsRun(const json& tree, const std::string& text, const std::string& command,
                        const ScenarioOptions& options) {
  AsRun made;
  made.command = command;
  const auto earlier = tree.find("as_run");
  if (earlier != tree.end()) {
    KLESS_TRY(auto read, ReadAsRun(*earlier));
    made.options = std::move(read.options);
    if (!read.command.empty()) made.command = std::move(read.command);
  }
  ScenarioOptions& merged = made.options;
  merged.sets.insert(merged.sets.end(), options.sets.begin(), options.sets.end());
  merged.without.insert(merged.without.end(), options.without.begin(), options.without.end());
  if (!options.only.empty()) merged.only = options.only;
  if (options.seeds) merged.seeds = options.seeds;
  if (options.first_seed) merged.first_seed = options.first_seed;
  made.command += FlagsOf(options);
  made.text = text.substr(0, text.find(kMarker));
  return made;
}

std::string ScenarioText(const json& tree) {
  std::string text;
  for (const auto& [key, value] : tree.items()) {
    if (key != "as_run") text += key + ": " + DumpJson(value) + "\n";
  }
  return text;
}

std::string AsRunText(const AsRun& as_run) {
  std::string text = as_run.text;
  while (text.ends_with("\n\n")) text.pop_back();
  if (!text.empty() && text.back() != '\n') text += '\n';
  const std::string lines = "\n" + AsRunLines(as_run);
  // A text in flow style, or with an end of its document, cannot be appended to.
  const auto before = TreeOf(text), after = TreeOf(text + lines);
  const bool goes_on = before && after && after->is_object() && after->contains("as_run") &&
                       after->size() == before->size() + 1;
  if (goes_on || !before) return text + lines;
  return ScenarioText(*before) + lines;
}

Result<std::vector<std::string>> WriteAsRun(const Scenario& scenario, const std::string& folder) {
  KLESS_TRY_VOID(WriteFile(folder + "/scenario.yaml", AsRunText(scenario.as_run)));
  const std::string run =
      RunToJson(scenario).dump(1, ' ', false, ordered_json::error_handler_t::replace) + '\n';
  KLESS_TRY_VOID(WriteFile(folder + "/run.json", run));
  return CopyInputs(scenario, folder);
}

}  // namespace kless::experiment

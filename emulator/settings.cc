#include "emulator/settings.h"

#include <algorithm>
#include <cctype>
#include <set>
#include <utility>

#include "emulator/base/strings.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/settings_table.h"

namespace kless {
namespace {

constexpr const char* kFunctionsPrefix = "functions.";
constexpr const char* kDefaultFunction = "default";

// functions.default.FIELD, or functions.NAME.FIELD.
Setting FunctionSettingOf(const std::string& function, const FunctionSetting& field) {
  Setting made;
  made.path = kFunctionsPrefix + function + "." + field.name;
  if (function == kDefaultFunction || control_planes::LoopFunctionNames().contains(function)) {
    made.environment = "KLESS_";
    for (const char c : function + "_" + field.name.substr(field.name.rfind('.') + 1)) {
      made.environment.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(c)));
    }
  }
  made.help = field.help;
  const std::string name = field.name;
  if (function == kDefaultFunction) {
    made.apply = [name](Config& config, const std::string& text) {
      return SetFunctionField(name, text, &config.function_default);
    };
    made.show = [name](const Config& config) {
      return FunctionFieldText(name, config.function_default);
    };
    return made;
  }
  made.apply = [function, name](Config& config, const std::string& text) -> Result<void> {
    FunctionSettings checked = config.function_default;
    KLESS_TRY_VOID(SetFunctionField(name, text, &checked));
    config.functions[function][name] = text;
    return {};
  };
  made.show = [function, name](const Config& config) {
    const auto own = config.functions.find(function);
    if (own == config.functions.end() || !own->second.contains(name)) {
      return FunctionFieldText(name, config.function_default);
    }
    return own->second.at(name);
  };
  return made;
}

bool IsNameOfFunction(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '_';
  });
}

std::vector<std::string> NamesOfLoopFunctions() {
  const std::set<std::string> loops = control_planes::LoopFunctionNames();
  return {loops.begin(), loops.end()};
}

// Splits "functions.NAME.REST" in two; nullopt if it does not name a possible function.  A name
// that is not a loop's is a user function, unless it is similar to a loop's or to another key.
std::optional<std::pair<std::string, std::string>> SplitFunctionPath(const std::string& path) {
  if (!path.starts_with(kFunctionsPrefix)) return std::nullopt;
  const std::string rest = path.substr(std::string(kFunctionsPrefix).size());
  const auto dot = rest.find('.');
  const std::string name = rest.substr(0, dot);
  const std::string field = dot == std::string::npos ? "" : rest.substr(dot + 1);
  if (!IsNameOfFunction(name)) return std::nullopt;
  std::vector<std::string> taken = NamesOfLoopFunctions();
  if (name == kDefaultFunction || std::find(taken.begin(), taken.end(), name) != taken.end()) {
    return std::make_pair(name, field);
  }
  const std::vector<std::string>& loops = control_planes::LoopNames();
  if (std::find(loops.begin(), loops.end(), name) != loops.end()) return std::nullopt;
  taken.insert(taken.end(), {kDefaultFunction, "account_concurrency", "keep_alive_policy",
                             "keep_alive_memory_mb"});
  if (NearestWord(name, taken)) return std::nullopt;
  return std::make_pair(name, field);
}

}  // namespace

const std::vector<Setting>& Settings() {
  static const std::vector<Setting> settings = [] {
    std::vector<Setting> made = FixedSettings();
    for (const FunctionSetting& field : AllFunctionSettings()) {
      made.push_back(FunctionSettingOf(kDefaultFunction, field));
    }
    return made;
  }();
  return settings;
}

std::optional<Setting> FindSetting(const std::string& path) {
  for (const Setting& setting : Settings()) {
    if (setting.path == path) return setting;
  }
  const auto parts = SplitFunctionPath(path);
  if (!parts) return std::nullopt;
  for (const FunctionSetting& field : AllFunctionSettings()) {
    if (field.name == parts->second) return FunctionSettingOf(parts->first, field);
  }
  return std::nullopt;
}

bool IsSettingGroup(const std::string& path) {
  const auto begins = [](const std::string& whole, const std::string& group) {
    return group.empty() || whole.starts_with(group + ".");
  };
  if (const auto parts = SplitFunctionPath(path)) {
    const auto& fields = AllFunctionSettings();
    return std::any_of(fields.begin(), fields.end(), [&](const FunctionSetting& field) {
      return begins(field.name, parts->second);
    });
  }
  return std::any_of(Settings().begin(), Settings().end(),
                     [&](const Setting& each) { return begins(each.path, path); });
}

bool IsOfUserFunction(const std::string& path) {
  const auto parts = SplitFunctionPath(path);
  return parts && parts->first != kDefaultFunction &&
         !control_planes::LoopFunctionNames().contains(parts->first);
}

std::string NearestSetting(const std::string& path, const std::vector<std::string>& more,
                           const std::function<bool(const std::string&)>& allowed) {
  if (path.starts_with(kFunctionsPrefix) && !SplitFunctionPath(path)) {
    // If the function has no such field, the error is about the function's name.
    const auto after_name = path.find('.', std::string(kFunctionsPrefix).size());
    if (after_name != std::string::npos)
      return NearestSetting(path.substr(0, after_name), more, allowed);
  }
  const auto dot = path.rfind('.');
  const std::string under = dot == std::string::npos ? "" : path.substr(0, dot + 1);
  const std::string word = dot == std::string::npos ? path : path.substr(dot + 1);
  std::vector<std::string> siblings;
  const auto add = [&](const std::string& known, const std::string& prefix) {
    if (!known.starts_with(prefix)) return;
    const std::string rest = known.substr(prefix.size());
    siblings.push_back(rest.substr(0, rest.find('.')));
  };
  for (const Setting& setting : Settings()) {
    if (!allowed || allowed(setting.path)) add(setting.path, under);
  }
  for (const std::string& known : more) add(known, under);
  if (under == kFunctionsPrefix) {
    const std::string function = control_planes::FunctionOfLoop(word);
    if (function != word) return "; the function of the loop '" + word + "' is '" + function + "'";
    for (const std::string& name : NamesOfLoopFunctions()) siblings.push_back(name);
  } else if (const auto parts = SplitFunctionPath(path)) {
    const auto last = parts->second.rfind('.');
    const std::string group = last == std::string::npos ? "" : parts->second.substr(0, last + 1);
    for (const FunctionSetting& field : AllFunctionSettings()) add(field.name, group);
  }
  const std::string near = DidYouMean(word, siblings);
  if (!near.empty()) return near;
  // Or one of the same name elsewhere.
  for (const Setting& setting : Settings()) {
    const auto last = setting.path.rfind('.');
    const std::string key =
        last == std::string::npos ? setting.path : setting.path.substr(last + 1);
    if (NearestWord(word, {key})) return "; did you mean '" + setting.path + "'?";
  }
  std::sort(siblings.begin(), siblings.end());
  siblings.erase(std::unique(siblings.begin(), siblings.end()), siblings.end());
  std::string known;
  for (const std::string& sibling : siblings) known += (known.empty() ? "" : ", ") + sibling;
  return known.empty() ? "" : "; known: " + known;
}

std::string HelpText(const Setting& setting, const Config& defaults) {
  return setting.help + " (" +
         (setting.default_text.empty() ? setting.show(defaults) : setting.default_text) + ")";
}

namespace {

// Removes the settings of an earlier profile, and applies those of this one.
Result<void> ApplyProfileSettings(Config* config) {
  for (const auto& [path, text] : std::exchange(config->from_profile, {})) {
    const auto setting = FindSetting(path);
    KLESS_TRY_VOID(setting->apply(*config, setting->show(Config())));
  }
  for (const auto& [path, text] : config->latency.settings) {
    if (config->given.contains(path)) continue;
    KLESS_TRY_VOID(FindSetting(path)->apply(*config, text));
    config->from_profile[path] = text;
  }
  return {};
}

}  // namespace

Result<void> ApplySetting(const Setting& setting, const std::string& text,
                          const std::string& origin, Config* config) {
  auto applied = setting.apply(*config, text);
  if (applied.has_error()) return applied;
  config->given[setting.path] = text;
  config->origins[setting.path] = origin;
  config->from_profile.erase(setting.path);
  return setting.path == "latency" ? ApplyProfileSettings(config) : applied;
}

bool GivesSchedulerReservation(const Config& config) {
  const auto own = config.functions.find(control_planes::FunctionOfLoop("scheduler"));
  return config.function_default.config.reserved_concurrency.has_value() ||
         (own != config.functions.end() && own->second.contains("reserved_concurrency"));
}

Result<FunctionSettings> SettingsOfFunction(const Config& config, const std::string& name) {
  const auto own = config.functions.find(name);
  FunctionSettings settings = config.function_default;
  settings.config.name = settings.mapping.name = settings.mapping.function = name;
  if (own != config.functions.end()) {
    auto changed = WithFunctionTexts(std::move(settings), own->second);
    if (changed.has_error()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "functions." + name + "." + changed.error().message);
    }
    settings = std::move(changed.value());
  }
  for (const auto& valid :
       {ValidateFunctionConfig(settings.config), ValidateMappingConfig(settings.mapping)}) {
    if (valid.has_error()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "functions." + name + ": " + valid.error().message);
    }
  }
  return settings;
}

}  // namespace kless

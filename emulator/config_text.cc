// The configuration as a commented config file: configs/kless.yaml and --explain-config.
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/yaml.h"
#include "emulator/config.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/settings.h"

namespace kless {
namespace {

constexpr std::size_t kConfigLineWidth = 100;

constexpr const char* kConfigHead =
    R"(# Every setting of `kless serve` and `kless exec`, with its default.  Use it with
#   kless serve --config configs/kless.yaml        (or KLESS_CONFIG=configs/kless.yaml)
# Each setting is also a flag and an environment variable, which follow its description; flags win
# over the environment, the environment over the file, the file over the settings of the latency
# profile.  Unknown keys are errors.  `kless serve --explain-config` prints this file with all
# current values and the origin of each.
#
# Durations: 1500 (milliseconds), 30s, 1m30s, 24h.  Distributions, in milliseconds:
#   450 | {constant_ms: 450} | {uniform_ms: [0, 250]} | {lognormal_ms: {p50: 50.6, p99: 76.1}}
#   | {empirical_ms: [48.1, 50.2, 61.0]} | {quantiles_ms: {p10: 118, p50: 213, p90: 341, p99: 552}}
)";

std::string ConfigComment(const std::string& text, std::size_t indent) {
  const std::string begin = std::string(indent, ' ') + "#";
  std::string lines;
  std::string line = begin;
  for (const std::string_view word : Split(text, ' ')) {
    if (line.size() + 1 + word.size() > kConfigLineWidth && line != begin) {
      lines += line + "\n";
      line = begin;
    }
    line.append(" ").append(word);
  }
  return lines + line + "\n";
}

// Returns "port: 8080": JSON as it is, anything else with YAML's quotes.
std::string KeyAndValue(const std::string& key, const std::string& text) {
  if (!ParseJson(text).has_error()) return key + ": " + text;
  std::string line = DumpYaml({{key, text}});
  while (line.ends_with('\n')) line.pop_back();
  return line;
}

std::string LastKey(const std::string& path) { return path.substr(path.rfind('.') + 1); }

// Returns "  # from --port"; "" for a default.
std::string OriginComment(const Config& config, const std::string& path) {
  const auto given = config.origins.find(path);
  if (given != config.origins.end() && !given->second.empty()) return "  # from " + given->second;
  if (!config.from_profile.contains(path)) return "";
  return "  # from latency profile " + config.latency.name;
}

class ConfigWriter {
 public:
  explicit ConfigWriter(const Config& config) : config_(config) {}

  std::string Write() {
    text_ = kConfigHead;
    for (const Setting& setting : Settings()) WriteSetting(setting);
    OpenGroups({"functions"});
    WriteFunctions();
    return std::move(text_);
  }

 private:
  // Closes the groups that are not a prefix of `groups`, and opens the rest.
  void OpenGroups(const std::vector<std::string>& groups) {
    std::size_t common = 0;
    while (common < groups.size() && common < open_.size() && groups[common] == open_[common]) {
      ++common;
    }
    open_.resize(common);
    for (; common < groups.size(); ++common) {
      const std::size_t indent = 2 * common;
      if (indent == 0) text_ += "\n";
      if (groups[common] == "data_plane") {
        text_ += ConfigComment("Simulated nodes whose kubelets run the pods bound to them.", 0);
      }
      if (groups[common] == "default") text_ += ConfigComment(DefaultComment(), indent);
      if (groups[common] == "mapping" && groups[common - 1] == "default") {
        text_ +=
            ConfigComment("Its event source mapping: what of the change feed it gets.", indent);
      }
      text_ += std::string(indent, ' ') + groups[common] + ":\n";
      open_.push_back(groups[common]);
    }
  }

  static std::string DefaultComment() {
    std::string names;
    for (const std::string& name : control_planes::LoopFunctionNames()) names += " " + name + ",";
    names.pop_back();
    return "What each function has, unless its own settings say otherwise: the control loops'" +
           names + ", and those of users. --function default.FIELD=VALUE";
  }

  void WriteSetting(const Setting& setting) {
    std::vector<std::string> groups;
    const auto keys = Split(setting.path, '.');
    for (std::size_t i = 0; i + 1 < keys.size(); ++i) groups.emplace_back(keys[i]);
    if (groups.empty() && !open_.empty()) text_ += "\n";
    OpenGroups(groups);
    const std::size_t indent = 2 * groups.size();
    std::string about = setting.help + ".";
    for (const std::string& name : {setting.flag, setting.environment}) {
      if (!name.empty()) about += " " + name;
    }
    text_ += ConfigComment(about, indent);
    text_ += std::string(indent, ' ');
    const auto origin = config_.origins.find(setting.path);
    const bool given = origin != config_.origins.end() && !origin->second.empty();
    if (!setting.example.empty() && !given) {
      text_ += "# " + KeyAndValue(LastKey(setting.path), setting.example) +
               "  # default: " + setting.default_text + "\n";
      return;
    }
    text_ +=
        KeyAndValue(LastKey(setting.path), setting.show(config_)) + Origin(setting.path) + "\n";
  }

  std::string Origin(const std::string& path) const { return OriginComment(config_, path); }

  void WriteFunctions() {
    text_ += ConfigComment(
        "Any function can have its own settings, by its name. --function NAME.FIELD=VALUE, "
        "KLESS_NAME_FIELD of control loops. The scheduler reserves a concurrency of 1 where the "
        "account has at least 10, unless its reservation is set.",
        2);
    if (ReservesScheduler()) {
      text_ += "  # scheduler: {reserved_concurrency: 1}  # by kless, where the scheduler runs\n";
    }
    if (config_.functions.empty()) {
      text_ += "  # scheduler: {init: 450, mapping: {batch_size: 10}}\n";
    }
    for (const auto& [name, fields] : config_.functions) {
      for (const auto& [field, value] : fields) {
        std::vector<std::string> groups = {"functions", name};
        if (field.starts_with("mapping.")) groups.emplace_back("mapping");
        OpenGroups(groups);
        text_ += std::string(2 * groups.size(), ' ') + KeyAndValue(LastKey(field), value) +
                 Origin("functions." + name + "." + field) + "\n";
      }
    }
  }

  bool ReservesScheduler() const {
    return config_.control_plane == ControlPlane::kServerless &&
           control_planes::ReservesSchedulerAt(config_.account_concurrency) &&
           !GivesSchedulerReservation(config_);
  }

  const Config& config_;
  std::string text_;
  std::vector<std::string> open_;
};

}  // namespace

std::string ConfigText(const Config& config) { return ConfigWriter(config).Write(); }

std::string ChangedSettings(const Config& config) {
  std::map<std::string, std::string> texts = config.from_profile;
  for (const auto& [path, text] : config.given) texts[path] = text;
  std::string lines;
  for (const auto& [path, text] : texts) {
    lines += KeyAndValue(path, text) + OriginComment(config, path) + "\n";
  }
  return lines;
}

}  // namespace kless

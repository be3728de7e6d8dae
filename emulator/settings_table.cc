#include "emulator/settings_table.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/duration.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/config.h"
#include "emulator/control_planes/serverless.h"
#include "emulator/latency_file.h"
#include "functions/kubernetes/values/quantity.h"

namespace kless {
namespace {

using nlohmann::json;

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

Result<void> SetFlag(bool* target, const std::string& text) {
  if (text != "true" && text != "false") {
    return Invalid("must be true or false, not '" + text + "'");
  }
  *target = text == "true";
  return {};
}

Result<void> SetDuration(Duration* target, const std::string& text, Duration low, Duration high) {
  const auto value = ParseDuration(text);
  if (!value || *value < low || *value > high) {
    return Invalid("must be a duration from " + FormatDuration(low) + " to " +
                   FormatDuration(high) + " such as 1500 (milliseconds), 30s or 2h, not '" + text +
                   "'");
  }
  *target = *value;
  return {};
}

std::vector<std::string> WordsOfLoops(const std::string& text) {
  std::vector<std::string> words;
  const auto list = ParseJson(text);
  if (!list.has_error() && list.value().is_array()) {
    for (const json& word : list.value()) {
      words.push_back(word.is_string() ? word.get<std::string>() : word.dump());
    }
    return words;
  }
  for (const std::string_view word : Split(text, ',')) {
    const auto first = word.find_first_not_of(' ');
    if (first == std::string_view::npos) continue;
    words.emplace_back(word.substr(first, word.find_last_not_of(' ') - first + 1));
  }
  return words;
}

// The form of kube-controller-manager's --controllers: names, "*" (here also "all") and "-name".
Result<void> SetLoops(Config& config, const std::string& text) {
  const std::vector<std::string>& known = control_planes::LoopNames();
  const std::vector<std::string> words = WordsOfLoops(text);
  if (words == std::vector<std::string>{"none"}) {
    config.loops.clear();
    return {};
  }
  const bool all = std::any_of(words.begin(), words.end(), [](const std::string& word) {
    return word == "all" || word == "*";
  });
  std::vector<std::string> named;
  std::vector<std::string> excluded;
  for (const std::string& word : words) {
    if (word == "all" || word == "*") continue;
    if (word == "none") return Invalid("'none' stands alone, not with other names");
    const bool is_excluded = word.starts_with('-');
    const std::string name = control_planes::LoopSettingOf(word.substr(is_excluded ? 1 : 0));
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::string names_known;
      for (const std::string& one : known) names_known += ", " + one;
      return Invalid("unknown control loop '" + name + "'; known: all" + names_known +
                     DidYouMean(name, known));
    }
    if (is_excluded && !all) {
      return Invalid("'" + word + "' excludes nothing without all: write all," + word);
    }
    std::vector<std::string>& list = is_excluded ? excluded : named;
    if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(name);
  }
  for (const std::string& name : excluded) {
    if (std::find(named.begin(), named.end(), name) == named.end()) continue;
    return Invalid("'" + name + "' is both named and excluded");
  }
  config.loops = all ? known : named;
  for (const std::string& name : excluded) std::erase(config.loops, name);
  return {};
}

Result<void> SetAddress(Config& config, const std::string& text) {
  if (text.empty()) return Invalid("must be an IP address such as 127.0.0.1 or ::1");
  config.address = text;
  return {};
}

Result<void> SetDataDirectory(Config& config, const std::string& text) {
  if (text.empty()) return Invalid("must name a directory");
  config.data_directory = text;
  return {};
}

Result<void> SetSpeed(Config& config, const std::string& text) {
  double value = 0;
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, value);
  if (error != std::errc{} || end != last || !(value >= 0.001 && value <= 1e6)) {
    return Invalid("must be a number from 0.001 to 1000000, not '" + text + "'");
  }
  config.speed = value;
  return {};
}

Result<void> SetSeed(Config& config, const std::string& text) {
  const auto value = ParseUnsigned(text);
  if (!value) return Invalid("must be a whole number from 0 to 2^64 - 1, not '" + text + "'");
  config.seed = *value;
  return {};
}

Result<void> SetRecord(Config& config, const std::string& text) {
  if (text.empty()) return Invalid("must name a file");
  config.record = text;
  return {};
}

Result<void> SetLatency(Config& config, const std::string& text) {
  KLESS_TRY(auto profile, LoadLatencyProfile(text));
  config.latency = std::move(profile);
  return {};
}

// Parses a distribution: milliseconds, a duration such as 2.5s, or one of the forms as JSON.
Result<void> SetDistribution(Distribution* target, const std::string& text) {
  if (const auto duration = ParseDuration(text)) {
    *target = Distribution::Constant(*duration);
    return {};
  }
  const auto value = ParseJson(text);
  KLESS_TRY(auto read, Distribution::FromJson(value.has_error() ? json(text) : value.value()));
  *target = std::move(read);
  return {};
}

// "null" is the same as absent.
Result<void> SetOptionalDistribution(std::optional<Distribution>* target, const std::string& text) {
  target->reset();
  if (text == "null") return {};
  Distribution read;
  auto set = SetDistribution(&read, text);
  if (set.has_value()) *target = std::move(read);
  return set;
}

Result<void> SetQuantity(std::string* target, const std::string& text) {
  if (!(kubernetes::QuantityValue(text) > 0)) {
    return Invalid("must be a quantity above 0 such as 32, 500m or 128Gi, not '" + text + "'");
  }
  *target = text;
  return {};
}

Result<void> SetNodeResources(Config& config, const std::string& text) {
  const auto map = ParseJson(text);
  if (map.has_error() || !map.value().is_object()) {
    return Invalid(R"(must be a map of quantities such as {"nvidia.com/gpu": 8}, not ')" + text +
                   "'");
  }
  std::map<std::string, std::string> resources;
  for (const auto& [name, value] : map.value().items()) {
    const std::string quantity = value.is_string() ? value.get<std::string>() : value.dump();
    if (name.find('/') == std::string::npos) {
      return Invalid("'" + name + "' is not an extended resource such as nvidia.com/gpu");
    }
    const auto set = SetQuantity(&resources[name], quantity);
    if (set.has_error()) return Invalid(name + ": " + set.error().message);
  }
  config.data_plane.node_resources = std::move(resources);
  return {};
}

Result<void> SetStages(Config& config, const std::string& text) {
  const auto list = ParseJson(text);
  if (list.has_error()) return Invalid("must be a list of stages, not '" + text + "'");
  KLESS_TRY(auto stages, data_plane::StagesFromJson(list.value()));
  config.data_plane.stages = std::move(stages);
  return {};
}

// The common part of the settings of one kind.  `Access` is a function that points to the value.
class SettingsTable {
 public:
  std::vector<Setting> Take() { return std::move(settings_); }

  Setting& Add(std::string path, const std::string& name, std::string help,
               std::function<Result<void>(Config&, const std::string&)> apply,
               std::function<std::string(const Config&)> show) {
    std::string variable = "KLESS_";
    for (const char c : name) {
      variable.push_back(c == '-' ? '_' : static_cast<char>(std::toupper(c)));
    }
    Setting made;
    made.path = std::move(path);
    made.flag = "--" + name;
    made.environment = std::move(variable);
    made.help = std::move(help);
    made.apply = std::move(apply);
    made.show = std::move(show);
    settings_.push_back(std::move(made));
    return settings_.back();
  }

  template <typename Access>
  Setting& Whole(std::string path, const std::string& name, const std::string& help, Access access,
                 std::int64_t low, std::int64_t high) {
    const std::string range = std::to_string(low) + ".." + std::to_string(high);
    return Add(
        std::move(path), name, help + ", " + range,
        [=](Config& config, const std::string& text) -> Result<void> {
          const auto value = ParseInteger(text);
          if (!value || *value < low || *value > high) {
            return Invalid("must be a whole number from " + std::to_string(low) + " to " +
                           std::to_string(high) + ", not '" + text + "'");
          }
          auto& target = access(config);
          target = static_cast<std::decay_t<decltype(target)>>(*value);
          return {};
        },
        [=](const Config& config) { return std::to_string(access(Mutable(config))); });
  }

  template <typename Access>
  Setting& TrueOrFalse(std::string path, const std::string& name, const std::string& help,
                       Access access) {
    Setting& made = Add(
        std::move(path), name, help + ", true or false",
        [=](Config& config, const std::string& text) { return SetFlag(&access(config), text); },
        [=](const Config& config) { return access(Mutable(config)) ? "true" : "false"; });
    made.is_switch = true;
    return made;
  }

  template <typename Access>
  Setting& Time(std::string path, const std::string& name, const std::string& help, Access access,
                Duration low, Duration high) {
    return Add(
        std::move(path), name, help + ", " + FormatDuration(low) + ".." + FormatDuration(high),
        [=](Config& config, const std::string& text) {
          return SetDuration(&access(config), text, low, high);
        },
        [=](const Config& config) { return FormatDuration(access(Mutable(config))); });
  }

  template <typename Value, typename Access>
  Setting& Choice(std::string path, const std::string& name, const std::string& help, Access access,
                  const std::vector<std::pair<std::string, Value>>& choices) {
    return Add(
        std::move(path), name, help,
        [=](Config& config, const std::string& text) -> Result<void> {
          std::vector<std::string> names;
          std::string listed;
          for (const auto& [choice, value] : choices) {
            if (choice == text) {
              access(config) = value;
              return {};
            }
            names.push_back(choice);
            listed += (listed.empty() ? "" : ", ") + choice;
          }
          return Invalid("must be one of " + listed + ", not '" + text + "'" +
                         DidYouMean(text, names));
        },
        [=](const Config& config) {
          for (const auto& [choice, value] : choices) {
            if (value == access(Mutable(config))) return choice;
          }
          return std::string();
        });
  }

  template <typename Access>
  Setting& Quantity(std::string path, const std::string& name, const std::string& help,
                    Access access) {
    return Add(
        std::move(path), name, help + ", a quantity",
        [=](Config& config, const std::string& text) { return SetQuantity(&access(config), text); },
        [=](const Config& config) { return access(Mutable(config)); });
  }

  template <typename Access>
  Setting& OptionalDelay(std::string path, const std::string& name, const std::string& help,
                         Access access) {
    return Add(
        std::move(path), name, help + ", a distribution; null: the kubelet's",
        [=](Config& config, const std::string& text) {
          return SetOptionalDistribution(&access(config), text);
        },
        [=](const Config& config) {
          const std::optional<Distribution>& value = access(Mutable(config));
          return value ? PlainText(value->ToJson()) : std::string("null");
        });
  }

 private:
  // It is only read: `access` is used for both reading and writing.
  static Config& Mutable(const Config& config) { return const_cast<Config&>(config); }

  std::vector<Setting> settings_;
};

std::string NumberText(double value) { return PlainText(json(value)); }

std::string ShowLoops(const Config& config) {
  if (config.loops.empty()) return "none";
  if (config.loops == control_planes::LoopNames()) return "all";
  std::string text;
  for (const std::string& loop : config.loops) text += (text.empty() ? "" : ",") + loop;
  return text;
}

std::string LoopsHelp() {
  std::string text = "Control loops that run, by comma: all, all,-job (without job), none, or of ";
  for (const std::string& loop : control_planes::LoopNames()) {
    text += (text.ends_with("of ") ? "" : ", ") + loop;
  }
  return text;
}

void AddGeneral(SettingsTable& table) {
  using std::chrono::hours;
  using std::chrono::seconds;
  constexpr std::int64_t kBytesMaximum = std::int64_t{1} << 34;
  table.Add("server.address", "address", "IP address to listen on", SetAddress,
            [](const Config& c) { return c.address; });
  table.Whole(
      "server.port", "port", "TCP port to listen on, 0: any free one, which kless prints",
      [](Config& c) -> int& { return c.port; }, 0, 65535);
  table.TrueOrFalse("server.tls", "tls",
                    "HTTPS, with a certificate made in the data directory (see kless kubeconfig)",
                    [](Config& c) -> bool& { return c.tls; });

  table.Add("store.data_directory", "data-directory",
            "Directory of the data file kless.db, created if absent", SetDataDirectory,
            [](const Config& c) { return c.data_directory; });
  table.Choice<Durability>(
      "store.durability", "durability",
      "full (sync each commit), normal (survives a crash of kless, not of the machine), scratch (a "
      "file that is complete only after an orderly end: no sync, bounded memory), memory (no file)",
      [](Config& c) -> Durability& { return c.store.durability; },
      {{"full", Durability::kFull},
       {"normal", Durability::kNormal},
       {"scratch", Durability::kScratch},
       {"memory", Durability::kMemory}});
  table.Choice<KeyLayout>(
      "store.key_layout", "key-layout",
      "Partition key of the resource table: type-name or name-type; fixed once the file exists",
      [](Config& c) -> KeyLayout& { return c.store.key_layout; },
      {{"type-name", KeyLayout::kTypeName}, {"name-type", KeyLayout::kNameType}});
  table.Whole(
      "store.resource_shards", "resource-shards",
      "Shards of the resource table, used when the data file is new",
      [](Config& c) -> int& { return c.store.resource_shards; }, 1, 1000);
  table.Whole(
      "store.ring_records", "ring-records", "Recent change records kept in memory for readers",
      [](Config& c) -> std::size_t& { return c.store.ring_records; }, 16, 16777216);
  table.Whole(
      "store.ring_bytes", "ring-bytes", "Bytes of the recent change records kept in memory",
      [](Config& c) -> std::size_t& { return c.store.ring_bytes; }, 65536, kBytesMaximum);
  table.Whole(
      "store.image_bytes", "image-bytes",
      "Bytes of older items kept in memory, the last written ones",
      [](Config& c) -> std::size_t& { return c.store.image_bytes; }, 0, kBytesMaximum);
  table.Whole(
      "store.page_cache_kib", "page-cache-kib", "Page cache of SQLite in KiB",
      [](Config& c) -> std::size_t& { return c.store.page_cache_kib; }, 64, 16777216);
  table.Time(
      "store.retention_age", "retention-age", "Age at which change records are trimmed",
      [](Config& c) -> Duration& { return c.store.retention_age; }, seconds(1), hours(8760));
  table.Whole(
      "store.retention_count", "retention-count", "Change records kept at most",
      [](Config& c) -> std::uint64_t& { return c.store.retention_count; }, 1,
      kRetentionCountMaximum);

  table.Add("clock.speed", "speed", "Emulated seconds per real second, 0.001..1000000", SetSpeed,
            [](const Config& c) { return NumberText(c.speed); });
  Setting& seed =
      table.Add("seed", "seed", "Seed of all random streams, 0..18446744073709551615", SetSeed,
                [](const Config& c) { return c.seed ? std::to_string(*c.seed) : std::string(); });
  seed.default_text = "drawn at each start";
  seed.example = "42";
  table.Add("latency", "latency",
            "Latency profile: the name of a file in configs/latency, or a path.  It also brings "
            "settings of the function that was measured, as defaults",
            SetLatency, [](const Config& c) {
              const auto given = c.given.find("latency");
              return given == c.given.end() ? c.latency.name : given->second;
            });
  table.Choice<ControlPlane>(
      "control_plane", "control-plane",
      "serverless (functions on the change feed) or classic (a controller manager's watch, cache "
      "and work queue)",
      [](Config& c) -> ControlPlane& { return c.control_plane; },
      {{"serverless", ControlPlane::kServerless}, {"classic", ControlPlane::kClassic}});
  Setting& loops = table.Add("loops", "loops", LoopsHelp(), SetLoops, ShowLoops);
  loops.default_text = "all in serve and exec, job in experiments";
  loops.example = "all";
  Setting& record = table.Add("record", "record", "File to record every request in; must not exist",
                              SetRecord, [](const Config& c) { return c.record; });
  record.default_text = "none";
  record.example = "requests.jsonl";
}

void AddDataPlane(SettingsTable& table) {
  Setting& nodes = table.Whole(
      "data_plane.nodes", "nodes", "Simulated nodes with their kubelets",
      [](Config& c) -> int& { return c.data_plane.nodes; }, 0, 50000);
  nodes.default_text = "3 in serve and exec, 0 in experiments";
  nodes.example = "3";
  table.Whole(
      "data_plane.zones", "zones",
      "Zones that the nodes are spread over (zone-a, zone-b, ... in turn); 0: nodes without zones",
      [](Config& c) -> int& { return c.data_plane.zones; }, 0, 26);
  table.Quantity("data_plane.node_cpu", "node-cpu", "CPUs of a node",
                 [](Config& c) -> std::string& { return c.data_plane.node_cpu; });
  table.Quantity("data_plane.node_memory", "node-memory", "Memory of a node",
                 [](Config& c) -> std::string& { return c.data_plane.node_memory; });
  table.Quantity("data_plane.node_ephemeral_storage", "node-ephemeral-storage",
                 "Ephemeral storage of a node",
                 [](Config& c) -> std::string& { return c.data_plane.node_ephemeral_storage; });
  table.Whole(
      "data_plane.node_pods", "node-pods", "Pods that fit on a node",
      [](Config& c) -> int& { return c.data_plane.node_pods; }, 1, 253);
  table.Add("data_plane.node_resources", "node-resources",
            R"(Extended resources of a node, a map such as {"nvidia.com/gpu": 8})",
            SetNodeResources,
            [](const Config& c) { return DumpJson(json(c.data_plane.node_resources)); });
  table.TrueOrFalse("data_plane.heartbeats", "heartbeats",
                    "Kubelets renew their leases every 10 s and post the status every 5 min; "
                    "without, nodes fail only when told to",
                    [](Config& c) -> bool& { return c.data_plane.heartbeats; });
  table.Choice<data_plane::Kubelet>(
      "data_plane.kubelet", "kubelet",
      "Delays of a pod's life: fast (none) or real (assumed distributions)",
      [](Config& c) -> data_plane::Kubelet& { return c.data_plane.kubelet; },
      {{"fast", data_plane::Kubelet::kFast}, {"real", data_plane::Kubelet::kReal}});
  using Delay = std::optional<Distribution>;
  table.OptionalDelay("data_plane.image_pull", "image-pull", "How long a pod's images are pulled",
                      [](Config& c) -> Delay& { return c.data_plane.image_pull; });
  table.OptionalDelay("data_plane.start", "container-start", "How long a container takes to start",
                      [](Config& c) -> Delay& { return c.data_plane.start; });
  table.OptionalDelay("data_plane.run_time", "run-time",
                      "Run time of a container whose command and annotations do not determine it",
                      [](Config& c) -> Delay& { return c.data_plane.run_time; });
  table.Add(
      "data_plane.stop", "container-stop",
      "From SIGTERM to a container's end, within its grace, a distribution",
      [](Config& c, const std::string& text) { return SetDistribution(&c.data_plane.stop, text); },
      [](const Config& c) { return PlainText(c.data_plane.stop.ToJson()); });
  table.Add("data_plane.stages", "stages",
            R"(Alternatives of the steps of a pod's life, a list such as )"
            R"([{"step":"run","weight":95},{"step":"run","weight":5,"exit_code":1}])",
            SetStages, [](const Config& c) {
              const auto given = c.given.find("data_plane.stages");
              return given == c.given.end() ? std::string("[]") : given->second;
            });
}

void AddFunctions(SettingsTable& table) {
  table.Whole(
      "functions.account_concurrency", "account-concurrency",
      "Invocations that may run at once, all functions",
      [](Config& c) -> int& { return c.account_concurrency; }, 1, 1'000'000);
  table.Choice<KeepAlivePolicy>(
      "functions.keep_alive_policy", "keep-alive-policy",
      "When idle environments are reclaimed: ttl (after keep_alive_ms), lru (the longest idle one "
      "of any function, once their memory exceeds the cap), histogram (by the function's idle "
      "times, with pre-warming; Shahrad et al., USENIX ATC 2020)",
      [](Config& c) -> KeepAlivePolicy& { return c.keep_alive_policy; },
      {{"ttl", KeepAlivePolicy::kTtl},
       {"lru", KeepAlivePolicy::kLru},
       {"histogram", KeepAlivePolicy::kHistogram}});
  table.Whole(
      "functions.keep_alive_memory_mb", "keep-alive-memory-mb",
      "The cap of lru: memory of all environments above which idle ones are reclaimed",
      [](Config& c) -> std::int64_t& { return c.keep_alive_memory_mb; }, 128, 1'000'000'000);
}

Result<void> SetAccount(Config& config, const std::string& text) {
  if (text.size() != 12 || text.find_first_not_of("0123456789") != std::string::npos) {
    return Invalid("must be 12 digits, not '" + text + "'");
  }
  config.aws.account = text;
  return {};
}

Result<void> SetRegion(Config& config, const std::string& text) {
  if (text.empty() ||
      text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-") != std::string::npos) {
    return Invalid("must be the name of a region such as us-east-1, not '" + text + "'");
  }
  config.aws.region = text;
  return {};
}

void AddAws(SettingsTable& table) {
  table.Add("aws.account", "aws-account",
            "Account of requests whose access key is not one itself, 12 digits", SetAccount,
            [](const Config& c) { return c.aws.account; });
  table.Add("aws.region", "aws-region", "Region of tables that are not made by a request of AWS",
            SetRegion, [](const Config& c) { return c.aws.region; });
  table.TrueOrFalse("aws.isolate", "aws-isolate",
                    "Tables are found only by the account and region that made them",
                    [](Config& c) -> bool& { return c.aws.isolate; });
  table.TrueOrFalse("aws.throttling", "aws-throttling",
                    "Tables throttle at their capacity, as on AWS",
                    [](Config& c) -> bool& { return c.aws.throttling; });
  table.TrueOrFalse("aws.texts_of_2026", "aws-texts-of-2026",
                    "Errors of requests have the texts that AWS introduced in 2026",
                    [](Config& c) -> bool& { return c.aws.texts_of_2026; });
  constexpr Duration kLongest = std::chrono::hours(48);
  table.Time(
      "aws.table_delay", "aws-table-delay",
      "From the request until a table or an index is active, changed or gone",
      [](Config& c) -> Duration& { return c.aws.table_delay; }, Duration(0), kLongest);
  table.Time(
      "aws.index_lag", "aws-index-lag",
      "How old reads of global secondary indexes are, 0: as the latency profile says",
      [](Config& c) -> Duration& { return c.aws.index_lag; }, Duration(0), kLongest);
  table.Time(
      "aws.transaction_time", "aws-transaction-time",
      "How long a transaction keeps its items from other requests",
      [](Config& c) -> Duration& { return c.aws.transaction_time; }, Duration(0), kLongest);
  table.Time(
      "aws.ttl_delay", "aws-ttl-delay", "From the expiry of an item to its deletion",
      [](Config& c) -> Duration& { return c.aws.ttl_delay; }, Duration(0), kLongest);
  table.Time(
      "aws.ttl_interval", "aws-ttl-interval",
      "How long after a change of a table's time to live another one is refused",
      [](Config& c) -> Duration& { return c.aws.ttl_interval; }, Duration(0), kLongest);
}

void AddLog(SettingsTable& table) {
  table.Choice<LogLevel>(
      "log.level", "log-level",
      "debug (a line per request and invocation), info (start, stop, a line a minute of cold "
      "starts and throttles), warning, error or off",
      [](Config& c) -> LogLevel& { return c.log_level; },
      {{"debug", LogLevel::kDebug},
       {"info", LogLevel::kInfo},
       {"warning", LogLevel::kWarning},
       {"error", LogLevel::kError},
       {"off", LogLevel::kOff}});
  table.Choice<bool>("log.format", "log-format", "text or json, one line each, to stderr",
                     [](Config& c) -> bool& { return c.log_json; },
                     {{"text", false}, {"json", true}});
}

}  // namespace

std::vector<Setting> FixedSettings() {
  SettingsTable table;
  AddGeneral(table);
  AddDataPlane(table);
  AddAws(table);
  AddLog(table);
  AddFunctions(table);
  return table.Take();
}

}  // namespace kless

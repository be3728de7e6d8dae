#include "functions/pool/function.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/duration.h"
#include "emulator/base/strings.h"
#include "functions/pool/config_field.h"

namespace kless {
namespace {

constexpr Duration kKeepAliveMaximum = std::chrono::hours(24 * 366);
constexpr int kConcurrencyMaximum = 1'000'000;

Error BadFunctionSetting(const std::string& message) {
  return MakeError(ErrorCode::kInvalidArgument, "function configuration: " + message);
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

Result<void> SetName(FunctionConfig* config, const nlohmann::json& value) {
  if (!value.is_string()) return BadFunctionSetting("'name' must be a text");
  const std::string name = value.get<std::string>();
  if (!config->name.empty() && config->name != name) {
    return BadFunctionSetting("'name' cannot change from '" + config->name + "' to '" + name + "'");
  }
  config->name = name;
  return {};
}

Result<void> SetRuntime(FunctionConfig& config, const nlohmann::json& value) {
  if (!value.is_null() && (!value.is_string() || value.get<std::string>().empty())) {
    return WrongValue("a text such as go or python3.13, or null", value);
  }
  config.runtime = value.is_null() ? "" : value.get<std::string>();
  return {};
}

nlohmann::json InitToJson(const FunctionConfig& config) {
  return config.init ? config.init->ToJson() : nlohmann::json();
}

// A distribution, a duration such as 2.5s, or null.
Result<void> SetInit(FunctionConfig& config, const nlohmann::json& value) {
  if (value.is_null()) {
    config.init.reset();
    return {};
  }
  if (value.is_string()) {
    if (const auto duration = ParseDuration(value.get<std::string>())) {
      config.init = Distribution::Constant(*duration);
      return {};
    }
  }
  auto init = Distribution::FromJson(value);
  if (init.has_error()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "must be null or a distribution: " + init.error().message);
  }
  config.init = std::move(init).value();
  return {};
}

constexpr const char* kInitModes[] = {"modelled", "measured", "both"};

Result<void> SetInitMode(FunctionConfig& config, const nlohmann::json& value) {
  for (const InitMode mode : {InitMode::kModelled, InitMode::kMeasured, InitMode::kBoth}) {
    if (value.is_string() && value.get<std::string>() == kInitModes[static_cast<int>(mode)]) {
      config.init_mode = mode;
      return {};
    }
  }
  return WrongValue("modelled, measured or both", value);
}

Result<void> SetReserved(FunctionConfig& config, const nlohmann::json& value) {
  if (value.is_null()) {
    config.reserved_concurrency.reset();
    return {};
  }
  int reserved = 0;
  if (SetWholeNumber(&reserved, value, 0, kConcurrencyMaximum).has_error()) {
    return WrongValue("a whole number from 0 to " + std::to_string(kConcurrencyMaximum) +
                          ", or null for no reservation",
                      value);
  }
  config.reserved_concurrency = reserved;
  return {};
}

}  // namespace

const std::vector<ConfigField<FunctionConfig>>& FunctionFields() {
  using C = const FunctionConfig&;
  using M = FunctionConfig&;
  using J = const nlohmann::json&;
  using nlohmann::json;
  static const std::vector<ConfigField<FunctionConfig>> fields = {
      {"memory_mb", "Memory in MB, which also buys CPU (1769 MB are one vCPU), 128..10240",
       [](C c) { return json(c.memory_mb); },
       [](M c, J value) { return SetWholeNumber(&c.memory_mb, value, 128, 10240); }},
      {"timeout_ms", "Longest invocation in milliseconds, 1000..900000",
       [](C c) { return json(ToMilliseconds(c.timeout)); },
       [](M c, J value) {
         return SetMilliseconds(&c.timeout, value, std::chrono::seconds(1),
                                std::chrono::seconds(900));
       }},
      {"runtime",
       "Runtime whose init the latency profile has (go, rust, python3.13, ...), used where no init "
       "is given; null: none",
       [](C c) { return c.runtime.empty() ? json() : json(c.runtime); }, SetRuntime},
      {"init",
       R"(Init of a cold start: milliseconds or a distribution such as )"
       R"({"lognormal_ms":{"p50":450,"p99":900}}; null: the runtime's, else 0)",
       InitToJson, SetInit},
      {"init_mode",
       "Init of a function that runs as a process: modelled (by init and runtime), measured (what "
       "the process takes), or both, one after the other",
       [](C c) { return json(kInitModes[static_cast<int>(c.init_mode)]); }, SetInitMode},
      {"keep_alive_ms", "Idle milliseconds until an environment is reclaimed, 0..31622400000",
       [](C c) { return json(ToMilliseconds(c.keep_alive)); },
       [](M c, J value) {
         return SetMilliseconds(&c.keep_alive, value, Duration::zero(), kKeepAliveMaximum);
       }},
      {"reserved_concurrency",
       "Share of the account's concurrency, 0..1000000; 0 refuses everything; null: none",
       [](C c) { return c.reserved_concurrency ? json(*c.reserved_concurrency) : json(); },
       SetReserved},
      {"provisioned_concurrency", "Environments kept initialised, 0..1000000",
       [](C c) { return json(c.provisioned_concurrency); },
       [](M c, J value) {
         return SetWholeNumber(&c.provisioned_concurrency, value, 0, kConcurrencyMaximum);
       }},
      {"scale_up_per_10s", "Environments that may start in 10 s, 1..1000000",
       [](C c) { return json(c.scale_up_per_10s); },
       [](M c, J value) {
         return SetWholeNumber(&c.scale_up_per_10s, value, 1, kConcurrencyMaximum);
       }},
      {"async_maximum_retry_attempts", "Retries of a failed asynchronous invocation, 0..2",
       [](C c) { return json(c.async_maximum_retry_attempts); },
       [](M c, J value) { return SetWholeNumber(&c.async_maximum_retry_attempts, value, 0, 2); }},
      {"async_maximum_event_age_ms", "Milliseconds an asynchronous event may wait, 60000..21600000",
       [](C c) { return json(ToMilliseconds(c.async_maximum_event_age)); },
       [](M c, J value) {
         return SetMilliseconds(&c.async_maximum_event_age, value, std::chrono::seconds(60),
                                std::chrono::hours(6));
       }},
  };
  return fields;
}

const std::vector<std::string>& FunctionConfigFields() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> made = {"name"};
    for (const auto& field : FunctionFields()) made.push_back(field.name);
    return made;
  }();
  return names;
}

nlohmann::json FunctionConfigToJson(const FunctionConfig& config) {
  nlohmann::json json = {{"name", config.name}};
  for (const auto& field : FunctionFields()) json[field.name] = field.get(config);
  return json;
}

Result<void> ValidateFunctionConfig(const FunctionConfig& config) {
  if (!IsName(config.name)) {
    return BadFunctionSetting("'name' must be 1 to 64 characters of [a-zA-Z0-9-_], not '" +
                              config.name + "'");
  }
  FunctionConfig copy = config;
  for (const auto& field : FunctionFields()) {
    const auto set = field.set(copy, field.get(config));
    if (set.has_error()) return BadFunctionSetting("'" + field.name + "' " + set.error().message);
  }
  const int reserved = config.reserved_concurrency.value_or(kConcurrencyMaximum);
  if (config.provisioned_concurrency > reserved) {
    return BadFunctionSetting(
        "'provisioned_concurrency' must be at most the reserved_concurrency of " +
        std::to_string(reserved) + ", not " + std::to_string(config.provisioned_concurrency));
  }
  return {};
}

Result<FunctionConfig> PatchFunctionConfig(FunctionConfig config, const nlohmann::json& patch) {
  if (!patch.is_object()) return BadFunctionSetting("must be an object");
  for (const auto& [field, value] : patch.items()) {
    if (field == "name") {
      KLESS_TRY_VOID(SetName(&config, value));
      continue;
    }
    const auto& fields = FunctionFields();
    const auto found = std::find_if(fields.begin(), fields.end(),
                                    [&](const auto& each) { return each.name == field; });
    if (found == fields.end()) {
      std::string hint = DidYouMean(field, FunctionConfigFields());
      if (hint.empty()) {
        for (const std::string& known : FunctionConfigFields()) {
          hint += (hint.empty() ? "; known: " : ", ") + known;
        }
      }
      return BadFunctionSetting("unknown field '" + field + "'" + hint);
    }
    const auto set = found->set(config, value);
    if (set.has_error()) return BadFunctionSetting("'" + field + "' " + set.error().message);
  }
  KLESS_TRY_VOID(ValidateFunctionConfig(config));
  return config;
}

Result<Distribution> InitOf(const FunctionConfig& config, const LatencyProfile& profile) {
  if (config.init_mode == InitMode::kMeasured) return Distribution();
  if (config.init) return *config.init;
  if (config.runtime.empty()) return Distribution();
  const auto found = profile.init.find(config.runtime);
  if (found != profile.init.end()) return found->second;
  std::vector<std::string> known;
  std::string listed;
  for (const auto& [runtime, init] : profile.init) {
    known.push_back(runtime);
    listed += (listed.empty() ? "" : ", ") + runtime;
  }
  return BadFunctionSetting("the latency profile '" + profile.name + "' has no runtime '" +
                            config.runtime + "'; known: " + (listed.empty() ? "none" : listed) +
                            DidYouMean(config.runtime, known));
}

bool SameEnvironments(const FunctionConfig& one, const FunctionConfig& other) {
  return one.memory_mb == other.memory_mb && one.timeout == other.timeout &&
         one.runtime == other.runtime && one.init_mode == other.init_mode &&
         InitToJson(one) == InitToJson(other);
}

}  // namespace kless

#include "functions/function.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"

namespace kless {
namespace {

constexpr Duration kKeepAliveMaximum = std::chrono::hours(24 * 366);
constexpr int kConcurrencyMaximum = 1'000'000;

Error BadFunctionSetting(const std::string& message) {
  return MakeError(ErrorCode::kInvalidArgument, "function configuration: " + message);
}

Result<void> CheckRange(const char* field, std::int64_t value, std::int64_t low,
                        std::int64_t high) {
  if (value >= low && value <= high) return {};
  return BadFunctionSetting("'" + std::string(field) + "' must be from " + std::to_string(low) +
                            " to " + std::to_string(high) + ", not " + std::to_string(value));
}

Result<void> CheckDuration(const char* field, Duration value, Duration low, Duration high) {
  if (value >= low && value <= high) return {};
  const auto text = [](Duration duration) {
    return nlohmann::json(ToMilliseconds(duration)).dump();
  };
  return BadFunctionSetting("'" + std::string(field) + "' must be from " + text(low) + " to " +
                            text(high) + " ms, not " + text(value));
}

bool IsName(const std::string& name) {
  return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

Result<void> ReadInt(const std::string& field, const nlohmann::json& value, int* out) {
  if (!value.is_number_integer())
    return BadFunctionSetting("'" + field + "' must be a whole number");
  const auto number = value.get<std::int64_t>();
  if (number < 0 || number > kConcurrencyMaximum) {
    return BadFunctionSetting("'" + field + "' must be from 0 to " +
                              std::to_string(kConcurrencyMaximum));
  }
  *out = static_cast<int>(number);
  return {};
}

Result<void> ReadDuration(const std::string& field, const nlohmann::json& value, Duration* out) {
  if (!value.is_number() ||
      !(value.get<double>() >= 0 && value.get<double>() <= ToMilliseconds(kKeepAliveMaximum))) {
    return BadFunctionSetting("'" + field + "' must be a number of milliseconds, at most " +
                              nlohmann::json(ToMilliseconds(kKeepAliveMaximum)).dump());
  }
  *out = FromMilliseconds(value.get<double>());
  return {};
}

Result<void> PatchField(const std::string& field, const nlohmann::json& value,
                        FunctionConfig* config) {
  if (field == "name") {
    if (!value.is_string()) return BadFunctionSetting("'name' must be a text");
    const std::string name = value.get<std::string>();
    if (!config->name.empty() && config->name != name) {
      return BadFunctionSetting("'name' cannot change from '" + config->name + "' to '" + name +
                                "'");
    }
    config->name = name;
    return {};
  }
  if (field == "runtime") {
    if (!value.is_null() && (!value.is_string() || value.get<std::string>().empty())) {
      return BadFunctionSetting("'runtime' must be a text such as go or python3.13, or null");
    }
    config->runtime = value.is_null() ? "" : value.get<std::string>();
    return {};
  }
  if (field == "init") {
    if (value.is_null()) {
      config->init.reset();
      return {};
    }
    auto init = Distribution::FromJson(value);
    if (init.has_error()) return BadFunctionSetting("'init': " + init.error().message);
    config->init = std::move(init).value();
    return {};
  }
  if (field == "reserved_concurrency") {
    if (value.is_null()) {
      config->reserved_concurrency.reset();
      return {};
    }
    int reserved = 0;
    auto read = ReadInt(field, value, &reserved);
    if (read.has_value()) config->reserved_concurrency = reserved;
    return read;
  }
  if (field == "memory_mb") return ReadInt(field, value, &config->memory_mb);
  if (field == "timeout_ms") return ReadDuration(field, value, &config->timeout);
  if (field == "keep_alive_ms") return ReadDuration(field, value, &config->keep_alive);
  if (field == "provisioned_concurrency") {
    return ReadInt(field, value, &config->provisioned_concurrency);
  }
  if (field == "scale_up_per_10s") return ReadInt(field, value, &config->scale_up_per_10s);
  if (field == "async_maximum_retry_attempts") {
    return ReadInt(field, value, &config->async_maximum_retry_attempts);
  }
  if (field == "async_maximum_event_age_ms") {
    return ReadDuration(field, value, &config->async_maximum_event_age);
  }
  const auto nearest = NearestWord(field, FunctionConfigFields());
  return BadFunctionSetting("unknown field '" + field + "'" +
                            (nearest ? "; did you mean '" + *nearest + "'?" : std::string()));
}

nlohmann::json InitToJson(const FunctionConfig& config) {
  return config.init ? config.init->ToJson() : nlohmann::json();
}

}  // namespace

const std::vector<std::string>& FunctionConfigFields() {
  static const std::vector<std::string> fields = {"name",
                                                  "memory_mb",
                                                  "timeout_ms",
                                                  "runtime",
                                                  "init",
                                                  "keep_alive_ms",
                                                  "reserved_concurrency",
                                                  "provisioned_concurrency",
                                                  "scale_up_per_10s",
                                                  "async_maximum_retry_attempts",
                                                  "async_maximum_event_age_ms"};
  return fields;
}

nlohmann::json FunctionConfigToJson(const FunctionConfig& config) {
  nlohmann::json json = {
      {"name", config.name},
      {"memory_mb", config.memory_mb},
      {"timeout_ms", ToMilliseconds(config.timeout)},
      {"runtime", nullptr},
      {"init", InitToJson(config)},
      {"keep_alive_ms", ToMilliseconds(config.keep_alive)},
      {"reserved_concurrency", nullptr},
      {"provisioned_concurrency", config.provisioned_concurrency},
      {"scale_up_per_10s", config.scale_up_per_10s},
      {"async_maximum_retry_attempts", config.async_maximum_retry_attempts},
      {"async_maximum_event_age_ms", ToMilliseconds(config.async_maximum_event_age)}};
  if (!config.runtime.empty()) json["runtime"] = config.runtime;
  if (config.reserved_concurrency) json["reserved_concurrency"] = *config.reserved_concurrency;
  return json;
}

Result<void> ValidateFunctionConfig(const FunctionConfig& config) {
  if (!IsName(config.name)) {
    return BadFunctionSetting("'name' must be 1 to 64 characters of [a-zA-Z0-9-_], not '" +
                              config.name + "'");
  }
  const int reserved = config.reserved_concurrency.value_or(kConcurrencyMaximum);
  const Result<void> checks[] = {
      CheckRange("memory_mb", config.memory_mb, 128, 10240),
      CheckDuration("timeout_ms", config.timeout, std::chrono::seconds(1),
                    std::chrono::seconds(900)),
      CheckDuration("keep_alive_ms", config.keep_alive, Duration::zero(), kKeepAliveMaximum),
      CheckRange("reserved_concurrency", reserved, 0, kConcurrencyMaximum),
      CheckRange("provisioned_concurrency", config.provisioned_concurrency, 0, reserved),
      CheckRange("scale_up_per_10s", config.scale_up_per_10s, 1, kConcurrencyMaximum),
      CheckRange("async_maximum_retry_attempts", config.async_maximum_retry_attempts, 0, 2),
      CheckDuration("async_maximum_event_age_ms", config.async_maximum_event_age,
                    std::chrono::seconds(60), std::chrono::hours(6)),
  };
  for (const Result<void>& check : checks) {
    if (check.has_error()) return check;
  }
  return {};
}

Result<FunctionConfig> PatchFunctionConfig(FunctionConfig config, const nlohmann::json& patch) {
  if (!patch.is_object()) return BadFunctionSetting("must be an object");
  for (const auto& [field, value] : patch.items()) {
    const auto done = PatchField(field, value, &config);
    if (done.has_error()) return done.error();
  }
  const auto valid = ValidateFunctionConfig(config);
  if (valid.has_error()) return valid.error();
  return config;
}

Result<Distribution> InitOf(const FunctionConfig& config, const LatencyProfile& profile) {
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
  const auto nearest = NearestWord(config.runtime, known);
  return BadFunctionSetting("the latency profile '" + profile.name + "' has no runtime '" +
                            config.runtime + "'; known: " + (listed.empty() ? "none" : listed) +
                            (nearest ? "; did you mean '" + *nearest + "'?" : std::string()));
}

bool SameEnvironments(const FunctionConfig& one, const FunctionConfig& other) {
  return one.memory_mb == other.memory_mb && one.timeout == other.timeout &&
         one.runtime == other.runtime && InitToJson(one) == InitToJson(other);
}

}  // namespace kless

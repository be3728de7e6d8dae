#include "functions/pool/latency_profile.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <vector>

#include "emulator/base/strings.h"
#include "functions/pool/function_settings.h"

namespace kless {
namespace {

// A value addressed by its path: a distribution, or something that `set` reads into the profile
// (its error message does not name the place).
struct Field {
  std::string path;
  const Distribution* (*distribution)(const LatencyProfile&);  // null: none
  Result<void> (*set)(LatencyProfile&, const nlohmann::json&);
};

Result<void> SetDistribution(Distribution* target, const nlohmann::json& value) {
  auto parsed = Distribution::FromJson(value);
  if (parsed.has_error()) return parsed.error();
  *target = std::move(parsed).value();
  return {};
}

Error Sentence(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

template <typename Number>
Result<void> SetNumber(Number* target, const nlohmann::json& value, double low, double high) {
  const bool whole = std::is_integral_v<Number>;
  if (!(whole ? value.is_number_integer() : value.is_number()) || value.get<double>() < low ||
      value.get<double>() > high) {
    return Sentence(std::string("must be a ") + (whole ? "whole number" : "number") + " from " +
                    nlohmann::json(low).dump() + " to " + nlohmann::json(high).dump());
  }
  *target = value.get<Number>();
  return {};
}

Result<void> SetStartup(LatencyProfile& profile, const nlohmann::json& value) {
  std::vector<std::pair<std::string, Distribution>> stages;
  if (!value.is_array()) return Sentence("must be a list of stages such as {caches: 380}");
  for (const nlohmann::json& entry : value) {
    if (!entry.is_object() || entry.size() != 1) {
      return Sentence("each stage is one name with its time, such as {caches: 380}");
    }
    Distribution time;
    const auto set = SetDistribution(&time, entry.begin().value());
    if (set.has_error()) return Sentence(entry.begin().key() + ": " + set.error().message);
    stages.emplace_back(entry.begin().key(), std::move(time));
  }
  profile.classic.startup = std::move(stages);
  return {};
}

Result<void> SetRelease(LatencyProfile& profile, const nlohmann::json& value) {
  if (value != "1.27" && value != "1.36") {
    return Sentence("must be the text \"1.27\" or \"1.36\"");
  }
  profile.classic.release = value.get<std::string>();
  return {};
}

const std::vector<Field>& Fields() {
  using P = LatencyProfile&;
  using C = const LatencyProfile&;
  using J = const nlohmann::json&;
  const auto distribution = [](const char* path, const Distribution* (*find)(C)) {
    return Field{path, find, nullptr};
  };
  const auto other = [](const char* path, Result<void> (*set)(P, J)) {
    return Field{path, nullptr, set};
  };
  static const std::vector<Field> fields = {
      distribution("store_read", [](C p) { return &p.store_read; }),
      distribution("store_write", [](C p) { return &p.store_write; }),
      distribution("store_request_cpu", [](C p) { return &p.store_request_cpu; }),
      distribution("first_request_cpu", [](C p) { return &p.first_request_cpu; }),
      distribution("feed_delivery", [](C p) { return &p.feed_delivery; }),
      distribution("index_lag", [](C p) { return &p.index_lag; }),
      distribution("timer_delivery", [](C p) { return &p.timer_delivery; }),
      distribution("reconcile_cpu", [](C p) { return &p.reconcile_cpu; }),
      other("classic.release", SetRelease),
      other("classic.client_qps",
            [](P p, J j) -> Result<void> {
              double per_s = 0;
              auto read = SetNumber(&per_s, j, 0, 1e6);
              if (read.has_value() && per_s > 0 && per_s < 0.001) {
                return Sentence("must be 0 (no limit) or from 0.001 to 1000000");
              }
              if (read.has_value()) p.classic.client_qps = per_s;
              return read;
            }),
      other("classic.client_burst",
            [](P p, J j) { return SetNumber(&p.classic.client_burst, j, 1, 1e6); }),
      other("classic.workers", [](P p, J j) { return SetNumber(&p.classic.workers, j, 1, 1000); }),
      other("classic.sync_batch_period",
            [](P p, J j) {
              double milliseconds = 0;
              auto read = SetNumber(&milliseconds, j, 0, 3'600'000);
              if (read.has_value()) p.classic.sync_batch_period = FromMilliseconds(milliseconds);
              return read;
            }),
      other("classic.api_cores",
            [](P p, J j) { return SetNumber(&p.classic.api_cores, j, 1, 1024); }),
      distribution("classic.api_latency", [](C p) { return &p.classic.api_latency; }),
      distribution("classic.api_cpu", [](C p) { return &p.classic.api_cpu; }),
      distribution("classic.watch_delivery", [](C p) { return &p.classic.watch_delivery; }),
      distribution("classic.sync_cpu", [](C p) { return &p.classic.sync_cpu; }),
      other("classic.startup", SetStartup),
      distribution("submitter.rtt", [](C p) { return &p.submitter.rtt; }),
      distribution("submitter.kubectl_start", [](C p) { return &p.submitter.kubectl_start; }),
      distribution("submitter.kubectl_end", [](C p) { return &p.submitter.kubectl_end; }),
      distribution("submitter.client_cpu", [](C p) { return &p.submitter.client_cpu; }),
  };
  return fields;
}

const Field* FindField(const std::string& path) {
  const auto found = std::find_if(Fields().begin(), Fields().end(),
                                  [&](const Field& field) { return field.path == path; });
  return found == Fields().end() ? nullptr : &*found;
}

constexpr const char* kInitPrefix = "init.";
constexpr const char* kStartupPrefix = "classic.startup.";

Error UnknownKey(const std::string& place, const std::string& key, std::vector<std::string> known) {
  const auto nearest = NearestWord(key, known);
  return Sentence("unknown key '" + place + key + "'" +
                  (nearest ? "; did you mean '" + *nearest + "'?" : std::string()));
}

Result<LatencySource> ParseSource(const std::string& key, const nlohmann::json& json) {
  const std::string place = "sources." + key;
  if (!json.is_object()) return Sentence("'" + place + "' must be a map with source and date");
  LatencySource made;
  for (const auto& [name, value] : json.items()) {
    if (name == "source" || name == "date" || name == "note") {
      if (!value.is_string()) return Sentence("'" + place + "." + name + "' must be a text");
      (name == "source" ? made.source
       : name == "date" ? made.date
                        : made.note) = value.get<std::string>();
    } else if (name == "n") {
      if (!value.is_number_integer() || value.get<std::int64_t>() < 0)
        return Sentence("'" + place + ".n' must be a count");
      made.n = value.get<std::uint64_t>();
    } else if (name == "quantiles_ms") {
      if (!value.is_object()) return Sentence("'" + place + ".quantiles_ms' must be a map");
      for (const auto& [quantile, milliseconds] : value.items()) {
        if (!milliseconds.is_number()) {
          return Sentence("'" + place + ".quantiles_ms." + quantile + "' must be a number");
        }
        made.quantiles_ms[quantile] = milliseconds.get<double>();
      }
    } else {
      return UnknownKey(place + ".", name, {"source", "date", "n", "quantiles_ms", "note"});
    }
  }
  if (made.source.empty() || made.date.empty()) {
    return Sentence("'" + place + "' needs a source and a date");
  }
  return made;
}

// Returns the settings that a profile may contain: those published of a measured function and its
// account.
const std::vector<std::string>& ProfileSettingPaths() {
  static const std::vector<std::string> paths = [] {
    std::vector<std::string> made = {"store.key_layout",
                                     "store.resource_shards",
                                     "aws.table_delay",
                                     "aws.throttling",
                                     "aws.transaction_time",
                                     "aws.ttl_delay",
                                     "functions.account_concurrency"};
    for (const FunctionSetting& field : AllFunctionSettings()) {
      made.push_back("functions.default." + field.name);
    }
    return made;
  }();
  return paths;
}

bool IsProfileSetting(const std::string& path) {
  const auto& known = ProfileSettingPaths();
  return std::find(known.begin(), known.end(), path) != known.end();
}

// Reads the settings below `path` as a flat map; their values are parsed when they are applied.
Result<void> ReadProfileSettings(const std::string& path, const nlohmann::json& value,
                                 std::map<std::string, std::string>* settings) {
  if (IsProfileSetting(path)) {
    (*settings)[path] = PlainText(value);
    return {};
  }
  const auto& known = ProfileSettingPaths();
  const bool is_group = std::any_of(known.begin(), known.end(), [&](const std::string& each) {
    return each.starts_with(path + ".");
  });
  if (!is_group) return UnknownKey("", path, known);
  if (!value.is_object()) return Sentence("'" + path + "' must be a map of settings");
  for (const auto& [key, inner] : value.items()) {
    KLESS_TRY_VOID(ReadProfileSettings(path + "." + key, inner, settings));
  }
  return {};
}

}  // namespace

std::vector<std::string> LatencyProfile::Paths() {
  std::vector<std::string> paths;
  for (const Field& field : Fields()) paths.push_back(field.path);
  return paths;
}

Result<void> LatencyProfile::Set(const std::string& path, const nlohmann::json& value) {
  if (const Field* field = FindField(path)) {
    return field->distribution == nullptr
               ? field->set(*this, value)
               : SetDistribution(const_cast<Distribution*>(field->distribution(*this)), value);
  }
  if (path.starts_with(kInitPrefix) && path.size() > std::string(kInitPrefix).size()) {
    Distribution parsed;
    KLESS_TRY_VOID(SetDistribution(&parsed, value));
    init[path.substr(std::string(kInitPrefix).size())] = std::move(parsed);
    return {};
  }
  auto known = Paths();
  known.insert(known.end(),
               {"name", "sources", "init", "classic", "submitter", "functions", "store"});
  return UnknownKey("", path, std::move(known));
}

const Distribution* LatencyProfile::Find(const std::string& path) const {
  const Field* field = FindField(path);
  if (field != nullptr)
    return field->distribution == nullptr ? nullptr : field->distribution(*this);
  if (!path.starts_with(kInitPrefix)) return nullptr;
  const auto found = init.find(path.substr(std::string(kInitPrefix).size()));
  return found == init.end() ? nullptr : &found->second;
}

Result<LatencyProfile> LatencyProfile::FromJson(const nlohmann::json& json) {
  if (!json.is_object()) return Sentence("must be a map of names to distributions");
  LatencyProfile made;
  const auto set_value = [&made](const std::string& path, const nlohmann::json& value) {
    auto set = made.Set(path, value);
    const bool known = FindField(path) != nullptr || path.starts_with(kInitPrefix);
    if (set.has_value() || !known) return set;
    return Result<void>(Sentence("'" + path + "': " + set.error().message));
  };
  for (const auto& [key, value] : json.items()) {
    if (key == "name") {
      if (!value.is_string() || value.get<std::string>().empty()) {
        return Sentence("'name' must be a text");
      }
      made.name = value.get<std::string>();
    } else if (key == "sources") {
      if (!value.is_object()) return Sentence("'sources' must be a map");
      for (const auto& [name, source] : value.items()) {
        if (FindField(name) == nullptr && !name.starts_with(kInitPrefix) &&
            !name.starts_with(kStartupPrefix) && !IsProfileSetting(name)) {
          return UnknownKey("sources.", name, Paths());
        }
        auto parsed = ParseSource(name, source);
        if (parsed.has_error()) return parsed.error();
        made.sources[name] = std::move(parsed).value();
      }
    } else if (key == "functions" || key == "store" || key == "aws") {
      KLESS_TRY_VOID(ReadProfileSettings(key, value, &made.settings));
    } else if (key == "init" || key == "classic" || key == "submitter") {
      if (!value.is_object()) return Sentence("'" + key + "' must be a map");
      for (const auto& [name, inner] : value.items()) {
        KLESS_TRY_VOID(set_value(key + "." + name, inner));
      }
    } else {
      KLESS_TRY_VOID(set_value(key, value));
    }
  }
  for (const auto& [path, source] : made.sources) {
    const bool is_init = path.starts_with(kInitPrefix) && made.Find(path) == nullptr;
    const bool is_stage =
        path.starts_with(kStartupPrefix) &&
        std::none_of(made.classic.startup.begin(), made.classic.startup.end(),
                     [&](const auto& stage) { return kStartupPrefix + stage.first == path; });
    if (is_init || is_stage) return Sentence("'sources." + path + "' names nothing in the profile");
  }
  return made;
}

double CpuShare(int memory_mb) {
  return std::min(1.0, static_cast<double>(memory_mb) / kMemoryMbPerVcpu);
}

}  // namespace kless

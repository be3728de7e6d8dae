#include "functions/latency_profile.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "emulator/base/strings.h"

namespace kless {
namespace {

struct Field {
  const char* key;
  Distribution LatencyProfile::*member;
};

constexpr Field kFields[] = {
    {"store_read", &LatencyProfile::store_read},
    {"store_write", &LatencyProfile::store_write},
    {"store_request_cpu", &LatencyProfile::store_request_cpu},
    {"first_request_cpu", &LatencyProfile::first_request_cpu},
    {"feed_delivery", &LatencyProfile::feed_delivery},
    {"index_lag", &LatencyProfile::index_lag},
    {"reconcile_cpu", &LatencyProfile::reconcile_cpu},
};

const Field* FindField(const std::string& key) {
  const auto found = std::find_if(std::begin(kFields), std::end(kFields),
                                  [&](const Field& field) { return key == field.key; });
  return found == std::end(kFields) ? nullptr : found;
}

Error Bad(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, "latency profile: " + std::move(message));
}

Error UnknownKey(const std::string& place, const std::string& key, std::vector<std::string> known) {
  const auto nearest = NearestWord(key, known);
  return Bad("unknown key '" + place + key + "'" +
             (nearest ? "; did you mean '" + *nearest + "'?" : std::string()));
}

std::vector<std::string> DistributionKeys() {
  std::vector<std::string> keys;
  for (const Field& field : kFields) keys.emplace_back(field.key);
  return keys;
}

Result<LatencySource> ParseSource(const std::string& key, const nlohmann::json& json) {
  const std::string place = "sources." + key;
  if (!json.is_object()) return Bad("'" + place + "' must be a map with source and date");
  LatencySource made;
  for (const auto& [name, value] : json.items()) {
    if (name == "source" || name == "date" || name == "note") {
      if (!value.is_string()) return Bad("'" + place + "." + name + "' must be a text");
      (name == "source" ? made.source
       : name == "date" ? made.date
                        : made.note) = value.get<std::string>();
    } else if (name == "n") {
      if (!value.is_number_integer() || value.get<std::int64_t>() < 0)
        return Bad("'" + place + ".n' must be a count");
      made.n = value.get<std::uint64_t>();
    } else if (name == "quantiles_ms") {
      if (!value.is_object()) return Bad("'" + place + ".quantiles_ms' must be a map");
      for (const auto& [quantile, milliseconds] : value.items()) {
        if (!milliseconds.is_number()) {
          return Bad("'" + place + ".quantiles_ms." + quantile + "' must be a number");
        }
        made.quantiles_ms[quantile] = milliseconds.get<double>();
      }
    } else {
      return UnknownKey(place + ".", name, {"source", "date", "n", "quantiles_ms", "note"});
    }
  }
  if (made.source.empty() || made.date.empty()) {
    return Bad("'" + place + "' needs a source and a date");
  }
  return made;
}

}  // namespace

Result<LatencyProfile> LatencyProfile::FromJson(const nlohmann::json& json) {
  if (!json.is_object()) return Bad("must be a map of names to distributions");
  LatencyProfile made;
  for (const auto& [key, value] : json.items()) {
    if (key == "name") {
      if (!value.is_string() || value.get<std::string>().empty()) {
        return Bad("'name' must be a text");
      }
      made.name = value.get<std::string>();
    } else if (key == "sources") {
      if (!value.is_object()) return Bad("'sources' must be a map");
      for (const auto& [name, source] : value.items()) {
        if (FindField(name) == nullptr) return UnknownKey("sources.", name, DistributionKeys());
        auto parsed = ParseSource(name, source);
        if (parsed.has_error()) return parsed.error();
        made.sources[name] = std::move(parsed).value();
      }
    } else if (const Field* field = FindField(key)) {
      auto parsed = Distribution::FromJson(value);
      if (parsed.has_error()) return Bad("'" + key + "': " + parsed.error().message);
      made.*(field->member) = std::move(parsed).value();
    } else {
      auto known = DistributionKeys();
      known.insert(known.end(), {"name", "sources"});
      return UnknownKey("", key, std::move(known));
    }
  }
  return made;
}

double CpuShare(int memory_mb) {
  return std::min(1.0, static_cast<double>(memory_mb) / kMemoryMbPerVcpu);
}

}  // namespace kless

#include "functions/controllers/node/zone_memo.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using nlohmann::json;

void Zone::SetPeriod(std::int64_t nanos, std::int64_t unix_nanos) {
  const bool gave = Gives(unix_nanos);
  period_nanos = nanos;
  free_unix_nanos = gave ? unix_nanos : unix_nanos + nanos;
}

ZoneMemo ZoneMemo::Parse(const std::string& text) {
  ZoneMemo memo;
  const auto parsed = ParseJson(text);
  if (parsed.has_error()) return memo;
  memo.due_unix_nanos = kubernetes::IntegerAt(parsed.value(), "due").value_or(0);
  const json* zones = kubernetes::Find(parsed.value(), "zones");
  if (zones == nullptr || !zones->is_object()) return memo;
  for (const auto& [name, value] : zones->items()) {
    Zone zone;
    const auto state = kubernetes::IntegerAt(value, "state").value_or(0);
    zone.state = state == 2   ? ZoneState::kFullDisruption
                 : state == 1 ? ZoneState::kPartialDisruption
                              : ZoneState::kNormal;
    zone.period_nanos = kubernetes::IntegerAt(value, "period").value_or(0);
    zone.free_unix_nanos = kubernetes::IntegerAt(value, "free").value_or(0);
    const json* queue = kubernetes::Find(value, "queue");
    for (std::size_t i = 0; queue != nullptr && queue->is_array() && i < queue->size(); ++i) {
      if ((*queue)[i].is_string()) zone.queue.push_back((*queue)[i].get<std::string>());
    }
    memo.zones.emplace(name, std::move(zone));
  }
  return memo;
}

std::string ZoneMemo::ToText() const {
  json out = json::object();
  out["due"] = due_unix_nanos;
  json& all = out["zones"] = json::object();
  for (const auto& [name, zone] : zones) {
    all[name] = {{"state", static_cast<int>(zone.state)},
                 {"period", zone.period_nanos},
                 {"free", zone.free_unix_nanos},
                 {"queue", zone.queue}};
  }
  return DumpJson(out);
}

}  // namespace kless::controllers

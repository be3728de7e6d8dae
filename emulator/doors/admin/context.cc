#include "emulator/doors/admin/context.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"
#include "emulator/base/strings.h"
#include "emulator/doors/admin/answers.h"

namespace kless::doors {

using nlohmann::json;

json ClockToJson(const AdminContext& context) {
  json clock = {{"mode", context.clock == nullptr ? "virtual" : "real"},
                {"now", FormatMicroTime(context.event_loop.UnixNanos())},
                {"elapsed_ms", ToMilliseconds(context.event_loop.Now().time_since_epoch())},
                {"speed", context.clock == nullptr ? json(nullptr) : json(context.clock->speed())},
                {"paused", context.clock != nullptr && context.clock->paused()},
                {"next_timer_ms", nullptr}};
  if (const auto next = context.event_loop.NextDeadline()) {
    clock["next_timer_ms"] = std::max(0.0, ToMilliseconds(*next - context.event_loop.Now()));
  }
  return clock;
}

bool IsIdle(const AdminContext& context) {
  const auto next = context.event_loop.NextDeadline();
  if (next && *next <= context.event_loop.Now()) return false;
  if (context.controller_manager != nullptr && !context.controller_manager->Idle()) return false;
  if (context.timers != nullptr && !context.timers->Idle()) return false;
  if (context.data_plane != nullptr && !context.data_plane->Idle()) return false;
  return context.pool.Idle() &&
         std::all_of(context.mappings.begin(), context.mappings.end(),
                     [](const auto& mapping) { return mapping.second->Idle(); });
}

Result<Table*> FindTable(AdminContext& context, const std::string& name) {
  if (Table* const table = context.store.FindTable(name)) return table;
  std::vector<std::string> names;
  for (const Table* table : context.store.Tables()) names.push_back(table->description().name);
  return MakeError(ErrorCode::kNotFound,
                   "table '" + name + "' does not exist" + DidYouMean(name, names));
}

}  // namespace kless::doors

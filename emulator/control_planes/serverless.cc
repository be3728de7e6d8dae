#include "emulator/control_planes/serverless.h"

#include <algorithm>
#include <utility>

#include "emulator/control_planes/loop_function.h"
#include "functions/controllers/loop/control_loop.h"
#include "functions/controllers/loops.h"

namespace kless::control_planes {

namespace {

constexpr const char* kSchedulerLoop = "scheduler";
// It is a process of its own in a real control plane.
constexpr const char* kSchedulerProcess = "kube-scheduler";
// Only one invocation of a loop with a view, the scheduler, runs at a time, as with leader
// election: a second one would place the same pods, and lose at the claims.  This does not apply
// where it would take a considerable share of the account's concurrency.
constexpr int kRoomForReserve = 10;

// The text of a mapping's filter in its status.
std::string FilterText(const std::vector<std::string>& types) {
  if (types.empty()) return std::string();
  std::string list;
  for (const std::string& type : types) list += (list.empty() ? "\"" : ",\"") + type + "\"";
  return R"({"dynamodb":{"Keys":{"resource-type":{"S":[)" + list + "]}}}}";
}

}  // namespace

const std::vector<std::string>& LoopNames() {
  static const std::vector<std::string> kNames = [] {
    std::vector<std::string> names;
    for (const controllers::ControlLoop& loop : controllers::ControlLoops()) {
      if (std::find(names.begin(), names.end(), loop.setting) == names.end()) {
        names.push_back(loop.setting);
      }
    }
    // The Job controller, which is the first of them, stays in front.
    std::sort(names.begin() + 1, names.end());
    return names;
  }();
  return kNames;
}

const std::set<std::string>& LoopFunctionNames() {
  static const std::set<std::string> kNames = [] {
    std::set<std::string> names;
    for (const std::string& loop : LoopNames()) names.insert(FunctionOfLoop(loop));
    return names;
  }();
  return kNames;
}

bool ReservesSchedulerAt(int account_concurrency) { return account_concurrency >= kRoomForReserve; }

std::string FunctionOfLoop(const std::string& loop) {
  for (const controllers::ControlLoop& each : controllers::ControlLoops()) {
    if (loop == each.setting) return each.name;
  }
  return loop;
}

std::string LoopSettingOf(const std::string& name) {
  if (name == kSchedulerProcess) return kSchedulerLoop;
  for (const controllers::ControlLoop& loop : controllers::ControlLoops()) {
    if (name == loop.name) return loop.setting;
  }
  return name;
}

Result<void> AddLoopFunctions(EventLoop& event_loop, Store& store, FunctionPool& pool,
                              Faults& faults, const LatencyProfile& profile,
                              const ServerlessOptions& options, std::uint64_t seed,
                              Telemetry* telemetry, EventSourceMappings* mappings) {
  const ResourceTable& resources = store.resources();
  for (const controllers::ControlLoop& loop : controllers::ControlLoops()) {
    const auto& names = options.loops;
    if (std::find(names.begin(), names.end(), loop.setting) == names.end()) continue;
    KLESS_TRY(auto settings, options.settings(loop.name));
    FunctionConfig& function = settings.config;
    if (loop.view && options.reserves_scheduler &&
        ReservesSchedulerAt(pool.account_concurrency())) {
      function.reserved_concurrency = 1;
      if (function.provisioned_concurrency > 1) {
        return MakeError(ErrorCode::kInvalidArgument,
                         "functions.scheduler.provisioned_concurrency must be at most 1, not " +
                             std::to_string(function.provisioned_concurrency) +
                             ": one scheduler runs at a time, for which kless reserves a "
                             "concurrency of 1; set functions.scheduler.provisioned_concurrency, "
                             "or another functions.scheduler.reserved_concurrency");
      }
    }
    KLESS_TRY_VOID(pool.Register(function, MakeLoopFunction(loop, resources, profile)));
    EventSourceMappingConfig& mapping = settings.mapping;
    if (mapping.tumbling_window > Duration::zero()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "functions." + loop.setting +
                           ".mapping.tumbling_window_ms must be 0: a control loop has no state "
                           "that it carries from batch to batch");
    }
    mapping.table = ResourceTable::kTableName;
    mapping.filter = [&resources, &loop](const ChangeRecord& record) {
      return LoopConcerns(loop, resources, record);
    };
    mapping.filter_text = FilterText(loop.types);
    KLESS_TRY(auto made, EventSourceMapping::Create(event_loop, store, pool, faults, profile,
                                                    mapping, seed, telemetry));
    mappings->emplace(mapping.name, std::move(made));
  }
  return {};
}

}  // namespace kless::control_planes

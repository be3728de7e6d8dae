#include "functions/pool/mapping/event_source_mapping.h"

#include <nlohmann/json.hpp>

#include "functions/pool/mapping/mapping_poller.h"

namespace kless {
namespace {

// Owns the poller while it works; the poller's coroutines may outlive it by a step.
class PollingMapping final : public EventSourceMapping {
 public:
  explicit PollingMapping(std::shared_ptr<MappingPoller> poller) : poller_(std::move(poller)) {}
  ~PollingMapping() override { poller_->Close(); }

  void Start() override { poller_->Start(); }
  void Stop(StopReason reason) override { poller_->Stop(reason); }
  const EventSourceMappingConfig& config() const override { return poller_->config(); }
  EventSourceMappingStatus Status() const override { return poller_->Status(); }
  bool Idle() const override { return poller_->Idle(); }

 private:
  const std::shared_ptr<MappingPoller> poller_;
};

}  // namespace

std::string CheckpointName(const std::string& mapping) { return "mapping/" + mapping; }

std::string LastResultName(const std::string& mapping) { return "mapping-result/" + mapping; }

std::string OpenWindowsName(const std::string& mapping) { return "mapping-windows/" + mapping; }

void ForgetMapping(Store& store, const std::string& mapping) {
  store.RemoveValue(CheckpointName(mapping));
  store.RemoveValue(LastResultName(mapping));
  store.RemoveValue(OpenWindowsName(mapping));
}

Result<std::unique_ptr<EventSourceMapping>> EventSourceMapping::Create(
    EventLoop& event_loop, Store& store, FunctionPool& pool, Faults& faults,
    const LatencyProfile& profile, EventSourceMappingConfig config, std::uint64_t seed,
    Telemetry* telemetry) {
  KLESS_TRY_VOID(ValidateMappingConfig(config));
  const Table* table = store.FindTable(config.table);
  if (table == nullptr) {
    return MakeError(
        ErrorCode::kInvalidArgument,
        "event source mapping '" + config.name + "': there is no table '" + config.table + "'");
  }
  if (pool.Config(config.function).has_error()) {
    return MakeError(ErrorCode::kInvalidArgument, "event source mapping '" + config.name +
                                                      "': there is no function '" +
                                                      config.function + "'");
  }
  auto poller =
      std::make_shared<MappingPoller>(event_loop, store, pool, faults, profile, std::move(config),
                                      table->description(), seed, telemetry);
  KLESS_TRY_VOID(poller->LoadPositions());
  KLESS_TRY_VOID(poller->LoadWindows());
  return std::unique_ptr<EventSourceMapping>(std::make_unique<PollingMapping>(std::move(poller)));
}

nlohmann::json MappingStatusToJson(const EventSourceMappingConfig& config,
                                   const EventSourceMappingStatus& status) {
  nlohmann::json settings = MappingConfigToJson(config);
  settings["filter"] = config.filter_text;
  return {{"name", status.name},
          {"function", status.function},
          {"table", status.table},
          {"state", status.state},
          {"last_processing_result", status.last_processing_result},
          {"last_error", status.last_error},
          {"position", status.position},
          {"latest", status.latest},
          {"iterator_age_ms", ToMilliseconds(status.iterator_age)},
          {"delivered", status.delivered},
          {"filtered", status.filtered},
          {"discarded", status.discarded},
          {"batches", status.batches},
          {"errors", status.errors},
          {"throttles", status.throttles},
          {"own_writes", status.own_writes},
          {"gaps", status.gaps},
          {"in_flight", status.in_flight},
          {"shard_positions", status.shard_positions},
          {"config", std::move(settings)}};
}

}  // namespace kless

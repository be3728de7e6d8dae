#include "emulator/lambda/mappings.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/system/log.h"
#include "functions/pool/mapping/failed_batch.h"
#include "functions/pool/user/user_function.h"

namespace kless::lambda {
namespace {

using nlohmann::json;

constexpr const char* kPrefix = "lambda-mapping/";
// The longest interval between two checks whether a stopped mapping has ended.
constexpr Duration kRenewLook = std::chrono::seconds(1);
constexpr const char* kNoMapping = "The resource you requested does not exist.";

const Table* TableOfId(Store& store, int id) {
  for (const Table* table : store.Tables()) {
    if (table->description().id == id) return table;
  }
  return nullptr;
}

// Account and region of an ARN.
dynamodb::Scope ScopeOf(const std::string& arn) {
  std::vector<std::string> parts;
  std::size_t at = 0;
  for (std::size_t end = arn.find(':'); end != std::string::npos; end = arn.find(':', at)) {
    parts.push_back(arn.substr(at, end - at));
    at = end + 1;
  }
  return parts.size() < 5 ? dynamodb::Scope{} : dynamodb::Scope{parts[4], parts[3]};
}

}  // namespace

json MappingDefinitionToJson(const MappingDefinition& mapping) {
  return {{"uuid", mapping.uuid},
          {"function", mapping.function},
          {"function_arn", mapping.function_arn},
          {"stream_arn", mapping.stream_arn},
          {"destination", mapping.destination},
          {"filters", mapping.filters},
          {"config", MappingConfigToJson(mapping.config)},
          {"modified_nanos", mapping.modified_nanos}};
}

MappingDefinition MappingDefinitionFromJson(const json& json) {
  MappingDefinition mapping;
  json.at("uuid").get_to(mapping.uuid);
  json.at("function").get_to(mapping.function);
  json.at("function_arn").get_to(mapping.function_arn);
  json.at("stream_arn").get_to(mapping.stream_arn);
  json.at("destination").get_to(mapping.destination);
  json.at("filters").get_to(mapping.filters);
  json.at("modified_nanos").get_to(mapping.modified_nanos);
  for (const auto& [field, value] : json.at("config").items()) {
    (void)PatchMappingConfig(field, value, &mapping.config);
  }
  return mapping;
}

Mappings::Mappings(Context context, std::uint64_t seed, Telemetry* telemetry)
    : context_(std::move(context)),
      seed_(seed),
      telemetry_(telemetry),
      random_(seed, "lambda mappings") {}

void Mappings::Load() {
  for (const auto& [key, text] : context_.store.LoadValues(kPrefix)) {
    const auto parsed = ParseJson(text);
    if (parsed.has_error()) continue;
    MappingDefinition mapping = MappingDefinitionFromJson(parsed.value());
    if (mapping.config.enabled) {
      const auto made = Make(mapping);
      if (made.has_error()) {
        Log(LogLevel::kError, "functions",
            "the stored mapping " + mapping.uuid + " does not run: " + made.error().message);
      }
    }
    mappings_.emplace(mapping.uuid, std::move(mapping));
  }
}

// The records of one stream that pass the patterns.
Outcome<EventSourceMappingConfig> Mappings::ConfigOf(const MappingDefinition& mapping) {
  const auto stream =
      context_.dynamodb.catalog().FindStream(ScopeOf(mapping.stream_arn), mapping.stream_arn);
  const Table* const table = stream ? TableOfId(context_.store, stream->table_id) : nullptr;
  if (table == nullptr) return InvalidParameter("Stream not found: " + mapping.stream_arn);
  UserFunction function;
  function.mapping.emplace();
  function.mapping->config = mapping.config;
  function.mapping->config.table = table->description().name;
  function.mapping->filters = mapping.filters;
  auto made = MappingConfigOf(function, context_.store, context_.source);
  if (made.has_error()) return InvalidParameter(made.error().message);
  EventSourceMappingConfig config = std::move(made.value());
  config.name = mapping.uuid;
  config.function = mapping.function;
  config.filter = [passes = std::move(config.filter), source = context_.source,
                   arn = mapping.stream_arn](const ChangeRecord& record) {
    return source->view(record).arn == arn && (!passes || passes(record));
  };
  if (!mapping.destination.empty()) {
    config.on_failure = [this, table, mapping](const FailedBatch& batch) {
      sqs::SendRequest message;
      message.body =
          DumpJson(FailureRecord(batch, table->description(), context_.source,
                                 {mapping.function_arn}, context_.event_loop.UnixNanos()));
      const auto sent = context_.queues.Send(mapping.destination, message);
      if (sent.has_value()) return;
      Log(LogLevel::kWarning, "functions",
          "mapping " + mapping.uuid + ": no record of a failure was sent to " +
              mapping.destination + ": " + sent.error().message);
    };
  }
  return config;
}

Outcome<void> Mappings::Make(const MappingDefinition& mapping) {
  auto config = ConfigOf(mapping);
  if (config.has_error()) return config.error();
  auto made = EventSourceMapping::Create(context_.event_loop, context_.store, context_.pool,
                                         context_.faults, context_.profile,
                                         std::move(config.value()), seed_, telemetry_);
  if (made.has_error()) return InvalidParameter(made.error().message);
  context_.mappings.emplace(mapping.uuid, std::move(made.value()));
  return {};
}

void Mappings::Save(const MappingDefinition& mapping) {
  context_.store.SaveValue(kPrefix + mapping.uuid, DumpJson(MappingDefinitionToJson(mapping)));
}

Outcome<const MappingDefinition*> Mappings::Create(MappingDefinition mapping) {
  for (const auto& [uuid, other] : mappings_) {
    if (other.function != mapping.function || other.stream_arn != mapping.stream_arn) continue;
    return Conflict("The event source arn (\" " + mapping.stream_arn + " \") and function (\" " +
                    mapping.function +
                    " \") provided mapping already exists. Please update or "
                    "delete the existing mapping with UUID " +
                    uuid);
  }
  mapping.uuid = random_.Uuid();
  mapping.modified_nanos = context_.event_loop.UnixNanos();
  // A disabled one is checked, too.
  const auto checked = ConfigOf(mapping);
  if (checked.has_error()) return checked.error();
  if (mapping.config.enabled) {
    const auto made = Make(mapping);
    if (made.has_error()) return made.error();
    context_.mappings.at(mapping.uuid)->Start();
  }
  Save(mapping);
  const std::string uuid = mapping.uuid;
  return &mappings_.emplace(uuid, std::move(mapping)).first->second;
}

Outcome<const MappingDefinition*> Mappings::Get(const std::string& uuid) const {
  const auto found = mappings_.find(uuid);
  if (found == mappings_.end()) return NotFound(kNoMapping);
  return &found->second;
}

std::vector<const MappingDefinition*> Mappings::All() const {
  std::vector<const MappingDefinition*> all;
  for (const auto& [uuid, mapping] : mappings_) all.push_back(&mapping);
  return all;
}

Outcome<const MappingDefinition*> Mappings::Update(MappingDefinition changed) {
  const auto found = mappings_.find(changed.uuid);
  if (found == mappings_.end()) return NotFound(kNoMapping);
  const auto checked = ConfigOf(changed);
  if (checked.has_error()) return checked.error();
  changed.modified_nanos = context_.event_loop.UnixNanos();
  found->second = std::move(changed);
  const MappingDefinition& mapping = found->second;
  Save(mapping);
  const auto running = context_.mappings.find(mapping.uuid);
  if (running != context_.mappings.end()) {
    running->second->Stop(mapping.config.enabled ? StopReason::kUpdate : StopReason::kDisable);
  }
  bool& renewing = renewing_[mapping.uuid];
  if (!std::exchange(renewing, true)) {
    Spawn(context_.event_loop, "mapping " + mapping.uuid, Renew(mapping.uuid));
  }
  return &mapping;
}

// Uses the newest definition at that time, however often it has changed meanwhile.
Task<> Mappings::Renew(std::string uuid) {
  for (;;) {
    const auto old = context_.mappings.find(uuid);
    if (old == context_.mappings.end() || old->second->Idle()) break;
    const TimePoint look = context_.event_loop.Now() + kRenewLook;
    co_await context_.pool.changed().Wait(look);
  }
  // The results of the last invocation are saved in a step of its own.
  co_await asio::post(context_.event_loop.executor(), asio::use_awaitable);
  renewing_.erase(uuid);
  context_.mappings.erase(uuid);
  const auto found = mappings_.find(uuid);
  if (found == mappings_.end()) {
    ForgetMapping(context_.store, uuid);
    co_return;
  }
  if (!found->second.config.enabled) co_return;
  const auto made = Make(found->second);
  if (made.has_error()) {
    Log(LogLevel::kError, "functions", "mapping " + uuid + ": " + made.error().message);
    co_return;
  }
  context_.mappings.at(uuid)->Start();
}

Outcome<MappingDefinition> Mappings::Delete(std::string uuid) {
  const auto found = mappings_.find(uuid);
  if (found == mappings_.end()) return NotFound(kNoMapping);
  MappingDefinition deleted = std::move(found->second);
  mappings_.erase(found);
  context_.store.RemoveValue(kPrefix + uuid);
  const auto running = context_.mappings.find(uuid);
  if (running != context_.mappings.end()) running->second->Stop(StopReason::kDelete);
  bool& renewing = renewing_[uuid];
  if (!std::exchange(renewing, true)) {
    Spawn(context_.event_loop, "mapping " + uuid, Renew(uuid));
  }
  return deleted;
}

std::string Mappings::StateOf(const MappingDefinition& mapping) const {
  const auto running = context_.mappings.find(mapping.uuid);
  if (running != context_.mappings.end()) return running->second->Status().state;
  return mapping.config.enabled ? "Enabling" : "Disabled";
}

std::string Mappings::LastResultOf(const MappingDefinition& mapping) const {
  const auto running = context_.mappings.find(mapping.uuid);
  if (running != context_.mappings.end()) return running->second->Status().last_processing_result;
  return context_.store.LoadValue(LastResultName(mapping.uuid)).value_or("No records processed");
}

}  // namespace kless::lambda

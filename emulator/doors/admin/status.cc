// GET health, status, stats, mappings[/NAME]; GET, POST and DELETE faults.
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/context.h"
#include "emulator/doors/admin/routes.h"

namespace kless::doors {
namespace {

using nlohmann::json;

json StoreToJson(const StoreStats& stats) {
  return {{"writes", stats.writes},
          {"reads", stats.reads},
          {"commits", stats.commits},
          {"no_op_writes", stats.no_op_writes},
          {"failed_conditions", stats.failed_conditions},
          {"file_bytes", stats.file_bytes},
          {"wal_bytes", stats.wal_bytes}};
}

json PoolToJson(const FunctionPool& pool) {
  std::uint64_t invocations = 0;
  std::uint64_t cold_starts = 0;
  std::uint64_t throttles = 0;
  int environments = 0;
  for (const std::string& name : pool.Names()) {
    const FunctionStats stats = pool.Stats(name).value();
    invocations += stats.invocations;
    cold_starts += stats.cold_starts;
    throttles += stats.throttles;
    environments += stats.initializing + stats.busy + stats.idle;
  }
  return {{"account_concurrency", pool.account_concurrency()},
          {"concurrency", pool.concurrency()},
          {"environments", environments},
          {"invocations", invocations},
          {"cold_starts", cold_starts},
          {"throttles", throttles},
          {"idle", pool.Idle()}};
}

HttpResponse Stats(const AdminContext& context) {
  const StoreStats store = context.store.Stats();
  json mappings = json::object();
  for (const auto& [name, mapping] : context.mappings) {
    const EventSourceMappingStatus status = mapping->Status();
    mappings[name] = {{"position", status.position},
                      {"delivered", status.delivered},
                      {"filtered", status.filtered},
                      {"in_flight", status.in_flight},
                      {"idle", mapping->Idle()}};
  }
  return JsonReply({{"store", StoreToJson(store)},
                    {"feed", {{"latest", store.feed_latest}, {"low_water", store.feed_low_water}}},
                    {"pool", PoolToJson(context.pool)},
                    {"mappings", std::move(mappings)},
                    {"tasks", {{"failed", context.event_loop.failed_tasks()}}},
                    {"idle", IsIdle(context)}});
}

json FunctionCounts(const FunctionPool& pool) {
  json functions = json::array();
  for (const std::string& name : pool.Names()) {
    const FunctionStats stats = pool.Stats(name).value();
    functions.push_back({{"name", name},
                         {"invocations", stats.invocations},
                         {"cold_starts", stats.cold_starts},
                         {"throttles", stats.throttles},
                         {"errors", stats.errors},
                         {"environments", stats.initializing + stats.busy + stats.idle}});
  }
  return functions;
}

// Returns the mapping whose oldest unprocessed record is the oldest of all; null if each has
// processed everything, or there are no mappings.
json OldestUnprocessed(const AdminContext& context) {
  json oldest;
  Duration age{};
  for (const auto& [name, mapping] : context.mappings) {
    const EventSourceMappingStatus status = mapping->Status();
    if (status.iterator_age <= age) continue;
    age = status.iterator_age;
    oldest = {{"mapping", name}, {"age_ms", ToMilliseconds(age)}};
  }
  return oldest;
}

json NodeCounts(const AdminContext& context) {
  std::size_t nodes = 0;
  std::size_t alive = 0;
  if (context.data_plane != nullptr) {
    for (const data_plane::NodeState& node : context.data_plane->Nodes()) {
      ++nodes;
      if (node.alive) ++alive;
    }
  }
  return {{"count", nodes}, {"alive", alive}};
}

HttpResponse Status(const AdminContext& context) {
  const StoreStats store = context.store.Stats();
  const DaemonFacts& facts = context.facts;
  json uptime;
  if (context.clock != nullptr) uptime = ToMilliseconds(context.clock->RealElapsed());
  return JsonReply({{"version", KLESS_VERSION},
                    {"schema", Store::kSchemaVersion},
                    {"control_plane", facts.control_plane},
                    {"loops", facts.loops},
                    {"latency", facts.latency},
                    {"uptime_ms", uptime},
                    {"clock", ClockToJson(context)},
                    // Many JSON parsers round numbers above 2^53.
                    {"seed", std::to_string(facts.seed)},
                    {"starts", facts.boots},
                    {"data",
                     {{"durability", facts.durability},
                      {"file", facts.data_file.empty() ? json(nullptr) : json(facts.data_file)},
                      {"bytes", store.file_bytes},
                      {"wal_bytes", store.wal_bytes}}},
                    {"feed", {{"latest", store.feed_latest}, {"low_water", store.feed_low_water}}},
                    {"oldest_unprocessed", OldestUnprocessed(context)},
                    {"account_concurrency", context.pool.account_concurrency()},
                    {"concurrency", context.pool.concurrency()},
                    {"functions", FunctionCounts(context.pool)},
                    {"nodes", NodeCounts(context)},
                    {"objects", context.store.resources().CountByType()},
                    {"idle", IsIdle(context)}});
}

json MappingToJson(const EventSourceMapping& mapping) {
  return MappingStatusToJson(mapping.config(), mapping.Status());
}

HttpResponse GetMapping(const AdminContext& context, const std::string& name) {
  const auto found = context.mappings.find(name);
  if (found == context.mappings.end()) {
    return ErrorReply(
        MakeError(ErrorCode::kNotFound, "event source mapping '" + name + "' does not exist"));
  }
  return JsonReply(MappingToJson(*found->second));
}

HttpResponse ListMappings(const AdminContext& context) {
  json mappings = json::array();
  for (const auto& [name, mapping] : context.mappings) mappings.push_back(MappingToJson(*mapping));
  return JsonReply({{"mappings", std::move(mappings)}});
}

HttpResponse FaultsReply(const AdminContext& context) {
  return JsonReply({{"faults", context.faults.ToJson()}});
}

HttpResponse AddFault(AdminContext& context, const HttpRequest& request) {
  const auto body = ParseJson(request.body);
  if (body.has_error()) {
    return ErrorReply(
        MakeError(ErrorCode::kInvalidArgument, "the body is not JSON: " + body.error().message));
  }
  if (context.controller_manager != nullptr) {
    return ErrorReply(MakeError(ErrorCode::kUnsupported,
                                "faults act on functions and mappings: the classic control plane "
                                "has none"));
  }
  const auto added = context.faults.Add(body.value());
  return added.has_error() ? ErrorReply(added.error()) : FaultsReply(context);
}

// functions/pool/faults.h explains them.
constexpr RouteField kFaultFields[] = {
    {"kind", "string",
     "duplicate, delay, reorder, throttle, store_error, crash, crash_after, stall, slow_init, "
     "lose_write, or clear: all faults off"},
    {"function", "string", "the affected function (all)"},
    {"rate", "number", "probability of each occasion, 0 to 1"},
    {"at", "integer", "the occasion at which it takes effect, counted from now, from 1"},
    {"count", "integer", "how often it takes effect"},
    {"delay_ms", "number", "of delay, stall and slow_init, in milliseconds"},
};

}  // namespace

void AddStatusRoutes(Router& router, AdminContext& context) {
  AddAdminRoute(router, "GET", "/kless/v1/health", {"Whether the daemon replies, and its version"},
                Immediate([](const HttpRequest&) {
                  return JsonReply({{"status", "ok"}, {"version", KLESS_VERSION}});
                }));
  AddAdminRoute(router, "GET", "/kless/v1/status",
                {"What the daemon is and how it does: seed, clock, data, functions, objects"},
                Immediate([&context](const HttpRequest&) { return Status(context); }));
  AddAdminRoute(router, "GET", "/kless/v1/stats",
                {"Counters of the store, the feed, the function pool and the mappings"},
                Immediate([&context](const HttpRequest&) { return Stats(context); }));
  AddAdminRoute(router, "GET", "/kless/v1/mappings",
                {"All event source mappings: configuration and status"},
                Immediate([&context](const HttpRequest&) { return ListMappings(context); }));
  AddAdminRoute(router, "GET", "/kless/v1/mappings/{name}",
                {"One event source mapping: configuration, position, iterator age, last result"},
                Immediate([&context](const HttpRequest& request) {
                  return GetMapping(context, request.params.at("name"));
                }));
  AddAdminRoute(router, "GET", "/kless/v1/faults", {"The faults that are armed"},
                Immediate([&context](const HttpRequest&) { return FaultsReply(context); }));
  AddAdminRoute(
      router, "POST", "/kless/v1/faults", {"Arms a fault", {}, kFaultFields, true},
      Immediate([&context](const HttpRequest& request) { return AddFault(context, request); }));
  AddAdminRoute(router, "DELETE", "/kless/v1/faults", {"Disarms every fault"},
                Immediate([&context](const HttpRequest&) {
                  context.faults.Clear();
                  return FaultsReply(context);
                }));
}

}  // namespace kless::doors

// GET tables[/T]; PUT tables/T creates; POST tables/T/split and tables/T/expire.
#include <nlohmann/json.hpp>

#include "emulator/base/strings.h"
#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/context.h"
#include "emulator/doors/admin/routes.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr RouteField kTableFields[] = {
    {"partition_key", "object", R"({"name": "id", "type": "S"}, type S, N or B)"},
    {"sort_key", "object", "in the same form (none)"},
    {"shards", "integer", "shards of its change feed, 1 to 1000 (1)"},
    {"document_attribute", "string", "the attribute that is kept as one document (none)"},
};

json KeyToJson(const std::string& name, KeyType type) {
  if (name.empty()) return nullptr;
  return {{"name", name}, {"type", std::string(1, KeyTypeLetter(type))}};
}

json TableToJson(const Table& table) {
  const TableDescription& description = table.description();
  return {{"name", description.name},
          {"id", description.id},
          {"partition_key", KeyToJson(description.partition_key, description.partition_type)},
          {"sort_key", KeyToJson(description.sort_key, description.sort_type)},
          {"document_attribute", description.document_attribute.empty()
                                     ? json(nullptr)
                                     : json(description.document_attribute)},
          {"shards", description.shards},
          {"items", table.CountItems()}};
}

// What the requests of DynamoDB's API have consumed since the start, and its stream.
void AddUse(AdminContext& context, const Table& table, json& reply) {
  if (context.dynamodb == nullptr) return;
  dynamodb::Service& service = *context.dynamodb;
  const dynamodb::TableState* const state = service.catalog().FindById(table.description().id);
  if (state == nullptr) return;
  const dynamodb::CapacityStats& stats = service.capacity().StatsOf(*state);
  const auto units = [](const dynamodb::Units& consumed) {
    return json{{"read_units", consumed.read}, {"write_units", consumed.write}};
  };
  json indexes = json::object();
  for (const auto& [name, consumed] : stats.consumed.local) indexes[name] = units(consumed);
  for (const auto& [name, consumed] : stats.consumed.global) indexes[name] = units(consumed);
  reply["arn"] = state->arn;
  reply["status"] = TableStatusName(service.catalog().StatusOf(*state));
  reply["consumed"] = units(stats.consumed.Total());
  reply["consumed"]["indexes"] = std::move(indexes);
  reply["throttles"] = {{"reads", stats.read_throttles}, {"writes", stats.write_throttles}};
  reply["stream"] = nullptr;
  if (state->stream() == nullptr) return;
  std::size_t open = 0;
  std::size_t closed = 0;
  for (const dynamodb::ShardState& shard : service.streams().ShardsOf(*state)) {
    ++(shard.until ? closed : open);
  }
  reply["stream"] = {{"arn", state->StreamArn(*state->stream())},
                     {"view", ViewTypeName(state->stream()->view)},
                     {"open_shards", open},
                     {"closed_shards", closed}};
}

Error Invalid(std::string message) {
  return MakeError(ErrorCode::kInvalidArgument, std::move(message));
}

// {"name": "id", "type": "S"}
Result<void> ReadKey(const json& body, const std::string& field, std::string* name, KeyType* type) {
  const auto found = body.find(field);
  if (found == body.end() || found->is_null()) return {};
  const Error malformed =
      Invalid("'" + field + R"(' must be {"name": "...", "type": "S"}, type S, N or B)");
  if (!found->is_object() || found->size() != 2 || !found->contains("name") ||
      !found->contains("type") || !(*found)["name"].is_string() || !(*found)["type"].is_string()) {
    return malformed;
  }
  const auto letter = KeyTypeFromLetter((*found)["type"].get<std::string>());
  if (!letter) return malformed;
  *name = (*found)["name"].get<std::string>();
  *type = *letter;
  return {};
}

Result<TableDescription> ReadDescription(const HttpRequest& request) {
  KLESS_TRY(const auto body, ParseBody(request, kTableFields));
  TableDescription description;
  description.name = request.params.at("table");
  KLESS_TRY_VOID(
      ReadKey(body, "partition_key", &description.partition_key, &description.partition_type));
  if (description.partition_key.empty()) return Invalid("'partition_key' is required");
  KLESS_TRY_VOID(ReadKey(body, "sort_key", &description.sort_key, &description.sort_type));
  if (const auto shards = body.find("shards"); shards != body.end()) {
    if (!shards->is_number_integer() || shards->get<std::int64_t>() < 1 ||
        shards->get<std::int64_t>() > 1000) {
      return Invalid("'shards' must be a whole number from 1 to 1000");
    }
    description.shards = shards->get<int>();
  }
  const auto document = body.find("document_attribute");
  if (document != body.end() && !document->is_null()) {
    if (!document->is_string()) return Invalid("'document_attribute' must be a text");
    description.document_attribute = document->get<std::string>();
  }
  return description;
}

bool SameShape(const TableDescription& a, const TableDescription& b) {
  return a.partition_key == b.partition_key && a.partition_type == b.partition_type &&
         a.sort_key == b.sort_key && (a.sort_key.empty() || a.sort_type == b.sort_type) &&
         a.document_attribute == b.document_attribute && a.shards == b.shards;
}

HttpResponse PutTable(AdminContext& context, const HttpRequest& request) {
  auto description = ReadDescription(request);
  if (description.has_error()) return ErrorReply(description.error());
  // PUT is idempotent: it accepts an identical existing table.
  const Table* const existing = context.store.FindTable(description.value().name);
  if (existing != nullptr && SameShape(existing->description(), description.value())) {
    return JsonReply(TableToJson(*existing));
  }
  const auto created = context.store.CreateTable(std::move(description.value()));
  if (created.has_error()) return ErrorReply(created.error());
  return JsonReply(TableToJson(*created.value()), 201);
}

HttpResponse GetTable(AdminContext& context, const HttpRequest& request) {
  const auto table = FindTable(context, request.params.at("table"));
  if (table.has_error()) return ErrorReply(table.error());
  json reply = TableToJson(*table.value());
  AddUse(context, *table.value(), reply);
  return JsonReply(reply);
}

Result<const dynamodb::TableState*> FindState(AdminContext& context, const HttpRequest& request) {
  KLESS_TRY(const Table* const table, FindTable(context, request.params.at("table")));
  const dynamodb::TableState* const state =
      context.dynamodb == nullptr ? nullptr
                                  : context.dynamodb->catalog().FindById(table->description().id);
  if (state != nullptr) return state;
  return MakeError(ErrorCode::kUnsupported, "this world has no DynamoDB");
}

HttpResponse SplitTable(AdminContext& context, const HttpRequest& request) {
  const auto state = FindState(context, request);
  if (state.has_error()) return ErrorReply(state.error());
  const auto open = context.dynamodb->streams().Split(*state.value());
  if (open.has_error()) return ErrorReply(Invalid(open.error().message));
  return JsonReply({{"open_shards", open.value()}});
}

HttpResponse ExpireItems(AdminContext& context, const HttpRequest& request) {
  const auto state = FindState(context, request);
  if (state.has_error()) return ErrorReply(state.error());
  return JsonReply({{"deleted", context.dynamodb->ttl().ExpireNow(*state.value())}});
}

HttpResponse ListTables(AdminContext& context) {
  json tables = json::array();
  for (const Table* table : context.store.Tables()) tables.push_back(TableToJson(*table));
  return JsonReply({{"tables", std::move(tables)}});
}

}  // namespace

void AddTableRoutes(Router& router, AdminContext& context) {
  AddAdminRoute(router, "GET", "/kless/v1/tables", {"All tables with their number of items"},
                Immediate([&context](const HttpRequest&) { return ListTables(context); }));
  AddAdminRoute(
      router, "GET", "/kless/v1/tables/{table}", {"One table: keys, shards, number of items"},
      Immediate([&context](const HttpRequest& request) { return GetTable(context, request); }));
  AddAdminRoute(
      router, "PUT", "/kless/v1/tables/{table}",
      {"Creates a table; the same again changes nothing", {}, kTableFields, true},
      Immediate([&context](const HttpRequest& request) { return PutTable(context, request); }));
  AddAdminRoute(
      router, "POST", "/kless/v1/tables/{table}/split",
      {"Splits every open shard of the table's stream"},
      Immediate([&context](const HttpRequest& request) { return SplitTable(context, request); }));
  AddAdminRoute(
      router, "POST", "/kless/v1/tables/{table}/expire",
      {"Deletes the items whose time to live has passed, without waiting"},
      Immediate([&context](const HttpRequest& request) { return ExpireItems(context, request); }));
}

}  // namespace kless::doors

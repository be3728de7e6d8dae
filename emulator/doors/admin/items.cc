// GET, PUT and DELETE tables/T/items: one item, a query of one partition, or a scan.
//
// Items are DynamoDB JSON; keys in the query string are plain text (B in base64).
#include <charconv>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/doors/admin/answers.h"
#include "emulator/doors/admin/context.h"
#include "emulator/doors/admin/key_text.h"
#include "emulator/doors/admin/routes.h"
#include "store/item_json.h"

namespace kless::doors {
namespace {

using nlohmann::json;

constexpr std::uint64_t kPageLimit = 10'000;
constexpr std::uint64_t kPageDefault = 1000;

constexpr RouteField kItemsQuery[] = {
    {"partition", "string", "partition key; without it the whole table is read"},
    {"sort", "string", "sort key of the one item"},
    {"prefix", "string", "sort keys that begin with it"},
    {"from", "string", "lowest sort key"},
    {"to", "string", "highest sort key"},
    {"limit", "integer", "items of a page, 1 to 10000 (1000)"},
    {"after", "string", "the 'next' of the page before"},
    {"descending", "boolean", "from the highest sort key down"},
};
constexpr RouteField kPutItemQuery[] = {
    {"if_version", "integer", "only if the item has this version"},
    {"if_absent", "boolean", "only if there is no such item"},
};
constexpr RouteField kDeleteItemQuery[] = {
    {"partition", "string", "partition key"},
    {"sort", "string", "sort key"},
    {"if_version", "integer", "only if the item has this version"},
};

json ItemReply(const TableDescription& table, const Item& item) {
  return {{"Item", ItemToJson(table, item)}, {"version", item.version}};
}

std::optional<std::string> HexDecode(std::string_view text) {
  std::string bytes;
  if (text.size() % 2 != 0) return std::nullopt;
  for (; !text.empty(); text.remove_prefix(2)) {
    unsigned char byte = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + 2, byte, 16);
    if (error != std::errc{} || end != text.data() + 2) return std::nullopt;
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

// The position of a scan: the key in hexadecimal, "7061.736f" (opaque to clients).
std::string ScanToken(const Key& key) {
  return HexEncode(key.partition) + "." + HexEncode(key.sort);
}

std::optional<Key> ParseScanToken(const std::string& token) {
  const auto dot = token.find('.');
  if (dot == std::string::npos) return std::nullopt;
  const auto partition = HexDecode(token.substr(0, dot));
  const auto sort = HexDecode(token.substr(dot + 1));
  if (!partition || !sort) return std::nullopt;
  return Key{*partition, *sort};
}

// A key value from the query string; absent if it is not given.
std::optional<std::string> KeyParameter(Parameters& parameters, const std::string& name,
                                        KeyType type, bool is_partition) {
  const auto text = parameters.Text(name);
  if (!text) return std::nullopt;
  auto value = ParseKeyValue(type, *text, is_partition);
  if (value.has_value()) return value.value();
  parameters.Report("'" + name + "': " + value.error().message);
  return std::nullopt;
}

Condition ConditionOf(Parameters& parameters) {
  Condition condition;
  if (parameters.Text("if_version")) {
    condition = Condition::VersionIs(parameters.Number("if_version", 0, 0, UINT64_MAX));
  }
  if (parameters.Flag("if_absent")) {
    if (condition.kind != Condition::Kind::kNone) {
      parameters.Report("'if_version' and 'if_absent' exclude each other");
    }
    condition = Condition::NotExists();
  }
  return condition;
}

json PageReply(const TableDescription& table, const Page& page, const json& next) {
  json items = json::array();
  for (const ItemPtr& item : page.items) items.push_back(ItemReply(table, *item));
  return {{"items", std::move(items)}, {"next", page.more ? next : json(nullptr)}};
}

HttpResponse Scan(const Table& table, Parameters& parameters) {
  std::optional<Key> after;
  if (const auto token = parameters.Text("after")) {
    after = ParseScanToken(*token);
    if (!after) parameters.Report("'after' of a scan is the 'next' of the page before");
  }
  for (const char* name : {"sort", "prefix", "from", "to", "descending"}) {
    if (parameters.Text(name)) {
      parameters.Report("'" + std::string(name) +
                        "' needs 'partition': without it the whole table "
                        "is read in key order");
    }
  }
  const auto limit = parameters.Number("limit", kPageDefault, 1, kPageLimit);
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  const auto page = table.Scan(after, static_cast<int>(limit));
  if (page.has_error()) return ErrorReply(page.error());
  json next;
  if (!page.value().items.empty()) next = ScanToken(page.value().items.back()->key);
  return JsonReply(PageReply(table.description(), page.value(), next));
}

HttpResponse GetOne(const Table& table, const Key& key) {
  const auto item = table.Get(key);
  if (item.has_error()) return ErrorReply(item.error());
  return JsonReply(ItemReply(table.description(), *item.value()));
}

HttpResponse Query(const Table& table, const std::string& partition, Parameters& parameters) {
  const TableDescription& description = table.description();
  const KeyType type = description.sort_type;
  QueryOptions options;
  options.from = KeyParameter(parameters, "from", type, false);
  options.to = KeyParameter(parameters, "to", type, false);
  options.after = KeyParameter(parameters, "after", type, false);
  options.descending = parameters.Flag("descending");
  options.limit = static_cast<int>(parameters.Number("limit", kPageDefault, 1, kPageLimit));
  if (const auto prefix = parameters.Text("prefix"); prefix && !prefix->empty()) {
    if (type == KeyType::kNumber) parameters.Report("'prefix' needs a sort key of type S or B");
    options.prefix = KeyParameter(parameters, "prefix", type, false).value_or("");
  }
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  const auto page = table.Query(partition, options);
  if (page.has_error()) return ErrorReply(page.error());
  json next;
  if (!page.value().items.empty()) next = KeyValueText(type, page.value().items.back()->key.sort);
  return JsonReply(PageReply(description, page.value(), next));
}

HttpResponse GetItems(AdminContext& context, const HttpRequest& request) {
  Parameters parameters(request);
  const auto found = FindTable(context, request.params.at("table"));
  if (found.has_error()) return ErrorReply(found.error());
  const Table& table = *found.value();
  const TableDescription& description = table.description();
  if (!parameters.Text("partition")) return Scan(table, parameters);
  const auto partition = KeyParameter(parameters, "partition", description.partition_type, true);
  if (description.sort_key.empty()) {
    for (const char* name : {"sort", "prefix", "from", "to", "after", "descending", "limit"}) {
      if (parameters.Text(name)) {
        parameters.Report("table '" + description.name + "' has no sort key: '" + name +
                          "' has no meaning");
      }
    }
    if (parameters.problem()) return ErrorReply(*parameters.problem());
    return GetOne(table, Key{*partition, ""});
  }
  const auto sort = KeyParameter(parameters, "sort", description.sort_type, false);
  if (parameters.Text("sort")) {
    for (const char* name : {"prefix", "from", "to", "after", "descending", "limit"}) {
      if (parameters.Text(name)) {
        parameters.Report("'sort' names one item: '" + std::string(name) + "' has no meaning");
      }
    }
    if (parameters.problem()) return ErrorReply(*parameters.problem());
    return GetOne(table, Key{*partition, *sort});
  }
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  return Query(table, *partition, parameters);
}

HttpResponse WriteReply(const Result<WriteResult>& written) {
  if (written.has_error()) return ErrorReply(written.error());
  return JsonReply({{"version", written.value().version}, {"changed", written.value().changed}});
}

HttpResponse PutItem(AdminContext& context, const HttpRequest& request) {
  Parameters parameters(request);
  const Condition condition = ConditionOf(parameters);
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  const auto table = FindTable(context, request.params.at("table"));
  if (table.has_error()) return ErrorReply(table.error());
  const auto body = ParseJson(request.body);
  if (body.has_error()) {
    return ErrorReply(
        MakeError(ErrorCode::kInvalidArgument, "the body is not JSON: " + body.error().message));
  }
  auto item = ItemFromJson(table.value()->description(), body.value());
  if (item.has_error()) return ErrorReply(item.error());
  return WriteReply(table.value()->Put(std::move(item.value()), condition));
}

HttpResponse DeleteItem(AdminContext& context, const HttpRequest& request) {
  Parameters parameters(request);
  const Condition condition = ConditionOf(parameters);
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  const auto table = FindTable(context, request.params.at("table"));
  if (table.has_error()) return ErrorReply(table.error());
  const TableDescription& description = table.value()->description();
  const auto partition = KeyParameter(parameters, "partition", description.partition_type, true);
  if (!parameters.Text("partition")) parameters.Report("'partition' is required");
  std::optional<std::string> sort;
  if (description.sort_key.empty()) {
    if (parameters.Text("sort")) {
      parameters.Report("table '" + description.name + "' has no sort key");
    }
  } else {
    sort = KeyParameter(parameters, "sort", description.sort_type, false);
    if (!parameters.Text("sort")) parameters.Report("'sort' is required");
  }
  if (parameters.problem()) return ErrorReply(*parameters.problem());
  return WriteReply(table.value()->Remove(Key{*partition, sort.value_or("")}, condition));
}

}  // namespace

void AddItemRoutes(Router& router, AdminContext& context) {
  constexpr const char* kPath = "/kless/v1/tables/{table}/items";
  AddAdminRoute(
      router, "GET", kPath,
      {"One item, the items of a partition, or those of a table", kItemsQuery},
      Immediate([&context](const HttpRequest& request) { return GetItems(context, request); }));
  AddAdminRoute(
      router, "PUT", kPath, {"Writes an item in DynamoDB JSON", kPutItemQuery, {}, true},
      Immediate([&context](const HttpRequest& request) { return PutItem(context, request); }));
  AddAdminRoute(
      router, "DELETE", kPath, {"Removes an item", kDeleteItemQuery},
      Immediate([&context](const HttpRequest& request) { return DeleteItem(context, request); }));
}

}  // namespace kless::doors

// `kless item`: reads, writes and removes single items of a table.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/json.h"
#include "emulator/base/yaml.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/output.h"
#include "emulator/cli/system.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"
#include "store/resources.h"

namespace kless::cli {
namespace {

using nlohmann::json;

struct ItemOptions {
  std::string server;
  std::string table;  // empty: the resource table, by type and name
  std::string namespace_name = "default";
  std::string first;   // TYPE, or the partition key
  std::string second;  // NAME, or the sort key
  std::string file;
  std::optional<std::uint64_t> if_version;
  bool if_absent = false;
  bool whole_item = false;
  std::string output = "text";
};

// The item that a command refers to.
struct Target {
  std::string path;  // of the table's items
  std::string query;
  std::string type, name;  // only for the resource table
};

// The NAME of a namespaced kind is "namespace/name"; --namespace may supply the namespace.
std::string ResourceName(const ItemOptions& options) {
  const kubernetes::Kind* const kind = kubernetes::FindKindByType(options.first);
  if (kind == nullptr || !kind->namespaced || options.second.find('/') != std::string::npos) {
    return options.second;
  }
  return options.namespace_name + "/" + options.second;
}

Result<Target> FindTarget(ApiClient& api, const ItemOptions& options) {
  Target target;
  const bool is_resource = options.table.empty();
  const std::string table = is_resource ? ResourceTable::kTableName : options.table;
  const std::string table_path = "/kless/v1/tables/" + PercentEncode(table);
  target.path = table_path + "/items";
  std::string partition = options.first;
  std::string sort = options.second;
  if (is_resource) {
    if (options.first.empty() || options.second.empty()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "a resource needs TYPE and NAME, such as: job default/pi");
    }
    target.type = options.first;
    target.name = ResourceName(options);
    // The key layout of the data file determines which of the two comes first.
    const auto described = api.Call("GET", table_path);
    if (described.has_error()) return described.error();
    const json key = described.value().value("partition_key", json::object());
    const bool type_first = key.value("name", "") == ResourceTable::kTypeAttribute;
    partition = type_first ? target.type : target.name;
    sort = type_first ? target.name : target.type;
  }
  target.query = "?partition=" + PercentEncode(partition);
  if (!sort.empty()) target.query += "&sort=" + PercentEncode(sort);
  return target;
}

void PrintText(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  if (OutputIsTerminal() && !text.ends_with('\n')) std::fputc('\n', stdout);
}

int Get(const ItemOptions& options) {
  auto api = ApiClient::Create(options.server);
  if (api.has_error()) return FailUsage(api.error());
  const auto target = FindTarget(api.value(), options);
  if (target.has_error()) return FailByCode(target.error());
  const auto answer = api.value().Call("GET", target.value().path + target.value().query);
  if (answer.has_error()) return Fail(answer.error());
  if (options.table.empty() && !options.whole_item && options.output == "text") {
    const json item = answer.value().value("Item", json::object());
    const json value = item.value(ResourceTable::kValueAttribute, json::object());
    PrintText(value.value("S", ""));
  } else {
    PrintJson(answer.value());
  }
  return 0;
}

// The text of a resource-value: JSON byte for byte as in the file, YAML converted.
Result<std::string> ResourceValue(const std::string& text, const std::string& name) {
  if (!ParseJson(text).has_error()) return text;
  KLESS_TRY(const auto documents, ParseDocuments(text, YamlRules::kKubectl, name));
  if (documents.size() != 1) {
    return MakeError(ErrorCode::kInvalidArgument,
                     name + ": an item is one document, not " + std::to_string(documents.size()));
  }
  return DumpJson(documents.front());
}

std::string Conditions(const ItemOptions& options) {
  if (options.if_version) return "if_version=" + std::to_string(*options.if_version);
  if (options.if_absent) return "if_absent=true";
  return "";
}

int Put(const ItemOptions& options) {
  auto api = ApiClient::Create(options.server);
  if (api.has_error()) return FailUsage(api.error());
  const auto text = ReadInput(options.file);
  if (text.has_error()) return FailUsage(text.error());
  auto value = ResourceValue(text.value(), options.file);
  if (value.has_error()) return FailUsage(value.error());

  std::string body = std::move(value.value());
  std::string what = "item of " + options.table;
  std::string path = "/kless/v1/tables/" + PercentEncode(options.table) + "/items";
  if (options.table.empty()) {
    const auto target = FindTarget(api.value(), options);
    if (target.has_error()) return FailByCode(target.error());
    path = target.value().path;
    what = target.value().type + " " + target.value().name;
    const json item = {{ResourceTable::kTypeAttribute, {{"S", target.value().type}}},
                       {ResourceTable::kNameAttribute, {{"S", target.value().name}}},
                       {ResourceTable::kValueAttribute, {{"S", std::move(body)}}}};
    body = DumpJson(item);
  } else if (!options.first.empty()) {
    return FailUsage("with --table the item itself contains its key; omit '" + options.first + "'");
  }
  const std::string conditions = Conditions(options);
  if (!conditions.empty()) path += "?" + conditions;
  const auto answer = api.value().CallRaw("PUT", path, body);
  if (answer.has_error()) return Fail(answer.error());
  const auto written = ParseJson(answer.value());
  if (written.has_error()) return Fail(written.error());
  if (options.output == "json") {
    PrintJson(written.value());
    return 0;
  }
  std::printf("%s %s (version %llu)\n", what.c_str(),
              written.value().value("changed", true) ? "written" : "unchanged",
              static_cast<unsigned long long>(written.value().value("version", std::uint64_t{0})));
  return 0;
}

int DeleteItem(const ItemOptions& options) {
  auto api = ApiClient::Create(options.server);
  if (api.has_error()) return FailUsage(api.error());
  const auto target = FindTarget(api.value(), options);
  if (target.has_error()) return FailByCode(target.error());
  std::string path = target.value().path + target.value().query;
  const std::string conditions = Conditions(options);
  if (!conditions.empty()) path += "&" + conditions;
  const auto answer = api.value().Call("DELETE", path);
  if (answer.has_error()) return Fail(answer.error());
  if (options.output == "json") {
    PrintJson(answer.value());
    return 0;
  }
  const std::string second = options.table.empty() ? target.value().name : options.second;
  std::printf("%s%s%s %s\n", options.first.c_str(), second.empty() ? "" : " ", second.c_str(),
              answer.value().value("changed", true) ? "deleted" : "was not there");
  return 0;
}

CLI::App* AddCommand(CLI::App& item, const std::string& name, const std::string& help,
                     const std::shared_ptr<ItemOptions>& options) {
  CLI::App* const command = item.add_subcommand(name, help);
  command->add_option("--table", options->table, "Another table than the resource table")
      ->type_name("NAME");
  command
      ->add_option("-n,--namespace", options->namespace_name,
                   "Namespace of a NAME without one (default)")
      ->type_name("NAME");
  AddServerFlag(*command, &options->server);
  return command;
}

void AddKey(CLI::App& command, const std::shared_ptr<ItemOptions>& options, bool required) {
  command
      .add_option("TYPE", options->first,
                  "Resource type such as job or pod (with --table: the partition key)")
      ->type_name("")
      ->required(required);
  command
      .add_option("NAME", options->second,
                  "Resource name, namespace/name (with --table: the sort key, if there is one)")
      ->type_name("");
}

void AddIfVersion(CLI::App& command, const std::shared_ptr<ItemOptions>& options) {
  command.add_option("--if-version", options->if_version, "Only if the item is at this version")
      ->type_name("N");
}

}  // namespace

void AddItem(CLI::App& app, Action& action) {
  CLI::App* const item = app.add_subcommand(
      "item", "Read and write items of the store, without the rules of a protocol");
  item->require_subcommand(1);
  item->footer(
      "Examples:\n  kless item get job default/pi\n  kless item delete pod default/pi-x7k2p");
  auto options = std::make_shared<ItemOptions>();

  CLI::App* const get = AddCommand(*item, "get", "Print one item", options);
  AddKey(*get, options, true);
  get->add_flag("--item", options->whole_item,
                "Print the whole item with its version, not only the resource's value");
  AddOutputFlag(*get, &options->output)->description("text, or json: as --item (text)");
  get->footer(R"(Examples:
  kless item get job default/pi
  kless item get job pi --item
  kless item get order-7 line-1 --table orders)");
  get->callback([&action, options] { action = [options] { return Get(*options); }; });

  CLI::App* const put = AddCommand(*item, "put", "Write one item from a file", options);
  AddKey(*put, options, false);
  put->add_option("-f,--filename", options->file,
                  "The resource's value (JSON is stored byte for byte, YAML is converted); with "
                  "--table the whole item as DynamoDB JSON; '-' for standard input")
      ->required()
      ->type_name("FILE");
  AddIfVersion(*put, options);
  put->add_flag("--if-absent", options->if_absent, "Only if there is no such item")
      ->excludes("--if-version");
  AddOutputFlag(*put, &options->output);
  put->footer(R"(Examples:
  kless item put job default/pi -f pi.json
  echo '{"id":{"S":"a"},"n":{"N":"1"}}' | kless item put --table orders -f - --if-absent)");
  put->callback([&action, options] { action = [options] { return Put(*options); }; });

  CLI::App* const remove = AddCommand(*item, "delete", "Remove one item, at once", options);
  AddKey(*remove, options, true);
  AddIfVersion(*remove, options);
  AddOutputFlag(*remove, &options->output);
  remove->footer(R"(Examples:
  kless item delete pod default/pi-x7k2p
  kless item delete order-7 line-1 --table orders --if-version 42)");
  remove->callback([&action, options] { action = [options] { return DeleteItem(*options); }; });
}

}  // namespace kless::cli

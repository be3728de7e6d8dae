#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/text_table.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/daemon_command.h"
#include "emulator/cli/settings_flags.h"

namespace kless::cli {
namespace {

using nlohmann::json;

struct FunctionOptions {
  std::string server;
  std::string name;
  std::vector<std::string> words;  // of `set`
  int count = 1;
  std::uint64_t limit = 100;
  std::uint64_t after = 0;
  std::string output = "text";
  // Of `create`.
  std::vector<std::string> command;
  std::string url;
  std::string folder;
  std::vector<std::string> variables;  // NAME=VALUE
  std::string table;
  std::vector<std::string> resource_types;
  std::vector<std::string> filters;
  bool by_hand = false;
};

std::string FunctionPath(const std::string& name) {
  return name.empty() ? "/kless/v1/functions" : "/kless/v1/functions/" + PercentEncode(name);
}

// A value as a cell: numbers and objects as JSON, strings bare, null as "-".
std::string Cell(const json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return "-";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string InitCell(const json& function) {
  const auto init = function.find("init");
  if (init == function.end()) return "-";
  if (init->is_null()) return Cell(function, "runtime") == "-" ? "0.0" : Cell(function, "runtime");
  if (init->is_object() && init->contains("constant_ms")) return (*init)["constant_ms"].dump();
  return init->dump();
}

// What a function of a user runs; "-": it is a control loop.
std::string RunsCell(const json& function) {
  const auto command = function.find("command");
  if (command == function.end() || !command->is_array()) return Cell(function, "url");
  std::string words;
  for (const json& word : *command) {
    words += (words.empty() ? "" : " ") + (word.is_string() ? word.get<std::string>() : "");
  }
  return words;
}

int ListFunctions(ApiClient& api, const FunctionOptions& options) {
  const auto answer = api.Call("GET", FunctionPath(options.name));
  if (answer.has_error()) return Fail(answer.error());
  if (options.output == "json") {
    std::printf("%s\n", answer.value().dump(2).c_str());
    return 0;
  }
  TextTable table({"NAME", "MEMORY_MB", "INIT_MS", "KEEP_ALIVE_MS", "RESERVED", "INIT", "BUSY",
                   "IDLE", "INVOCATIONS", "COLD", "THROTTLES", "ERRORS", "RUNS"});
  const json functions = options.name.empty() ? answer.value().value("functions", json::array())
                                              : json::array({answer.value()});
  for (const json& function : functions) {
    const json stats = function.value("stats", json::object());
    table.Add({Cell(function, "name"), Cell(function, "memory_mb"), InitCell(function),
               Cell(function, "keep_alive_ms"), Cell(function, "reserved_concurrency"),
               Cell(stats, "initializing"), Cell(stats, "busy"), Cell(stats, "idle"),
               Cell(stats, "invocations"), Cell(stats, "cold_starts"), Cell(stats, "throttles"),
               Cell(stats, "errors"), RunsCell(function)});
  }
  table.Print();
  return 0;
}

// "memory_mb=1769" or "mapping.batch_size=10" into `object`; values are JSON, else texts.
Result<void> SetField(const std::string& word, json* object) {
  const auto equals = word.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "'" + word + "' is not FIELD=VALUE, such as memory_mb=1769");
  }
  json* place = object;
  std::string field = word.substr(0, equals);
  if (const auto dot = field.find('.'); dot != std::string::npos) {
    place = &(*object)[field.substr(0, dot)];
    field = field.substr(dot + 1);
    if (!place->is_null() && !place->is_object()) {
      return MakeError(ErrorCode::kInvalidArgument, "'" + word + "' is a field of no object");
    }
  }
  const std::string text = word.substr(equals + 1);
  const auto value = ParseJson(text);
  (*place)[field] = value.has_error() ? json(text) : value.value();
  return {};
}

// The body of POST functions.
Result<json> NewFunction(const FunctionOptions& options) {
  json made = {{"name", options.name}};
  if (!options.url.empty()) made["url"] = options.url;
  if (!options.command.empty()) {
    made["command"] = options.command;
    // The daemon may run elsewhere: a script is where its user is.
    std::error_code ignored;
    const auto here = std::filesystem::current_path(ignored);
    made["folder"] = options.folder.empty() ? here.string() : (here / options.folder).string();
    for (const std::string& word : options.variables) {
      const auto equals = word.find('=');
      if (equals == 0 || equals == std::string::npos) {
        return MakeError(ErrorCode::kInvalidArgument, "'" + word + "' is not NAME=VALUE");
      }
      made["environment"][word.substr(0, equals)] = word.substr(equals + 1);
    }
  }
  if (options.by_hand) {
    made["mapping"] = nullptr;
  } else {
    json& mapping = made["mapping"] = json::object();
    if (!options.table.empty()) mapping["table"] = options.table;
    if (!options.resource_types.empty()) mapping["resource_types"] = options.resource_types;
    for (const std::string& text : options.filters) {
      auto filter = ParseJson(text);
      if (filter.has_error()) {
        return MakeError(ErrorCode::kInvalidArgument, "--filter: " + filter.error().message);
      }
      mapping["filters"].push_back(std::move(filter.value()));
    }
  }
  for (const std::string& word : options.words) {
    const auto set = SetField(word, &made);
    if (set.has_error()) return set.error();
  }
  return Result<json>(boost::system::in_place_value, std::move(made));
}

int Create(ApiClient& api, const FunctionOptions& options) {
  const auto function = NewFunction(options);
  if (function.has_error()) return Fail(function.error());
  const auto answer = api.Call("POST", FunctionPath(""), function.value());
  if (answer.has_error()) return Fail(answer.error());
  std::printf("function %s created\n", options.name.c_str());
  return 0;
}

int DeleteFunction(ApiClient& api, const FunctionOptions& options) {
  const auto answer = api.Call("DELETE", FunctionPath(options.name));
  if (answer.has_error()) return Fail(answer.error());
  std::printf("function %s deleted\n", options.name.c_str());
  return 0;
}

// kless function set [NAME] FIELD=VALUE ...: the door knows the fields.
int Set(ApiClient& api, const FunctionOptions& options) {
  std::string name;
  json patch = json::object();
  for (const std::string& word : options.words) {
    if (word.find('=') == std::string::npos && name.empty() && patch.empty()) {
      name = word;
      continue;
    }
    const auto set = SetField(word, &patch);
    if (set.has_error()) return Fail(set.error());
  }
  if (patch.empty()) return Fail("nothing to set; say FIELD=VALUE, such as memory_mb=1769");
  const auto answer = api.Call("PATCH", FunctionPath(name), patch);
  if (answer.has_error()) return Fail(answer.error());
  std::printf("%s set\n", name.empty() ? "account" : ("function " + name).c_str());
  return 0;
}

int Reset(ApiClient& api, const FunctionOptions& options) {
  const auto answer = api.Call("POST", FunctionPath(options.name) + "/reset");
  if (answer.has_error()) return Fail(answer.error());
  std::printf("function %s reset: %s environments reclaimed, the next start is cold\n",
              options.name.c_str(), Cell(answer.value(), "reclaimed").c_str());
  return 0;
}

int Warm(ApiClient& api, const FunctionOptions& options) {
  const auto answer =
      api.Call("POST", FunctionPath(options.name) + "/warm?count=" + std::to_string(options.count));
  if (answer.has_error()) return Fail(answer.error());
  std::printf("function %s: %s environments starting\n", options.name.c_str(),
              Cell(answer.value(), "started").c_str());
  return 0;
}

int Invocations(ApiClient& api, const FunctionOptions& options) {
  std::string path = "/kless/v1/invocations?limit=" + std::to_string(options.limit) +
                     "&after=" + std::to_string(options.after);
  if (!options.name.empty()) path += "&function=" + PercentEncode(options.name);
  const auto answer = api.Call("GET", path);
  if (answer.has_error()) return Fail(answer.error());
  const json items = answer.value().value("items", json::array());
  if (options.output == "json") {
    for (const json& item : items) std::printf("%s\n", item.dump().c_str());
    return 0;
  }
  TextTable table({"ID", "FUNCTION", "ENVIRONMENT", "START", "TRIGGER", "QUEUED_MS", "INIT_MS",
                   "RUN_MS", "BILLED_MS", "THROTTLES", "OUTCOME"});
  for (const json& item : items) {
    table.Add({Cell(item, "id"), Cell(item, "function"), Cell(item, "environment"),
               Cell(item, "start"), Cell(item, "trigger"), Cell(item, "queued_ms"),
               Cell(item, "init_ms"), Cell(item, "run_ms"), Cell(item, "billed_ms"),
               Cell(item, "throttles"), Cell(item, "outcome")});
  }
  table.Print();
  return 0;
}

void AddOutput(CLI::App& command, const std::shared_ptr<FunctionOptions>& options) {
  command.add_option("-o,--output", options->output, "text or json (text)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORM");
}

void AddCreate(CLI::App& function, Action& action,
               const std::shared_ptr<FunctionOptions>& options) {
  CLI::App* const create = AddDaemonCommand<FunctionOptions>(
      function, action, options, "create",
      "Have a command or a URL of this machine invoked with the changes of a table", Create);
  create->add_option("name", options->name, "Its name, and its mapping's")
      ->required()
      ->type_name("");
  create
      ->add_option("command", options->command,
                   "The command and its arguments, after --: event on standard input, answer on "
                   "standard output")
      ->type_name("");
  create->add_option("--url", options->url, "Instead of a command: where to POST the event")
      ->type_name("URL");
  create->add_option("--folder", options->folder, "Where the command runs (the current one)")
      ->type_name("DIR");
  const auto add_list = [&](const char* flag, std::vector<std::string>* values, const char* help,
                            const char* type) {
    create->add_option(flag, *values, help)->allow_extra_args(false)->type_name(type);
  };
  add_list("--env", &options->variables, "A variable of the command; repeatable", "NAME=VALUE");
  create->add_option("--table", options->table, "Whose changes it gets (resources)")
      ->type_name("TABLE");
  add_list("--resource-type", &options->resource_types,
           "Only those of this type of resource, such as job; repeatable", "TYPE");
  add_list("--filter", &options->filters,
           "Only those that this pattern matches, as an event source mapping of Lambda has it; "
           "repeatable: one must match",
           "JSON");
  create->add_flag("--no-mapping", options->by_hand,
                   "Nothing triggers it: it is invoked by hand only");
  add_list("--set", &options->words, "A field, as of kless function set; repeatable",
           "FIELD=VALUE");
  create->footer(
      R"(The event is that of DynamoDB Streams: {"Records": [...]}.  An exit code other than 0, an
answer other than 2xx, and the time-out (timeout_ms, 3000) fail the invocation, and the mapping
repeats it.  A command is started anew for each invocation.

Examples:
  kless function create widgets --resource-type widget -- python3 reconcile.py
  kless function create audit --url http://127.0.0.1:9000/events --set timeout_ms=10000
  kless function create fresh --filter '{"eventName":["INSERT"]}' \
      --set mapping.batch_size=10 --set mapping.starting_position=LATEST -- ./notify.sh)");

  CLI::App* const remove = AddDaemonCommand<FunctionOptions>(
      function, action, options, "delete", "Remove one that was created", DeleteFunction);
  remove->add_option("name", options->name, "The function")->required()->type_name("");
  remove->footer("Example:\n  kless function delete widgets");
}

}  // namespace

void AddFunction(CLI::App& app, Action& action) {
  CLI::App* const function = app.add_subcommand(
      "function", "Look at functions, change them, make them cold or warm; add some");
  function->require_subcommand(1);
  auto options = std::make_shared<FunctionOptions>();

  CLI::App* const list = AddDaemonCommand<FunctionOptions>(
      *function, action, options, "list", "Print functions with their environments and counts",
      ListFunctions);
  list->add_option("name", options->name, "Only this one")->type_name("");
  AddOutput(*list, options);
  AddCreate(*function, action, options);

  list->footer("Examples:\n  kless function list\n  kless function list job-controller -o json");

  CLI::App* const set = AddDaemonCommand<FunctionOptions>(
      *function, action, options, "set", "Change fields of a function, or of the account", Set);
  set->add_option("words", options->words,
                  "The function's name (none: the account) and FIELD=VALUE, values as JSON")
      ->required()
      ->type_name("");
  set->footer(Wrapped("Fields, described in configs/kless.yaml: " + FunctionFieldNames() +
                      "; of the account: account_concurrency. Of a function that was created also "
                      "command, url, folder, environment; the mapping of a control loop is set at "
                      "the start: kless serve --function.") +
              R"(

Examples:
  kless function set job-controller init=450 memory_mb=1769
  kless function set job-controller 'init={"lognormal_ms":{"p50":450,"p99":900}}'
  kless function set account_concurrency=10
  kless function set widgets timeout_ms=10000 mapping.maximum_retry_attempts=3)");

  CLI::App* const reset =
      AddDaemonCommand<FunctionOptions>(*function, action, options, "reset",
                                        "Reclaim all environments: the next start is cold", Reset);
  reset->add_option("name", options->name, "The function")->required()->type_name("");
  reset->footer("Example:\n  kless function reset job-controller");

  CLI::App* const warm = AddDaemonCommand<FunctionOptions>(
      *function, action, options, "warm", "Initialise environments ahead of use", Warm);
  warm->add_option("name", options->name, "The function")->required()->type_name("");
  warm->add_option("--count", options->count, "Until so many are idle (1)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  warm->footer("Example:\n  kless function warm job-controller --count 4");

  CLI::App* const invocations = AddDaemonCommand<FunctionOptions>(
      *function, action, options, "invocations",
      "Print invocations in order of completion: cold or warm, and how long", Invocations);
  invocations->add_option("name", options->name, "Only of this function")->type_name("");
  invocations->add_option("--limit", options->limit, "At most so many (100)")
      ->check(CLI::Range(1, 10000))
      ->type_name("N");
  invocations->add_option("--after", options->after, "Begin behind this id (0)")->type_name("ID");
  AddOutput(*invocations, options);
  invocations->footer(
      "Examples:\n  kless function invocations job-controller\n"
      "  kless function invocations --after 120 -o json");
}

}  // namespace kless::cli

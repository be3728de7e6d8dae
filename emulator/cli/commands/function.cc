// `kless function`: lists, creates, changes and warms functions, and lists their invocations.
#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/base/text_table.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/daemon_command.h"
#include "emulator/cli/output.h"
#include "emulator/cli/settings_flags.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::cli {
namespace {

using nlohmann::json;

struct FunctionOptions {
  std::string server;
  std::string name;
  std::vector<std::string> words;  // arguments of `set`
  int count = 1;
  std::uint64_t limit = 100;
  std::optional<std::uint64_t> after;
  std::optional<std::uint64_t> before;
  bool follow = false;
  std::string output = "text";
  // Arguments of `create`.
  std::vector<std::string> command;
  std::string url;
  std::string handler;
  std::string runtime;
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

// Returns "450ms", or the runtime that determines the init.
std::string InitCell(const json& function) {
  const auto init = function.find("init");
  if (init == function.end()) return "-";
  if (init->is_null()) return Cell(function, "runtime") == "-" ? "0ms" : Cell(function, "runtime");
  if (init->is_object() && init->contains("constant_ms")) {
    return NumberCell(*init, "constant_ms") + "ms";
  }
  return DumpJson(*init);
}

// Returns what the function runs.
std::string RunsCell(const json& function) {
  const auto command = function.find("command");
  if (command == function.end() || !command->is_array()) {
    const std::string url = Cell(function, "url");
    if (const std::string handler = Cell(function, "handler"); handler != "-") {
      return handler + " of " + Cell(function, "folder");
    }
    return url == "-" ? "control loop" : url;
  }
  std::string words;
  for (const json& word : *command) {
    words += (words.empty() ? "" : " ") + (word.is_string() ? word.get<std::string>() : "");
  }
  return words;
}

// Explains on standard error why a daemon has no functions.
void ExplainNoFunctions(ApiClient& api) {
  const auto status = api.Call("GET", "/kless/v1/status");
  if (status.has_error()) return;
  const bool classic = status.value().value("control_plane", "") == "classic";
  std::fprintf(stderr, "%s\n",
               classic ? "no functions: this kless runs the classic control plane, whose "
                         "controllers are not functions; 'kless serve --control-plane serverless' "
                         "has functions"
                       : "no functions: no control loop runs here (--loops none), and no function "
                         "was created");
}

int ListFunctions(ApiClient& api, const FunctionOptions& options) {
  const auto answer = api.Call("GET", FunctionPath(options.name));
  if (answer.has_error()) return Fail(answer.error());
  if (options.output == "json") {
    PrintJson(answer.value());
    return 0;
  }
  const json functions = options.name.empty() ? answer.value().value("functions", json::array())
                                              : json::array({answer.value()});
  if (functions.empty()) ExplainNoFunctions(api);
  TextTable table({"NAME", "MEMORY_MB", "INIT", "KEEP_ALIVE_MS", "RESERVED", "STARTING", "BUSY",
                   "IDLE", "INVOCATIONS", "COLD", "THROTTLES", "ERRORS", "RUNS"});
  table.AlignRightFrom(1, 12);
  for (const json& function : functions) {
    const json stats = function.value("stats", json::object());
    table.Add({Cell(function, "name"), NumberCell(function, "memory_mb"), InitCell(function),
               NumberCell(function, "keep_alive_ms"), NumberCell(function, "reserved_concurrency"),
               Cell(stats, "initializing"), Cell(stats, "busy"), Cell(stats, "idle"),
               Cell(stats, "invocations"), Cell(stats, "cold_starts"), Cell(stats, "throttles"),
               Cell(stats, "errors"), RunsCell(function)});
  }
  table.Print();
  return 0;
}

// Adds "mapping.batch_size: 100" for every value below `object`, in the order of the keys.
void AddFields(const json& object, const std::string& prefix, TextTable* table) {
  for (const auto& [key, value] : object.items()) {
    if (value.is_object() && !value.empty() && key != "init" && key != "filters") {
      AddFields(value, prefix + key + ".", table);
    } else {
      const std::string cell = NumberCell(object, key.c_str());
      table->Add({prefix + key + ":", cell.empty() ? "-" : cell});
    }
  }
}

// Prints one function with all its fields, those of its mapping, and how that gets on.
int ShowFunction(ApiClient& api, const FunctionOptions& options) {
  const auto answer = api.Call("GET", FunctionPath(options.name));
  if (answer.has_error()) return Fail(answer.error());
  json function = answer.value();
  const auto mapping = api.Call("GET", "/kless/v1/mappings/" + PercentEncode(options.name));
  if (mapping.has_value()) {
    json status = mapping.value();
    if (!function.contains("mapping")) function["mapping"] = status["config"];
    for (const char* shown : {"config", "name", "function"}) status.erase(shown);
    function["mapping_status"] = std::move(status);
  }
  if (options.output == "json") {
    PrintJson(function);
    return 0;
  }
  TextTable table({"name:", Cell(function, "name")});
  table.Add({"runs:", RunsCell(function)});
  for (const char* shown : {"name", "command", "url", "handler"}) function.erase(shown);
  AddFields(function, "", &table);
  table.Print();
  return 0;
}

// Prints what a function with a handler wrote.
int ShowLogs(ApiClient& api, const FunctionOptions& options) {
  const auto answer =
      api.Call("GET", FunctionPath(options.name) + "/logs?limit=" + std::to_string(options.limit));
  if (answer.has_error()) return Fail(answer.error());
  if (options.output == "json") {
    PrintJson(answer.value());
    return 0;
  }
  for (const json& line : answer.value().value("items", json::array())) {
    fmt::print("{} {} {}\n", Cell(line, "time"), Cell(line, "environment"), Cell(line, "text"));
  }
  return 0;
}

// Whether the values of a field are texts, which may look like numbers: PORT=8080.
bool IsTextField(std::string_view object, std::string_view field) {
  return object == "environment" || (object == "mapping" && field == "table") ||
         (object.empty() && (field == "folder" || field == "url" || field == "handler"));
}

// Puts "memory_mb=1769" or "mapping.batch_size=10" into `object`; values are JSON, else texts.
Result<void> SetField(const std::string& word, json* object) {
  const auto equals = word.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "'" + word + "' is not FIELD=VALUE, such as memory_mb=1769");
  }
  json* place = object;
  std::string field = word.substr(0, equals);
  std::string outer;
  if (const auto dot = field.find('.'); dot != std::string::npos) {
    outer = field.substr(0, dot);
    place = &(*object)[outer];
    field = field.substr(dot + 1);
    if (!place->is_null() && !place->is_object()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       "'" + word + "' does not name a field of an object");
    }
  }
  const std::string text = word.substr(equals + 1);
  const auto value = ParseJson(text);
  const bool as_text = value.has_error() || (IsTextField(outer, field) && !value.value().is_null());
  (*place)[field] = as_text ? json(text) : value.value();
  return {};
}

// Checks the flags of `create` that exclude or need each other.
Result<void> CheckFlags(const FunctionOptions& options) {
  const auto wrong = [](const std::string& sentence) {
    return MakeError(ErrorCode::kInvalidArgument, sentence);
  };
  const int targets = (options.command.empty() ? 0 : 1) + (options.url.empty() ? 0 : 1) +
                      (options.handler.empty() ? 0 : 1);
  if (targets == 0) {
    return wrong(
        "give a command after --, such as -- python3 reconcile.py, or --handler app.handler with "
        "--runtime python3.12, or --url URL");
  }
  if (targets > 1) {
    return wrong("a command, --handler and --url exclude each other: give one of them");
  }
  if (!options.url.empty() && !(options.folder.empty() && options.variables.empty())) {
    return wrong("--folder and --env belong to a command or handler; a URL has neither");
  }
  if (!options.runtime.empty() && options.handler.empty()) {
    return wrong("--runtime belongs to --handler; the init of another function has --set runtime=");
  }
  if (!options.by_hand) return {};
  if (!options.table.empty() || !options.resource_types.empty() || !options.filters.empty()) {
    return wrong("--no-mapping excludes --table, --resource-type and --filter");
  }
  for (const std::string& word : options.words) {
    if (!word.starts_with("mapping.") && !word.starts_with("mapping=")) continue;
    return wrong("--no-mapping excludes --set " + word);
  }
  return {};
}

// The body of POST functions.
Result<json> NewFunction(const FunctionOptions& options) {
  KLESS_TRY_VOID(CheckFlags(options));
  json made = {{"name", options.name}};
  if (!options.url.empty()) made["url"] = options.url;
  if (!options.handler.empty()) made["handler"] = options.handler;
  if (!options.runtime.empty()) made["runtime"] = options.runtime;
  if (!options.command.empty()) made["command"] = options.command;
  if (options.url.empty()) {
    // The daemon may run in another folder: a script is searched in the user's.
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
    KLESS_TRY_VOID(SetField(word, &made));
  }
  return Result<json>(boost::system::in_place_value, std::move(made));
}

// Prints the reply of the daemon as JSON, or a sentence.
int PrintDone(const FunctionOptions& options, const Result<json>& answer,
              const std::string& sentence) {
  if (answer.has_error()) return Fail(answer.error());
  if (options.output == "json") {
    PrintJson(answer.value());
  } else {
    std::printf("%s\n", sentence.c_str());
  }
  return 0;
}

// Says on standard error which types no object has, and which is meant.
void RemarkOnTypes(ApiClient& api, const std::vector<std::string>& types) {
  if (types.empty()) return;
  const auto status = api.Call("GET", "/kless/v1/status");
  if (status.has_error()) return;
  std::vector<std::string> known;
  for (const kubernetes::Kind& kind : kubernetes::Kinds()) known.push_back(kind.type);
  const json objects = status.value().value("objects", json::object());
  for (const auto& [type, count] : objects.items()) known.push_back(type);
  for (const std::string& type : types) {
    if (std::find(known.begin(), known.end(), type) != known.end()) continue;
    std::fprintf(stderr, "note: no object has the type '%s' so far%s\n", type.c_str(),
                 DidYouMean(type, known).c_str());
  }
}

int Create(ApiClient& api, const FunctionOptions& options) {
  const auto function = NewFunction(options);
  if (function.has_error()) return FailUsage(function.error());
  const auto answer = api.Call("POST", FunctionPath(""), function.value());
  if (answer.has_value()) RemarkOnTypes(api, options.resource_types);
  return PrintDone(options, answer, "function " + options.name + " created");
}

int DeleteFunction(ApiClient& api, const FunctionOptions& options) {
  const auto answer = api.Call("DELETE", FunctionPath(options.name));
  return PrintDone(options, answer, "function " + options.name + " deleted");
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
    if (set.has_error()) return FailUsage(set.error());
  }
  if (patch.empty()) return FailUsage("nothing to set; give FIELD=VALUE, such as memory_mb=1769");
  const auto answer = api.Call("PATCH", FunctionPath(name), patch);
  return PrintDone(options, answer, (name.empty() ? "account" : "function " + name) + " set");
}

int Reset(ApiClient& api, const FunctionOptions& options) {
  const auto answer = api.Call("POST", FunctionPath(options.name) + "/reset");
  if (answer.has_error()) return Fail(answer.error());
  return PrintDone(options, answer,
                   "function " + options.name + " reset: " + Cell(answer.value(), "reclaimed") +
                       " environments reclaimed, the next start is cold");
}

int Warm(ApiClient& api, const FunctionOptions& options) {
  const auto answer =
      api.Call("POST", FunctionPath(options.name) + "/warm?count=" + std::to_string(options.count));
  if (answer.has_error()) return Fail(answer.error());
  const std::string limit = Cell(answer.value(), "limit");
  return PrintDone(options, answer,
                   "function " + options.name + ": " + Cell(answer.value(), "started") +
                       " environments starting" +
                       (limit == "-" ? "" : "; no more because of " + limit));
}

// Returns "2026-11-23T16:23:11.337464Z" with milliseconds.
std::string TimeCell(const json& invocation) {
  const std::string time = Cell(invocation, "requested");
  const auto point = time.find('.');
  if (point == std::string::npos || time.size() < point + 5) return time;
  return time.substr(0, point + 4) + "Z";
}

std::vector<std::string> InvocationRow(const json& item) {
  return {Cell(item, "id"),
          TimeCell(item),
          Cell(item, "function"),
          Cell(item, "environment"),
          Cell(item, "start"),
          Cell(item, "trigger"),
          NumberCell(item, "queued_ms"),
          NumberCell(item, "init_ms"),
          NumberCell(item, "run_ms"),
          NumberCell(item, "billed_ms"),
          Cell(item, "throttles"),
          Cell(item, "outcome")};
}

// Prints rows as they are committed, until Ctrl-C.
int FollowInvocations(ApiClient& api, const FunctionOptions& options, std::uint64_t after,
                      TextTable* table) {
  std::string path = "/kless/v1/invocations?follow=true&after=" + std::to_string(after);
  if (!options.name.empty()) path += "&function=" + PercentEncode(options.name);
  std::string failure;
  const auto reply = api.http().Stream(path, [&](std::string_view line) {
    const auto item = ParseJson(line);
    if (item.has_error()) {
      failure = "not an invocation: " + std::string(line);
      return false;
    }
    if (options.output == "json") {
      PrintJsonLine(item.value());
    } else {
      std::fputs(table->NextLine(InvocationRow(item.value())).c_str(), stdout);
    }
    return std::fflush(stdout) == 0;
  });
  if (reply.has_error()) return Fail(reply.error());
  if (!failure.empty()) return Fail(failure);
  if (reply.value().status / 100 != 2) return Fail(ErrorOfReply(reply.value()));
  return 0;
}

// Prints the newest rows, or those after a given one, in order of completion.
int Invocations(ApiClient& api, const FunctionOptions& options) {
  if (options.follow && options.before) return FailUsage("--follow does not end; omit --before");
  std::string path = "/kless/v1/invocations?limit=" + std::to_string(options.limit);
  if (options.after) path += "&after=" + std::to_string(*options.after);
  if (options.before) path += "&before=" + std::to_string(*options.before);
  const bool backwards = !options.after;
  if (backwards) path += "&descending=true";
  if (!options.name.empty()) path += "&function=" + PercentEncode(options.name);
  const auto answer = api.Call("GET", path);
  if (answer.has_error()) return Fail(answer.error());
  json items = answer.value().value("items", json::array());
  if (backwards) std::reverse(items.begin(), items.end());
  TextTable table({"ID", "TIME", "FUNCTION", "ENVIRONMENT", "START", "TRIGGER", "QUEUED_MS",
                   "INIT_MS", "RUN_MS", "BILLED_MS", "THROTTLES", "OUTCOME"});
  table.AlignRightFrom(6, 11);
  for (const json& item : items) {
    if (options.output == "json") {
      PrintJsonLine(item);
    } else {
      table.Add(InvocationRow(item));
    }
  }
  if (options.output == "text") table.Print();
  std::fflush(stdout);
  if (!options.follow) return 0;
  const std::uint64_t last =
      items.empty() ? options.after.value_or(0) : items.back().value("id", std::uint64_t{0});
  return FollowInvocations(api, options, last, &table);
}

void AddCreate(CLI::App& function, Action& action,
               const std::shared_ptr<FunctionOptions>& options) {
  CLI::App* const create = AddDaemonCommand<FunctionOptions>(
      function, action, options, "create",
      "Register a command, a handler, or a URL of this machine that gets the changes of a table",
      Create);
  create->add_option("NAME", options->name, "Its name, and its mapping's")
      ->required()
      ->type_name("");
  create
      ->add_option("COMMAND", options->command,
                   "The command and its arguments, after --: event on standard input, result on "
                   "standard output")
      ->type_name("");
  create->add_option("--url", options->url, "Instead of a command: where to POST the event")
      ->type_name("URL");
  create
      ->add_option("--handler", options->handler,
                   "Instead of a command: the handler of a Lambda function, such as app.handler")
      ->type_name("NAME");
  create
      ->add_option("--runtime", options->runtime,
                   "Of the handler: python3.x, nodejs, or others, which run the program bootstrap")
      ->type_name("NAME");
  create
      ->add_option("--folder", options->folder,
                   "Where the command runs, or the code of the handler (the current one)")
      ->type_name("DIR");
  const auto add_list = [&](const char* flag, std::vector<std::string>* values, const char* help,
                            const char* type) {
    create->add_option(flag, *values, help)->allow_extra_args(false)->type_name(type);
  };
  add_list("--env", &options->variables, "A variable of the command or handler; repeatable",
           "NAME=VALUE");
  create->add_option("--table", options->table, "Table whose changes it gets (resources)")
      ->type_name("NAME");
  add_list("--resource-type", &options->resource_types,
           "Only those of this type of resource, such as job; repeatable", "TYPE");
  add_list("--filter", &options->filters,
           "Only those that match this pattern, in the syntax of Lambda's event source mappings; "
           "repeatable: one must match",
           "JSON");
  create->add_flag("--no-mapping", options->by_hand, "No trigger: it is only invoked directly");
  add_list("--set", &options->words, "A field, as of kless function set; repeatable",
           "FIELD=VALUE");
  AddOutputFlag(*create, &options->output);
  create->footer(
      R"(The event is that of DynamoDB Streams: {"Records": [...]}.  An exit code other than 0, an
answer other than 2xx, and the timeout (timeout_ms, 3000) fail the invocation, and the mapping
repeats it.  A command is started for each invocation; a handler runs in a process that stays, over
Lambda's Runtime API.

Examples:
  kless function create widgets --resource-type widget -- python3 reconcile.py
  kless function create jobs --runtime python3.12 --handler app.handler --folder ./jobs
  kless function create audit --url http://127.0.0.1:9000/events --set timeout_ms=10000
  kless function create fresh --filter '{"eventName":["INSERT"]}' \
      --set mapping.batch_size=10 --set mapping.starting_position=LATEST -- ./notify.sh)");

  CLI::App* const logs = AddDaemonCommand<FunctionOptions>(
      function, action, options, "logs", "Print what a function with a handler wrote", ShowLogs);
  logs->add_option("NAME", options->name, "The function")->required()->type_name("");
  logs->add_option("--limit", options->limit, "The newest lines, 1..10000")
      ->capture_default_str()
      ->type_name("N");
  AddOutputFlag(*logs, &options->output);

  CLI::App* const remove = AddDaemonCommand<FunctionOptions>(
      function, action, options, "delete", "Remove one that was created", DeleteFunction);
  remove->add_option("NAME", options->name, "The function")->required()->type_name("");
  AddOutputFlag(*remove, &options->output);
  remove->footer("Example:\n  kless function delete widgets");
}

}  // namespace

void AddFunction(CLI::App& app, Action& action) {
  CLI::App* const function = app.add_subcommand(
      "function", "Show functions, change them, make them cold or warm; register your own");
  function->require_subcommand(1);
  function->footer(
      "Examples:\n  kless function list\n  kless function set job-controller init=450\n  kless "
      "function invocations --follow");
  auto options = std::make_shared<FunctionOptions>();

  const auto add_name = [&](CLI::App* command, const char* help, bool required) {
    command->add_option("NAME", options->name, help)->required(required)->type_name("");
    AddOutputFlag(*command, &options->output);
  };

  CLI::App* const list = AddDaemonCommand<FunctionOptions>(
      *function, action, options, "list", "Print functions with their environments and counts",
      ListFunctions);
  add_name(list, "Only this one", false);
  list->footer("Examples:\n  kless function list\n  kless function list job-controller -o json");

  CLI::App* const show = AddDaemonCommand<FunctionOptions>(
      *function, action, options, "show", "Print one function with all its fields and counts",
      ShowFunction);
  show->alias("get");
  add_name(show, "The function", true);
  show->footer(
      "Examples:\n  kless function show job-controller\n"
      "  kless function show job-controller -o json");

  AddCreate(*function, action, options);

  CLI::App* const set = AddDaemonCommand<FunctionOptions>(
      *function, action, options, "set", "Change fields of a function, or of the account", Set);
  set->add_option("FIELDS", options->words,
                  "The function's name (none: the account), and the fields with their values as "
                  "JSON")
      ->required()
      ->type_name("[NAME] FIELD=VALUE");
  AddOutputFlag(*set, &options->output);
  set->footer(
      "Fields, described by 'kless config show': " + FunctionFieldNames() +
      "; of the account: account_concurrency. Of a function that was created also command, url, "
      "folder, environment; the mapping of a control loop is set at the start: "
      "kless serve --function."
      R"(

Examples:
  kless function set job-controller init=450 memory_mb=1769
  kless function set job-controller 'init={"lognormal_ms":{"p50":450,"p99":900}}'
  kless function set job-controller reserved_concurrency=null
  kless function set account_concurrency=10
  kless function set widgets timeout_ms=10000 mapping.maximum_retry_attempts=3)");

  CLI::App* const reset =
      AddDaemonCommand<FunctionOptions>(*function, action, options, "reset",
                                        "Reclaim all environments: the next start is cold", Reset);
  add_name(reset, "The function", true);
  reset->footer("Example:\n  kless function reset job-controller");

  CLI::App* const warm = AddDaemonCommand<FunctionOptions>(
      *function, action, options, "warm", "Initialise environments ahead of use", Warm);
  add_name(warm, "The function", true);
  warm->add_option("--count", options->count, "How many should be idle, 1..1000000 (1)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  warm->footer("Example:\n  kless function warm job-controller --count 4");

  CLI::App* const invocations = AddDaemonCommand<FunctionOptions>(
      *function, action, options, "invocations",
      "Print the newest invocations in order of completion: cold or warm, and how long",
      Invocations);
  add_name(invocations, "Only of this function", false);
  invocations->add_option("--limit", options->limit, "At most this many, 1..10000 (100)")
      ->check(CLI::Range(1, 10000))
      ->type_name("N");
  invocations
      ->add_option("--after", options->after, "The first after this ID instead of the newest")
      ->type_name("ID");
  invocations->add_option("--before", options->before, "Only those before this ID")
      ->type_name("ID");
  invocations->add_flag("--follow", options->follow,
                        "Keep running, and print each as it completes");
  invocations->footer(
      R"(TIME is when it was requested, in emulated time; a line of JSON each with -o json.

Examples:
  kless function invocations --follow
  kless function invocations --after 120 -o json
  kless function invocations --before 2000 --limit 20)");
}

}  // namespace kless::cli

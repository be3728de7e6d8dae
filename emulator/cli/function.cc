#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "emulator/base/json.h"
#include "emulator/base/text_table.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/daemon_command.h"

namespace kless::cli {
namespace {

using nlohmann::json;

struct Options {
  std::string server;
  std::string name;
  std::vector<std::string> words;  // of `set`
  int count = 1;
  std::uint64_t limit = 100;
  std::uint64_t after = 0;
  std::string output = "text";
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

int List(ApiClient& api, const Options& options) {
  const auto answer = api.Call("GET", FunctionPath(options.name));
  if (answer.has_error()) return Fail(answer.error());
  if (options.output == "json") {
    std::printf("%s\n", answer.value().dump(2).c_str());
    return 0;
  }
  TextTable table({"NAME", "MEMORY_MB", "INIT_MS", "KEEP_ALIVE_MS", "RESERVED", "INIT", "BUSY",
                   "IDLE", "INVOCATIONS", "COLD", "THROTTLES", "ERRORS"});
  const json functions = options.name.empty() ? answer.value().value("functions", json::array())
                                              : json::array({answer.value()});
  for (const json& function : functions) {
    const json stats = function.value("stats", json::object());
    table.Add({Cell(function, "name"), Cell(function, "memory_mb"), InitCell(function),
               Cell(function, "keep_alive_ms"), Cell(function, "reserved_concurrency"),
               Cell(stats, "initializing"), Cell(stats, "busy"), Cell(stats, "idle"),
               Cell(stats, "invocations"), Cell(stats, "cold_starts"), Cell(stats, "throttles"),
               Cell(stats, "errors")});
  }
  table.Print();
  return 0;
}

// kless function set [NAME] FIELD=VALUE ...: the door knows the fields.
int Set(ApiClient& api, const Options& options) {
  std::string name;
  json patch = json::object();
  for (const std::string& word : options.words) {
    const auto equals = word.find('=');
    if (equals == std::string::npos) {
      if (!name.empty() || !patch.empty()) {
        return Fail("'" + word + "' is not FIELD=VALUE, such as memory_mb=1769");
      }
      name = word;
      continue;
    }
    const std::string text = word.substr(equals + 1);
    const auto value = ParseJson(text);
    patch[word.substr(0, equals)] = value.has_error() ? json(text) : value.value();
  }
  if (patch.empty()) return Fail("nothing to set; say FIELD=VALUE, such as memory_mb=1769");
  const auto answer = api.Call("PATCH", FunctionPath(name), patch);
  if (answer.has_error()) return Fail(answer.error());
  std::printf("%s set\n", name.empty() ? "account" : ("function " + name).c_str());
  return 0;
}

int Reset(ApiClient& api, const Options& options) {
  const auto answer = api.Call("POST", FunctionPath(options.name) + "/reset");
  if (answer.has_error()) return Fail(answer.error());
  std::printf("function %s reset: %s environments reclaimed, the next start is cold\n",
              options.name.c_str(), Cell(answer.value(), "reclaimed").c_str());
  return 0;
}

int Warm(ApiClient& api, const Options& options) {
  const auto answer =
      api.Call("POST", FunctionPath(options.name) + "/warm?count=" + std::to_string(options.count));
  if (answer.has_error()) return Fail(answer.error());
  std::printf("function %s: %s environments starting\n", options.name.c_str(),
              Cell(answer.value(), "started").c_str());
  return 0;
}

int Invocations(ApiClient& api, const Options& options) {
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

void AddOutput(CLI::App& command, const std::shared_ptr<Options>& options) {
  command.add_option("-o,--output", options->output, "text or json (text)")
      ->check(CLI::IsMember({"text", "json"}))
      ->type_name("FORM");
}

}  // namespace

void AddFunction(CLI::App& app, Action& action) {
  CLI::App* const function =
      app.add_subcommand("function", "Look at functions, change them, make them cold or warm");
  function->require_subcommand(1);
  auto options = std::make_shared<Options>();

  CLI::App* const list =
      AddDaemonCommand<Options>(*function, action, options, "list",
                                "Print functions with their environments and counts", List);
  list->add_option("name", options->name, "Only this one")->type_name("");
  AddOutput(*list, options);
  list->footer("Examples:\n  kless function list\n  kless function list job-controller -o json");

  CLI::App* const set = AddDaemonCommand<Options>(
      *function, action, options, "set", "Change fields of a function, or of the account", Set);
  set->add_option("words", options->words,
                  "The function's name (none: the account) and FIELD=VALUE, values as JSON")
      ->required()
      ->type_name("");
  set->footer(R"(Fields: memory_mb, timeout_ms, runtime, init, keep_alive_ms, reserved_concurrency,
provisioned_concurrency, scale_up_per_10s, async_maximum_retry_attempts,
async_maximum_event_age_ms; of the account: account_concurrency.

Examples:
  kless function set job-controller init=450 memory_mb=1769
  kless function set job-controller 'init={"lognormal_ms":{"p50":450,"p99":900}}'
  kless function set account_concurrency=10)");

  CLI::App* const reset =
      AddDaemonCommand<Options>(*function, action, options, "reset",
                                "Reclaim all environments: the next start is cold", Reset);
  reset->add_option("name", options->name, "The function")->required()->type_name("");
  reset->footer("Example:\n  kless function reset job-controller");

  CLI::App* const warm = AddDaemonCommand<Options>(*function, action, options, "warm",
                                                   "Initialise environments ahead of use", Warm);
  warm->add_option("name", options->name, "The function")->required()->type_name("");
  warm->add_option("--count", options->count, "Until so many are idle (1)")
      ->check(CLI::Range(1, 1'000'000))
      ->type_name("N");
  warm->footer("Example:\n  kless function warm job-controller --count 4");

  CLI::App* const invocations = AddDaemonCommand<Options>(
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

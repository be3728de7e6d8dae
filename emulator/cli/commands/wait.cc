// `kless wait`: waits until objects have a condition, exist or are gone, or until no work is left.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "emulator/base/duration.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "emulator/cli/api_client.h"
#include "emulator/cli/commands.h"
#include "emulator/cli/daemon_command.h"
#include "emulator/cli/manifest.h"
#include "emulator/cli/object_state.h"
#include "emulator/cli/output.h"
#include "emulator/cli/system.h"
#include "functions/kubernetes/kinds/registry.h"
#include "functions/kubernetes/objects/kind.h"

namespace kless::cli {
namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds kShortestLook{5};
constexpr std::chrono::milliseconds kLongestLook{250};
constexpr std::chrono::hours kLongestIdle{1};  // a daemon waits no longer

struct WaitOptions {
  std::string server;
  std::vector<std::string> objects;  // TYPE/NAME, or TYPE NAME...
  std::string wanted;                // --for
  std::string namespace_name = "default";
  std::string timeout = "60s";
  std::string output = "text";
};

struct Goal {
  enum class Kind { kCondition, kCreate, kDelete, kIdle };
  Kind kind = Kind::kCondition;
  std::string condition;       // "Ready"
  std::string value = "True";  // of the condition
};

struct WaitedObject {
  std::string label;  // "pods/x"
  std::string path;
};

// Parses "condition=Ready", "condition=Available=False", "create", "delete", "idle".
Result<Goal> ParseGoal(const std::string& text) {
  Goal goal;
  if (text == "create" || text == "delete" || text == "idle") {
    goal.kind = text == "create"   ? Goal::Kind::kCreate
                : text == "delete" ? Goal::Kind::kDelete
                                   : Goal::Kind::kIdle;
    return goal;
  }
  const std::string prefix = "condition=";
  if (text.starts_with(prefix) && text.size() > prefix.size()) {
    goal.condition = text.substr(prefix.size());
    if (const auto equals = goal.condition.find('='); equals != std::string::npos) {
      goal.value = goal.condition.substr(equals + 1);
      goal.condition.resize(equals);
    }
    if (!goal.condition.empty() && !goal.value.empty()) return goal;
  }
  return MakeError(ErrorCode::kInvalidArgument,
                   "--for must be condition=NAME, condition=NAME=VALUE, create, delete or idle, "
                   "not '" +
                       text + "'");
}

bool NamesKind(const kubernetes::Kind& kind, const std::string& word) {
  const std::string suffix = kind.group.empty() ? "" : "." + kind.group;
  for (const std::string& name : {kind.plural, kind.singular, LowerCase(kind.kind)}) {
    if (word == name || (!suffix.empty() && word == name + suffix)) return true;
  }
  return std::find(kind.short_names.begin(), kind.short_names.end(), word) !=
         kind.short_names.end();
}

// Returns the kind that a definition describes, as far as a path needs it.
std::optional<kubernetes::Kind> KindOfDefinition(const json& definition) {
  const json spec = definition.value("spec", json::object());
  const json names = spec.value("names", json::object());
  kubernetes::Kind kind;
  kind.group = spec.value("group", "");
  kind.plural = names.value("plural", "");
  kind.singular = names.value("singular", "");
  kind.kind = names.value("kind", "");
  kind.short_names = names.value("shortNames", std::vector<std::string>{});
  kind.namespaced = spec.value("scope", "") == "Namespaced";
  for (const json& version : spec.value("versions", json::array())) {
    if (!version.value("served", false)) continue;
    kind.version = version.value("name", "");
    return kind;
  }
  return std::nullopt;
}

// Finds a kind by plural, singular, kind or short name, each also with the group; built in or
// custom.
Result<kubernetes::Kind> FindKindByWord(ApiClient& api, const std::string& typed) {
  const std::string word = LowerCase(typed);
  std::vector<std::string> known;
  for (const kubernetes::Kind& kind : kubernetes::Kinds()) {
    if (NamesKind(kind, word)) return kind;
    known.push_back(kind.singular);
    known.push_back(kind.plural);
  }
  std::optional<kubernetes::Kind> found;
  const auto listed = ForEachObject(api, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
                                    [&](const json& definition) {
                                      auto kind = KindOfDefinition(definition);
                                      if (!kind) return;
                                      if (NamesKind(*kind, word)) found = kind;
                                      known.push_back(kind->singular);
                                    });
  if (listed.has_error()) return listed.error();
  if (found) return *found;
  const auto near = NearestWord(word, known);
  return MakeError(ErrorCode::kInvalidArgument,
                   "the server has no resource type '" + typed + "'" +
                       (near ? "; did you mean '" + *near + "'?" : ""));
}

// Resolves "pod/x", "job/a", or "pod", "x", "y".
Result<std::vector<WaitedObject>> FindObjects(ApiClient& api, const WaitOptions& options) {
  std::vector<std::pair<std::string, std::string>> words;  // TYPE, NAME
  const auto& given = options.objects;
  if (!given.empty() && given[0].find('/') == std::string::npos) {
    for (std::size_t i = 1; i < given.size(); ++i) words.emplace_back(given[0], given[i]);
  } else {
    for (const std::string& word : given) {
      const auto slash = word.find('/');
      if (slash == std::string::npos) {
        return MakeError(ErrorCode::kInvalidArgument, "'" + word + "' is not TYPE/NAME");
      }
      words.emplace_back(word.substr(0, slash), word.substr(slash + 1));
    }
  }
  if (words.empty()) {
    return MakeError(ErrorCode::kInvalidArgument, "say what to wait for, such as pod/x");
  }
  std::vector<WaitedObject> objects;
  for (const auto& [type, name] : words) {
    if (name.empty()) {
      return MakeError(ErrorCode::kInvalidArgument, "'" + type + "/' has no name");
    }
    KLESS_TRY(const auto kind, FindKindByWord(api, type));
    objects.push_back({kind.plural + "/" + name,
                       CollectionPath(kind, options.namespace_name) + "/" + PercentEncode(name)});
  }
  return objects;
}

bool SameWord(const std::string& one, const std::string& other) {
  return LowerCase(one) == LowerCase(other);
}

// A condition of an older generation does not describe the current one.
bool IsCurrent(const json& condition, const json& object) {
  const auto observed = condition.find("observedGeneration");
  if (observed == condition.end() || !observed->is_number_integer()) return true;
  return observed->get<std::int64_t>() >=
         object.value("metadata", json::object()).value("generation", std::int64_t{0});
}

std::optional<std::string> ConditionValue(const json& object, const std::string& type) {
  const json status = object.value("status", json::object());
  const json conditions = status.value("conditions", json::array());
  for (const json& condition : conditions) {
    if (condition.is_object() && SameWord(condition.value("type", ""), type) &&
        IsCurrent(condition, object)) {
      return condition.value("status", "");
    }
  }
  return std::nullopt;
}

// Whether the goal is reached in this look.  kConflict: it never will be.
Result<bool> IsReached(const Goal& goal, const WaitedObject& waited, const Result<json>& looked) {
  const bool missing = looked.has_error() && looked.error().code == ErrorCode::kNotFound;
  if (looked.has_error() && !missing) return looked.error();
  if (goal.kind == Goal::Kind::kDelete) return missing;
  if (goal.kind == Goal::Kind::kCreate) return !missing;
  if (missing) return looked.error();
  const json& object = looked.value();
  const auto value = ConditionValue(object, goal.condition);
  if (value && SameWord(*value, goal.value)) return true;
  const bool failed =
      object.value("kind", "") == "Job" && ConditionValue(object, "Failed").value_or("") == "True";
  if (failed && SameWord(goal.condition, "Complete") && SameWord(goal.value, "True")) {
    return MakeError(ErrorCode::kConflict, waited.label + " has failed and will not complete: " +
                                               DumpJson(object["status"]["conditions"]));
  }
  return false;
}

std::string GoalText(const Goal& goal) {
  if (goal.kind == Goal::Kind::kDelete) return "the deletion";
  if (goal.kind == Goal::Kind::kCreate) return "the creation";
  return "the condition " + goal.condition + (goal.value == "True" ? "" : "=" + goal.value);
}

Error NotReached(ApiClient& api, const Goal& goal, const WaitedObject& waited,
                 const Result<json>& looked) {
  std::string message = "timed out waiting for " + GoalText(goal) + " of " + waited.label;
  if (looked.has_value()) {
    std::string state = DescribeState(api, looked.value());
    const json finalizers =
        looked.value().value("metadata", json::object()).value("finalizers", json::array());
    if (goal.kind == Goal::Kind::kDelete) {
      state = !looked.value()["metadata"].contains("deletionTimestamp")
                  ? "it has not been deleted"
                  : "it is being deleted" + (finalizers.empty()
                                                 ? "; " + state
                                                 : "; its finalizers are " + DumpJson(finalizers));
    }
    message += ": " + state;
  } else if (goal.kind == Goal::Kind::kCreate) {
    message += ": it does not exist";
  }
  return MakeError(ErrorCode::kTimedOut, message);
}

int WaitIdle(ApiClient& api, const WaitOptions& options, std::chrono::milliseconds patience) {
  const auto answer =
      api.Call("GET", "/kless/v1/idle?timeout=" + std::to_string(patience.count()) + "ms");
  if (answer.has_error()) return Fail(answer.error());
  if (options.output == "json") {
    PrintJsonLine(answer.value());
  } else {
    std::printf("idle\n");
  }
  return 0;
}

// Looks until the goal is reached or the time is over.
Result<json> WaitForOne(ApiClient& api, const Goal& goal, const WaitedObject& waited,
                        const Stopwatch& stopwatch, std::chrono::milliseconds patience) {
  std::chrono::milliseconds pause = kShortestLook;
  while (true) {
    const auto looked = api.Call("GET", waited.path);
    KLESS_TRY(const auto reached, IsReached(goal, waited, looked));
    if (reached) {
      return Result<json>(boost::system::in_place_value,
                          looked.has_value() ? looked.value() : json());
    }
    if (stopwatch.Elapsed() >= patience) return NotReached(api, goal, waited, looked);
    Pause(pause);
    pause = std::min(pause * 2, kLongestLook);
  }
}

int Wait(ApiClient& api, const WaitOptions& options) {
  const auto goal = ParseGoal(options.wanted);
  if (goal.has_error()) return FailUsage(goal.error());
  const auto timeout = ParseDuration(options.timeout);
  if (!timeout) {
    return FailUsage("--timeout must be a duration such as 30s, not '" + options.timeout + "'");
  }
  const auto patience = std::chrono::duration_cast<std::chrono::milliseconds>(*timeout);
  if (goal.value().kind == Goal::Kind::kIdle) {
    if (!options.objects.empty()) return FailUsage("--for=idle is about no object; leave it out");
    if (patience > kLongestIdle) {
      return FailUsage("--timeout of --for=idle is at most 1h, not " + options.timeout);
    }
    return WaitIdle(api, options, patience);
  }
  const auto objects = FindObjects(api, options);
  if (objects.has_error()) return FailByCode(objects.error());
  const Stopwatch stopwatch;
  int exit_code = 0;
  for (const WaitedObject& waited : objects.value()) {
    const auto found = WaitForOne(api, goal.value(), waited, stopwatch, patience);
    if (found.has_error()) {
      exit_code = Fail(found.error());
    } else if (options.output == "json") {
      PrintJsonLine(found.value());
    } else {
      std::printf("%s condition met\n", waited.label.c_str());
    }
  }
  return exit_code;
}

}  // namespace

void AddWait(CLI::App& app, Action& action) {
  auto options = std::make_shared<WaitOptions>();
  CLI::App* const command = AddDaemonCommand<WaitOptions>(
      app, action, options, "wait",
      "Wait until objects have a condition, exist or are gone, or until nothing is left to do",
      Wait);
  command->add_option("OBJECTS", options->objects, "Objects of any kind, custom ones included")
      ->type_name("TYPE/NAME");
  command
      ->add_option("--for", options->wanted,
                   "condition=NAME (True unless =VALUE follows), create, delete, or idle: no "
                   "record, invocation or due timer is left")
      ->required()
      ->type_name("WHAT");
  command
      ->add_option("-n,--namespace", options->namespace_name, "Namespace of the objects (default)")
      ->type_name("NAME");
  command
      ->add_option("--timeout", options->timeout,
                   "How long to wait for all of them, in real time; for idle in emulated time, at "
                   "most 1h (60s)")
      ->type_name("TIME");
  AddOutputFlag(*command, &options->output)
      ->description("text, or json: each object on a line (text)");
  command->footer(R"(A wait that times out says what is true instead, and exits with 1.

Examples:
  kless wait --for=condition=Complete job/pi
  kless wait --for=condition=Ready pod/pi-x7k2p --timeout 5s
  kless wait --for=condition=Available deploy/web -n shop
  kless wait --for=delete pod/pi-x7k2p
  kless wait --for=idle)");
}

}  // namespace kless::cli

#include "functions/pool/user/user_functions.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <nlohmann/json.hpp>
#include <utility>

#include "emulator/base/json.h"
#include "emulator/base/system/log.h"
#include "store/store.h"

namespace kless {
namespace {

using nlohmann::json;

constexpr const char* kStoredValue = "user-functions";
// The longest interval between two checks whether a stopped mapping has ended.
constexpr Duration kRenewLook = std::chrono::seconds(1);

Error NoUserFunction(const std::string& name) {
  return MakeError(ErrorCode::kNotFound, "there is no user function '" + name + "'");
}

// The stored functions by name; {} if there are none or they cannot be read.
json Stored(const Store& store) {
  const auto text = store.LoadValue(kStoredValue);
  if (!text) return json::object();
  auto parsed = ParseJson(*text);
  return parsed.has_value() && parsed.value().is_object() ? parsed.value() : json::object();
}

// Why the mapping of the previous definition stops.
StopReason StopReasonOf(const UserFunction& function) {
  if (!function.mapping) return StopReason::kDelete;
  return function.mapping->config.enabled ? StopReason::kUpdate : StopReason::kDisable;
}

json MappingOf(const UserFunction& function) { return UserFunctionToJson(function)["mapping"]; }

// A malformed report of failed records must not be taken for success.
Result<std::string> CheckAnswer(const UserFunction& function, std::string answer) {
  while (!answer.empty() && (answer.back() == '\n' || answer.back() == '\r')) answer.pop_back();
  if (answer.empty()) answer = "null";
  const bool reports = function.mapping && function.mapping->config.report_batch_item_failures;
  if (reports && ParseJson(answer).has_error()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "the answer is not JSON, but the mapping has report_batch_item_failures; "
                     "write log output to standard error");
  }
  return answer;
}

}  // namespace

UserFunctions::UserFunctions(Context context, std::uint64_t seed, Telemetry* telemetry,
                             std::set<std::string> reserved, Configured configured)
    : context_(context),
      seed_(seed),
      telemetry_(telemetry),
      reserved_(std::move(reserved)),
      configured_(std::move(configured)),
      commands_(context.event_loop) {}

void UserFunctions::SetEndpoint(std::map<std::string, std::string> variables) {
  if (context_.runtimes != nullptr) context_.runtimes->SetEndpoint(variables);
  endpoint_ = std::move(variables);
}

std::vector<std::string> UserFunctions::StoredNames(const Store& store) {
  std::vector<std::string> names;
  const json stored = Stored(store);
  for (const auto& [name, function] : stored.items()) names.push_back(name);
  return names;
}

void UserFunctions::Load() {
  const json stored = Stored(context_.store);
  for (const auto& [name, text] : stored.items()) {
    auto function = ParseUserFunction(WithConfigured(text, false));
    Result<void> added =
        function.has_error() ? Result<void>(function.error()) : Add(std::move(function.value()));
    if (added.has_value()) continue;
    unfit_.emplace(name, DumpJson(text));
    Log(LogLevel::kError, "functions",
        "the stored function '" + name + "' does not run: " + added.error().message);
  }
}

const UserFunction* UserFunctions::Find(const std::string& name) const {
  const auto found = entries_.find(name);
  return found == entries_.end() ? nullptr : &found->second->function;
}

// Merges `given` with the fields of the configuration, which `given` overrides if the function is
// new, and which override `given` otherwise.
json UserFunctions::WithConfigured(json given, bool is_new) const {
  if (!configured_ || !given.is_object()) return given;
  const auto name = given.find("name");
  if (name == given.end() || !name->is_string()) return given;
  constexpr std::string_view kMappingPrefix = "mapping.";
  for (const auto& [path, text] : configured_(name->get<std::string>(), is_new)) {
    json* place = &given;
    std::string field = path;
    if (path.starts_with(kMappingPrefix)) {
      if (!given.contains("mapping")) given["mapping"] = json::object();
      place = &given["mapping"];
      field = path.substr(kMappingPrefix.size());
      if (!place->is_object()) continue;  // null if it has no trigger
    }
    if (!is_new || !place->contains(field)) (*place)[field] = FunctionFieldValue(text);
  }
  return given;
}

// Checks what depends on the world: reserved names, the URL and the table.
Result<void> UserFunctions::Check(const UserFunction& function) const {
  const std::string& name = function.config.name;
  if (reserved_.contains(name)) {
    return MakeError(
        ErrorCode::kAlreadyExists,
        "'" + name +
            "' is the name of a control loop or of a setting of functions; choose another one");
  }
  if (!function.url.empty()) {
    KLESS_TRY_VOID(context_.urls.Check(function.url));
  }
  if (!function.mapping) return {};
  const auto config = MappingConfigOf(function, context_.store);
  return config.has_error() ? Result<void>(config.error()) : Result<void>();
}

Result<void> UserFunctions::Create(const json& given) {
  KLESS_TRY(auto function, ParseUserFunction(WithConfigured(given, true)));
  const std::string name = function.config.name;
  if (unfit_.contains(name)) {
    return MakeError(ErrorCode::kAlreadyExists,
                     "function '" + name + "' is stored but does not run here; delete it first");
  }
  KLESS_TRY_VOID(Check(function));
  if (context_.pool.Config(name).has_value()) {
    return MakeError(ErrorCode::kAlreadyExists,
                     "function '" + name + "' already exists; PATCH changes it, DELETE removes it");
  }
  KLESS_TRY_VOID(CheckCommandOf(function));
  KLESS_TRY_VOID(CheckCode(function));
  // The new mapping must not use a position of an earlier mapping of this name.
  ForgetMapping(context_.store, name);
  KLESS_TRY_VOID(Add(std::move(function)));
  Save();
  const auto mapping = context_.mappings.find(name);
  if (mapping != context_.mappings.end()) mapping->second->Start();
  return {};
}

Result<void> UserFunctions::Add(UserFunction function) {
  KLESS_TRY_VOID(Check(function));
  const auto entry = std::make_shared<Entry>();
  entry->function = std::move(function);
  const UserFunction& added = entry->function;
  KLESS_TRY_VOID(Register(entry));
  if (added.mapping) {
    const auto mapped = AddMapping(added);
    if (mapped.has_error()) {
      (void)context_.pool.Unregister(added.config.name);
      return mapped;
    }
  }
  entries_.emplace(added.config.name, entry);
  return {};
}

Result<void> UserFunctions::CheckCode(const UserFunction& function) const {
  if (function.handler.empty()) return {};
  if (context_.runtimes != nullptr) return context_.runtimes->Check(CodeOf(function));
  return MakeError(ErrorCode::kUnsupported, "functions with a 'handler' do not run here");
}

Result<void> UserFunctions::Register(const EntryPtr& entry) {
  const UserFunction& function = entry->function;
  KLESS_TRY_VOID(CheckCode(function));
  if (function.handler.empty()) {
    return context_.pool.Register(function.config,
                                  [this, entry](std::shared_ptr<const FunctionEvent> event,
                                                std::shared_ptr<InvocationContext> context) {
                                    return Invoke(entry, std::move(event), std::move(context));
                                  });
  }
  auto running = context_.runtimes->Run(
      CodeOf(function),
      [this](const FunctionEvent& event) { return EventText(context_.store, event); },
      [this](const FunctionLogLine& line) {
        Log(LogLevel::kInfo, "function " + line.function, line.text);
        logs_.Add(line);
      });
  KLESS_TRY_VOID(context_.pool.Register(function.config, running->handler(), &running->host()));
  entry->running = running.get();
  running_.push_back(std::move(running));
  return {};
}

Result<void> UserFunctions::AddMapping(const UserFunction& function) {
  KLESS_TRY(auto config, MappingConfigOf(function, context_.store, context_.source));
  KLESS_TRY(auto made, EventSourceMapping::Create(context_.event_loop, context_.store,
                                                  context_.pool, context_.faults, context_.profile,
                                                  std::move(config), seed_, telemetry_));
  context_.mappings.emplace(function.config.name, std::move(made));
  return {};
}

Result<void> UserFunctions::Patch(const std::string& name, const json& patch) {
  const auto found = entries_.find(name);
  if (found == entries_.end()) return NoUserFunction(name);
  const EntryPtr entry = found->second;
  const UserFunction& before = entry->function;
  KLESS_TRY(auto patched, PatchUserFunction(before, patch));
  UserFunction& after = patched;
  KLESS_TRY_VOID(Check(after));
  if (after.command != before.command || after.folder != before.folder) {
    KLESS_TRY_VOID(CheckCommandOf(after));
  }
  const bool new_code =
      entry->running != nullptr &&
      (after.handler != before.handler || after.folder != before.folder ||
       after.environment != before.environment || after.config.runtime != before.config.runtime);
  if (new_code) {
    KLESS_TRY_VOID(CheckCode(after));
  }
  // The last step that can fail.
  const auto configured = context_.pool.Configure(name, after.config);
  if (configured.has_error()) return configured;
  if (new_code) {
    entry->running->SetCode(CodeOf(after));
    (void)context_.pool.Reset(name);
  }
  const bool same_mapping = MappingOf(before) == MappingOf(after);
  if (!before.mapping || !after.mapping) entry->fresh = true;
  entry->function = std::move(after);
  Save();
  if (same_mapping) return {};
  const auto mapping = context_.mappings.find(name);
  if (mapping != context_.mappings.end()) mapping->second->Stop(StopReasonOf(entry->function));
  if (!entry->renewing) {
    entry->renewing = true;
    Spawn(context_.event_loop, "mapping of " + name, Renew(entry));
  }
  return {};
}

// Uses the newest definition at that time, however often it has changed meanwhile.
Task<> UserFunctions::Renew(EntryPtr entry) {
  const std::string name = entry->function.config.name;
  for (;;) {
    if (entry->removed) co_return;
    const auto old = context_.mappings.find(name);
    if (old == context_.mappings.end() || old->second->Idle()) break;
    const TimePoint look = context_.event_loop.Now() + kRenewLook;
    co_await context_.pool.changed().Wait(look);
  }
  // The results of the last invocation are saved in a step of its own.
  co_await asio::post(context_.event_loop.executor(), asio::use_awaitable);
  if (entry->removed) co_return;
  entry->renewing = false;
  context_.mappings.erase(name);
  if (std::exchange(entry->fresh, false)) ForgetMapping(context_.store, name);
  if (!entry->function.mapping) co_return;
  const auto mapped = AddMapping(entry->function);
  if (mapped.has_error()) {
    Log(LogLevel::kError, "functions", "function '" + name + "': " + LogText(mapped.error()));
    co_return;
  }
  context_.mappings.at(name)->Start();
}

Result<void> UserFunctions::Remove(const std::string& name) {
  if (unfit_.erase(name) > 0) {
    ForgetMapping(context_.store, name);
    Save();
    return {};
  }
  const auto found = entries_.find(name);
  if (found == entries_.end()) return NoUserFunction(name);
  found->second->removed = true;
  entries_.erase(found);
  // It saves its position when it is destroyed.
  context_.mappings.erase(name);
  ForgetMapping(context_.store, name);
  (void)context_.pool.Unregister(name);
  logs_.Remove(name);
  Save();
  return {};
}

void UserFunctions::Save() {
  json all = json::object();
  for (const auto& [name, entry] : entries_) all[name] = UserFunctionToJson(entry->function);
  for (const auto& [name, text] : unfit_) {
    all[name] = json::parse(text, nullptr, /*allow_exceptions=*/false);
  }
  context_.store.SaveValue(kStoredValue, DumpJson(all));
}

// ---- an invocation

Task<Result<std::string>> UserFunctions::Invoke(EntryPtr entry,
                                                std::shared_ptr<const FunctionEvent> event,
                                                std::shared_ptr<InvocationContext> context) {
  // Copied, because it may be patched while this runs.
  const auto function = std::make_shared<const UserFunction>(entry->function);
  std::string input = EventText(context_.store, *event);
  Result<std::string> answer = std::string();
  if (function->url.empty()) {
    answer = co_await RunCommand(function, std::move(input), context);
  } else {
    UrlCaller::Headers headers = {
        {"Lambda-Runtime-Aws-Request-Id", context->request_id},
        {"Lambda-Runtime-Deadline-Ms", std::to_string(UnixMillisecondsOf(context->deadline))},
        {"Lambda-Runtime-Invoked-Function-Arn", std::string("arn:aws:lambda:") + kAwsRegion + ":" +
                                                    kAwsAccount +
                                                    ":function:" + function->config.name}};
    const TimePoint deadline = context->deadline;
    answer =
        co_await context_.urls.Post(function->url, std::move(input), std::move(headers), deadline);
  }
  if (answer.has_value()) answer = CheckAnswer(*function, std::move(answer.value()));
  // The pool logs timeouts.
  if (answer.has_error() && answer.error().code != ErrorCode::kTimedOut) {
    Log(LogLevel::kWarning, "function " + function->config.name,
        "request " + context->request_id + " failed: " + answer.error().message);
  }
  co_return answer;
}

Task<Result<std::string>> UserFunctions::RunCommand(std::shared_ptr<const UserFunction> function,
                                                    std::string input,
                                                    std::shared_ptr<InvocationContext> context) {
  Command command;
  command.arguments = function->command;
  command.folder = function->folder;
  command.environment = VariablesOf(*function, *context);
  command.input = std::move(input);
  command.output_limit = kMaxPayloadBytes;
  const auto last_line = std::make_shared<std::string>();
  command.on_error_line = [component = "function " + function->config.name,
                           last_line](std::string_view line) {
    *last_line = line;
    Log(LogLevel::kWarning, component, line);
  };
  const TimePoint deadline = context->deadline;
  Result<CommandOutcome> ran = co_await commands_.Run(std::move(command), deadline);
  if (ran.has_error()) co_return ran.error();
  CommandOutcome& outcome = ran.value();
  if (outcome.flooded) {
    co_return MakeError(ErrorCode::kInvalidArgument,
                        "Response payload size exceeded maximum allowed payload size (6291556 "
                        "bytes).");
  }
  if (outcome.exit_code != 0) {
    co_return MakeError(ErrorCode::kInternal, function->command[0] + " ended with exit code " +
                                                  std::to_string(outcome.exit_code) +
                                                  (last_line->empty() ? "" : ": " + *last_line));
  }
  co_return std::move(outcome.output);
}

// Lambda's variables come first, then the daemon's address, then the user's own.
std::map<std::string, std::string> UserFunctions::VariablesOf(
    const UserFunction& function, const InvocationContext& context) const {
  const std::string& name = function.config.name;
  std::map<std::string, std::string> variables = {
      {"AWS_LAMBDA_FUNCTION_NAME", name},
      {"AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"},
      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(function.config.memory_mb)},
      {"AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/" + name},
      {"AWS_LAMBDA_LOG_STREAM_NAME", context.environment},
      {"AWS_REGION", kAwsRegion},
      {"AWS_DEFAULT_REGION", kAwsRegion},
      {"KLESS_REQUEST_ID", context.request_id},
      {"KLESS_DEADLINE_MS", std::to_string(UnixMillisecondsOf(context.deadline))}};
  for (const auto& [variable, value] : endpoint_) variables[variable] = value;
  // Credentials of the user's own must not come with a token that does not belong to them.
  if (!function.environment.contains("AWS_ACCESS_KEY_ID")) {
    variables["AWS_SESSION_TOKEN"] = SessionTokenOf(name);
  }
  for (const auto& [variable, value] : function.environment) variables[variable] = value;
  return variables;
}

std::int64_t UserFunctions::UnixMillisecondsOf(TimePoint time) const {
  const Duration from_now = time - context_.event_loop.Now();
  return (context_.event_loop.UnixNanos() + from_now.count()) / 1'000'000;
}

}  // namespace kless

#include "emulator/processes/process_functions.h"

#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <utility>

#include "emulator/base/duration.h"
#include "emulator/base/system/log.h"
#include "emulator/processes/environment_process.h"
#include "functions/pool/pool.h"
#include "functions/pool/writer_log.h"

namespace kless::processes {
namespace {

namespace fs = std::filesystem;

// How much of an invocation's lines X-Amz-Log-Result shows, the last ones.
// https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html (2026-11)
constexpr std::size_t kLogTailBytes = 4096;

// Says once where functions have no namespaces, and what that means.
IsolationKind IsolationHere() {
  std::string problem;
  const IsolationKind kind = FindIsolation(&problem);
  static bool said = false;
  if (kind == IsolationKind::kNone && !std::exchange(said, true)) {
    Log(LogLevel::kWarning, "functions",
        "functions have no file system and no processes of their own, since namespaces cannot be "
        "made here (" +
            problem +
            "): their folders are named by LAMBDA_TASK_ROOT, LAMBDA_RUNTIME_DIR and TMPDIR");
  }
  return kind;
}

}  // namespace

// A function and its environments, by their names.
class ProcessFunctions::Function final : public RunningFunction, private EnvironmentHost {
 public:
  Function(ProcessFunctions& owner, FunctionCode code, EventTextOf event_text, FunctionLog log)
      : owner_(owner),
        code_(std::move(code)),
        event_text_(std::move(event_text)),
        log_(std::move(log)) {}

  EnvironmentHost& host() override { return *this; }
  void SetCode(FunctionCode code) override { code_ = std::move(code); }
  Handler handler() override {
    return [this](std::shared_ptr<const FunctionEvent> event,
                  std::shared_ptr<InvocationContext> context) {
      return Invoke(std::move(event), std::move(context));
    };
  }

 private:
  // What an environment keeps while its process may be replaced.
  struct Place {
    EnvironmentStart start;
    std::unique_ptr<ScratchFolder> folder;  // has "tmp", "opt", "root"
    std::shared_ptr<EnvironmentProcess> process;
    std::string request_id;  // of the running invocation; "" if there is none
    TimePoint invoked_at{};
    std::string tail;  // of the lines of the running invocation
  };
  using PlacePtr = std::shared_ptr<Place>;

  void Start(const EnvironmentStart& start, InitEnded ended) override;
  void End(const std::string& environment) override;
  Task<Result<std::string>> Invoke(std::shared_ptr<const FunctionEvent> event,
                                   std::shared_ptr<InvocationContext> context);
  // Starts the process of an environment, in its folder.
  void Launch(const PlacePtr& place, Duration limit, InitEnded ended);
  Result<ProcessPlan> PlanOf(Place& place);
  std::map<std::string, std::string> VariablesOf(const Place& place,
                                                 const FunctionPlaces& places) const;
  std::string LayerPaths(const FunctionPlaces& places, const std::string& below) const;
  RuntimeInvocation InvocationOf(const FunctionEvent& event,
                                 const InvocationContext& context) const;
  void Say(Place& place, std::string_view line);
  void SayReport(Place& place, const InvocationContext& context);
  double Since(TimePoint time) const { return ToMilliseconds(owner_.event_loop_.Now() - time); }

  ProcessFunctions& owner_;
  FunctionCode code_;
  const EventTextOf event_text_;
  const FunctionLog log_;
  std::map<std::string, PlacePtr> places_;
};

void ProcessFunctions::Function::Start(const EnvironmentStart& start, InitEnded ended) {
  const auto place = std::make_shared<Place>();
  place->start = start;
  places_[start.environment] = place;
  Launch(place, start.init_limit, std::move(ended));
}

void ProcessFunctions::Function::Launch(const PlacePtr& place, Duration limit, InitEnded ended) {
  place->process = std::make_shared<EnvironmentProcess>(
      owner_.event_loop_, [this, weak = std::weak_ptr<Place>(place)](std::string_view line) {
        if (const PlacePtr known = weak.lock()) Say(*known, line);
      });
  auto plan = PlanOf(*place);
  if (plan.has_error()) {
    const InitFailure failure{"Error: " + plan.error().message, "Runtime.InvalidEntrypoint", ""};
    owner_.event_loop_.Post([ended = std::move(ended), failure] { ended(failure); });
    return;
  }
  place->process->Start(std::move(plan.value()), limit, std::move(ended));
}

void ProcessFunctions::Function::End(const std::string& environment) {
  const auto found = places_.find(environment);
  if (found == places_.end()) return;
  const PlacePtr place = found->second;
  places_.erase(found);
  if (!place->request_id.empty()) {
    // The invocation's coroutine is told by the pool, which does not wait for it.
    Say(*place, fmt::format("{} Task timed out after {:.2f} seconds", place->request_id,
                            Since(place->invoked_at) / 1000));
  }
  place->process->Stop();
}

Result<ProcessPlan> ProcessFunctions::Function::PlanOf(Place& place) {
  std::error_code error;
  if (!place.folder) {
    KLESS_TRY(place.folder, ScratchFolder::Make());
    for (const char* const name : {"/tmp", "/opt", "/root"}) {
      fs::create_directory(place.folder->path() + name, error);
    }
    // Layers come into one folder, the later over the earlier ones.
    for (const std::string& layer : code_.layers) {
      fs::copy(layer, place.folder->path() + "/opt",
               fs::copy_options::recursive | fs::copy_options::overwrite_existing |
                   fs::copy_options::copy_symlinks,
               error);
      if (error) {
        return MakeError(ErrorCode::kUnavailable,
                         "the layer " + layer + " cannot be copied: " + error.message());
      }
    }
  }
  KLESS_TRY(const std::string clients, owner_.clients_.Folder());
  const std::string& own = place.folder->path();
  const IsolationKind kind = IsolationHere();
  FunctionPlaces places{code_.folder, clients, own + "/opt"};
  ProcessPlan plan;
  plan.folder = code_.folder;
  plan.memory_mb = place.start.memory_mb;
  if (kind != IsolationKind::kNone) {
    places = {"/var/task", "/var/runtime", "/opt"};
    plan.isolation = MakeIsolation(own + "/root",
                                   {{"/var/task", {code_.folder, true}},
                                    {"/var/runtime", {clients, true}},
                                    {"/opt", {own + "/opt", true}},
                                    {"/tmp", {own + "/tmp", false}}},
                                   "/var/task");
    plan.isolation->in_user_namespace = kind == IsolationKind::kUserNamespace;
  }
  KLESS_TRY(plan.arguments, ProgramOf(code_, places));
  plan.environment = VariablesOf(place, places);
  if (kind == IsolationKind::kNone) plan.environment.try_emplace("TMPDIR", own + "/tmp");
  return plan;
}

std::string ProcessFunctions::Function::LayerPaths(const FunctionPlaces& places,
                                                   const std::string& below) const {
  return code_.layers.empty() ? "" : places.layers + below + ":";
}

// Lambda's variables come first, then the daemon's address, then the function's own.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html (2026-11)
std::map<std::string, std::string> ProcessFunctions::Function::VariablesOf(
    const Place& place, const FunctionPlaces& places) const {
  std::map<std::string, std::string> variables = {
      {"_HANDLER", code_.handler},
      {"AWS_DEFAULT_REGION", code_.region},
      {"AWS_EXECUTION_ENV", "AWS_Lambda_" + code_.runtime},
      {"AWS_LAMBDA_FUNCTION_MEMORY_SIZE", std::to_string(place.start.memory_mb)},
      {"AWS_LAMBDA_FUNCTION_NAME", code_.name},
      {"AWS_LAMBDA_FUNCTION_VERSION", code_.version},
      {"AWS_LAMBDA_INITIALIZATION_TYPE",
       place.start.provisioned ? "provisioned-concurrency" : "on-demand"},
      {"AWS_LAMBDA_LOG_GROUP_NAME", code_.log_group},
      {"AWS_LAMBDA_LOG_STREAM_NAME", place.start.environment},
      {"AWS_REGION", code_.region},
      {"LAMBDA_RUNTIME_DIR", places.runtime},
      {"LAMBDA_TASK_ROOT", places.task},
      {"LANG", "en_US.UTF-8"},
      {"LD_LIBRARY_PATH",
       places.runtime + ":" + places.task + ":" + places.task + "/lib:" + places.layers + "/lib"},
      {"NODE_PATH", places.layers + "/nodejs/node_modules:" + places.runtime + "/node_modules"},
      {"PATH", "/usr/local/bin:/usr/bin:/bin:" + places.layers + "/bin:" + ProgramFolders()},
      {"PYTHONPATH", LayerPaths(places, "/python") + places.runtime},
      {"TZ", ":UTC"}};
  for (const auto& [variable, value] : owner_.endpoint_) variables[variable] = value;
  // Credentials of the user's own must not come with a token that does not belong to them.
  if (!code_.environment.contains("AWS_ACCESS_KEY_ID")) {
    variables["AWS_SESSION_TOKEN"] = SessionTokenOf(code_.name);
  }
  for (const auto& [variable, value] : code_.environment) variables[variable] = value;
  return variables;
}

RuntimeInvocation ProcessFunctions::Function::InvocationOf(const FunctionEvent& event,
                                                           const InvocationContext& context) const {
  EventLoop& event_loop = owner_.event_loop_;
  const Duration left = context.deadline - event_loop.Now();
  RuntimeInvocation invocation;
  invocation.request_id = context.request_id;
  invocation.payload = event_text_(event);
  invocation.headers = {
      {"Lambda-Runtime-Deadline-Ms",
       std::to_string((event_loop.UnixNanos() + left.count()) / 1'000'000)},
      {"Lambda-Runtime-Invoked-Function-Arn", code_.arn},
      // Not of AWS: what the date is here, which need not be that of the machine.
      {"Lambda-Runtime-Now-Ms", std::to_string(event_loop.UnixNanos() / 1'000'000)},
      // A made-up trace, equal for equal requests.
      {"Lambda-Runtime-Trace-Id",
       fmt::format("Root=1-{:08x}-{:024x};Parent={:016x};Sampled=0",
                   static_cast<std::uint32_t>(event_loop.UnixNanos() / 1'000'000'000),
                   std::hash<std::string>{}(context.request_id),
                   std::hash<std::string>{}(context.request_id))}};
  if (!event.client_context.empty()) {
    invocation.headers["Lambda-Runtime-Client-Context"] = event.client_context;
  }
  return invocation;
}

Task<Result<std::string>> ProcessFunctions::Function::Invoke(
    std::shared_ptr<const FunctionEvent> event, std::shared_ptr<InvocationContext> context) {
  const auto found = places_.find(context->environment);
  if (found == places_.end()) {
    co_return MakeError(ErrorCode::kCancelled, "the environment is gone");
  }
  const PlacePtr place = found->second;
  place->request_id = context->request_id;
  place->invoked_at = owner_.event_loop_.Now();
  place->tail.clear();
  Say(*place, "START RequestId: " + context->request_id + " Version: " + code_.version);
  std::optional<InitFailure> failure;
  if (place->process->HasEnded()) {
    // It ended between two invocations.  As on AWS, this one starts it again.
    const auto done = std::make_shared<std::optional<std::optional<InitFailure>>>();
    const Duration left = context->deadline - owner_.event_loop_.Now();
    Launch(place, left, [done, process = place](std::optional<InitFailure> outcome) {
      *done = std::move(outcome);
      process->process->changed().NotifyAll();
    });
    const std::shared_ptr<EnvironmentProcess> started = place->process;
    while (!*done && places_.contains(context->environment)) {
      co_await started->changed().Wait();
    }
    if (!*done) co_return MakeError(ErrorCode::kCancelled, "the environment is gone");
    failure = std::move(**done);
  }
  ProcessAnswer answer;
  if (failure) {
    answer = {true, failure->error_body,
              "RequestId: " + context->request_id + " " + failure->message, true};
  } else {
    const std::shared_ptr<EnvironmentProcess> process = place->process;
    process->Begin(InvocationOf(*event, *context));
    while (!process->answered()) co_await process->changed().Wait();
    answer = process->TakeAnswer();
  }
  if (!places_.contains(context->environment)) {
    co_return MakeError(ErrorCode::kCancelled, "the environment is gone");
  }
  SayReport(*place, *context);
  context->log_tail = std::exchange(place->tail, "");
  place->request_id.clear();
  if (!answer.failed) co_return std::move(answer.body);
  context->error_body = std::move(answer.body);
  context->environment_lost = answer.ended;
  co_return MakeError(ErrorCode::kInternal, std::move(answer.message));
}

void ProcessFunctions::Function::Say(Place& place, std::string_view line) {
  FunctionLogLine logged;
  logged.function = code_.name;
  logged.environment = place.start.environment;
  logged.unix_nanos = owner_.event_loop_.UnixNanos();
  logged.text = line;
  log_(logged);
  if (place.request_id.empty()) return;
  place.tail.append(line).append("\n");
  if (place.tail.size() > 2 * kLogTailBytes) {
    place.tail.erase(0, place.tail.size() - kLogTailBytes);
  }
}

void ProcessFunctions::Function::SayReport(Place& place, const InvocationContext& context) {
  const double duration = Since(place.invoked_at);
  const double init = ToMilliseconds(context.init);
  Say(place, "END RequestId: " + context.request_id);
  std::string report = fmt::format(
      "REPORT RequestId: {}\tDuration: {:.2f} ms\tBilled Duration: {:.0f} ms\tMemory Size: {} MB\t"
      "Max Memory Used: {} MB\t",
      context.request_id, duration, std::ceil(duration + init), place.start.memory_mb,
      place.process->peak_bytes() >> 20);
  if (context.cold_start) report += fmt::format("Init Duration: {:.2f} ms\t", init);
  Say(place, report);
  if (place.tail.size() > kLogTailBytes) {
    place.tail.erase(0, place.tail.size() - kLogTailBytes);
  }
}

ProcessFunctions::ProcessFunctions(EventLoop& event_loop) : event_loop_(event_loop) {}
ProcessFunctions::~ProcessFunctions() = default;

Result<void> ProcessFunctions::Check(const FunctionCode& code) const {
  std::error_code error;
  if (!fs::is_directory(code.folder, error)) {
    return MakeError(ErrorCode::kInvalidArgument,
                     "function '" + code.name + "': '" + code.folder + "' is not a folder");
  }
  const auto program = ProgramOf(code, {code.folder, "", ""});
  return program.has_error() ? Result<void>(program.error()) : Result<void>();
}

void ProcessFunctions::SetEndpoint(std::map<std::string, std::string> variables) {
  endpoint_ = std::move(variables);
}

std::unique_ptr<RunningFunction> ProcessFunctions::Run(FunctionCode code, EventTextOf event_text,
                                                       FunctionLog log) {
  return std::make_unique<Function>(*this, std::move(code), std::move(event_text), std::move(log));
}

}  // namespace kless::processes

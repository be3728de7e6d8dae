#include "emulator/experiment/run/submitter.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "emulator/base/strings.h"

namespace kless::experiment {
namespace {

constexpr const char* kJobsPath = "/apis/batch/v1/namespaces/default/jobs";

// A function of a trace runs for the duration in its payload, in nanoseconds.
Task<Result<std::string>> RunTraceFunction(std::shared_ptr<const FunctionEvent> event,
                                           std::shared_ptr<InvocationContext> context) {
  const auto nanos = ParseUnsigned(event->payload);
  const Duration duration(static_cast<Duration::rep>(nanos.value_or(0)));
  if (duration > Duration::zero()) co_await context->event_loop.SleepFor(duration);
  co_return std::string("null");
}

}  // namespace

std::string TraceFunctionName(std::size_t index) { return fmt::format("trace-{:05}", index); }

std::string JobName(const std::string& prefix, std::size_t index) {
  return fmt::format("{}-{:05}", prefix, index + 1);
}

HttpRequest JobRequest(const std::string& name, const Arrival& arrival, const Config& config) {
  const std::string count = std::to_string(arrival.pods);
  std::string command;
  if (arrival.duration > Duration::zero() || !config.data_plane.run_time) {
    command =
        fmt::format(R"(,"command":["sleep","{:.3f}"])", ToMilliseconds(arrival.duration) / 1000);
  }
  HttpRequest request;
  request.method = "POST";
  request.path = kJobsPath;
  request.headers["content-type"] = "application/json";
  request.body =
      R"({"apiVersion":"batch/v1","kind":"Job","metadata":{"name":")" + name +
      R"("},"spec":{"completions":)" + count + R"(,"parallelism":)" + count +
      R"(,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"main","image":)" +
      R"("busybox:1.36")" + command + "}]}}}}";
  return request;
}

Result<void> RegisterTraceFunctions(Emulator& emulator, const Workload& workload) {
  for (std::size_t i = 0; i < workload.functions.size(); ++i) {
    const TraceFunction& function = workload.functions[i];
    FunctionConfig config = emulator.config().function_default.config;
    config.name = TraceFunctionName(i);
    config.memory_mb = function.memory_mb;
    config.timeout = std::chrono::seconds(900);
    config.reserved_concurrency.reset();
    config.provisioned_concurrency = 0;
    if (function.cold_duration > Duration::zero()) {
      config.init = Distribution::Constant(function.cold_duration);
    }
    KLESS_TRY_VOID(emulator.pool().Register(std::move(config), RunTraceFunction));
  }
  return {};
}

Submitter::Submitter(EventLoop& event_loop, Emulator& emulator, RunRecorder& recorder,
                     const RunSpec& spec, const Workload& workload, std::string prefix,
                     std::uint64_t seed)
    : event_loop_(event_loop),
      emulator_(emulator),
      recorder_(recorder),
      spec_(spec),
      workload_(workload),
      prefix_(std::move(prefix)),
      random_(seed, "submitter"),
      open_(workload.arrivals.size()) {}

void Submitter::Start() {
  started_at_ = event_loop_.Now();
  if (workload_.arrivals.empty()) return;
  if (workload_.arrivals.front().function >= 0) return StartInvocations();
  for (std::size_t i = 0; i < workload_.arrivals.size(); ++i) {
    const Arrival& arrival = workload_.arrivals[i];
    recorder_.AddJob(JobName(prefix_, i), started_at_ + arrival.at, arrival.pods);
  }
  if (spec_.submitter == SubmitterKind::kDirect || spec_.submitters == 0) {
    Spawn(event_loop_, "submitter", SubmitAt(0));
    return;
  }
  const auto clients =
      std::min(static_cast<std::size_t>(spec_.submitters), workload_.arrivals.size());
  for (std::size_t i = 0; i < clients; ++i) Spawn(event_loop_, "submitter", RunClient());
}

// One client or shell: takes the next Job, waits until it is due, and submits it.
Task<> Submitter::RunClient() {
  const SubmitterProfile& profile = emulator_.config().latency.submitter;
  while (next_ < workload_.arrivals.size()) {
    const std::size_t index = next_++;
    const TimePoint due = started_at_ + workload_.arrivals[index].at;
    if (due > event_loop_.Now()) co_await event_loop_.SleepUntil(due);
    co_await Submit(index);
    if (spec_.submitter != SubmitterKind::kHttp) continue;
    const Duration pause = profile.client_cpu.Sample(random_);
    if (pause > Duration::zero()) co_await event_loop_.SleepFor(pause);
  }
}

// Starts a client of its own for each Job when the Job is due.
Task<> Submitter::SubmitAt(std::size_t index) {
  for (; index < workload_.arrivals.size(); ++index) {
    const TimePoint due = started_at_ + workload_.arrivals[index].at;
    if (due > event_loop_.Now()) co_await event_loop_.SleepUntil(due);
    Spawn(event_loop_, "submission", Submit(index));
  }
}

Task<> Submitter::Submit(std::size_t index) {
  const int job = static_cast<int>(index);
  const LatencyProfile& latency = emulator_.config().latency;
  recorder_.JobBegun(job);
  Duration way_back{};
  if (spec_.submitter != SubmitterKind::kDirect) {
    Duration way_there = latency.submitter.rtt.Sample(random_);
    way_back = way_there / 2;
    way_there -= way_back;
    if (spec_.submitter == SubmitterKind::kKubectl) {
      way_there += latency.submitter.kubectl_start.Sample(random_);
      way_back += latency.submitter.kubectl_end.Sample(random_);
    }
    if (way_there > Duration::zero()) co_await event_loop_.SleepFor(way_there);
    recorder_.JobArrived(job);
    if (auto* manager = emulator_.controller_manager()) {
      const Duration answer = co_await manager->api_server().Serve();
      way_back += answer;
    } else {
      const Duration work = latency.store_write.Sample(random_);
      if (work > Duration::zero()) co_await event_loop_.SleepFor(work);
    }
  } else {
    recorder_.JobArrived(job);
  }
  const Arrival& arrival = workload_.arrivals[index];
  HttpRequest request = JobRequest(JobName(prefix_, index), arrival, emulator_.config());
  const HttpResponse response = co_await emulator_.router().Dispatch(std::move(request));
  if (response.status != 201 && problem_.empty()) {
    problem_ =
        JobName(prefix_, index) + ": " + std::to_string(response.status) + " " + response.body;
  }
  if (way_back > Duration::zero()) co_await event_loop_.SleepFor(way_back);
  recorder_.JobAnswered(job);
  --open_;
}

void Submitter::StartInvocations() {
  if (next_ >= workload_.arrivals.size()) return;
  const TimePoint due = started_at_ + workload_.arrivals[next_].at;
  event_loop_.CallAt(due, [this] {
    // Starts all that are due now, then waits for the next time.
    const TimePoint now = event_loop_.Now();
    while (next_ < workload_.arrivals.size() && started_at_ + workload_.arrivals[next_].at <= now) {
      Spawn(event_loop_, "invocation", Invoke(next_++));
    }
    StartInvocations();
  });
}

Task<> Submitter::Invoke(std::size_t index) {
  const Arrival& arrival = workload_.arrivals[index];
  auto event = std::make_shared<FunctionEvent>();
  event->payload = std::to_string(arrival.duration.count());
  InvokeOptions options;
  options.request_id = "invocation-" + std::to_string(index + 1);
  recorder_.AddInvocation(options.request_id, arrival.duration);
  const InvokeResult result = co_await emulator_.pool().Invoke(
      TraceFunctionName(static_cast<std::size_t>(arrival.function)), event, std::move(options));
  (void)result;
  --open_;
}

}  // namespace kless::experiment

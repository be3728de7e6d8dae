#include "tests/emulator/experiment/example_result.h"

#include <algorithm>
#include <tuple>

namespace kless::experiment {
namespace {

constexpr std::int64_t kMs = 1'000'000;

// Some random variation between seeds.
class Jitter {
 public:
  explicit Jitter(std::uint64_t seed)
      : state_(seed * 6364136223846793005ULL + 1442695040888963407ULL) {}
  // In [0, below).
  std::int64_t Below(std::int64_t below) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::int64_t>((state_ >> 33) % static_cast<std::uint64_t>(below));
  }

 private:
  std::uint64_t state_;
};

struct RunRule {
  int jobs = 100, pods_per_job = 1;
  bool serverless = true, cold = false;
  std::int64_t step = 60 * kMs;  // between pods
};

std::int64_t& Part(PodTiming& pod, Cause cause) {
  return pod.causes[static_cast<std::size_t>(cause)];
}

void AddPod(RunResult& run, const RunRule& rule, int job, std::int64_t created, Jitter& jitter) {
  PodTiming pod;
  pod.job = job;
  pod.name = run.jobs[static_cast<std::size_t>(job)].name + "-" + std::to_string(run.pods.size());
  pod.created = created;
  std::int64_t left = created - run.jobs[static_cast<std::size_t>(job)].due;
  const auto take = [&](Cause cause, std::int64_t wanted) {
    Part(pod, cause) = std::min(wanted, left);
    left -= Part(pod, cause);
  };
  const std::int64_t written = run.jobs[static_cast<std::size_t>(job)].written;
  take(Cause::kSubmit, std::max<std::int64_t>(0, written - 8 * kMs));
  take(Cause::kCommit, 8 * kMs);
  if (rule.serverless) {
    pod.start = !rule.cold ? "warm" : job < 1 ? "cold" : job < 8 ? "waited" : "warm";
    take(Cause::kFeed, 90 * kMs + jitter.Below(250 * kMs));
    if (pod.start == "cold") take(Cause::kInit, 450 * kMs);
    if (pod.start == "waited") take(Cause::kWait, 300 * kMs);
    if (pod.start != "warm") take(Cause::kFirstRequest, 2000 * kMs);
    take(Cause::kCompute, 24 * kMs);
    take(Cause::kStore, 5 * kMs + jitter.Below(3 * kMs));
    take(Cause::kThrottle, jitter.Below(400 * kMs));
    Part(pod, Cause::kLane) = left;
  } else {
    take(Cause::kFeed, 2 * kMs);
    take(Cause::kStore, 5 * kMs);
    take(Cause::kThrottle, left * 7 / 10);
    Part(pod, Cause::kLane) = left;
  }
  run.pods.push_back(std::move(pod));
}

void AddInvocation(RunResult& run, const std::string& start, std::int64_t requested,
                   std::int64_t duration, int environment) {
  InvocationTiming row;
  row.function = "job-controller";
  row.environment = "job-controller-" + std::to_string(environment);
  row.start = start;
  row.outcome = "ok";
  row.requested = requested;
  row.queued = 2 * kMs;
  row.init = start == "cold" ? 450 * kMs : 0;
  row.run = duration;
  row.store = duration / 4;
  row.billed = (row.init + row.run + kMs - 1) / kMs * kMs;
  row.memory_mb = 128;
  run.invocations.push_back(std::move(row));
}

RunResult MakeRun(const RunRule& rule, std::uint64_t seed) {
  Jitter jitter(seed);
  RunResult run;
  run.seed = seed;
  const std::int64_t begin = rule.serverless ? (rule.cold ? 2600 * kMs : 250 * kMs) : 120 * kMs;
  for (int i = 0; i < rule.jobs; ++i) {
    const std::int64_t written = 10 * kMs + i * rule.step / 2;
    run.jobs.push_back({"job-" + std::to_string(i), 0, written - 9 * kMs, written,
                        begin + i * rule.step, written + kMs, rule.pods_per_job,
                        rule.pods_per_job});
  }
  std::int64_t at = begin;
  for (int i = 0; i < rule.jobs * rule.pods_per_job; ++i) {
    at += rule.step * 7 / 10 + jitter.Below(rule.step * 6 / 10);
    if (!rule.serverless && i < 30) at -= rule.step * 8 / 10;  // the burst of the token bucket
    AddPod(run, rule, i / rule.pods_per_job, at, jitter);
  }
  for (std::int64_t instant = 0; instant <= at; instant += 100 * kMs) {
    const std::int64_t age = std::max<std::int64_t>(0, std::min(instant, at - instant) / 2);
    run.feed.push_back({instant, age, static_cast<std::uint64_t>(age / (40 * kMs))});
  }
  run.end = at + 300 * kMs;
  run.startup = rule.serverless
                    ? std::vector<StartupStage>{{"init", 450 * kMs}, {"first request", 2000 * kMs}}
                    : std::vector<StartupStage>{{"pod create", 1900 * kMs},
                                                {"container create and start", 900 * kMs},
                                                {"controller operational", 6480 * kMs}};
  run.counts = {{"user_writes", static_cast<std::uint64_t>(rule.jobs)},
                {"feed_records", static_cast<std::uint64_t>(3 * rule.jobs * rule.pods_per_job)},
                {"events", static_cast<std::uint64_t>(rule.jobs)}};
  if (!rule.serverless) return run;
  run.concurrency_cap = 10;
  run.environment_memory_mb = 128;
  run.counts["store_writes"] = static_cast<std::uint64_t>(4 * rule.jobs * rule.pods_per_job);
  run.counts["store_reads"] = static_cast<std::uint64_t>(2 * rule.jobs * rule.pods_per_job);
  run.environments.push_back({0, 0, 0, rule.cold ? 0 : 10});
  for (int i = 0; i < 10; ++i) {
    const bool cold = rule.cold && i < 8;
    const std::int64_t start = 200 * kMs + i * 30 * kMs;
    if (rule.cold) run.environments.push_back({start, i + 1, 0, 0});
    AddInvocation(run, cold ? "cold" : "warm", start, std::max(40 * kMs, at - start - 500 * kMs),
                  i);
  }
  for (int i = 0; i < 60; ++i) {
    const std::int64_t instant = (rule.cold ? 950 : 210) * kMs + i * at / 64;
    const int busy = i > 55 ? 60 - i : 6 + static_cast<int>(jitter.Below(5));
    run.environments.push_back({instant, 0, busy, 10 - busy});
    if (busy == 10) run.throttles.push_back(instant);
  }
  run.environments.push_back({run.end, 0, 0, 10});
  return run;
}

CaseResult MakeCase(std::string name, std::string label, std::string group, const RunRule& rule,
                    int repeats) {
  CaseResult own;
  own.name = std::move(name);
  own.label = std::move(label);
  own.group = std::move(group);
  own.control_plane = rule.serverless ? "serverless" : "classic";
  own.start = rule.cold ? "cold" : "warm";
  own.profile = rule.serverless ? "thesis" : "kubernetes-1.27";
  own.workload_rule = std::to_string(rule.jobs) + " jobs of " + std::to_string(rule.pods_per_job) +
                      " pods, all due at once";
  for (int i = 0; i < repeats; ++i) {
    own.runs.push_back(MakeRun(rule, static_cast<std::uint64_t>(i + 1)));
  }
  std::vector<std::pair<std::int64_t, std::size_t>> ends;
  for (std::size_t i = 0; i < own.runs.size(); ++i) ends.push_back({own.runs[i].end, i});
  std::sort(ends.begin(), ends.end());
  own.representative = ends[ends.size() / 2].second;
  return own;
}

CaseResult MakeTraceCase(int invocations) {
  CaseResult own;
  own.name = "trace";
  own.label = "Azure 2019, one hour";
  own.group = "trace";
  own.control_plane = "serverless";
  own.start = "cold";
  Jitter jitter(99);
  RunResult run;
  run.seed = 99;
  run.concurrency_cap = 1000;
  for (int i = 0; i < invocations; ++i) {
    AddInvocation(run, i % 9 == 0 ? "cold" : "warm", i * 50 * kMs,
                  20 * kMs + jitter.Below(400 * kMs), i % 12);
    run.invocations.back().ideal = run.invocations.back().run;
    run.invocations.back().queued = jitter.Below(40 * kMs);
    const int busy = 3 + static_cast<int>(jitter.Below(6));
    run.environments.push_back({i * 50 * kMs, i % 9 == 0 ? 1 : 0, busy, 12 - busy});
  }
  run.end = invocations * 50 * kMs + 1000 * kMs;
  own.runs.push_back(std::move(run));
  return own;
}

void AddSweep(ExperimentResult& result, int repeats) {
  result.heat_x = "function.memory_mb";
  result.heat_y = "feed.shards";
  result.heat_metric = "last_pod_s";
  for (const int memory : {128, 512, 1769}) {
    for (const int shards : {1, 4}) {
      const RunRule rule{40, 1, true, false, 60 * kMs * 128 / memory / shards + 3 * kMs};
      CaseResult own = MakeCase("sweep-" + std::to_string(memory) + "-" + std::to_string(shards),
                                std::to_string(memory) + " MB, " + std::to_string(shards) +
                                    (shards == 1 ? " shard" : " shards"),
                                "sweep", rule, repeats);
      own.parameters = {{"function.memory_mb", std::to_string(memory)},
                        {"feed.shards", std::to_string(shards)}};
      result.cases.push_back(std::move(own));
    }
  }
}

void AddPublished(ExperimentResult& result) {
  PublishedRow warm;
  warm.label = "100 jobs of 1 pod, Kubeλess, warm";
  warm.figure = "5.2a";
  warm.metric = "last_pod_s";
  warm.statistic = "best";
  warm.published = 6.46;
  warm.emulated = 6.40;
  warm.best = 6.40;
  warm.median = 6.52;
  warm.worst = 6.71;
  warm.relative_error = 6.40 / 6.46 - 1;
  warm.evidence = Evidence::kFitted;
  warm.fitted_by = "submitter.rtt";
  warm.left_out_error = -0.031;
  warm.unit = "s";
  warm.source = "thesis, figure 5.2a";
  warm.case_name = "fig-5.2a-serverless-warm";
  PublishedRow classic = warm;
  classic.label = "100 jobs of 1 pod, Kubernetes";
  classic.published.reset();
  classic.at_least = 12.9;
  classic.emulated = 13.2;
  classic.relative_error = 0;
  classic.evidence = Evidence::kPredicted;
  classic.fitted_by.clear();
  classic.left_out_error.reset();
  classic.case_name = "fig-5.2a-classic";
  PublishedRow off = warm;
  off.label = "1 job of 100 pods, Kubeλess, warm";
  off.figure = "5.2b";
  off.published = 3.29;
  off.emulated = 3.61;
  off.relative_error = 3.61 / 3.29 - 1;
  off.evidence = Evidence::kInput;
  off.case_name = "fig-5.2b-serverless-warm";
  result.published = {warm, classic, off};
}

}  // namespace

ExperimentResult ExampleResult(const ExampleSize& size) {
  ExperimentResult result;
  result.scenario = "example";
  result.title = "Kubeλess & Kubernetes <compared>";
  result.description = "Made up by a fixed rule, with 'quotes' and \"more\".";
  for (int i = 0; i < size.group_count; ++i) {
    const std::string extra = i == 0 ? "" : "-" + std::to_string(i);
    const std::string a = "fig-5.2a" + extra, b = "fig-5.2b" + extra;
    const int n = size.jobs;
    for (const auto& [group, jobs, pods, step] :
         {std::tuple{a, n, 1, 62 * kMs}, std::tuple{b, 1, n, 31 * kMs}}) {
      result.cases.push_back(MakeCase(group + "-serverless-cold", "Kubeλess, cold", group,
                                      {jobs, pods, true, true, step}, size.repeats));
      result.cases.push_back(MakeCase(group + "-serverless-warm", "Kubeλess, warm", group,
                                      {jobs, pods, true, false, step}, size.repeats));
      const std::int64_t slow = pods == 1 ? step * 2 : step * 3 / 2;
      result.cases.push_back(MakeCase(group + "-classic", "Kubernetes 1.27", group,
                                      {jobs, pods, false, false, slow}, size.repeats));
    }
  }
  if (size.sweep) AddSweep(result, size.repeats);
  if (size.trace) result.cases.push_back(MakeTraceCase(400));
  AddPublished(result);
  result.fitted = {{"submitter.rtt", 60.4, 5, 80, "ms", "puts from outside the region",
                    "100 jobs of 1 pod, Kubeλess, warm", "profile.submitter.rtt"}};
  result.thresholds = {{"last_pod_s <= 10 in case fig-5.2a-serverless-warm", true, "6.52 s"},
                       {"throttles <= 0 in case fig-5.2a-serverless-warm", false, "emulated 9"}};
  result.findings = {"At 1,769 MB the run falls to 1 s: the work is CPU of a 128 MB environment."};
  result.sources = {{"profile.init", "maxday/lambda-perf, 2026-08-22, n = 770"},
                    {"profile.first_request_cpu", "thesis, section 5.3: about 2 s at 128 MB"}};
  return result;
}

}  // namespace kless::experiment

#include "emulator/experiment/workload/workload.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>
#include <variant>

#include "emulator/base/duration.h"
#include "emulator/experiment/input/description_keys.h"
#include "emulator/experiment/workload/synthetic_trace.h"
#include "emulator/experiment/workload/trace_reader.h"
#include "emulator/experiment/workload/trace_values.h"

namespace kless::experiment {
namespace {

const std::string kPlace = "workload";
constexpr double kMaxRatePerSecond = 1e9;
constexpr auto kMaxArrivals = static_cast<std::int64_t>(kWorkloadMaxArrivals);
constexpr auto kMaxPodsPerJob = static_cast<std::int64_t>(kWorkloadMaxPodsPerJob);

enum class Process { kAtOnce, kConstant, kPoisson, kBurst };

struct JobsPlan {
  std::int64_t jobs = 1;
  int pods = 1;
  Duration duration{};
  Process process = Process::kAtOnce;
  double rate_per_s = 1;
  std::int64_t burst_size = 1;
  Duration burst_every{};
};

struct ListEntry {
  Duration at{};
  std::int64_t jobs = 1;
  int pods = 1;
  Duration duration{};
};

using Plan = std::variant<JobsPlan, std::vector<ListEntry>, TraceOptions, SyntheticOptions>;

// kInvalidArgument: more than a workload may have.
std::optional<Error> TooLarge(const std::string& place, std::int64_t jobs, std::int64_t pods) {
  if (std::max(jobs, pods) <= kMaxArrivals) return std::nullopt;
  return MakeError(
      ErrorCode::kInvalidArgument,
      fmt::format("{}: {} Jobs with {} pods in all; at most {} of each, lower jobs or pods", place,
                  jobs, pods, kMaxArrivals));
}

// The keys of {process: ...}, which depend on the process.
std::optional<Error> ParseArrival(const nlohmann::json& description, JobsPlan* plan) {
  const std::string place = kPlace + ".arrival";
  const std::vector<std::string> names = {"at-once", "constant", "poisson", "burst"};
  DescriptionKeys keys(description, place, {"process", "rate_per_s", "size", "every"});
  if (!keys.error() && !keys.Has("process")) {
    keys.Report("process", "is missing; it must be one of at-once, constant, poisson, burst");
  }
  const std::string name = keys.Choice("process", names, "at-once");
  plan->process = static_cast<Process>(std::find(names.begin(), names.end(), name) - names.begin());
  const bool has_rate = plan->process == Process::kConstant || plan->process == Process::kPoisson;
  const bool is_burst = plan->process == Process::kBurst;
  for (const char* key : {"rate_per_s", "size", "every"}) {
    const bool fits = std::string(key) == "rate_per_s" ? has_rate : is_burst;
    if (fits || !keys.Has(key)) continue;
    keys.Report(key, "says nothing about the process " + name + "; remove it");
  }
  if (has_rate) plan->rate_per_s = keys.Positive("rate_per_s", kMaxRatePerSecond);
  if (is_burst) {
    plan->burst_size = keys.Integer("size", 1, kMaxArrivals);
    plan->burst_every = keys.Time("every");
    if (plan->burst_every == Duration::zero()) keys.Report("every", "must be above 0");
  }
  // The last arrival must be within a year; a Poisson process is checked at its mean.
  const double length_s = has_rate   ? static_cast<double>(plan->jobs) / plan->rate_per_s
                          : is_burst ? static_cast<double>((plan->jobs - 1) / plan->burst_size) *
                                           static_cast<double>(plan->burst_every.count()) / 1e9
                                     : 0;
  if (length_s > kWorkloadMaxSeconds) {
    keys.Report(has_rate ? "rate_per_s" : "every",
                "makes the workload longer than 366 days; submit faster, or fewer jobs");
  }
  return keys.error();
}

Result<Plan> ParseJobs(const nlohmann::json& description) {
  DescriptionKeys keys(description, kPlace, {"jobs", "pods", "duration", "arrival"});
  JobsPlan plan;
  plan.jobs = keys.Integer("jobs", 1, kMaxArrivals);
  plan.pods = static_cast<int>(keys.Integer("pods", 1, kMaxPodsPerJob, 1));
  plan.duration = keys.Time("duration", Duration::zero());
  if (keys.error()) return *keys.error();
  if (auto problem = TooLarge(kPlace, plan.jobs, plan.jobs * plan.pods)) return *problem;
  if (keys.Has("arrival")) {
    if (auto problem = ParseArrival(keys.At("arrival"), &plan)) return *problem;
  }
  return Plan(plan);
}

Result<Plan> ParseList(const nlohmann::json& description) {
  DescriptionKeys keys(description, kPlace, {"list"});
  if (keys.error()) return *keys.error();
  const nlohmann::json& list = keys.At("list");
  if (!list.is_array() || list.empty()) {
    keys.Report("list",
                "must be a list like [{at: 0s, jobs: 1, pods: 100}], with at least one entry");
    return *keys.error();
  }
  std::vector<ListEntry> entries;
  std::int64_t jobs = 0, pods = 0;
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string place = kPlace + ".list[" + std::to_string(i) + "]";
    DescriptionKeys each(list[i], place, {"at", "jobs", "pods", "duration"});
    ListEntry entry;
    entry.at = each.Time("at", Duration::zero());
    entry.jobs = each.Integer("jobs", 1, kMaxArrivals, 1);
    entry.pods = static_cast<int>(each.Integer("pods", 1, kMaxPodsPerJob, 1));
    entry.duration = each.Time("duration", Duration::zero());
    if (each.error()) return *each.error();
    jobs += entry.jobs;
    pods += entry.jobs * entry.pods;
    if (auto problem = TooLarge(place, jobs, pods)) return *problem;
    entries.push_back(entry);
  }
  return Plan(std::move(entries));
}

Result<Plan> Parse(const nlohmann::json& description, const std::string& folder) {
  const std::vector<std::string> forms = {"jobs", "list", "trace", "synthetic"};
  DescriptionKeys keys(description, kPlace,
                       {"jobs", "list", "trace", "synthetic", "pods", "duration", "arrival"});
  if (keys.error()) return *keys.error();
  std::string form;
  for (const std::string& each : forms) {
    if (!keys.Has(each)) continue;
    if (!form.empty()) {
      return MakeError(ErrorCode::kInvalidArgument,
                       kPlace + " has both " + form + " and " + each + "; keep one of them");
    }
    form = each;
  }
  if (form.empty()) {
    return MakeError(ErrorCode::kInvalidArgument,
                     kPlace + " needs one of jobs, list, trace, synthetic");
  }
  if (form == "jobs") return ParseJobs(description);
  for (const char* key : {"pods", "duration", "arrival"}) {
    if (!keys.Has(key)) continue;
    keys.Report(key, "goes only with jobs, not with " + form + "; remove it");
    return *keys.error();
  }
  if (form == "list") return ParseList(description);
  if (form == "trace") {
    KLESS_TRY(auto options, ParseTraceOptions(keys.At("trace"), kPlace + ".trace", folder));
    return Plan(std::move(options));
  }
  KLESS_TRY(auto options, ParseSyntheticOptions(keys.At("synthetic"), kPlace + ".synthetic"));
  return Plan(options);
}

std::string Counted(std::int64_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string ProcessText(const JobsPlan& plan) {
  switch (plan.process) {
    case Process::kAtOnce:
      return ", all due at once";
    case Process::kConstant:
      return fmt::format(", {:.6g} a second at equal distances", plan.rate_per_s);
    case Process::kPoisson:
      return fmt::format(", a Poisson process of {:.6g} a second", plan.rate_per_s);
    case Process::kBurst:
      return ", " + std::to_string(plan.burst_size) + " at once every " +
             FormatDuration(plan.burst_every);
  }
  return "";
}

Workload MakeJobs(const JobsPlan& plan, Random& random) {
  Workload workload;
  workload.arrivals.reserve(static_cast<std::size_t>(plan.jobs));
  double poisson_s = 0;
  for (std::int64_t i = 0; i < plan.jobs; ++i) {
    Arrival arrival{.pods = plan.pods, .duration = plan.duration};
    switch (plan.process) {
      case Process::kAtOnce:
        break;
      case Process::kConstant:
        arrival.at = RoundedNanos(static_cast<double>(i) * 1e9 / plan.rate_per_s);
        break;
      case Process::kPoisson:
        poisson_s += -PortableLog(1 - random.Unit()) / plan.rate_per_s;
        arrival.at = RoundedNanos(poisson_s * 1e9);
        break;
      case Process::kBurst:
        arrival.at = plan.burst_every * (i / plan.burst_size);
        break;
    }
    workload.arrivals.push_back(arrival);
  }
  workload.rule =
      Counted(plan.jobs, "Job") + " of " + Counted(plan.pods, "pod") + ProcessText(plan);
  return workload;
}

Workload MakeList(const std::vector<ListEntry>& entries) {
  Workload workload;
  for (const ListEntry& entry : entries) {
    const Arrival arrival{.at = entry.at, .pods = entry.pods, .duration = entry.duration};
    workload.arrivals.insert(workload.arrivals.end(), static_cast<std::size_t>(entry.jobs),
                             arrival);
  }
  std::stable_sort(workload.arrivals.begin(), workload.arrivals.end(),
                   [](const Arrival& a, const Arrival& b) { return a.at < b.at; });
  workload.rule = Counted(static_cast<std::int64_t>(workload.arrivals.size()), "Job") +
                  " as listed, each entry's Jobs due at its time";
  return workload;
}

}  // namespace

Result<Workload> MakeWorkload(const nlohmann::json& description, const std::string& folder,
                              Random& random) {
  KLESS_TRY(const auto parsed, Parse(description, folder));
  const Plan& plan = parsed;
  if (const auto* jobs = std::get_if<JobsPlan>(&plan)) return MakeJobs(*jobs, random);
  if (const auto* list = std::get_if<std::vector<ListEntry>>(&plan)) return MakeList(*list);
  if (const auto* trace = std::get_if<TraceOptions>(&plan)) return ReadTrace(*trace, random);
  return MakeSyntheticTrace(std::get<SyntheticOptions>(plan), random);
}

Result<void> ValidateWorkload(const nlohmann::json& description, const std::string& folder) {
  KLESS_TRY_VOID(Parse(description, folder));
  return {};
}

}  // namespace kless::experiment

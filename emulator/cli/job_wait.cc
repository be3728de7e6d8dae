#include "emulator/cli/job_wait.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "emulator/cli/object_state.h"
#include "emulator/cli/system.h"

namespace kless::cli {
namespace {

using nlohmann::json;

constexpr const char* kOurController = "kubernetes.io/job-controller";
constexpr std::chrono::milliseconds kIdleTimeout{1000};
constexpr std::chrono::milliseconds kShortestPause{5};
constexpr std::chrono::milliseconds kLongestPause{250};

std::set<std::string> Namespaces(const std::vector<SubmittedJob>& jobs) {
  std::set<std::string> names;
  for (const SubmittedJob& job : jobs) names.insert(job.namespace_name);
  return names;
}

// Says what the job still waits for, and the state of the job and its pods.
Error TimedOut(ApiClient& api, const SubmittedJob& job, const std::string& what, Awaited awaited) {
  std::string message = "timed out waiting for " + what + " of jobs/" + job.name;
  const auto object =
      api.Call("GET", "/apis/batch/v1/namespaces/" + PercentEncode(job.namespace_name) + "/jobs/" +
                          PercentEncode(job.name));
  if (object.has_error()) {
    message += ": " + object.error().message;
  } else if (const std::string state = DescribeState(api, object.value(), awaited);
             !state.empty()) {
    message += ": " + state;
  }
  return MakeError(ErrorCode::kTimedOut, message);
}

// The number of pods by the uid of the Job that controls them.
Result<std::map<std::string, std::int64_t>> CountPods(ApiClient& api,
                                                      const std::set<std::string>& namespaces) {
  std::map<std::string, std::int64_t> counts;
  for (const std::string& name : namespaces) {
    const auto listed = ForEachObject(
        api, "/api/v1/namespaces/" + PercentEncode(name) + "/pods", [&](const json& pod) {
          const json metadata = pod.value("metadata", json::object());
          for (const json& owner : metadata.value("ownerReferences", json::array())) {
            if (owner.value("controller", false)) ++counts[owner.value("uid", "")];
          }
        });
    if (listed.has_error()) return listed.error();
  }
  return counts;
}

}  // namespace

SubmittedJob MakeSubmittedJob(const json& job) {
  const json metadata = job.value("metadata", json::object());
  const json spec = job.value("spec", json::object());
  SubmittedJob made;
  made.namespace_name = metadata.value("namespace", "");
  made.name = metadata.value("name", "");
  made.uid = metadata.value("uid", "");
  made.wanted_pods = spec.value("parallelism", std::int64_t{1});
  if (spec.contains("completions") && spec["completions"].is_number_integer()) {
    made.wanted_pods = std::min(made.wanted_pods, spec["completions"].get<std::int64_t>());
  }
  if (spec.value("suspend", false)) made.wanted_pods = 0;
  // The Job belongs to another controller: kless does not create its pods.
  if (spec.value("managedBy", std::string(kOurController)) != kOurController) made.wanted_pods = 0;
  return made;
}

Result<void> WaitForPods(ApiClient& api, const std::vector<SubmittedJob>& jobs,
                         std::chrono::milliseconds timeout) {
  const Stopwatch stopwatch;
  const std::set<std::string> namespaces = Namespaces(jobs);
  std::chrono::milliseconds pause = kShortestPause;
  while (true) {
    // The pods exist once the daemon is idle; counting them before is wasted.
    const auto left =
        std::clamp(timeout - stopwatch.Elapsed(), std::chrono::milliseconds(0), kIdleTimeout);
    const auto idle =
        api.Call("GET", "/kless/v1/idle?timeout=" + std::to_string(left.count()) + "ms");
    if (idle.has_error() && idle.error().code != ErrorCode::kTimedOut) return idle.error();
    KLESS_TRY(const auto counts, CountPods(api, namespaces));
    const auto lacking = std::find_if(jobs.begin(), jobs.end(), [&](const SubmittedJob& job) {
      const auto found = counts.find(job.uid);
      return (found == counts.end() ? 0 : found->second) < job.wanted_pods;
    });
    if (lacking == jobs.end()) return {};
    if (stopwatch.Elapsed() >= timeout) {
      return TimedOut(api, *lacking, "the pods", Awaited::kPods);
    }
    Pause(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

Result<void> WaitForCompletion(ApiClient& api, const std::vector<SubmittedJob>& jobs,
                               std::chrono::milliseconds timeout) {
  const Stopwatch stopwatch;
  const std::set<std::string> namespaces = Namespaces(jobs);
  std::chrono::milliseconds pause = kShortestPause;
  while (true) {
    std::map<std::string, std::string> outcome;  // by uid: "Complete" or "Failed: message"
    for (const std::string& name : namespaces) {
      const auto listed = ForEachObject(
          api, "/apis/batch/v1/namespaces/" + PercentEncode(name) + "/jobs", [&](const json& job) {
            const json status = job.value("status", json::object());
            for (const json& condition : status.value("conditions", json::array())) {
              if (condition.value("status", "") != "True") continue;
              const std::string type = condition.value("type", "");
              std::string& text = outcome[job["metadata"].value("uid", "")];
              if (type == "Complete") text = type;
              if (type == "Failed") text = type + ": " + condition.value("message", "");
            }
          });
      if (listed.has_error()) return listed.error();
    }
    const SubmittedJob* waiting = nullptr;
    for (const SubmittedJob& job : jobs) {
      const std::string& text = outcome[job.uid];
      if (text.starts_with("Failed")) {
        return MakeError(ErrorCode::kConflict, "jobs/" + job.name + " failed" + text.substr(6));
      }
      if (text.empty() && waiting == nullptr) waiting = &job;
    }
    if (waiting == nullptr) return {};
    if (stopwatch.Elapsed() >= timeout) {
      return TimedOut(api, *waiting, "the condition Complete", Awaited::kAnything);
    }
    Pause(pause);
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace kless::cli

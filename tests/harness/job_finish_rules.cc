// The rules for a Job that becomes Complete or Failed:
//   finished-untidy         nothing active, terminating or uncounted, no pod that has not ended
//   complete-without-cause  the completions or the success policy are met; completionTime is set
//   failed-without-cause    the history justifies the reason; completionTime is not set
#include <algorithm>
#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"
#include "emulator/base/strings.h"
#include "functions/kubernetes/values/json_access.h"
#include "tests/harness/checker.h"

namespace kless::harness {

namespace {

using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::StringAt;
using nlohmann::json;

bool RuleIsMet(const json& rule, const std::set<std::int64_t>& completed) {
  std::int64_t met = static_cast<std::int64_t>(completed.size());
  std::int64_t wanted = 0;
  if (Find(rule, "succeededIndexes") != nullptr) {
    const auto listed = ParseIndexes(StringAt(rule, "succeededIndexes"));
    met = std::count_if(listed.begin(), listed.end(),
                        [&](std::int64_t index) { return completed.contains(index); });
    wanted = static_cast<std::int64_t>(listed.size());
  }
  return met >= IntegerAt(rule, "succeededCount").value_or(wanted);
}

bool SuccessPolicyIsMet(const json& job) {
  const auto completed = ParseIndexes(StringAt(job, {"status", "completedIndexes"}));
  const json* rules = Find(job, {"spec", "successPolicy", "rules"});
  return rules != nullptr && rules->is_array() &&
         std::any_of(rules->begin(), rules->end(),
                     [&](const json& rule) { return RuleIsMet(rule, completed); });
}

bool HasFailJobRule(const json& job) {
  const json* rules = Find(job, {"spec", "podFailurePolicy", "rules"});
  return rules != nullptr && rules->is_array() &&
         std::any_of(rules->begin(), rules->end(),
                     [](const json& rule) { return StringAt(rule, "action") == "FailJob"; });
}

}  // namespace

void Checker::CheckFinish(const JobState& job) {
  const ResourceId id{"job", job.name};
  for (const char* field : {"active", "terminating", "ready"}) {
    if (job.Status(field) == 0) continue;
    return Report("finished-untidy", id,
                  job.terminal + " with " + field + " " + std::to_string(job.Status(field)));
  }
  if (!job.succeeded.now.empty() || !job.failed.now.empty()) {
    return Report("finished-untidy", id, job.terminal + " with uncounted pods");
  }
  for (const auto& [name, pod] : pods_) {
    if (!InCareOf(pod, job) || pod.ended() || pod.adopted) continue;
    return Report(
        "finished-untidy", id,
        job.terminal + ", but its pod " + name + (pod.deleting ? " is still going" : " is active"));
  }
  if (job.terminal == "Complete") {
    CheckComplete(job);
  } else {
    CheckFailed(job);
  }
}

void Checker::CheckComplete(const JobState& job) {
  const ResourceId id{"job", job.name};
  const auto blame = [&](const std::string& why) { Report("complete-without-cause", id, why); };
  if (job.StatusField("completionTime") == nullptr) return blame("no completionTime");
  if (StringAt(*job.Condition("Complete"), "reason") == "SuccessPolicy") {
    if (!SuccessPolicyIsMet(*job.object)) blame("its success policy is not met");
    return;
  }
  const std::int64_t completions = job.Spec("completions", -1);
  const std::int64_t succeeded = job.Status("succeeded");
  if (completions < 0 && succeeded == 0) return blame("a work queue without a success");
  if (completions >= 0 && succeeded < completions) {
    blame(std::to_string(succeeded) + " of " + std::to_string(completions) + " succeeded");
  }
}

void Checker::CheckFailed(const JobState& job) {
  const ResourceId id{"job", job.name};
  const std::string reason = StringAt(*job.Condition("Failed"), "reason");
  const auto blame = [&](const std::string& why) {
    Report("failed-without-cause", id, reason + ": " + why);
  };
  const json& object = *job.object;
  if (job.StatusField("completionTime") != nullptr) return blame("completionTime is set");
  const auto failed_indexes =
      static_cast<std::int64_t>(ParseIndexes(StringAt(object, {"status", "failedIndexes"})).size());
  if (reason == "BackoffLimitExceeded") {
    const bool counts = StringAt(object, {"spec", "template", "spec", "restartPolicy"}) == "Never";
    if (counts && job.Status("failed") <= job.Spec("backoffLimit", 6)) {
      blame(std::to_string(job.Status("failed")) + " failures");
    }
  } else if (reason == "DeadlineExceeded") {
    const auto started = ParseTime(StringAt(object, {"status", "startTime"}));
    const std::int64_t due =
        started.value_or(unix_nanos_) + job.smallest_deadline * kNanosPerSecond;
    if (job.smallest_deadline < 0) return blame("it has no deadline");
    if (unix_nanos_ < due) blame("the deadline is not over");
  } else if (reason == "PodFailurePolicy") {
    if (!HasFailJobRule(object)) blame("no such rule");
  } else if (reason == "FailedIndexes") {
    if (failed_indexes == 0) return blame("no index has failed");
    if (failed_indexes + job.Status("succeeded") < job.Spec("completions", 0)) {
      blame("not every index has ended");
    }
  } else if (reason == "MaxFailedIndexesExceeded") {
    if (failed_indexes <= job.Spec("maxFailedIndexes", failed_indexes)) {
      blame(std::to_string(failed_indexes) + " failed indexes");
    }
  } else {
    blame("no such reason");
  }
}

}  // namespace kless::harness

// The rules for a Job's status, whichever controller writes it:
//   terminal-status-changed    the status that a Job ended with stays as it is
//   condition-taken-back       SuccessCriteriaMet, FailureTarget, Complete and Failed stay True
//   both-terminal              a Job is not both Complete and Failed
//   terminal-without-target    Complete comes with SuccessCriteriaMet, Failed with FailureTarget
//   counter-fell               succeeded and failed do not fall (D16: an elastic Indexed Job's
//                              succeeded may)
//   counted-twice              a pod is counted in one of the two, and once
//   counted-a-stranger         what is counted was a pod of this Job
//   miscounted                 a counter and the pods on their way into it are all that ever were
//                              on their way
//   index-both-ways            an index is completed or has failed
#include <algorithm>
#include <nlohmann/json.hpp>

#include "functions/kubernetes/values/json_access.h"
#include "tests/harness/checker.h"

namespace kless::harness {

namespace {

using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::StringAt;
using nlohmann::json;

bool HasCondition(const json& job, const char* type) {
  const json* conditions = Find(job, {"status", "conditions"});
  if (conditions == nullptr || !conditions->is_array()) return false;
  return std::any_of(conditions->begin(), conditions->end(), [&](const json& condition) {
    return StringAt(condition, "type") == type && StringAt(condition, "status") == "True";
  });
}

std::string StatusText(const json& job) {
  const json* status = Find(job, "status");
  return status == nullptr ? std::string() : status->dump();
}

}  // namespace

void Checker::OnJob(const Change& change) {
  if (!change.new_image) {
    const auto& fields = change.old_image->fields;
    if (JobState* job = FindJob(fields ? fields->uid : "")) job->exists = false;
    return;
  }
  const auto& fields = change.new_image->fields;
  auto object =
      std::make_shared<const json>(json::parse(change.new_image->document, nullptr, false));
  if (!fields || fields->uid.empty() || !object->is_object()) return;
  JobState& job = jobs_[fields->uid];
  job.name = change.id.name;
  job.uid = fields->uid;
  const auto before = std::exchange(job.object, std::move(object));
  NoteSpec(job);
  if (before == nullptr) return;
  if (IntegerAt(*before, {"spec", "completions"}) !=
      IntegerAt(*job.object, {"spec", "completions"}))
    job.completions_changed = true;
  if (StatusText(*before) != StatusText(*job.object)) CheckStatus(job, *before);
}

void Checker::NoteSpec(JobState& job) {
  job.largest_parallelism = std::max(job.largest_parallelism, job.Spec("parallelism", 1));
  const std::int64_t deadline = job.Spec("activeDeadlineSeconds", -1);
  if (deadline < 0) return;
  job.smallest_deadline =
      job.smallest_deadline < 0 ? deadline : std::min(job.smallest_deadline, deadline);
}

void Checker::CheckStatus(JobState& job, const json& before) {
  if (!job.terminal.empty()) {
    return Report("terminal-status-changed", {"job", job.name},
                  job.terminal_status + " became " + StatusText(*job.object));
  }
  CheckConditions(job, before);
  CheckCounters(job, before);
  CheckUncounted(job);
  CheckIndexes(job);
  for (const char* type : {"Complete", "Failed"}) {
    if (job.Condition(type) == nullptr) continue;
    job.terminal = type;
    job.terminal_status = StatusText(*job.object);
    CheckFinish(job);
  }
}

void Checker::CheckConditions(JobState& job, const json& before) {
  const ResourceId id{"job", job.name};
  for (const char* type : {"SuccessCriteriaMet", "FailureTarget", "Complete", "Failed"}) {
    if (HasCondition(before, type) && job.Condition(type) == nullptr) {
      return Report("condition-taken-back", id, std::string(type) + " is not True any more");
    }
  }
  const bool complete = job.Condition("Complete") != nullptr;
  const bool failed = job.Condition("Failed") != nullptr;
  if (complete && failed) return Report("both-terminal", id, "Complete and Failed are True");
  if ((complete && job.Condition("SuccessCriteriaMet") == nullptr) ||
      (failed && job.Condition("FailureTarget") == nullptr)) {
    Report("terminal-without-target", id, "a terminal condition without the one that announces it");
  }
}

void Checker::CheckCounters(JobState& job, const json& before) {
  for (const char* field : {"succeeded", "failed"}) {
    const std::int64_t was = IntegerAt(before, {"status", field}).value_or(0);
    const bool elastic =
        std::string_view(field) == "succeeded" && job.Indexed() && job.completions_changed;
    if (job.Status(field) >= was || elastic) continue;
    Report("counter-fell", {"job", job.name},
           std::string(field) + " was " + std::to_string(was) + ", is " +
               std::to_string(job.Status(field)));
  }
}

void Checker::NoteUncounted(JobState& job, const char* list, Counted* counted,
                            const Counted& other) {
  const ResourceId id{"job", job.name};
  std::set<std::string> now;
  const json* uids = Find(*job.object, {"status", "uncountedTerminatedPods", list});
  if (uids != nullptr && uids->is_array()) {
    for (const json& uid : *uids) {
      if (uid.is_string()) now.insert(uid.get<std::string>());
    }
  }
  for (const std::string& uid : now) {
    if (!job.pods.contains(uid)) {
      return Report("counted-a-stranger", id, uid + " in " + list + " was never a pod of it");
    }
    if (other.ever.contains(uid)) {
      return Report("counted-twice", id, "pod " + uid + " was in both lists");
    }
    if (counted->ever.contains(uid) && !counted->now.contains(uid)) {
      return Report("counted-twice", id,
                    "pod " + uid + " was counted in " + list + " and is there again");
    }
  }
  counted->ever.insert(now.begin(), now.end());
  counted->now = std::move(now);
}

void Checker::CheckUncounted(JobState& job) {
  NoteUncounted(job, "succeeded", &job.succeeded, job.failed);
  NoteUncounted(job, "failed", &job.failed, job.succeeded);
  const auto check = [&](const char* field, const Counted& counted) {
    const auto sum = job.Status(field) + static_cast<std::int64_t>(counted.now.size());
    if (sum == static_cast<std::int64_t>(counted.ever.size())) return;
    Report("miscounted", {"job", job.name},
           std::string(field) + " is " + std::to_string(job.Status(field)) + " with " +
               std::to_string(counted.now.size()) + " on their way, but " +
               std::to_string(counted.ever.size()) + " pods ever were on their way");
  };
  check("failed", job.failed);
  if (!job.Indexed()) check("succeeded", job.succeeded);
}

void Checker::CheckIndexes(const JobState& job) {
  if (!job.Indexed()) return;
  const ResourceId id{"job", job.name};
  const auto completed = ParseIndexes(StringAt(*job.object, {"status", "completedIndexes"}));
  if (static_cast<std::int64_t>(completed.size()) != job.Status("succeeded")) {
    return Report("miscounted", id,
                  "succeeded is " + std::to_string(job.Status("succeeded")) +
                      ", completed indexes are " + std::to_string(completed.size()));
  }
  for (const std::int64_t index :
       ParseIndexes(StringAt(*job.object, {"status", "failedIndexes"}))) {
    if (!completed.contains(index)) continue;
    Report("index-both-ways", id, "index " + std::to_string(index) + " is completed and failed");
  }
}

}  // namespace kless::harness

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/batch/validation/validation.go
#include "functions/kubernetes/validation/job_status_validation.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "emulator/base/strings.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/validation/job_validation.h"
#include "functions/kubernetes/values/index_list.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// The fields of one status that the rules use.
struct StatusView {
  explicit StatusView(const json& job)
      : status(FindOrEmpty(job, "status")),
        spec(FindOrEmpty(job, "spec")),
        complete(IsTrue("Complete")),
        failed(IsTrue("Failed")) {}

  bool IsTrue(const std::string& type) const {
    const json* conditions = Find(status, "conditions");
    for (std::size_t i = 0; i < SizeOf(conditions); ++i) {
      if (StringAt((*conditions)[i], "type") != type) continue;
      return StringAt((*conditions)[i], "status") == "True";
    }
    return false;
  }
  bool finished() const { return complete || failed; }
  std::int64_t Count(const char* key) const { return IntegerAt(status, key).value_or(0); }
  bool Has(const char* key) const { return Find(status, key) != nullptr; }

  const json& status;
  const json& spec;
  bool complete;
  bool failed;
};

class StatusUpdate {
 public:
  StatusUpdate(const json& job, const json& old, FieldErrors& errors)
      : now_(job), old_(old), errors_(errors) {
    finished_changed_ = now_.finished() != old_.finished();
    complete_changed_ = now_.complete != old_.complete;
    failed_changed_ = now_.failed != old_.failed;
  }

  void Check() {
    CheckNumbers();
    CheckUncounted();
    CheckConditions();
    CheckTimes();
    CheckFinished();
    CheckIndexes();
    if (Changed("ready", "active") && now_.Count("ready") > now_.Count("active")) {
      Add("ready", now_.Count("ready"), "cannot set more ready pods than active");
    }
    CheckAgainstOld();
  }

 private:
  bool Changed(const char* key) const {
    return ValueOrNull(now_.status, key) != ValueOrNull(old_.status, key);
  }
  bool Changed(const char* one, const char* other) const { return Changed(one) || Changed(other); }
  bool ConditionChanged(const char* type) const { return now_.IsTrue(type) != old_.IsTrue(type); }

  void Add(const std::string& key, const json& value, const std::string& detail) {
    errors_.push_back(Invalid("status." + key, value, detail));
  }
  void AddCondition(const std::string& detail) {
    errors_.push_back(InvalidAs("status.conditions", "", detail));
  }

  void CheckNumbers() {
    for (const char* key : {"active", "succeeded", "failed", "ready", "terminating"}) {
      if (now_.Count(key) < 0) Add(key, now_.Count(key), "must be greater than or equal to 0");
    }
  }

  void CheckUncounted() {
    std::set<std::string> seen;
    for (const char* list : {"succeeded", "failed"}) {
      const json* uids = Find(now_.status, {"uncountedTerminatedPods", list});
      for (std::size_t i = 0; i < SizeOf(uids); ++i) {
        if (!(*uids)[i].is_string()) continue;
        const auto& uid = (*uids)[i].get_ref<const std::string&>();
        const std::string field =
            std::string("uncountedTerminatedPods.") + list + "[" + std::to_string(i) + "]";
        if (uid.empty()) {
          Add(field, uid, "must not be empty");
        } else if (!seen.insert(uid).second) {
          errors_.push_back(Duplicate("status." + field, uid));
        }
      }
    }
  }

  void CheckConditions() {
    if ((complete_changed_ || failed_changed_) && now_.complete && now_.failed) {
      AddCondition("cannot set Complete=True and Failed=true conditions");
    }
    if ((complete_changed_ || ConditionChanged("FailureTarget")) && now_.complete &&
        now_.IsTrue("FailureTarget")) {
      AddCondition("cannot set Complete=True and FailureTarget=true conditions");
    }
  }

  void CheckTimes() {
    if ((complete_changed_ || Changed("completionTime")) && now_.Has("completionTime") &&
        !now_.complete) {
      Add("completionTime", now_.status["completionTime"],
          "cannot set completionTime when there is no Complete=True condition");
    }
    if ((complete_changed_ || Changed("completionTime")) && now_.complete &&
        !now_.Has("completionTime")) {
      errors_.push_back(
          Required("status.completionTime", "completionTime is required for Complete jobs"));
    }
    const auto start = ParseTime(StringAt(now_.status, "startTime"));
    const auto end = ParseTime(StringAt(now_.status, "completionTime"));
    if (Changed("startTime", "completionTime") && start && end && *end < *start) {
      Add("completionTime", now_.status["completionTime"],
          "completionTime cannot be set before startTime");
    }
    if ((failed_changed_ || ConditionChanged("FailureTarget")) && now_.failed &&
        !now_.IsTrue("FailureTarget")) {
      AddCondition("cannot set Failed=True condition without the FailureTarget=true condition");
    }
    if ((complete_changed_ || ConditionChanged("SuccessCriteriaMet")) && now_.complete &&
        !now_.IsTrue("SuccessCriteriaMet")) {
      AddCondition(
          "cannot set Complete=True condition without the SuccessCriteriaMet=true condition");
    }
  }

  void CheckFinished() {
    if (!now_.finished()) return;
    for (const char* key : {"active", "terminating"}) {
      if ((finished_changed_ || Changed(key)) && now_.Count(key) > 0) {
        Add(key, now_.Count(key), std::string(key) + ">0 is invalid for finished job");
      }
    }
    // A Job that was never resumed has not started (C13).
    if ((finished_changed_ || Changed("startTime")) && !now_.Has("startTime") &&
        !BoolAt(now_.spec, "suspend")) {
      errors_.push_back(Required("status.startTime", "startTime is required for finished job"));
    }
    const json& uncounted = FindOrEmpty(now_.status, "uncountedTerminatedPods");
    if ((finished_changed_ || Changed("uncountedTerminatedPods")) &&
        SizeOf(Find(uncounted, "succeeded")) + SizeOf(Find(uncounted, "failed")) > 0) {
      Add("uncountedTerminatedPods", uncounted,
          "uncountedTerminatedPods needs to be empty for finished job");
    }
  }

  void CheckIndexes() {
    const std::string completed_text = StringAt(now_.status, "completedIndexes");
    const std::string failed_text = StringAt(now_.status, "failedIndexes");
    const auto completions = IntegerAt(now_.spec, "completions");
    const bool per_index = Find(now_.spec, "backoffLimitPerIndex") != nullptr;
    const IndexList completed = ParseIndexList(completed_text, completions.value_or(0));
    const IndexList failed = ParseIndexList(failed_text, completions.value_or(0));
    if (Changed("completedIndexes") && completions && !completed.problem.empty()) {
      Add("completedIndexes", completed_text,
          "error parsing completedIndexes: " + completed.problem);
    }
    if (Changed("failedIndexes") && completions && per_index && !failed.problem.empty()) {
      Add("failedIndexes", failed_text, "error parsing failedIndexes: " + failed.problem);
    }
    if (Changed("completedIndexes") && !completed_text.empty() && !IsIndexed(now_.spec)) {
      Add("completedIndexes", completed_text,
          "cannot set non-empty completedIndexes when non-indexed completion mode");
    }
    if (Changed("failedIndexes") && now_.Has("failedIndexes") && !per_index) {
      Add("failedIndexes", failed_text,
          "cannot set non-null failedIndexes when backoffLimitPerIndex is null");
    }
    if (Changed("completedIndexes", "failedIndexes")) CheckOverlap(completed, failed, failed_text);
  }

  void CheckOverlap(const IndexList& completed, const IndexList& failed,
                    const std::string& failed_text) {
    for (const auto& [first, last] : failed.intervals) {
      for (const auto& [other_first, other_last] : completed.intervals) {
        const std::int64_t at = std::max(first, other_first);
        if (at > std::min(last, other_last)) continue;
        Add("failedIndexes", failed_text,
            "failedIndexes and completedIndexes overlap at index: " + std::to_string(at));
        return;
      }
    }
  }

  void CheckAgainstOld() {
    for (const char* type : {"Failed", "Complete", "FailureTarget"}) {
      if (old_.IsTrue(type) && !now_.IsTrue(type)) {
        AddCondition(std::string("cannot disable the terminal ") + type + "=True condition");
      }
    }
    if (now_.Count("failed") < old_.Count("failed")) {
      Add("failed", now_.Count("failed"), "cannot decrease the failed counter");
    }
    // An Indexed Job that can be scaled down may count again (D16).
    const bool elastic = IsIndexed(now_.spec) && ValueOrNull(now_.spec, "completions") ==
                                                     ValueOrNull(now_.spec, "parallelism");
    if (!elastic && now_.Count("succeeded") < old_.Count("succeeded")) {
      Add("succeeded", now_.Count("succeeded"), "cannot decrease the succeeded counter");
    }
    if (Changed("completionTime") && now_.Has("completionTime") && old_.Has("completionTime")) {
      Add("completionTime", now_.status["completionTime"], "field is immutable");
    }
    if (Changed("startTime") && old_.Has("startTime") && !BoolAt(now_.spec, "suspend")) {
      Add("startTime", ValueOrNull(now_.status, "startTime"),
          "field is immutable for unsuspended job once set");
    }
  }

  StatusView now_;
  StatusView old_;
  FieldErrors& errors_;
  bool finished_changed_ = false;
  bool complete_changed_ = false;
  bool failed_changed_ = false;
};

}  // namespace

FieldErrors ValidateJobStatusUpdate(const json& job, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(job, old);
  StatusUpdate(job, old, errors).Check();
  return errors;
}

}  // namespace kless::kubernetes

#include "functions/controllers/job/job_view.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "emulator/base/clock.h"
#include "emulator/base/json.h"
#include "emulator/base/strings.h"
#include "functions/controllers/loop/resource_name.h"
#include "functions/kubernetes/values/json_access.h"

namespace kless::controllers {

using kubernetes::BoolAt;
using kubernetes::Find;
using kubernetes::IntegerAt;
using kubernetes::StringAt;
using nlohmann::json;

namespace {

constexpr const char* kControllerName = "kubernetes.io/job-controller";
std::vector<std::string> Strings(const json* array) {
  std::vector<std::string> strings;
  if (array == nullptr || !array->is_array()) return strings;
  for (const json& entry : *array) {
    if (entry.is_string()) strings.push_back(entry.get<std::string>());
  }
  return strings;
}

void ReadSpec(const json& spec, JobView& view) {
  view.completions = IntegerAt(spec, "completions");
  // If neither is given, both are one; parallelism alone makes a work queue.
  const auto parallelism = IntegerAt(spec, "parallelism");
  if (!view.completions && !parallelism) view.completions = 1;
  view.parallelism = parallelism.value_or(1);
  view.indexed = StringAt(spec, "completionMode") == "Indexed" && view.completions.has_value();
  view.suspended = BoolAt(spec, "suspend");
  view.manual_selector = BoolAt(spec, "manualSelector");
}

// Reads the fields that govern failures.  The defaults are the API server's (A4).
void ReadFailureSpec(const json& spec, JobView& view) {
  if (view.indexed) view.backoff_limit_per_index = IntegerAt(spec, "backoffLimitPerIndex");
  const std::int64_t otherwise =
      view.backoff_limit_per_index ? std::numeric_limits<std::int32_t>::max() : 6;
  view.backoff_limit = IntegerAt(spec, "backoffLimit").value_or(otherwise);
  view.max_failed_indexes = IntegerAt(spec, "maxFailedIndexes");
  view.active_deadline_seconds = IntegerAt(spec, "activeDeadlineSeconds");
  view.restarts_in_place = StringAt(spec, {"template", "spec", "restartPolicy"}) == "OnFailure";
  view.has_failure_policy = Find(spec, "podFailurePolicy") != nullptr;
  view.replaces_failed_only =
      view.has_failure_policy || StringAt(spec, "podReplacementPolicy") == "Failed";
}

void ReadStatus(const json& status, JobView& view) {
  view.succeeded = IntegerAt(status, "succeeded").value_or(0);
  view.failed = IntegerAt(status, "failed").value_or(0);
  const std::string start = StringAt(status, "startTime");
  view.started = !start.empty();
  if (const auto nanos = ParseTime(start)) view.start_seconds = *nanos / kNanosPerSecond;
  view.completed_indexes = StringAt(status, "completedIndexes");
  view.failed_indexes = StringAt(status, "failedIndexes");
  view.uncounted_succeeded = Strings(Find(status, {"uncountedTerminatedPods", "succeeded"}));
  view.uncounted_failed = Strings(Find(status, {"uncountedTerminatedPods", "failed"}));
  const json* conditions = Find(status, "conditions");
  if (conditions == nullptr || !conditions->is_array()) return;
  for (const json& condition : *conditions) {
    if (StringAt(condition, "status") != "True") continue;
    const std::string type = StringAt(condition, "type");
    if (type == "Complete" || type == "Failed") view.finished = true;
    const ConditionText text{StringAt(condition, "reason"), StringAt(condition, "message")};
    if (type == "SuccessCriteriaMet") view.success_criteria_met = text;
    if (type == "FailureTarget") view.failure_target = text;
    if (type == kInvalidCondition) view.marked_invalid = true;
  }
}

}  // namespace

std::int64_t JobView::CompletionsOrMax() const {
  return completions.value_or(std::numeric_limits<std::int64_t>::max());
}

std::unique_ptr<JobView> ReadJob(const Item& item) {
  auto parsed = ParseJson(item.document);
  if (parsed.has_error() || !parsed->is_object()) return nullptr;
  auto view = std::make_unique<JobView>();
  const std::string key_name = ResourceNameOf(item);
  const json& document = parsed.value();
  view->namespace_name = NamespacePart(key_name);
  view->name = NamePart(key_name);
  view->uid = StringAt(document, {"metadata", "uid"});
  view->deleting = Find(document, {"metadata", "deletionTimestamp"}) != nullptr;
  static const json kEmpty = json::object();
  const json* spec = Find(document, "spec");
  ReadSpec(spec == nullptr ? kEmpty : *spec, *view);
  ReadFailureSpec(spec == nullptr ? kEmpty : *spec, *view);
  if (spec != nullptr) {
    const std::string manager = StringAt(*spec, "managedBy");
    view->managed_elsewhere = !manager.empty() && manager != kControllerName;
  }
  if (const json* status = Find(document, "status")) ReadStatus(*status, *view);
  view->document = std::make_shared<const json>(std::move(parsed.value()));
  return view;
}

}  // namespace kless::controllers

// Job (batch/v1): defaults, and the selector and labels that the server generates.
#include <nlohmann/json.hpp>

#include "functions/kubernetes/kinds/kinds.h"
#include "functions/kubernetes/objects/metadata.h"
#include "functions/kubernetes/objects/pod_defaults.h"
#include "functions/kubernetes/validation/job_status_validation.h"
#include "functions/kubernetes/validation/job_update_validation.h"
#include "functions/kubernetes/validation/job_validation.h"
#include "functions/kubernetes/values/field_error.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr int kDefaultBackoffLimit = 6;
constexpr int kUnlimitedBackoff = 2147483647;  // if each index has a limit of its own

void DefaultFailurePolicy(json& spec) {
  json* rules = Find(spec, {"podFailurePolicy", "rules"});
  if (rules == nullptr || !rules->is_array()) return;
  for (json& rule : *rules) {
    json* patterns = Find(rule, "onPodConditions");
    if (patterns == nullptr || !patterns->is_array()) continue;
    for (json& pattern : *patterns) SetDefault(pattern, "status", "True");
  }
}

// A Job without labels of its own gets those of its template.  This waits until the template has
// its generated labels, so that they are included.
void DefaultLabels(json& object, const json& spec) {
  const json* labels = Find(spec, {"template", "metadata", "labels"});
  if (labels == nullptr || !labels->is_object() || labels->empty()) return;
  if (!BoolAt(spec, "manualSelector") && !labels->contains(kControllerUidLabel)) return;
  json* metadata = ObjectAt(object, "metadata");
  if (metadata == nullptr) return;
  json* own = ObjectAt(*metadata, "labels");
  if (own != nullptr && own->empty()) *own = *labels;
}

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/batch/v1/defaults.go
void ApplyJobDefaults(json& object) {
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  if (Find(*spec, "completions") == nullptr && Find(*spec, "parallelism") == nullptr) {
    (*spec)["completions"] = 1;
    (*spec)["parallelism"] = 1;
  }
  SetDefault(*spec, "parallelism", 1);
  SetDefault(
      *spec, "backoffLimit",
      Find(*spec, "backoffLimitPerIndex") != nullptr ? kUnlimitedBackoff : kDefaultBackoffLimit);
  SetDefault(*spec, "completionMode", "NonIndexed");
  SetDefault(*spec, "suspend", false);
  SetDefault(*spec, "manualSelector", false);
  SetDefault(*spec, "podReplacementPolicy",
             Find(*spec, "podFailurePolicy") != nullptr ? "Failed" : "TerminatingOrFailed");
  DefaultFailurePolicy(*spec);
  if (json* pod_template = ObjectAt(*spec, "template")) {
    if (json* pod_spec = ObjectAt(*pod_template, "spec")) ApplyPodSpecDefaults(*pod_spec);
  }
  DefaultLabels(object, *spec);
}

// Generates the selector and the template's labels from the Job's uid.  Values given by the user
// are kept; validation checks them.
void GenerateSelector(const json& object, json& spec) {
  const std::string uid = StringAt(object, {"metadata", "uid"});
  const std::string name = StringAt(object, {"metadata", "name"});
  json* pod_template = ObjectAt(spec, "template");
  json* metadata = pod_template == nullptr ? nullptr : ObjectAt(*pod_template, "metadata");
  json* labels = metadata == nullptr ? nullptr : ObjectAt(*metadata, "labels");
  if (labels == nullptr) return;
  SetDefault(*labels, kLegacyControllerUidLabel, uid);
  SetDefault(*labels, kLegacyJobNameLabel, name);
  SetDefault(*labels, kControllerUidLabel, uid);
  SetDefault(*labels, kJobNameLabel, name);
  json* selector = ObjectAt(spec, "selector");
  json* matched = selector == nullptr ? nullptr : ObjectAt(*selector, "matchLabels");
  if (matched != nullptr) (*matched)[kControllerUidLabel] = uid;
}

void WarnOfName(const std::string& name, std::vector<std::string>& warnings) {
  const auto problems = DnsLabelProblems(name);
  if (problems.empty()) return;
  std::string joined;
  for (const std::string& problem : problems) joined += (joined.empty() ? "" : " ") + problem;
  warnings.push_back(
      "metadata.name: this is used in Pod names and hostnames, which can result in surprising "
      "behavior; a DNS label is recommended: [" +
      joined + "]");
}

void PrepareNewJob(json& object, const WriteContext& context) {
  Set(object, "status", json::object());
  json* spec = ObjectAt(object, "spec");
  if (spec == nullptr) return;
  if (!BoolAt(*spec, "manualSelector")) GenerateSelector(object, *spec);
  DefaultLabels(object, *spec);
  if (context.warnings == nullptr) return;
  WarnOfName(StringAt(object, {"metadata", "name"}), *context.warnings);
}

std::string JobFieldValue(const json& object, const std::string& field) {
  if (field != "status.successful") return "";
  return std::to_string(IntegerAt(object, {"status", "succeeded"}).value_or(0));
}

}  // namespace

Kind JobKind() {
  Kind kind;
  kind.group = "batch";
  kind.version = "v1";
  kind.kind = "Job";
  kind.plural = "jobs";
  kind.singular = "job";
  kind.categories = {"all"};
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = "job";
  kind.has_status = true;
  kind.has_generation = true;
  // Jobs keep their default from the time before there was a garbage collector.
  kind.deletion.orphans_by_default = true;
  kind.apply_defaults = ApplyJobDefaults;
  kind.prepare_create = PrepareNewJob;
  kind.validate = ValidateJob;
  kind.validate_update = [](const json& object, const json& old) {
    FieldErrors errors = ValidateMetadataUpdate(object, old);
    for (FieldError& error : ValidateJob(object)) errors.push_back(std::move(error));
    for (FieldError& error : ValidateJobUpdate(object, old)) errors.push_back(std::move(error));
    return errors;
  };
  kind.validate_status_update = ValidateJobStatusUpdate;
  kind.selectable_fields = {"status.successful"};
  kind.names_kind_in_field_problem = true;
  kind.field_value = JobFieldValue;
  return kind;
}

}  // namespace kless::kubernetes

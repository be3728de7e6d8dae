#include "functions/kubernetes/validation/job_validation.h"

#include <nlohmann/json.hpp>
#include <string>

#include "functions/kubernetes/selectors/label_selector_match.h"
#include "functions/kubernetes/validation/pod_failure_policy_validation.h"
#include "functions/kubernetes/validation/pod_validation.h"
#include "functions/kubernetes/validation/success_policy_validation.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

// https://github.com/kubernetes/kubernetes/blob/v1.36.2/pkg/apis/batch/validation/validation.go
constexpr std::int64_t kMaxParallelismForIndexedJob = 100000;
constexpr std::int64_t kMaxCompletionsWithoutFailureBound = 100000;
constexpr std::int64_t kMaxParallelismBeyondIt = 10000;
constexpr std::size_t kMaxManagedByLength = 63;

void ValidateNumbers(const json& spec, FieldErrors& errors) {
  for (const char* field :
       {"parallelism", "completions", "activeDeadlineSeconds", "backoffLimit",
        "ttlSecondsAfterFinished", "backoffLimitPerIndex", "maxFailedIndexes"}) {
    const auto value = IntegerAt(spec, field);
    if (value && *value < 0) {
      errors.push_back(
          Invalid(std::string("spec.") + field, *value, "must be greater than or equal to 0"));
    }
  }
  if (Find(spec, "maxFailedIndexes") != nullptr && Find(spec, "backoffLimitPerIndex") == nullptr) {
    errors.push_back(Required("spec.backoffLimitPerIndex", "when maxFailedIndexes is specified"));
  }
}

void ValidateManagedBy(const json& spec, FieldErrors& errors) {
  const json* managed_by = Find(spec, "managedBy");
  if (managed_by == nullptr || !managed_by->is_string()) return;
  const auto& value = managed_by->get_ref<const std::string&>();
  for (const std::string& problem : DomainPrefixedPathProblems(value)) {
    errors.push_back(Invalid("spec.managedBy", value, problem));
  }
  if (value.size() > kMaxManagedByLength) {
    errors.push_back(TooLong("spec.managedBy", kMaxManagedByLength));
  }
}

void ValidateIndexed(const json& spec, FieldErrors& errors) {
  const auto parallelism = IntegerAt(spec, "parallelism");
  const auto completions = IntegerAt(spec, "completions");
  const auto max_failed = IntegerAt(spec, "maxFailedIndexes");
  if (!completions) {
    errors.push_back(Required("spec.completions", "when completion mode is Indexed"));
  }
  if (parallelism && *parallelism > kMaxParallelismForIndexedJob) {
    errors.push_back(
        Invalid("spec.parallelism", *parallelism,
                "must be less than or equal to 100000 when completion mode is Indexed"));
  }
  if (!completions) return;
  if (max_failed && *max_failed > *completions) {
    errors.push_back(
        Invalid("spec.maxFailedIndexes", *max_failed, "must be less than or equal to completions"));
  }
  if (*completions <= kMaxCompletionsWithoutFailureBound ||
      Find(spec, "backoffLimitPerIndex") == nullptr) {
    return;
  }
  const char* const bound =
      "must be less than or equal to 10000 when completions are above 100000 and used with backoff "
      "limit per index";
  if (!max_failed) {
    errors.push_back(
        Required("spec.maxFailedIndexes", "must be specified when completions is above 100000"));
  }
  if (parallelism && *parallelism > kMaxParallelismBeyondIt) {
    errors.push_back(Invalid("spec.parallelism", *parallelism, bound));
  }
  if (max_failed && *max_failed > kMaxParallelismBeyondIt) {
    errors.push_back(Invalid("spec.maxFailedIndexes", *max_failed, bound));
  }
}

void ValidateNonIndexed(const json& spec, FieldErrors& errors) {
  for (const char* field : {"backoffLimitPerIndex", "maxFailedIndexes"}) {
    if (const json* value = Find(spec, field)) {
      errors.push_back(
          Invalid(std::string("spec.") + field, *value, "requires indexed completion mode"));
    }
  }
}

void ValidateRestartPolicy(const json& spec, FieldErrors& errors) {
  const std::string policy = StringAt(FindOrEmpty(spec, {"template", "spec"}), "restartPolicy");
  const char* const field = "spec.template.spec.restartPolicy";
  if (policy.empty() || policy == "Always") {
    errors.push_back(Required(field, "valid values: \"OnFailure\", \"Never\""));
  } else if (policy != "OnFailure" && policy != "Never") {
    errors.push_back(NotSupported(field, policy, {"OnFailure", "Never"}));
  } else if (policy != "Never" && Find(spec, "podFailurePolicy") != nullptr) {
    errors.push_back(
        Invalid(field, policy, "only \"Never\" is supported when podFailurePolicy is specified"));
  }
}

void ValidateReplacementPolicy(const json& spec, FieldErrors& errors) {
  const json* policy = Find(spec, "podReplacementPolicy");
  if (policy == nullptr) return;
  if (Find(spec, "podFailurePolicy") != nullptr) {
    if (*policy != "Failed") {
      errors.push_back(NotSupported("spec.podReplacementPolicy", *policy, {"Failed"}));
    }
  } else if (*policy != "Failed" && *policy != "TerminatingOrFailed") {
    errors.push_back(
        NotSupported("spec.podReplacementPolicy", *policy, {"Failed", "TerminatingOrFailed"}));
  }
}

void ValidateHasLabel(const json* labels, const char* key, const std::string& expected,
                      FieldErrors& errors) {
  const std::string field = std::string("spec.template.metadata.labels");
  const json* actual = labels == nullptr ? nullptr : Find(*labels, key);
  if (actual == nullptr) {
    errors.push_back(Required(field + "[" + key + "]", "must be '" + expected + "'"));
  } else if (*actual != expected) {
    errors.push_back(Invalid(field + "[" + key + "]", *labels, "must be '" + expected + "'"));
  }
}

void ValidateGeneratedSelector(const json& job, FieldErrors& errors) {
  const json& spec = FindOrEmpty(job, "spec");
  const json* selector = Find(spec, "selector");
  if (BoolAt(spec, "manualSelector") || selector == nullptr) return;
  const std::string uid = StringAt(job, {"metadata", "uid"});
  const std::string name = StringAt(job, {"metadata", "name"});
  if (uid.empty()) errors.push_back(Required("metadata.uid", ""));
  const json* labels = Find(spec, {"template", "metadata", "labels"});
  ValidateHasLabel(labels, kLegacyControllerUidLabel, uid, errors);
  ValidateHasLabel(labels, kLegacyJobNameLabel, name, errors);
  ValidateHasLabel(labels, kControllerUidLabel, uid, errors);
  ValidateHasLabel(labels, kJobNameLabel, name, errors);
  const json expected = {{kLegacyControllerUidLabel, uid},
                         {kLegacyJobNameLabel, name},
                         {kControllerUidLabel, uid},
                         {kJobNameLabel, name}};
  if (!MatchesLabels(selector, &expected)) {
    errors.push_back(Invalid("spec.selector", *selector, "`selector` not auto-generated"));
  }
}

void ValidateHostnames(const json& job, FieldErrors& errors) {
  const json& spec = FindOrEmpty(job, "spec");
  const auto completions = IntegerAt(spec, "completions");
  if (!IsIndexed(spec) || !completions || *completions <= 0) return;
  const std::string name = StringAt(job, {"metadata", "name"});
  const std::string longest = name + "-" + std::to_string(*completions - 1);
  if (!DnsLabelProblems(longest).empty()) {
    errors.push_back(Invalid("metadata.name", name,
                             "will not able to create pod with invalid DNS label: " + longest));
  }
}

}  // namespace

bool IsIndexed(const json& spec) { return StringAt(spec, "completionMode") == "Indexed"; }

void ValidateJobSpec(const json& spec, FieldErrors& errors) {
  ValidateNumbers(spec, errors);
  ValidateManagedBy(spec, errors);
  const std::string mode = StringAt(spec, "completionMode");
  if (!mode.empty() && mode != "Indexed" && mode != "NonIndexed") {
    errors.push_back(NotSupported("spec.completionMode", mode, {"NonIndexed", "Indexed"}));
  }
  if (IsIndexed(spec)) ValidateIndexed(spec, errors);
  if (mode.empty() || mode == "NonIndexed") ValidateNonIndexed(spec, errors);
  if (const json* policy = Find(spec, "podFailurePolicy")) {
    ValidatePodFailurePolicy(*policy, spec, errors);
  }
  if (const json* policy = Find(spec, "successPolicy")) {
    ValidateSuccessPolicy(*policy, spec, errors);
  }
  ValidateReplacementPolicy(spec, errors);
  ValidatePodTemplate(FindOrEmpty(spec, "template"), "spec.template", errors);
  ValidateRestartPolicy(spec, errors);

  const json* selector = Find(spec, "selector");
  if (selector == nullptr) errors.push_back(Required("spec.selector", ""));
  const json* labels = Find(spec, {"template", "metadata", "labels"});
  if (!MatchesLabels(selector, labels)) {
    errors.push_back(Invalid("spec.template.metadata.labels", labels == nullptr ? json() : *labels,
                             "`selector` does not match template `labels`"));
  }
}

FieldErrors ValidateJob(const json& job) {
  FieldErrors errors;
  ValidateGeneratedSelector(job, errors);
  ValidateJobSpec(FindOrEmpty(job, "spec"), errors);
  ValidateHostnames(job, errors);
  return errors;
}

}  // namespace kless::kubernetes

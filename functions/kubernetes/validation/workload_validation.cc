#include "functions/kubernetes/validation/workload_validation.h"

#include <nlohmann/json.hpp>

#include "functions/kubernetes/selectors/label_selector_match.h"
#include "functions/kubernetes/validation/pod_validation.h"
#include "functions/kubernetes/values/json_access.h"
#include "functions/kubernetes/values/names.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

bool IsEmptySelector(const json& selector) {
  return FindOrEmpty(selector, "matchLabels").empty() &&
         SizeOf(Find(selector, "matchExpressions")) == 0;
}

void ValidateExpression(const json& expression, const std::string& field, FieldErrors& errors) {
  const std::string op = StringAt(expression, "operator");
  const std::size_t values = SizeOf(Find(expression, "values"));
  if (op == "In" || op == "NotIn") {
    if (values == 0) {
      errors.push_back(
          Required(field + ".values", "must be specified when `operator` is 'In' or 'NotIn'"));
    }
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (values > 0) {
      errors.push_back(Forbidden(field + ".values",
                                 "may not be specified when `operator` is 'Exists' or "
                                 "'DoesNotExist'"));
    }
  } else {
    errors.push_back(Invalid(field + ".operator", op, "not a valid selector operator"));
  }
  const std::string key = StringAt(expression, "key");
  for (const std::string& problem : LabelKeyProblems(key)) {
    errors.push_back(Invalid(field + ".key", key, problem));
  }
  const json* list = Find(expression, "values");
  for (std::size_t i = 0; i < values; ++i) {
    if (!(*list)[i].is_string()) continue;
    for (const std::string& problem :
         LabelValueProblems((*list)[i].get_ref<const std::string&>())) {
      errors.push_back(Invalid(field + ".values[" + std::to_string(i) + "]", (*list)[i], problem));
    }
  }
}

void ValidateTemplate(const json& spec, const json* selector, bool empty, FieldErrors& errors) {
  const json& pod_template = FindOrEmpty(spec, "template");
  const json* labels = Find(pod_template, {"metadata", "labels"});
  if (!empty && !MatchesLabels(selector, labels)) {
    errors.push_back(Invalid("spec.template.metadata.labels", labels == nullptr ? json() : *labels,
                             "`selector` does not match template `labels`"));
  }
  ValidatePodTemplate(pod_template, "spec.template", errors);
  const std::string policy = StringAt(pod_template, {"spec", "restartPolicy"});
  if (policy == "OnFailure" || policy == "Never") {
    errors.push_back(NotSupported("spec.template.spec.restartPolicy", policy, {"Always"}));
  }
  if (Find(pod_template, {"spec", "activeDeadlineSeconds"}) != nullptr) {
    errors.push_back(Forbidden("spec.template.spec.activeDeadlineSeconds",
                               "activeDeadlineSeconds in ReplicaSet is not Supported"));
  }
}

}  // namespace

void ValidateNonNegative(const json& object, const std::string& field,
                         std::initializer_list<const char*> keys, FieldErrors& errors) {
  for (const char* key : keys) {
    const auto value = IntegerAt(object, key);
    if (value && *value < 0) {
      errors.push_back(Invalid(field + "." + key, *value, "must be greater than or equal to 0"));
    }
  }
}

bool ValidateLabelSelector(const json& selector, const std::string& field, FieldErrors& errors) {
  const std::size_t before = errors.size();
  ValidateLabels(Find(selector, "matchLabels"), field + ".matchLabels", errors);
  const json* expressions = Find(selector, "matchExpressions");
  for (std::size_t i = 0; i < SizeOf(expressions); ++i) {
    ValidateExpression((*expressions)[i], field + ".matchExpressions[" + std::to_string(i) + "]",
                       errors);
  }
  return errors.size() == before;
}

void ValidateSelectorAndTemplate(const json& spec, const char* empty_sentence,
                                 FieldErrors& errors) {
  const json* selector = Find(spec, "selector");
  bool empty = false;
  bool valid = true;
  if (selector == nullptr) {
    errors.push_back(Required("spec.selector", ""));
  } else {
    valid = ValidateLabelSelector(*selector, "spec.selector", errors);
    empty = IsEmptySelector(*selector);
    if (empty) errors.push_back(Invalid("spec.selector", *selector, empty_sentence));
  }
  if (valid) {
    ValidateTemplate(spec, selector, empty, errors);
  } else {
    errors.push_back(Invalid("spec.selector", *selector, "invalid label selector"));
  }
}

void ValidateSameSelector(const json& object, const json& old, FieldErrors& errors) {
  const json selector = ValueOrNull(FindOrEmpty(object, "spec"), "selector");
  if (selector != ValueOrNull(FindOrEmpty(old, "spec"), "selector")) {
    errors.push_back(Immutable("spec.selector", selector));
  }
}

}  // namespace kless::kubernetes

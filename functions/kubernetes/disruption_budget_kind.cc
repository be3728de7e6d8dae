#include <nlohmann/json.hpp>
#include <string>

#include "emulator/base/json.h"
#include "functions/kubernetes/field_error.h"
#include "functions/kubernetes/json_access.h"
#include "functions/kubernetes/kinds.h"
#include "functions/kubernetes/object.h"

namespace kless::kubernetes {

using nlohmann::json;

namespace {

constexpr const char* kPercentSentence =
    "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
    "'93%', regex used for validation is '[0-9]+%')";

void PrepareCreate(json& object, const WriteContext&) {
  Set(object, "status",
      {{"currentHealthy", 0},
       {"desiredHealthy", 0},
       {"disruptionsAllowed", 0},
       {"expectedPods", 0}});
}

// As Go prints the API server's own type.
std::string SpecAsGo(const json& spec) {
  std::string out = "{";
  out += "\"MinAvailable\":" + DumpJson(ValueOrNull(spec, "minAvailable"));
  out += ",\"Selector\":" + DumpJson(ValueOrNull(spec, "selector"));
  out += ",\"MaxUnavailable\":" + DumpJson(ValueOrNull(spec, "maxUnavailable"));
  out += ",\"UnhealthyPodEvictionPolicy\":" +
         DumpJson(ValueOrNull(spec, "unhealthyPodEvictionPolicy"));
  return out + "}";
}

// A number of pods, or a share of them in percent.
void ValidateBound(const json& spec, const char* key, FieldErrors& errors) {
  const json* value = Find(spec, key);
  if (value == nullptr) return;
  const std::string field = std::string("spec.") + key;
  if (const auto number = IntegerAt(spec, key)) {
    if (*number < 0) {
      errors.push_back(Invalid(field, *number, "must be greater than or equal to 0"));
    }
    return;
  }
  if (!value->is_string()) {
    errors.push_back(Invalid(field, *value, "must be an integer or percentage (e.g '5%%')"));
    return;
  }
  const std::string text = value->get<std::string>();
  const std::size_t digits = text.find_first_not_of("0123456789");
  if (digits == 0 || digits == std::string::npos || text.substr(digits) != "%") {
    errors.push_back(Invalid(field, text, kPercentSentence));
  } else if (digits > 3 || std::stoi(text.substr(0, digits)) > 100) {
    errors.push_back(Invalid(field, text, "must not be greater than 100%"));
  }
}

FieldErrors Validate(const json& object) {
  FieldErrors errors;
  const json& spec = FindOrEmpty(object, "spec");
  if (Find(spec, "minAvailable") != nullptr && Find(spec, "maxUnavailable") != nullptr) {
    errors.push_back(
        InvalidAs("spec", SpecAsGo(spec), "minAvailable and maxUnavailable cannot be both set"));
  }
  ValidateBound(spec, "minAvailable", errors);
  ValidateBound(spec, "maxUnavailable", errors);
  const std::string policy = StringAt(spec, "unhealthyPodEvictionPolicy");
  if (!policy.empty() && policy != "AlwaysAllow" && policy != "IfHealthyBudget") {
    errors.push_back(NotSupported("spec.unhealthyPodEvictionPolicy", policy,
                                  {"AlwaysAllow", "IfHealthyBudget"}));
  }
  return errors;
}

FieldErrors ValidateUpdate(const json& object, const json& old) {
  FieldErrors errors = ValidateMetadataUpdate(object, old);
  for (FieldError& error : Validate(object)) errors.push_back(std::move(error));
  return errors;
}

}  // namespace

Kind DisruptionBudgetKind() {
  Kind kind;
  kind.group = "policy";
  kind.version = "v1";
  kind.kind = "PodDisruptionBudget";
  kind.plural = "poddisruptionbudgets";
  kind.singular = "poddisruptionbudget";
  kind.short_names = {"pdb"};
  kind.verbs = {"create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"};
  kind.type = "poddisruptionbudget";
  kind.has_status = true;
  kind.has_generation = true;
  kind.prepare_create = PrepareCreate;
  kind.validate = Validate;
  kind.validate_update = ValidateUpdate;
  return kind;
}

}  // namespace kless::kubernetes
